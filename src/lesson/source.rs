//! What a lesson's source says of the lesson: its title and its chapter.

/// A lesson's own source text, from whose first lines it takes its title and chapter.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The path as the compiler knows it.
    pub file: &'static str,
    /// The text.
    pub text: &'static str,
}

impl Source {
    /// `refcount_demo`
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.file.rsplit('/').next().unwrap_or(self.file).trim_end_matches(".rs")
    }

    /// The sentence of truth on the first line.
    #[must_use]
    pub fn title(&self) -> &'static str {
        title_of(self.text)
    }

    /// `13-refcount`
    #[must_use]
    pub fn chapter(&self) -> &'static str {
        chapter_of(self.text).unwrap_or_default()
    }
}

/// The sentence on the first line of a lesson's source.
#[must_use]
pub fn title_of(source: &str) -> &str {
    source.lines().next().unwrap_or_default().trim_start_matches("//!").trim()
}

/// The chapter a source names in its header: `//! Chapter: lessons/13-refcount. …`
#[must_use]
pub fn chapter_of(source: &str) -> Option<&str> {
    let line = source.lines().find_map(|line| line.strip_prefix("//! Chapter: lessons/"))?;
    line.split('.').next()
}
