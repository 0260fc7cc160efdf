//! Names and texts of others, made fit to be shown and stored.

use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// A file's name as text. What cannot be printed is escaped, and the backslash with it, so
/// that two names never have the same text.
pub(super) fn name(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        // Quotes are as good as letters here.
        text += &chunk.valid().escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"");
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

/// What a program, or a compiler, has said: no escape code of it reaches a terminal or a
/// report. Lines stay lines.
pub(super) fn text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => clean.push(c),
            // Controls, what turns the direction of writing, and what is no character.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                clean.extend(c.escape_unicode());
            }
            c if c.is_control() => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    clean
}

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
