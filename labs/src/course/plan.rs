//! Who has handed in what: a folder of submissions, read.

use ipc_workbook_tools::cli::{Failure, escape};
use ipc_workbook_tools::workbook::labs::{self, Lab};
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What is to be graded: each student in each lab.
#[derive(Debug)]
pub(super) struct GradingPlan {
    pub(super) labs: Vec<Lab>,
    /// In the order of students, and for each in that of the labs.
    pub(super) tasks: Vec<Task>,
}

/// One student in one lab.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) student: String,
    /// Which of the plan's labs.
    pub(super) lab: usize,
    /// Where the submission lies, or why there is none.
    pub(super) path: Result<PathBuf, String>,
}

/// A part of all students, for one of several machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) number: u64,
    pub(super) of: u64,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match parsed {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
            _ => Err("I/N is wanted, with I from 1 to N, such as 2/8".into()),
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// By the student's name alone: who is added later moves nobody to another shard.
    fn has(self, student: &str) -> bool {
        let digest = Sha256::digest(student.as_bytes());
        let number = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        number % self.of == self.number - 1
    }
}

/// What one entry of a folder is.
#[derive(Clone, Debug)]
struct Entry {
    name: OsString,
    path: PathBuf,
}

impl GradingPlan {
    /// Each entry of `folder` is a student; with `single`, the folder itself is the only one.
    pub(super) fn of(
        root: &Path,
        folder: &Path,
        wanted: &[String],
        single: bool,
        shard: Option<Shard>,
    ) -> Result<Self, Failure> {
        let mut students = if single { vec![the_one(folder)?] } else { entries(folder)? };
        students.sort_by_cached_key(|student| escape::file_name(&student.name));
        let mut labs = Vec::new();
        for name in wanted {
            let lab = labs::lab(root, name)?;
            if !labs.iter().any(|known: &Lab| known.name == lab.name) {
                labs.push(lab);
            }
        }
        if labs.is_empty() {
            labs = named_by_students(root, &students)?;
        }
        let mut tasks = Vec::new();
        for student in &students {
            let id = escape::file_name(&student.name);
            if shard.is_some_and(|shard| !shard.has(&id)) {
                continue;
            }
            for lab in 0..labs.len() {
                let path = submission(student, &labs, lab, wanted.len() == 1);
                tasks.push(Task { student: id.clone(), lab, path });
            }
        }
        Ok(GradingPlan { labs, tasks })
    }
}

fn the_one(folder: &Path) -> Result<Entry, Failure> {
    let path = folder.canonicalize().map_err(|error| unreadable(folder, &error))?;
    Ok(Entry { name: path.file_name().unwrap_or_default().into(), path })
}

/// The entries of a folder, in the order of their names. What hides, or is a Macintosh's, is nobody's.
fn entries(folder: &Path) -> Result<Vec<Entry>, Failure> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let name = entry.file_name();
        if !name.as_encoded_bytes().starts_with(b".") && name != "__MACOSX" {
            all.push(Entry { name, path: entry.path() });
        }
    }
    if all.is_empty() {
        return Err(Failure::Usage(format!("nobody has handed in anything in {}", folder.display())));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot read the folder of submissions {}: {error}", folder.display()))
}

/// The labs after which something in a student's folder is named.
fn named_by_students(root: &Path, students: &[Entry]) -> Result<Vec<Lab>, Failure> {
    let mut labs = labs::labs(root)?;
    labs.retain(|lab| students.iter().any(|student| !named_after(lab, &inside(student)).is_empty()));
    if labs.is_empty() {
        return Err(Failure::Usage(
            "no student's folder has a folder or file named like a lab (lab list names them); \
             with --lab NAME, each entry is a submission to that lab"
                .into(),
        ));
    }
    Ok(labs)
}

/// The entries of a student's folder; a file has none.
fn inside(student: &Entry) -> Vec<Entry> {
    if student.path.is_dir() { entries(&student.path).unwrap_or_default() } else { Vec::new() }
}

/// `NAME`, `NAME.c`, `NAME.rs`, `NAME.py`: all that bears the lab's name.
fn named_after<'a>(lab: &Lab, entries: &'a [Entry]) -> Vec<&'a Entry> {
    let is_named = |entry: &&Entry| {
        entry.name == *lab.name || Path::new(&entry.name).file_stem().is_some_and(|stem| stem == &*lab.name)
    };
    entries.iter().filter(is_named).collect()
}

/// Where a student's submission to a lab lies. If one lab alone is graded, the folder itself may be it.
fn submission(student: &Entry, labs: &[Lab], lab: usize, the_only: bool) -> Result<PathBuf, String> {
    let entries = inside(student);
    match named_after(&labs[lab], &entries)[..] {
        [entry] => Ok(entry.path.clone()),
        [one, another, ..] => Err(format!(
            "both {} and {} are there; keep one",
            escape::file_name(&one.name),
            escape::file_name(&another.name)
        )),
        [] if the_only => Ok(student.path.clone()),
        [] if student.path.is_dir() => {
            let others = entries.iter().filter(|entry| labs.iter().all(|lab| !is_after(lab, entry)));
            let near = others
                .map(|entry| (strsim::jaro_winkler(&labs[lab].name, &entry.name.to_string_lossy()), entry))
                .filter(|(nearness, _)| *nearness > 0.85)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let meant = near.map_or(String::new(), |(_, entry)| {
                format!("; is {} meant?", escape::file_name(&entry.name))
            });
            Err(format!("nothing was handed in for it{meant}"))
        }
        [] => Err("it is no folder with a folder or file for each lab".into()),
    }
}

fn is_after(lab: &Lab, entry: &Entry) -> bool {
    !named_after(lab, std::slice::from_ref(entry)).is_empty()
}
