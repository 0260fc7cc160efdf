//! Who has handed in what: a folder of submissions, read.

use super::clutter::is_no_submission;
use crate::submission::Source;
use ipc_workbook_tools::cli::{Failure, escape};
use ipc_workbook_tools::workbook::labs::{self, Lab};
use ipc_workbook_tools::workbook::nearest;
use serde::{Deserialize, Serialize};
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
    /// What lies there and is not graded, in the order of their names.
    pub(super) left_out: Vec<LeftOut>,
}

/// One student in one lab.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) student: String,
    /// Which of the plan's labs.
    pub(super) lab: usize,
    pub(super) hand_in: HandIn,
}

/// What a student has handed in for a lab.
#[derive(Clone, Debug)]
pub(super) enum HandIn {
    /// It lies there.
    At(PathBuf),
    /// Nothing; the text says so.
    Missing(String),
    /// Something that cannot be graded; the text says why.
    Unusable(String),
}

/// An entry that is not graded, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct LeftOut {
    /// Below the folder of submissions.
    pub(super) path: String,
    pub(super) why: String,
    /// Whether somebody may have meant it as a submission.
    pub(super) maybe_meant: bool,
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
        let all = labs::labs(root)?;
        let mut left_out = Vec::new();
        let mut students = if single { vec![the_one(folder)?] } else { students(folder, &mut left_out)? };
        students.sort_by_cached_key(|student| escape::file_name(&student.name));
        let mut labs = Vec::new();
        for name in wanted {
            let lab = labs::lab(root, name)?;
            if !labs.iter().any(|known: &Lab| known.name == lab.name) {
                labs.push(lab);
            }
        }
        let the_only = wanted.len() == 1;
        for student in &students {
            left_out.extend(
                inside(student).iter().filter_map(|entry| left_out_of(student, entry, &all, the_only)),
            );
        }
        if labs.is_empty() {
            labs = named_by_students(all, &students)?;
        }
        let mut tasks = Vec::new();
        for student in &students {
            let id = escape::file_name(&student.name);
            if shard.is_some_and(|shard| !shard.has(&id)) {
                continue;
            }
            for (n, lab) in labs.iter().enumerate() {
                let hand_in = hand_in(student, lab, the_only);
                tasks.push(Task { student: id.clone(), lab: n, hand_in });
            }
        }
        Ok(GradingPlan { labs, tasks, left_out })
    }
}

fn the_one(folder: &Path) -> Result<Entry, Failure> {
    let path = folder.canonicalize().map_err(|error| unreadable(folder, &error))?;
    Ok(Entry { name: path.file_name().unwrap_or_default().into(), path })
}

/// The students: the entries of the folder of submissions, without those that are no submission.
fn students(folder: &Path, left_out: &mut Vec<LeftOut>) -> Result<Vec<Entry>, Failure> {
    let mut students = Vec::new();
    for entry in entries(folder).map_err(|error| unreadable(folder, &error))? {
        match is_no_submission(&entry.path) {
            Some(why) => left_out.push(LeftOut::new(escape::file_name(&entry.name), why, false)),
            None => students.push(entry),
        }
    }
    if students.is_empty() {
        return Err(Failure::Usage(format!("nobody has handed in anything in {}", folder.display())));
    }
    Ok(students)
}

/// The entries of a folder, in the order of their names.
fn entries(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        entry.map(|entry| Entry { name: entry.file_name(), path: entry.path() })
    };
    let mut all = fs::read_dir(folder)?.map(entry).collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("cannot read the folder of submissions {}: {error}", folder.display()))
}

/// The labs after which something in a student's folder is named.
fn named_by_students(mut labs: Vec<Lab>, students: &[Entry]) -> Result<Vec<Lab>, Failure> {
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

/// The entries of a student's folder; a file and a link have none.
fn inside(student: &Entry) -> Vec<Entry> {
    if is_link(&student.path) { Vec::new() } else { entries(&student.path).unwrap_or_default() }
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_symlink())
}

/// `NAME`, `NAME.c`, `NAME.rs`, `NAME.py`: all that bears the lab's name.
fn named_after<'a>(lab: &Lab, entries: &'a [Entry]) -> Vec<&'a Entry> {
    let is_named = |entry: &&Entry| {
        is_no_submission(&entry.path).is_none() && (entry.name == *lab.name || stem(entry) == *lab.name)
    };
    entries.iter().filter(is_named).collect()
}

/// The name without what stands behind the last dot.
fn stem(entry: &Entry) -> String {
    Path::new(&entry.name).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl LeftOut {
    fn new(path: String, why: &str, maybe_meant: bool) -> Self {
        LeftOut { path, why: why.into(), maybe_meant }
    }
}

/// Why an entry of a student's folder is not graded, if it is in no lab's name. Where one lab alone is
/// graded, the folder may be the submission itself, and the entry a part of it.
fn left_out_of(student: &Entry, entry: &Entry, labs: &[Lab], the_only: bool) -> Option<LeftOut> {
    let path = format!("{}/{}", escape::file_name(&student.name), escape::file_name(&entry.name));
    if let Some(why) = is_no_submission(&entry.path) {
        return Some(LeftOut::new(path, why, false));
    }
    if the_only || labs.iter().any(|lab| !named_after(lab, std::slice::from_ref(entry)).is_empty()) {
        return None;
    }
    let meant = nearest(&stem(entry), labs.iter().map(|lab| lab.name.as_str()));
    let why =
        meant.map_or("no lab has that name".into(), |lab| format!("no lab has that name; is {lab} meant?"));
    Some(LeftOut::new(path, &why, true))
}

/// What a student has handed in for a lab. If one lab alone is graded, the folder itself may be it.
fn hand_in(student: &Entry, lab: &Lab, the_only: bool) -> HandIn {
    if is_link(&student.path) {
        return HandIn::Unusable(LINK.into());
    }
    let entries = inside(student);
    match named_after(lab, &entries)[..] {
        [entry] => HandIn::at(&entry.path),
        [one, another, ..] => HandIn::Unusable(format!(
            "both {} and {} are there; keep one",
            escape::file_name(&one.name),
            escape::file_name(&another.name)
        )),
        [] if the_only && (Source::find(&student.path).is_ok() || meant_as(lab, &entries).is_none()) => {
            HandIn::at(&student.path)
        }
        [] if student.path.is_dir() => HandIn::Missing(match meant_as(lab, &entries) {
            Some(entry) => {
                format!("nothing was handed in for it; is {} meant?", escape::file_name(&entry.name))
            }
            None => NOTHING.into(),
        }),
        [] => HandIn::Unusable("it is no folder with a folder or file for each lab".into()),
    }
}

/// What is said where nothing lies that could have been meant.
pub(super) const NOTHING: &str = "nothing was handed in for it";

/// What a submission that is a link is told.
const LINK: &str = "it is a link, and leads to something else; hand in the file itself";

impl HandIn {
    fn at(path: &Path) -> HandIn {
        if is_link(path) {
            HandIn::Unusable(LINK.into())
        } else if is_empty(path) {
            HandIn::Missing("what was handed in is empty".into())
        } else {
            HandIn::At(path.into())
        }
    }
}

/// Whether nothing is in a file, or in a folder but what is no submission.
fn is_empty(path: &Path) -> bool {
    match entries(path) {
        Ok(entries) => entries.iter().all(|entry| is_no_submission(&entry.path).is_some()),
        Err(_) => path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0),
    }
}

/// The entry whose name is nearly the lab's.
fn meant_as<'a>(lab: &Lab, entries: &'a [Entry]) -> Option<&'a Entry> {
    let nearness = |entry: &Entry| strsim::jaro_winkler(&lab.name, &stem(entry));
    let near =
        entries.iter().filter(|entry| nearness(entry) > 0.9 && is_no_submission(&entry.path).is_none());
    near.max_by(|a, b| nearness(a).total_cmp(&nearness(b)))
}
