//! The lines of a page, divided into prose and code.

/// A line of a page.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, with the line break.
    pub text: &'a str,
    /// Whether it belongs to a block of code, between fences or indented.
    pub is_code: bool,
}

/// Returns the lines of a page.
pub fn lines(page: &str) -> impl Iterator<Item = Line<'_>> {
    let mut within = false;
    (1..).zip(page.split_inclusive('\n')).map(move |(number, text)| {
        let is_fence = text.trim_start().starts_with("```");
        within ^= is_fence;
        let is_indented = text.starts_with("    ");
        Line { number, text, is_code: within || is_fence || is_indented }
    })
}

impl<'a> Line<'a> {
    /// Returns its pieces, and whether each is code.
    pub fn pieces(&self) -> impl Iterator<Item = (&'a str, bool)> + use<'a> {
        let is_code = self.is_code;
        let pieces = self.text.split_inclusive('`').enumerate();
        // A piece ends with its backtick, so every second one is code within the line.
        pieces.map(move |(n, piece)| (piece, is_code || n % 2 == 1))
    }

    /// Returns the pieces of code in a line of prose, without their backticks.
    pub fn code(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let prose = !self.is_code;
        self.text.split('`').skip(1).step_by(2).filter(move |_| prose)
    }
}
