//! What is printed: plain lines, and nothing in them that a terminal would obey.

use clap::{Arg, ArgMatches};
use ipc_workbook::cli::{Failure, print};
use serde_json::Value;
use std::fmt::Write;

/// What this program calls itself in messages.
pub(crate) const PROGRAM: &str = "lab";

/// The flag `--format`, which all commands have that say what they have found.
pub(crate) fn format_flag(help: &'static str) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("WHICH")
        .value_parser(["text", "json"])
        .default_value("text")
        .help(help)
}

/// Whether JSON is wanted.
pub(crate) fn wants_json(args: &ArgMatches) -> bool {
    args.get_one::<String>("format").is_some_and(|format| format == "json")
}

/// How a reader starts it.
pub(crate) const CALL: &str = "cargo run --bin lab --";

/// More than so many characters of one text help nobody.
const LONGEST: usize = 500;

/// Prints a text as it is.
pub(crate) fn show(text: &str) -> Result<(), Failure> {
    print(PROGRAM, text)
}

/// Prints one JSON object on a line of its own, which is safe to look at as well.
pub(crate) fn show_json(value: &Value) -> Result<(), Failure> {
    let mut line = String::new();
    for char in value.to_string().chars() {
        // JSON escapes the controls of ASCII itself; what else does not print stands in strings only.
        if is_plain(char) {
            line.push(char);
        } else {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                let _ = write!(line, "\\u{unit:04x}");
            }
        }
    }
    show(&(line + "\n"))
}

/// A text that may come from anybody, in one line: a program's output, a file's name. What is
/// no printable character (an escape code, a line's end, a change of the writing's direction)
/// is shown as Rust would write it.
pub(crate) fn safe(text: &str) -> String {
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

/// Whether a character is shown, and does nothing else.
fn is_plain(char: char) -> bool {
    matches!(char, '"' | '\'' | '\\') || char.escape_debug().eq([char])
}

/// A path or a word as a shell takes it, on one line.
pub(crate) fn quoted(word: &str) -> String {
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
