//! The table of contents, found by looking: chapters are the folders of
//! lessons/, lessons the programs of src/bin whose header names a chapter.

use ipc_workbook::built::built;
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson::{chapter_of, title_of};
use std::fs;
use std::path::{Path, PathBuf};

/// A lesson: a program in src/bin.
#[derive(Debug)]
pub(crate) struct Lesson {
    /// The program's name.
    pub(crate) name: String,
    /// Its sentence of truth.
    pub(crate) title: String,
}

/// A chapter: a folder in lessons/.
#[derive(Debug)]
pub(crate) struct Chapter {
    /// `13-refcount`
    pub(crate) folder: String,
    /// The heading of its text.
    pub(crate) title: String,
    /// In the order in which the text speaks of them.
    pub(crate) lessons: Vec<Lesson>,
}

/// The workbook's chapters, and where it lies.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) root: PathBuf,
    pub(crate) chapters: Vec<Chapter>,
}

impl Contents {
    /// Looks in the folder of the workbook, which Cargo names.
    pub(crate) fn find() -> Result<Self, Failure> {
        let root = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let sources = names_in(&root.join("src/bin"))?;
        let mut chapters = Vec::new();
        for folder in names_in(&root.join("lessons"))? {
            let Ok(text) = fs::read_to_string(root.join("lessons").join(&folder).join("README.md")) else {
                continue;
            };
            let title = text.lines().next().unwrap_or_default().trim_start_matches('#').trim().to_string();
            let lessons = lessons_of(&root, &sources, &folder, &text);
            chapters.push(Chapter { folder, title, lessons });
        }
        Ok(Contents { root, chapters })
    }

    /// All lessons, with their chapters' folders.
    pub(crate) fn lessons(&self) -> impl Iterator<Item = (&str, &Lesson)> {
        self.chapters
            .iter()
            .flat_map(|chapter| chapter.lessons.iter().map(|lesson| (chapter.folder.as_str(), lesson)))
    }

    /// The folder where the lessons' programs lie, freshly built.
    pub(crate) fn built(&self) -> Result<PathBuf, Failure> {
        let names: Vec<&str> = self.lessons().map(|(_, lesson)| lesson.name.as_str()).collect();
        built(&self.root, &names)
    }
}

fn lessons_of(root: &Path, sources: &[String], folder: &str, text: &str) -> Vec<Lesson> {
    let mut lessons: Vec<Lesson> = Vec::new();
    for file in sources {
        let source = fs::read_to_string(root.join("src/bin").join(file)).unwrap_or_default();
        if let (Some(name), true) = (file.strip_suffix(".rs"), chapter_of(&source) == Some(folder)) {
            lessons.push(Lesson { name: name.into(), title: title_of(&source).into() });
        }
    }
    lessons.sort_by_key(|lesson| text.find(&lesson.name).unwrap_or(usize::MAX));
    lessons
}

fn names_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| {
        Failure::Machine(format!(
            "cannot read {}: {error}; run this from the workbook's folder with cargo run",
            folder.display()
        ))
    })?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}
