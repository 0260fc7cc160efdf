//! The blocks of a page that show code or output. Each block is a copy, and the line above it names its
//! origin:
//!
//! ````text
//! <!-- source: src/bin/refcount_demo.rs unlink -->
//! ```rust
//! mq_unlink(&name)?;
//! ```
//!
//! <!-- recorded: refcount_demo step-6 step-7 -->
//! ```console
//! $ cargo run --bin refcount_demo
//! 6. Measure the charge of the queue, which has no name and no message
//! ```
//! ````
//!
//! A source is a file of the workbook and an anchor in it. A recording is the recorded output of a lesson,
//! with the steps that the page shows. The commands at the top of such a block are not copied; they belong to
//! the page.

use super::{claim_of, entries, files, read};
use crate::cli::Failure;
use std::path::{Path, PathBuf};

/// The origin of a copied block.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin<'a> {
    /// The lines between the marks of an anchor.
    Source {
        /// The path from the workbook's folder: `src/bin/refcount_demo.rs`
        file: &'a str,
        /// `unlink`
        anchor: &'a str,
    },
    /// Steps of a recorded run.
    Recorded {
        /// `refcount_demo`
        lesson: &'a str,
        /// `step-6`, `step-7`
        steps: Vec<&'a str>,
    },
}

/// Returns the origins that a page names, with their line numbers.
#[must_use]
pub fn origins(page: &str) -> Vec<(usize, Origin<'_>)> {
    let lines = (1..).zip(page.lines());
    lines.filter_map(|(n, line)| Some((n, Origin::named_in(line)?))).collect()
}

/// Returns the page with all its copies updated.
pub fn made_anew(root: &Path, file: &Path, page: &str) -> Result<String, Failure> {
    let mut lines = (1..).zip(page.split_inclusive('\n'));
    let mut out = String::new();
    while let Some((n, line)) = lines.next() {
        out.push_str(line);
        let Some(origin) = Origin::named_in(line.trim_end()) else { continue };
        let wrong = |what: &str| files::malformed(file, n, what);
        let (_, fence) = lines.next().filter(|(_, line)| line.starts_with("```")).ok_or_else(|| {
            wrong("there is no block below this line; write an empty one, and scripts/record fills it")
        })?;
        out.push_str(fence);
        let copy = origin.copy(root).map_err(|what| wrong(&what))?;
        let mut has_end = false;
        let old = lines.by_ref().map(|(_, line)| line).take_while(|line| {
            has_end = line.starts_with("```");
            !has_end
        });
        let old: Vec<&str> = old.collect();
        if !has_end {
            return Err(wrong("the block below this line has no end; close it with ```"));
        }
        if matches!(origin, Origin::Recorded { .. }) {
            out.extend(old.into_iter().take_while(|line| line.starts_with("$ ")));
        }
        out.push_str(&copy);
        out.push_str("```\n");
    }
    Ok(out)
}

impl<'a> Origin<'a> {
    fn named_in(line: &'a str) -> Option<Origin<'a>> {
        let (kind, words) = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?.split_once(": ")?;
        let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
        match kind {
            "source" => Some(Origin::Source { file: first, anchor: rest }),
            "recorded" => Some(Origin::Recorded { lesson: first, steps: rest.split(' ').collect() }),
            _ => None,
        }
    }

    /// Returns the current text for the block. The error says what is wrong.
    pub fn copy(&self, root: &Path) -> Result<String, String> {
        match self {
            Origin::Source { file, anchor } => {
                let text = read(&root.join(file)).map_err(|_| format!("there is no file {file}"))?;
                let lines = anchored(&text, anchor)
                    .ok_or(format!("{file} has no anchor {anchor}; add it, or name another"))?;
                Ok(moved_left(&lines))
            }
            Origin::Recorded { lesson, steps } => {
                let (recording, text) = recording_of(root, lesson)?;
                let mut copy = String::new();
                for step in steps {
                    let lines = anchored(&text, step)
                        .ok_or(format!("{} has no {step}; name another step", recording.display()))?;
                    copy.extend(lines.into_iter().flat_map(|line| [line, "\n"]));
                }
                Ok(format!("{}\n", copy.trim_end()))
            }
        }
    }

    /// Returns the claims that the copy shows with a ✔.
    pub fn claims(&self, root: &Path) -> Result<Vec<String>, String> {
        let Origin::Recorded { lesson, .. } = self else { return Ok(Vec::new()) };
        let (recording, _) = recording_of(root, lesson)?;
        let chapter = recording.ancestors().nth(2).map(files::name).unwrap_or_default();
        let copy = self.copy(root)?;
        let sentences = copy.lines().filter_map(|line| line.split_once("✔ "));
        Ok(sentences.map(|(_, sentence)| claim_of(&chapter, &sentence.replace(' ', "-"))).collect())
    }
}

/// Returns the file with the recorded output of a lesson, and its text.
fn recording_of(root: &Path, lesson: &str) -> Result<(PathBuf, String), String> {
    let chapters = entries(&root.join("lessons")).map_err(|error| error.to_string())?;
    let files = chapters.into_iter().map(|chapter| chapter.join("output").join(format!("{lesson}.txt")));
    let found = files.into_iter().find_map(|file| read(&file).ok().map(|text| (file, text)));
    found.ok_or(format!("there is no recording of {lesson}; if it is a lesson, scripts/record makes one"))
}

/// Returns the lines between the marks of an anchor, without marks of other anchors.
fn anchored<'a>(text: &'a str, anchor: &str) -> Option<Vec<&'a str>> {
    let [begin, end] = ["", "_END"].map(|end| format!("ANCHOR{end}: {anchor}"));
    let mut lines = text.lines();
    lines.find(|line| line.ends_with(&begin))?;
    let between = lines.take_while(|line| !line.ends_with(&end));
    Some(between.filter(|line| !is_anchor(line)).collect())
}

/// Returns whether a source line is a mark of an anchor.
#[must_use]
pub fn is_anchor(line: &str) -> bool {
    line.trim_start().starts_with("// ANCHOR")
}

/// Removes the common indentation of the lines.
fn moved_left(lines: &[&str]) -> String {
    let deep = |line: &&str| line.len() - line.trim_start().len();
    let left = lines.iter().filter(|line| !line.trim().is_empty()).map(deep).min().unwrap_or(0);
    lines.iter().flat_map(|line| [line.get(left..).unwrap_or(""), "\n"]).collect()
}
