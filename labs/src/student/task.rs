//! Formats a lab's task for a terminal: paragraphs, lists and tables in lines that fit.

use ipc_workbook_tools::cli::paragraph;
use std::fmt::Write;

/// Formats a task, which is Markdown.
pub(super) fn in_lines_that_fit(task: &str) -> String {
    task.split("\n\n").map(block).collect::<Vec<_>>().join("\n")
}

/// Formats the text between two empty lines.
fn block(text: &str) -> String {
    match text.chars().next() {
        // An indented command.
        Some(' ') => format!("{text}\n"),
        Some('|') => table(text),
        _ => items(text).iter().map(|(mark, words)| paragraph(mark, words)).collect(),
    }
}

/// Returns the items of a list, each with its mark. A paragraph is one item without a mark.
fn items(text: &str) -> Vec<(&str, String)> {
    let mut items: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        let (mark, words) = line.split_at(mark_of(line));
        match items.last_mut().filter(|_| mark.is_empty()) {
            Some((_, item)) => {
                let _ = write!(item, " {words}");
            }
            None => items.push((mark, words.into())),
        }
    }
    items
}

/// Returns the length of the mark at the start of a line: `- ` or `1. `.
fn mark_of(line: &str) -> usize {
    let behind_a_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = line.len() - behind_a_number.len();
    if number > 0 && behind_a_number.starts_with(". ") {
        number + 2
    } else {
        2 * usize::from(line.starts_with("- "))
    }
}

/// Formats the rows of a table. Its last column contains sentences.
fn table(text: &str) -> String {
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().into()).collect();
    let rows: Vec<Vec<String>> = text.lines().filter(|row| !row.starts_with("| ---")).map(cells).collect();
    let wide = |column: usize| rows.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max();
    let mut lines = String::new();
    for row in &rows {
        let Some((last, others)) = row.split_last() else { continue };
        let mut head = String::new();
        for (column, cell) in others.iter().enumerate() {
            let _ = write!(head, "  {cell:<wide$}", wide = wide(column).unwrap_or_default());
        }
        lines += &paragraph(&(head + "  "), last);
    }
    lines
}
