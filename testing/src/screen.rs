//! What a program prints in a terminal of a given width.

use crate::terminal::Terminal;
use std::process::Command;

/// Returns what the command prints in a terminal of `columns` columns. 0 stands for a terminal without a
/// size, which counts as 80.
pub fn on_screen(command: &mut Command, columns: usize, code: i32) -> String {
    command.env("TERM", "dumb").env_remove("COLUMNS").env_remove("CLICOLOR_FORCE");
    if columns > 0 {
        command.env("COLUMNS", columns.to_string());
    }
    let (text, status) = Terminal::start(command).end();
    assert_eq!(status.code(), Some(code), "{text}");
    text
}

/// Panics if a line of `text` is wider than `width`, or if a line break is inside a quoted value. A line
/// may be wider if it is a single word, or a short heading and a value that is wider than the screen.
pub fn fits(text: &str, width: usize) {
    let columns = |text: &str| text.chars().count();
    for line in text.lines() {
        let is_one_word = line.split_whitespace().count() == 1;
        let has_no_room = |(head, word)| columns(head) <= width && columns(word) > width;
        let may_be_longer = is_one_word || line.rsplit_once(' ').is_some_and(has_no_room);
        assert!(columns(line) <= width || may_be_longer, "a line is wider than {width}: {line}\n{text}");
        assert_eq!(line.matches('"').count() % 2, 0, "a line break is inside a quoted value: {line}\n{text}");
    }
}
