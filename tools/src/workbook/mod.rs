//! The only reader of the workbook: of `lessons/`, and of the programs in `src/bin/`. There is no
//! register of chapters or lessons; they are found by looking into the folders.
//!
//! | module | what |
//! | --- | --- |
//! | this one | the chapters with their lessons |
//! | [`pages`] | the pages that people write, and the parts of them that `scripts/record` updates |
//! | [`footnotes`], [`copies`] | those parts: the marks of claims; copies of code and output |
//! | [`prose`] | the lines of a page: prose and code |
//! | [`blocks`] | the console blocks of a chapter's text |
//! | [`claims`] | all claims, and what checks each of them |
//! | [`questions`] | `quiz.toml` and `bugs/` |
//! | [`promises`] | `claims.toml`: the sources of a claim, and who promises it |
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

pub use files::{entries, files_below, read};

use crate::cli::Failure;
use ipc_workbook::lesson::{chapter_of, title_of};
use std::path::{Path, PathBuf};

/// Returns the workbook's folder. (Cargo sets `CARGO_MANIFEST_DIR` to the package whose program it runs.)
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
    /// Its path.
    pub path: PathBuf,
    /// The text of its README.md.
    pub text: String,
    /// Its lessons, in the order of the text.
    pub lessons: Vec<Lesson>,
}

/// A lesson: a program of `src/bin/` whose header names a chapter.
#[derive(Debug)]
pub struct Lesson {
    /// The program's name.
    pub name: String,
    /// The sentence on its first line, which says what the lesson shows.
    pub title: String,
    /// Its source text.
    pub source: String,
}

/// All chapters, and the files in `src/bin/` that are not lessons.
#[derive(Debug)]
pub struct Contents {
    /// The chapters, in the order of their numbers.
    pub chapters: Vec<Chapter>,
    /// Programs whose header does not name an existing chapter.
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

/// Returns a sort key for the place of a lesson in a chapter's text: the line of the heading that names it,
/// and the position in that line. A lesson that is in no heading comes after the others, by its first
/// mention.
fn place_of(lesson: &str, text: &str) -> (bool, usize, usize) {
    let mention = |(n, line): (usize, &str)| {
        let is_heading = line.starts_with("## ");
        // "## Producer and consumer: producer, consumer" names its lessons after the colon.
        let names = if is_heading { line.rfind(": ").unwrap_or(0) } else { 0 };
        Some((!is_heading, n, names + word(lesson, &line[names..])?))
    };
    text.lines().enumerate().filter_map(mention).min().unwrap_or((true, usize::MAX, 0))
}

/// Returns the position of a name in a line, where it is a whole word.
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
        if path.is_dir() && folder.starts_with(|c: char| c.is_ascii_digit()) {
            let text = read(&path.join("README.md"))?;
            chapters.push(Chapter { folder, path, text, lessons: Vec::new() });
        }
    }
    Ok(chapters)
}

impl Contents {
    /// Returns all lessons, in the order of the chapters.
    pub fn lessons(&self) -> impl Iterator<Item = (&Chapter, &Lesson)> {
        self.chapters.iter().flat_map(|chapter| chapter.lessons.iter().map(move |lesson| (chapter, lesson)))
    }
}

impl Chapter {
    /// Returns its number: `13`.
    #[must_use]
    pub fn number(&self) -> &str {
        self.folder.split('-').next().unwrap_or_default()
    }

    /// Returns its name: `refcount`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.folder.split_once('-').map_or(&self.folder, |(_, name)| name)
    }

    /// Returns the number of its part: `1` for chapter 13.
    #[must_use]
    pub fn part(&self) -> &str {
        self.number().get(..1).unwrap_or_default()
    }

    /// Returns the heading of its text.
    #[must_use]
    pub fn title(&self) -> &str {
        self.text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
    }

    /// Returns the identifier of a claim of this chapter: `refcount/…`
    #[must_use]
    pub fn claim(&self, sentence: &str) -> String {
        claim_of(&self.folder, sentence)
    }
}

/// Returns the identifier of a claim of the chapter in this folder: `refcount/…` for `13-refcount`.
#[must_use]
pub fn claim_of(folder: &str, sentence: &str) -> String {
    format!("{}/{sentence}", folder.split_once('-').map_or(folder, |(_, name)| name))
}

/// Returns the heading of a part in SUMMARY.md: `Part 1: POSIX IPC`.
pub fn title_of_part(root: &Path, part: &str) -> Result<String, Failure> {
    let summary = read(&root.join("lessons/SUMMARY.md"))?;
    let begin = format!("# Part {part}: ");
    let heading = summary.lines().find(|line| line.starts_with(&begin));
    Ok(heading.map_or_else(|| format!("Part {part}"), |heading| heading[2..].to_string()))
}

/// Returns a claim's identifier without its chapter, as a sentence.
#[must_use]
pub fn sentence(id: &str) -> String {
    id.split_once('/').map_or(id, |(_, sentence)| sentence).replace('-', " ")
}

/// Returns the name that is most similar to the typed one; `None` if no name is similar.
pub fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // clap uses the same measure for its suggestions.
    const LIKE: f64 = 0.7;
    let rated = names.map(|name| (strsim::jaro(typed, name), name));
    let (likeness, name) = rated.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness > LIKE).then_some(name)
}
