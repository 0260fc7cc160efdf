//! Makes file names from other names, such as those of students.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Returns a file name for a printable name: the name itself where every file system accepts it, otherwise
/// its safe characters and a digest.
pub(super) fn file_name(id: &str) -> String {
    const LONGEST: usize = 80;
    // Characters outside ASCII are letters and signs of other languages.
    let safe = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_. ,'@+".contains(c);
    let trimmed = id.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    if trimmed == id && !id.is_empty() && id.len() <= LONGEST && id.chars().all(safe) {
        return id.into();
    }
    let mut left = String::new();
    for c in trimmed.chars().filter(|c| safe(*c)) {
        if left.len() + c.len_utf8() > LONGEST {
            break;
        }
        left.push(c);
    }
    format!("{left}~{}", &digest(id.as_bytes())[..12])
}

pub(super) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
