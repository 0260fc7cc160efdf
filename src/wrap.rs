//! Lines broken at the width of a terminal: between words, with a hanging indent, and never
//! inside a value.

use std::fmt::Write;

/// A space at which no line is broken. It is printed as a space.
pub(crate) const TIED: char = '\u{a0}';

/// Breaks each line of `text` so that none is wider than `width`, and begins what was broken off with
/// `hanging` spaces. What stands in quotes or braces is one value; one that is wider than a line
/// is broken nevertheless, at its spaces. Without a width no line is broken.
pub(crate) fn wrap(text: &str, width: Option<usize>, hanging: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        match width {
            Some(width) if columns(content) > width => break_line(content, width, hanging, &mut wrapped),
            _ => wrapped.push_str(content),
        }
        wrapped.push_str(&line[content.len()..]);
    }
    wrapped.replace(TIED, " ")
}

fn break_line(line: &str, width: usize, hanging: usize, wrapped: &mut String) {
    let words = line.trim_start_matches(' ');
    let indent = line.len() - words.len();
    wrapped.push_str(&line[..indent]);
    let mut column = indent;
    let mut begun = false;
    for value in values(words) {
        // A value that fits on no line is many words.
        let parts = if columns(value) + hanging > width { value.split(' ').collect() } else { vec![value] };
        for part in parts {
            let wide = columns(part);
            // Several spaces in a row are a part that is empty.
            if begun && column + 1 + wide > width && wide > 0 {
                let _ = write!(wrapped, "\n{:hanging$}", "");
                column = hanging;
            } else if begun {
                wrapped.push(' ');
                column += 1;
            }
            wrapped.push_str(part);
            column += wide;
            begun = true;
        }
    }
}

/// The text cut at its spaces, but not at those in quotes and braces.
fn values(text: &str) -> Vec<&str> {
    let (mut values, mut start, mut braces, mut quoted, mut escaped) = (Vec::new(), 0, 0_u32, false, false);
    for (i, c) in text.char_indices() {
        match c {
            '"' if !escaped => quoted = !quoted,
            '{' if !quoted => braces += 1,
            '}' if !quoted => braces = braces.saturating_sub(1),
            ' ' if !quoted && braces == 0 => {
                values.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    values.push(&text[start..]);
    values
}

/// How many columns of a terminal the text takes; a colour takes none.
fn columns(text: &str) -> usize {
    let mut parts = text.split('\x1b');
    let plain = parts.next().map_or(0, |part| part.chars().count());
    plain + parts.map(|part| part.split_once('m').map_or(0, |(_, text)| text.chars().count())).sum::<usize>()
}
