//! The one reader of the workbook: of `lessons/`, and of the programs in `src/bin/`. Nothing is
//! registered anywhere; everything is found by looking.
//!
//! | module | what |
//! | --- | --- |
//! | this one | the chapters with their lessons |
//! | [`pages`] | the pages that people write, and how `scripts/record` makes parts of them anew |
//! | [`footnotes`], [`copies`] | those parts: the marks of claims; code and output, and where they come from |
//! | [`prose`] | a page line by line: prose and code |
//! | [`blocks`] | the console blocks of a chapter's text |
//! | [`claims`] | every claim, and what checks it |
//! | [`questions`] | `quiz.toml` and `bugs/` |
//! | [`promises`] | `claims.toml`: where a claim is written, and who promises it |
//! | [`labs`] | `labs/` |
//! | [`recordings`], [`events`] | `output/`: what lessons printed when they were recorded |

pub mod blocks;
pub mod claims;
pub mod copies;
pub mod events;
mod files;
pub mod footnotes;
pub mod labs;
pub mod pages;
pub mod promises;
pub mod prose;
pub mod questions;
pub mod recordings;

pub use files::{entries, read};

use crate::cli::Failure;
use ipc_workbook::lesson::{chapter_of, title_of};
use std::path::{Path, PathBuf};

/// The workbook's folder. (Cargo names the folder of the package whose program it runs.)
#[must_use]
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.ancestors().find(|folder| folder.join("lessons").is_dir()).unwrap_or(&package).into()
}

/// A chapter: a folder of `lessons/` whose name begins with its number.
#[derive(Debug)]
pub struct Chapter {
    /// `13-refcount`
    pub folder: String,
    /// Where that is.
    pub path: PathBuf,
    /// Its README.md.
    pub text: String,
    /// In the order in which the text treats them.
    pub lessons: Vec<Lesson>,
}

/// A lesson: a program of `src/bin/` whose header names a chapter.
#[derive(Debug)]
pub struct Lesson {
    /// The program's name.
    pub name: String,
    /// Its sentence of truth.
    pub title: String,
    /// Its text.
    pub source: String,
}

/// All chapters, and what is in `src/bin/` besides lessons.
#[derive(Debug)]
pub struct Contents {
    /// In the order of their numbers.
    pub chapters: Vec<Chapter>,
    /// Programs whose header names no chapter that there is.
    pub strays: Vec<PathBuf>,
}

/// Finds the chapters and lessons of the workbook in this folder.
pub fn contents(root: &Path) -> Result<Contents, Failure> {
    let mut contents = Contents { chapters: chapters(root)?, strays: Vec::new() };
    for file in entries(&root.join("src/bin"))? {
        let source = read(&file)?;
        let chapter = chapter_of(&source);
        match contents.chapters.iter_mut().find(|known| chapter == Some(&known.folder)) {
            Some(chapter) => {
                let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                chapter.lessons.push(Lesson { name, title: title_of(&source).into(), source });
            }
            None => contents.strays.push(file),
        }
    }
    for chapter in &mut contents.chapters {
        let text = &chapter.text;
        chapter.lessons.sort_by_key(|lesson| place_of(&lesson.name, text));
    }
    Ok(contents)
}

/// Where a chapter's text treats a lesson: the line of the heading that names it, and its place in
/// that line. A lesson that no heading names comes after the others, where it is first mentioned.
fn place_of(lesson: &str, text: &str) -> (bool, usize, usize) {
    let mention = |(n, line): (usize, &str)| {
        let is_heading = line.starts_with("## ");
        // "## Producer and consumer: producer, consumer" names its lessons after the colon.
        let names = if is_heading { line.rfind(": ").unwrap_or(0) } else { 0 };
        Some((!is_heading, n, names + word(lesson, &line[names..])?))
    };
    text.lines().enumerate().filter_map(mention).min().unwrap_or((true, usize::MAX, 0))
}

/// Where a name stands in a line as a word of its own.
fn word(name: &str, line: &str) -> Option<usize> {
    let within = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut places = line.match_indices(name).map(|(at, _)| at);
    places.find(|at| {
        !within(line[..*at].chars().next_back()) && !within(line[at + name.len()..].chars().next())
    })
}

fn chapters(root: &Path) -> Result<Vec<Chapter>, Failure> {
    let mut chapters = Vec::new();
    for path in entries(&root.join("lessons"))? {
        let folder = files::name(&path);
        if folder.starts_with(|c: char| c.is_ascii_digit()) {
            let text = read(&path.join("README.md"))?;
            chapters.push(Chapter { folder, path, text, lessons: Vec::new() });
        }
    }
    Ok(chapters)
}

impl Contents {
    /// All lessons, in the order of the chapters.
    pub fn lessons(&self) -> impl Iterator<Item = (&Chapter, &Lesson)> {
        self.chapters.iter().flat_map(|chapter| chapter.lessons.iter().map(move |lesson| (chapter, lesson)))
    }
}

impl Chapter {
    /// `13`
    #[must_use]
    pub fn number(&self) -> &str {
        self.folder.split('-').next().unwrap_or_default()
    }

    /// `refcount`
    #[must_use]
    pub fn name(&self) -> &str {
        self.folder.split_once('-').map_or(&self.folder, |(_, name)| name)
    }

    /// The number of its part: `1`, of chapter 13.
    #[must_use]
    pub fn part(&self) -> &str {
        self.number().get(..1).unwrap_or_default()
    }

    /// The heading of its text.
    #[must_use]
    pub fn title(&self) -> &str {
        self.text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
    }

    /// The identifier of a claim of this chapter: `refcount/…`
    #[must_use]
    pub fn claim(&self, sentence: &str) -> String {
        claim_of(&self.folder, sentence)
    }
}

/// The identifier of a claim of the chapter in this folder: `refcount/…`, of `13-refcount`.
#[must_use]
pub fn claim_of(folder: &str, sentence: &str) -> String {
    format!("{}/{sentence}", folder.split_once('-').map_or(folder, |(_, name)| name))
}

/// The heading of a part in SUMMARY.md: `Part 1: POSIX IPC`.
pub fn title_of_part(root: &Path, part: &str) -> Result<String, Failure> {
    let summary = read(&root.join("lessons/SUMMARY.md"))?;
    let begin = format!("# Part {part}: ");
    let heading = summary.lines().find(|line| line.starts_with(&begin));
    Ok(heading.map_or_else(|| format!("Part {part}"), |heading| heading[2..].to_string()))
}

/// A claim's identifier without its chapter, as a sentence.
#[must_use]
pub fn sentence(id: &str) -> String {
    id.split_once('/').map_or(id, |(_, sentence)| sentence).replace('-', " ")
}

/// The name that is most like the one that was typed, if any is like it at all.
pub fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // clap's measure for its own suggestions.
    const LIKE: f64 = 0.7;
    let rated = names.map(|name| (strsim::jaro(typed, name), name));
    let (likeness, name) = rated.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness > LIKE).then_some(name)
}
