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
    /// Its path.
    pub folder: PathBuf,
    /// Its `lab.toml`.
    pub about: About,
}

/// The contents of a `lab.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The subject, in a few words.
    pub title: String,
    /// How long one run of the program may take, in seconds.
    #[serde(default = "five")]
    pub seconds: u64,
    /// How long a whole check may take, in seconds; at most 60. The time for building does not count.
    #[serde(default = "sixty")]
    pub budget: u64,
    /// The hints, in order. Each one tells a little more.
    pub hints: Vec<String>,
    /// The lines of the rubric.
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
    /// A command with which a student can see it.
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
    /// All languages. The first one that a lab has is its default.
    pub const ALL: [Language; 3] = [Language::Rust, Language::C, Language::Shell];
    /// The names, as for `--language`.
    pub const NAMES: [&str; 3] = ["rust", "c", "sh"];

    /// Returns the language with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Language::ALL.into_iter().find(|language| language.name() == name)
    }

    /// Returns the name, as for `--language`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::C => "c",
            Language::Shell => "sh",
        }
    }

    /// Returns the file name extension of its programs.
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
    /// Returns the task.
    pub fn task(&self) -> Result<String, Failure> {
        read(&self.folder.join("README.md"))
    }

    /// Returns the path of one of its files, `starter` or `solution`. The file need not exist.
    #[must_use]
    pub fn file(&self, part: &str, language: Language) -> PathBuf {
        self.folder.join(part).with_extension(language.extension())
    }

    /// Returns the languages in which it has a starter.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        Language::ALL.into_iter().filter(|language| self.file("starter", *language).exists()).collect()
    }

    /// Returns the starter in C, or the starter of a task to write a script.
    #[must_use]
    pub fn starter_in_the_page(&self) -> PathBuf {
        let shell = self.file("starter", Language::Shell);
        if shell.exists() { shell } else { self.file("starter", Language::C) }
    }

    /// Returns what the Linux in the page needs of this lab.
    #[must_use]
    pub fn files_for_the_page(&self) -> [PathBuf; 3] {
        [self.folder.join("lab.toml"), self.folder.join("inside.sh"), self.starter_in_the_page()]
    }

    /// Writes what the Linux in the page needs of this lab into a folder of its name. `rubric` has a line for each line of
    /// the rubric, which a shell can read: its id, its sentence and what is required, separated by tabs.
    pub fn write_for_the_page(&self, labs: &Path) -> Result<(), Failure> {
        let folder = labs.join(&self.name);
        let failed = |error: std::io::Error| Failure::Machine(format!("{}: {error}", folder.display()));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let row = |demand: &Demand| format!("{}\t{}\t{}\n", demand.id, demand.says, demand.required);
        let rubric: String = self.about.rubric.iter().map(row).collect();
        std::fs::write(folder.join("rubric"), rubric).map_err(failed)?;
        let [_, inside, starter] = self.files_for_the_page();
        for file in [inside, starter] {
            std::fs::write(folder.join(name(&file)), read(&file)?).map_err(failed)?;
        }
        Ok(())
    }

    /// Returns how many lines of the rubric the check in the page judges: those that `inside.sh` names.
    pub fn judged_in_the_page(&self) -> Result<usize, Failure> {
        let rules = read(&self.folder.join("inside.sh"))?;
        let words: Vec<&str> = rules.split_whitespace().collect();
        let judges = |id: &str| words.windows(2).any(|pair| pair[0].starts_with("judge") && pair[1] == id);
        Ok(self.about.rubric.iter().filter(|demand| judges(&demand.id)).count())
    }

    /// Returns the sum of its points.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.about.rubric.iter().map(|demand| demand.points).sum()
    }
}

/// Returns all labs, in the order of the chapters.
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

/// Returns the labs of the chapter in this folder. A chapter may have none.
pub fn labs_of(chapter: &Path) -> Result<Vec<Lab>, Failure> {
    let lab = |folder: PathBuf| {
        let file = folder.join("lab.toml");
        let about = files::toml(&file, 1, &read(&file)?)?;
        Ok(Lab { name: name(&folder), chapter: name(chapter), about, folder })
    };
    folders(&chapter.join("labs"))?.into_iter().map(lab).collect()
}

/// Returns the lab with this name. If there is none, the error suggests the most similar name.
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
