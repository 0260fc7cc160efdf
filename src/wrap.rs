//! Breaks lines at the width of a terminal: between words, with a hanging indent, and never
//! inside a value. All line breaking of lessons and tools is here.
//!
//! If `width` is `None`, no line is broken: a pipe or a file has no width.

use std::fmt::Write;

/// A space at which a line is never broken. It is printed as an ordinary space.
pub(crate) const TIED: char = '\u{a0}';

/// Breaks each line of `text` so that none is wider than `width`. Each further line begins with
/// `hanging` spaces. Text in quotes or braces is one value and is not broken, unless it is wider than a
/// line; then it is broken at its spaces.
#[must_use]
pub(crate) fn wrap(text: &str, width: Option<usize>, hanging: usize) -> String {
    break_lines(text, width, |line, _| Head { end: indent(line), hanging, alone: false })
}

/// Does the same for text in columns: the rest of a broken line is placed under the line's last column. A
/// column begins after two spaces, or after a mark such as ✔.
#[must_use]
pub fn wrap_columns(text: &str, width: Option<usize>) -> String {
    break_lines(text, width, |line, width| Head::before(last_column(line, width), line, width))
}

/// Writes the words of `text` in lines. The first line begins with `head`, and the others are indented by its
/// width.
#[must_use]
pub fn paragraph(head: &str, text: &str, width: Option<usize>) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = format!("{head}{}\n", words.join(" "));
    break_lines(&text, width, |line, width| Head::before((head.len(), columns(head)), line, width))
}

/// The first part of a line, which is never broken.
struct Head {
    /// Its length in bytes.
    end: usize,
    /// The indentation of the further lines.
    hanging: usize,
    /// Whether the head is alone on its line.
    alone: bool,
}

impl Head {
    /// Returns the head before a column that begins at this byte and column. If the column would be very
    /// narrow, its text begins on the next line with a small indentation.
    fn before((end, column): (usize, usize), line: &str, width: usize) -> Head {
        const A_LITTLE: usize = 4;
        let narrow = column > width * 3 / 5;
        Head { end, hanging: if narrow { indent(line) + A_LITTLE } else { column }, alone: narrow }
    }
}

/// Breaks the lines that are too wide. The head of each line is not broken.
fn break_lines(text: &str, width: Option<usize>, head: impl Fn(&str, usize) -> Head) -> String {
    let mut broken = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        match width {
            Some(width) if columns(content) > width => {
                break_line(content, width, &head(content, width), &mut broken);
            }
            _ => broken.push_str(content),
        }
        broken.push_str(&line[content.len()..]);
    }
    broken.replace(TIED, " ")
}

fn break_line(line: &str, width: usize, &Head { end, hanging, alone }: &Head, broken: &mut String) {
    let (head, text) = line.split_at(end);
    broken.push_str(head);
    let mut column = columns(head);
    // Whether the current line already has words.
    let (named, mut begun) = (!alone && !head.trim_end().is_empty(), false);
    if alone {
        column = begin_line(hanging, broken);
    }
    for value in values(text) {
        // A value that is wider than a line is broken into words.
        let parts = if columns(value) + hanging > width { value.split(' ').collect() } else { vec![value] };
        for part in parts {
            let wide = columns(part);
            let may_begin_a_line = begun || (named && wide <= width);
            // Several spaces in a row give empty parts.
            if may_begin_a_line && column + usize::from(begun) + wide > width && wide > 0 {
                // A very wide word gets a smaller indentation.
                column = begin_line(hanging.min(width.saturating_sub(wide)), broken);
            } else if begun {
                broken.push(' ');
                column += 1;
            }
            broken.push_str(part);
            column += wide;
            begun = true;
        }
    }
}

fn begin_line(indent: usize, broken: &mut String) -> usize {
    broken.truncate(broken.trim_end_matches(' ').len());
    let _ = write!(broken, "\n{:indent$}", "");
    indent
}

/// Splits the text at its spaces, but not inside quotes and braces.
fn values(text: &str) -> Vec<&str> {
    let (mut values, mut start, mut braces, mut quote) = (Vec::new(), 0, 0_u32, None);
    let (mut escaped, mut in_word) = (false, false);
    for (i, c) in text.char_indices() {
        match c {
            '"' | '`' | '\'' if quote == Some(c) && !escaped => quote = None,
            // After a letter it is an apostrophe.
            '\'' if in_word => {}
            '"' | '`' | '\'' if !escaped => quote = quote.or(Some(c)),
            _ if quote.is_some() => {}
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            ' ' if braces == 0 => {
                values.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        in_word = c.is_alphanumeric();
    }
    values.push(&text[start..]);
    values
}

/// Returns the byte and the column at which the last text column of a line begins, within the width.
fn last_column(line: &str, width: usize) -> (usize, usize) {
    let (mut last, mut spaces, mut only_marks) = ((0, 0), 0, true);
    for (column, (i, c)) in visible(line).enumerate().take(width) {
        if c == ' ' {
            spaces += 1;
            continue;
        }
        if spaces > 1 || (spaces == 1 && only_marks) {
            last = (i, column);
        }
        spaces = 0;
        only_marks &= !c.is_alphanumeric();
    }
    last
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns how many columns of a terminal the text needs.
fn columns(text: &str) -> usize {
    visible(text).count()
}

/// Returns the visible characters, each with its byte offset. Escape sequences for colours are not visible.
fn visible(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut in_colour = false;
    text.char_indices().filter(move |(_, c)| {
        let shown = !in_colour && *c != '\x1b';
        in_colour = *c == '\x1b' || (in_colour && *c != 'm');
        shown
    })
}
