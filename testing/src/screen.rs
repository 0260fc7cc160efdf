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

/// No line is longer than this, but for a word alone, and for one that is wider than the screen behind a head
/// that is not; and none is broken in a quoted value.
pub fn fits(text: &str, width: usize) {
    let columns = |text: &str| text.chars().count();
    for line in text.lines() {
        let is_one_word = line.split_whitespace().count() == 1;
        let has_no_room = |(head, word)| columns(head) <= width && columns(word) > width;
        let may_be_longer = is_one_word || line.rsplit_once(' ').is_some_and(has_no_room);
        assert!(columns(line) <= width || may_be_longer, "wider than {width}: {line}\n{text}");
        assert_eq!(line.matches('"').count() % 2, 0, "a value is broken: {line}\n{text}");
    }
}
