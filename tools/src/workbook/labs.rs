//! The labs: `lessons/CHAPTER/labs/NAME`.

use super::files::{self, folders, name};
use super::{nearest, read};
use crate::cli::Failure;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A lab.
#[derive(Clone, Debug)]
pub struct Lab {
    /// `exact-mode`
    pub name: String,
    /// The chapter's folder, `12-permissions`.
    pub chapter: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// Its `lab.toml`.
    pub about: About,
}

/// A `lab.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// What it is about, in a few words.
    pub title: String,
    /// How long one run of the program may take, in seconds.
    #[serde(default = "five")]
    pub seconds: u64,
    /// How long a check may take in all, in seconds; 60 at most. Building is not a part of it.
    #[serde(default = "sixty")]
    pub budget: u64,
    /// One after another, each tells a little more.
    pub hints: Vec<String>,
    /// What is demanded.
    pub rubric: Vec<Demand>,
}

const fn five() -> u64 {
    5
}

const fn sixty() -> u64 {
    60
}

/// A line of the rubric.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// The sentence with hyphens, as for claims.
    pub id: String,
    /// How many points it gives.
    pub points: u32,
    /// The sentence.
    pub says: String,
    /// What must be observed.
    pub required: String,
    /// The command with which one sees it oneself.
    pub see: String,
}

/// A language in which a lab may have a starter and a solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust, with the workbook's library.
    Rust,
    /// C.
    C,
    /// A shell script.
    Shell,
}

impl Language {
    /// The first that a lab has is its default.
    pub const ALL: [Language; 3] = [Language::Rust, Language::C, Language::Shell];
    /// As `--language` has them.
    pub const NAMES: [&str; 3] = ["rust", "c", "sh"];

    /// The language of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Language::ALL.into_iter().find(|language| language.name() == name)
    }

    /// As `--language` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::C => "c",
            Language::Shell => "sh",
        }
    }

    /// How the names of its files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Language::Rust => "rs",
            Language::C => "c",
            Language::Shell => "sh",
        }
    }
}

impl Lab {
    /// The task.
    pub fn task(&self) -> Result<String, Failure> {
        read(&self.folder.join("README.md"))
    }

    /// One of its files, `starter` or `solution`, which it need not have.
    #[must_use]
    pub fn file(&self, part: &str, language: Language) -> PathBuf {
        self.folder.join(part).with_extension(language.extension())
    }

    /// The languages in which it has a starter.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        Language::ALL.into_iter().filter(|language| self.file("starter", *language).exists()).collect()
    }

    /// All points that it gives.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.about.rubric.iter().map(|demand| demand.points).sum()
    }
}

/// All labs, in the order of the chapters.
pub fn labs(root: &Path) -> Result<Vec<Lab>, Failure> {
    let lessons = root.join("lessons");
    let mut all = Vec::new();
    for chapter in folders(&lessons)? {
        all.extend(labs_of(&chapter)?);
    }
    if all.is_empty() {
        return Err(Failure::Machine(format!("there are no labs in {}", lessons.display())));
    }
    Ok(all)
}

/// The labs of the chapter that lies there, of which it may have none.
pub fn labs_of(chapter: &Path) -> Result<Vec<Lab>, Failure> {
    let lab = |folder: PathBuf| {
        let file = folder.join("lab.toml");
        let about = files::toml(&file, 1, &read(&file)?)?;
        Ok(Lab { name: name(&folder), chapter: name(chapter), about, folder })
    };
    folders(&chapter.join("labs"))?.into_iter().map(lab).collect()
}

/// The lab of that name. If there is none, the error names the nearest.
pub fn lab(root: &Path, wanted: &str) -> Result<Lab, Failure> {
    let mut all = labs(root)?;
    if let Some(at) = all.iter().position(|lab| lab.name == wanted) {
        return Ok(all.swap_remove(at));
    }
    Err(Failure::Usage(match nearest(wanted, all.iter().map(|lab| lab.name.as_str())) {
        Some(name) => format!("there is no lab {wanted:?}; do you mean {name}?"),
        None => format!("there is no lab {wanted:?}; lab list names them all"),
    }))
}
