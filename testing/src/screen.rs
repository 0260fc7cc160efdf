//! What a program shows in a terminal of some width.

use crate::terminal::Terminal;
use std::process::Command;

/// What it prints in a terminal of so many columns; 0 is a terminal without a size, which counts as 80.
pub fn on_screen(command: &mut Command, columns: usize, code: i32) -> String {
    command.env("TERM", "dumb").env_remove("COLUMNS").env_remove("CLICOLOR_FORCE");
    if columns > 0 {
        command.env("COLUMNS", columns.to_string());
    }
    let (text, status) = Terminal::start(command).end();
    assert_eq!(status.code(), Some(code), "{text}");
    text
}

/// No line is longer than this, but for one with a word that is longer, or alone; and none is broken
/// in a quoted value.
pub fn fits(text: &str, width: usize) {
    for line in text.lines() {
        let is_long = |word: &str| word.chars().count() > width;
        let has_no_room = line.split_whitespace().count() == 1 || line.split_whitespace().any(is_long);
        assert!(line.chars().count() <= width || has_no_room, "wider than {width}: {line}\n{text}");
        assert_eq!(line.matches('"').count() % 2, 0, "a value is broken: {line}\n{text}");
    }
}
