//! Prints prompts and reads lines, in a terminal or through pipes.

use ipc_workbook_tools::cli::{Failure, show};
use std::io::BufRead;

/// Returns the letter of a place: a, b, c, …
pub(crate) fn letter(place: usize) -> char {
    char::from(b'a' + u8::try_from(place).unwrap_or(25))
}

/// Turns seconds into words: `3 min 20 s`.
pub(crate) fn minutes(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// Reads a line, in lower case. With JSON, it prints no prompt.
pub(crate) fn read_line(prompt: &str, json: bool) -> Result<String, Failure> {
    if !json {
        show(&format!("{prompt}: "))?;
    }
    let mut bytes = Vec::new();
    match std::io::stdin().lock().read_until(b'\n', &mut bytes)? {
        0 => Err(Failure::Machine("standard input has ended; all answers so far are stored".into())),
        _ => Ok(String::from_utf8_lossy(&bytes).trim().to_lowercase()),
    }
}
