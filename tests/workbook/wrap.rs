//! Line breaking for a terminal. In these tests, `|` stands for each line break.

use ipc_workbook::wrap::{paragraph, wrap_columns};

/// Wraps a text with columns at this width.
fn lines(text: &str, width: usize) -> String {
    wrap_columns(text, Some(width)).replace('\n', "|")
}

#[test]
fn continued_lines_are_indented_to_the_last_column() {
    assert_eq!(
        lines("  list   List the labs, and how far you are", 24),
        "  list   List the labs,|         and how far you|         are"
    );
    assert_eq!(lines("✔ a user namespace for each", 16), "✔ a user|  namespace for|  each");
    assert_eq!(lines("no columns in this text", 12), "no columns|in this text");
    assert_eq!(lines("it fits", 7), "it fits");
}

#[test]
fn a_column_that_would_be_narrow_begins_on_the_next_line() {
    assert_eq!(
        lines("  a rather long command  what it does here", 30),
        "  a rather long command|      what it does here"
    );
}

#[test]
fn a_value_and_a_word_stay_whole() {
    assert_eq!(lines("it says \"one two\" here", 12), "it says|\"one two\"|here");
    assert_eq!(lines("type `ls -l /dev` now", 14), "type|`ls -l /dev`|now");
    assert_eq!(lines("sh -c 'exit 1' it's 'a b'", 12), "sh -c|'exit 1'|it's 'a b'");
    assert_eq!(
        lines("head  a averyveryverylongword", 21),
        "head  a|averyveryverylongword",
        "the word needs a whole line"
    );
    assert_eq!(lines("ab averyveryverylongword", 10), "ab|averyveryverylongword", "the word fits on no line");
}

#[test]
fn a_colour_takes_no_column() {
    assert_eq!(
        lines("  \x1b[32mlist\x1b[0m   List the labs", 20),
        "  \x1b[32mlist\x1b[0m   List the|         labs"
    );
    assert_eq!(lines("\x1b[32m✔\x1b[0m it holds", 10), "\x1b[32m✔\x1b[0m it holds");
}

#[test]
fn a_paragraph_is_indented_behind_its_heading() {
    assert_eq!(paragraph("  a  ", "one two\nthree four", Some(14)), "  a  one two\n     three\n     four\n");
    assert_eq!(paragraph("  a  ", "one two\nthree four", None), "  a  one two three four\n");
}
