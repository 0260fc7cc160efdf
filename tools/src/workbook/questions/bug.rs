//! The program of a question whose answer is a line: `lessons/*/bugs/NAME.c`.

use serde::Serialize;
use std::path::Path;

/// The mark at the end of the line with the bug. It is never shown.
const MARK: &str = "/* BUG */";

/// A program, the line with the bug, and the fix.
#[derive(Serialize)]
pub struct Bug {
    /// The file's name without its extension.
    pub program: String,
    /// Its lines, without the mark.
    pub lines: Vec<String>,
    /// The number of the line with the bug, from 1.
    pub line: usize,
    /// The correct line, or several lines.
    pub fix: String,
    /// The explanation of the bug.
    pub why: String,
    /// A line that the program prints only with the bug.
    pub shows: String,
    /// A line that the program prints only with the fix.
    pub fixed_shows: String,
}

impl Bug {
    /// Reads the program's lines from `folder`. The error says what is wrong with it.
    pub(super) fn lines_of(program: &str, folder: &Path) -> Result<(Vec<String>, usize), String> {
        if program.is_empty() || program.contains(['/', '.']) {
            return Err(format!("program = {program:?} must be the name of a file in bugs/ without .c"));
        }
        let file = folder.join("bugs").join(program).with_extension("c");
        let text = std::fs::read_to_string(&file)
            .map_err(|error| format!("the program {} cannot be read: {error}", file.display()))?;
        let marked: Vec<usize> =
            (1..).zip(text.lines()).filter(|(_, line)| is_marked(line)).map(first).collect();
        let [line] = marked[..] else {
            let what = "lines that end in";
            return Err(format!("{} has {} {what} {MARK}, but needs one", file.display(), marked.len()));
        };
        let plain = |line: &str| line.trim_end().trim_end_matches(MARK).trim_end().to_string();
        Ok((text.lines().map(plain).collect(), line))
    }

    /// Returns the whole program with the bug.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Returns the whole program with the fix, which is indented like the line that it replaces.
    #[must_use]
    pub fn fixed(&self) -> String {
        let wrong = self.wrong_line();
        let indent = &wrong[..wrong.len() - wrong.trim_start().len()];
        let fix: Vec<String> = self.fix.lines().map(|line| format!("{indent}{line}")).collect();
        let mut lines = self.lines.clone();
        lines.splice(self.line - 1..self.line, fix);
        lines.join("\n") + "\n"
    }

    /// Returns the line with the bug.
    #[must_use]
    pub fn wrong_line(&self) -> &str {
        self.lines.get(self.line - 1).map_or("", String::as_str)
    }

    /// Returns the program with a number before each line, and with tabs as four spaces.
    #[must_use]
    pub fn numbered(&self) -> String {
        let numbered = (1..).zip(&self.lines);
        numbered
            .map(|(n, line)| format!("{n:>3}  {}", line.replace('\t', "    ")).trim_end().to_string() + "\n")
            .collect()
    }
}

fn is_marked(line: &str) -> bool {
    line.trim_end().ends_with(MARK)
}

fn first<T>((n, _): (usize, T)) -> usize {
    n
}
