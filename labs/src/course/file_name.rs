//! Names of files for names of others.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The name of a file for something of this name: itself where any file system takes it,
/// otherwise what is left of it with a digest.
pub(super) fn file_name(id: &str) -> String {
    const LONGEST: usize = 80;
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !id.is_empty() && id.len() <= LONGEST && !id.starts_with('.') && id.chars().all(safe) {
        return id.into();
    }
    let left: String = id.chars().filter(|c| safe(*c)).take(LONGEST).collect();
    format!("{}~{}", left.trim_start_matches('.'), &digest(id.as_bytes())[..12])
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
