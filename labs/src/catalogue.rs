//! The labs that there are: found by looking into the chapters.

use crate::graded::Line;
use ipc_workbook::cli::Failure;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// A lab: `lessons/CHAPTER/labs/NAME`.
#[derive(Clone, Debug)]
pub(crate) struct Lab {
    pub(crate) name: String,
    /// The chapter's folder, `13-refcount`.
    pub(crate) chapter: String,
    pub(crate) folder: PathBuf,
    pub(crate) about: About,
}

/// Its `lab.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// What it is about, in a few words.
    pub(crate) title: String,
    /// How long one run of the program may take, in seconds.
    #[serde(default = "five")]
    pub(crate) seconds: u64,
    /// One after another, each tells a little more.
    pub(crate) hints: Vec<String>,
    pub(crate) rubric: Vec<Demand>,
}

const fn five() -> u64 {
    5
}

/// A line of the rubric.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Demand {
    /// The sentence with hyphens, as for claims.
    pub(crate) id: String,
    pub(crate) points: u32,
    pub(crate) says: String,
    pub(crate) required: String,
    /// The command with which one sees it oneself.
    pub(crate) see: String,
}

impl Demand {
    /// The line before anything was seen.
    pub(crate) fn lost(&self, observed: &str) -> Line {
        Line {
            id: self.id.clone(),
            says: self.says.clone(),
            points: self.points,
            passed: false,
            observed: observed.into(),
            required: self.required.clone(),
            because: None,
            seed: None,
            see: self.see.clone(),
        }
    }
}

/// All labs, in the order of the chapters.
pub(crate) fn labs(root: &Path) -> Result<Vec<Lab>, Failure> {
    let mut all = Vec::new();
    for chapter in folders(&root.join("lessons")) {
        for folder in folders(&chapter.join("labs")) {
            all.push(Lab { name: name(&folder), chapter: name(&chapter), about: about(&folder)?, folder });
        }
    }
    if all.is_empty() {
        return Err(Failure::Machine(format!("there are no labs in {}", root.join("lessons").display())));
    }
    Ok(all)
}

/// The lab of that name; otherwise the nearest one is named.
pub(crate) fn lab(root: &Path, wanted: &str) -> Result<Lab, Failure> {
    let mut all = labs(root)?;
    if let Some(at) = all.iter().position(|lab| lab.name == wanted) {
        return Ok(all.swap_remove(at));
    }
    let nearest = all
        .iter()
        .map(|lab| (strsim::jaro_winkler(&lab.name, wanted), &lab.name))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let nearest = nearest.filter(|(nearness, _)| *nearness > 0.6);
    Err(Failure::Usage(match nearest {
        Some((_, name)) => format!("there is no lab {wanted:?}; do you mean {name}?"),
        None => format!("there is no lab {wanted:?}; lab list names them all"),
    }))
}

fn about(folder: &Path) -> Result<About, Failure> {
    let file = folder.join("lab.toml");
    let text = fs::read_to_string(&file)
        .map_err(|error| Failure::Machine(format!("cannot read {}: {error}", file.display())))?;
    toml::from_str(&text).map_err(|error| {
        let before = error.span().map_or("", |span| &text[..span.start]);
        let line = 1 + before.matches('\n').count();
        Failure::Machine(format!("{}:{line}: {}", file.display(), error.message().replace('\n', " ")))
    })
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
