//! Reads a lesson's title and chapter from its source.

/// The source text of a lesson. Its first lines contain the lesson's title and chapter.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The path as the compiler knows it.
    pub file: &'static str,
    /// The text.
    pub text: &'static str,
}

impl Source {
    /// Returns the lesson's name: `refcount_demo`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.file.rsplit('/').next().unwrap_or(self.file).trim_end_matches(".rs")
    }

    /// Returns the sentence on the first line, which says what the lesson shows.
    #[must_use]
    pub fn title(&self) -> &'static str {
        title_of(self.text)
    }

    /// Returns the folder of the lesson's chapter: `13-refcount`.
    #[must_use]
    pub fn chapter(&self) -> &'static str {
        chapter_of(self.text).unwrap_or_default()
    }
}

/// Returns the sentence on the first line of a lesson's source.
#[must_use]
pub fn title_of(source: &str) -> &str {
    source.lines().next().unwrap_or_default().trim_start_matches("//!").trim()
}

/// Returns the chapter that a source names in its header: `//! Chapter: lessons/13-refcount. …`
#[must_use]
pub fn chapter_of(source: &str) -> Option<&str> {
    let line = source.lines().find_map(|line| line.strip_prefix("//! Chapter: lessons/"))?;
    line.split('.').next()
}
