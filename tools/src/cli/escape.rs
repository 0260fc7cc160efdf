//! Text that may come from anybody, a program's output or a file's name, made safe to print.

use serde_json::Value;
use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

/// More characters of one text help nobody.
const LONGEST: usize = 500;

/// The text in one line. What is no printable character (an escape code, a line's end, a change of
/// the writing's direction) is written as in Rust's sources.
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

/// JSON in one line that a terminal does not obey either.
#[must_use]
pub fn json(value: &Value) -> String {
    let mut line = String::new();
    for char in value.to_string().chars() {
        // JSON escapes the controls of ASCII itself; other characters that do not print stand in strings only.
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

/// The output of a program or a compiler: its lines stay lines, and no escape code of it reaches a
/// terminal or a report.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => clean.push(c),
            // Controls, changes of the writing's direction, and what is no character.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                clean.extend(c.escape_unicode());
            }
            c if c.is_control() => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    clean
}

/// A file's name as text. The backslash is escaped as well, so that two names never have the same
/// text.
#[must_use]
pub fn file_name(name: &OsStr) -> String {
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

/// Whether a character is printed, and does nothing else.
fn is_plain(char: char) -> bool {
    matches!(char, '"' | '\'' | '\\') || char.escape_debug().eq([char])
}

/// A path or a word as a shell takes it, on one line.
#[must_use]
pub fn quote(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./-+:@%,".contains(c);
    if !word.is_empty() && word.chars().all(bare) {
        return word.into();
    }
    if word.chars().all(is_plain) {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    // bash and dash know no common way to write a control character; bash's is the one people read.
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
