//! Makes untrusted text, such as a program's output or a file's name, safe to print.

use serde_json::Value;
use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// A longer text is cut after this number of characters.
const LONGEST: usize = 500;

/// Returns the text in one line. Characters that are not printable (escape codes, line ends, changes of
/// the writing direction) are escaped as in Rust.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::new();
    for (n, char) in text.chars().enumerate() {
        if n == LONGEST {
            let _ = write!(safe, "… ({} more)", text.chars().count() - LONGEST);
            break;
        }
        if is_plain(char) { safe.push(char) } else { safe.extend(char.escape_debug()) }
    }
    safe
}

/// Returns JSON in one line that is also safe to print on a terminal.
#[must_use]
pub fn json(value: &Value) -> String {
    let mut line = String::new();
    for char in value.to_string().chars() {
        // serde_json escapes ASCII control characters. Other unprintable characters occur only in strings.
        if is_plain(char) {
            line.push(char);
        } else {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
    line
}

/// Returns the output of a program or a compiler with its lines, but without escape codes that a
/// terminal or a report could obey.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => clean.push(c),
            // Changes of the writing direction, and noncharacters.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                clean.extend(c.escape_unicode());
            }
            c if c.is_control() => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    clean
}

/// Returns a file's name as text. The backslash is escaped too, so two different names never have the same
/// text.
#[must_use]
pub fn file_name(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        // Quotes need no escape here.
        text += &chunk.valid().escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"");
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

/// Returns whether a character is printable and has no other effect.
fn is_plain(char: char) -> bool {
    matches!(char, '"' | '\'' | '\\') || char.escape_debug().eq([char])
}

/// Returns a path or a word in one line, quoted for a shell.
#[must_use]
pub fn quote(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./-+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(bare) {
        return word.into();
    }
    if word.chars().all(is_plain) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    // bash and dash have no common notation for control characters. The notation of bash is readable.
    let mut out = String::from("$'");
    for char in word.chars() {
        match char {
            '\'' | '\\' => out.extend(['\\', char]),
            _ if is_plain(char) => out.push(char),
            _ => char.to_string().bytes().for_each(|byte| {
                let _ = write!(out, "\\x{byte:02x}");
            }),
        }
    }
    out + "'"
}
