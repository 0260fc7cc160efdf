//! Reads a folder of submissions: which student handed in what.

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

/// The submissions to grade: one task for each student and lab.
#[derive(Debug)]
pub(super) struct GradingPlan {
    pub(super) labs: Vec<Lab>,
    /// Ordered by student, and then by lab.
    pub(super) tasks: Vec<Task>,
    /// The entries that are not graded, ordered by name.
    pub(super) left_out: Vec<LeftOut>,
}

/// One student's submission to one lab.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) student: String,
    /// Index into the plan's labs.
    pub(super) lab: usize,
    pub(super) hand_in: HandIn,
}

/// A student's submission to a lab.
#[derive(Clone, Debug)]
pub(super) enum HandIn {
    /// The path of the submission.
    At(PathBuf),
    /// Nothing was handed in; the text says so.
    Missing(String),
    /// It cannot be graded; the text says why.
    Unusable(String),
}

/// An entry that is not graded, and why.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct LeftOut {
    /// Relative to the folder of submissions.
    pub(super) path: String,
    pub(super) why: String,
    /// Whether it may be a submission with a wrong name.
    pub(super) maybe_meant: bool,
}

/// A part of the students, to be graded on one of several machines.
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
            _ => Err("the value must be I/N with I from 1 to N, such as 2/8".into()),
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Decided by the student's name alone, so adding a student does not move the others to another shard.
    fn has(self, student: &str) -> bool {
        let digest = Sha256::digest(student.as_bytes());
        let number = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        number % self.of == self.number - 1
    }
}

/// An entry of a folder.
#[derive(Clone, Debug)]
struct Entry {
    name: OsString,
    path: PathBuf,
}

impl GradingPlan {
    /// Reads the plan from `folder`. Each entry is a student; with `single`, the folder is the only student.
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

/// Returns the students: the entries of the folder that may be submissions.
fn students(folder: &Path, left_out: &mut Vec<LeftOut>) -> Result<Vec<Entry>, Failure> {
    let mut students = Vec::new();
    for entry in entries(folder).map_err(|error| unreadable(folder, &error))? {
        match is_no_submission(&entry.path) {
            Some(why) => left_out.push(LeftOut::new(escape::file_name(&entry.name), why, false)),
            None => students.push(entry),
        }
    }
    if students.is_empty() {
        return Err(Failure::Usage(format!("{} has no submissions", folder.display())));
    }
    Ok(students)
}

/// Returns the entries of a folder, ordered by name.
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

/// Keeps the labs that an entry of some student's folder is named after.
fn named_by_students(mut labs: Vec<Lab>, students: &[Entry]) -> Result<Vec<Lab>, Failure> {
    labs.retain(|lab| students.iter().any(|student| !named_after(lab, &inside(student)).is_empty()));
    if labs.is_empty() {
        return Err(Failure::Usage(
            "no student's folder has a folder or file with a lab's name (see lab list); \
             if each entry is a submission to one lab, name it with --lab NAME"
                .into(),
        ));
    }
    Ok(labs)
}

/// Returns the entries of a student's folder; none for a file or a link.
fn inside(student: &Entry) -> Vec<Entry> {
    if is_link(&student.path) { Vec::new() } else { entries(&student.path).unwrap_or_default() }
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_symlink())
}

/// Returns the entries with the lab's name: `NAME`, `NAME.c`, `NAME.rs`, `NAME.py`.
fn named_after<'a>(lab: &Lab, entries: &'a [Entry]) -> Vec<&'a Entry> {
    let is_named = |entry: &&Entry| {
        is_no_submission(&entry.path).is_none() && (entry.name == *lab.name || stem(entry) == *lab.name)
    };
    entries.iter().filter(is_named).collect()
}

/// Returns the name without its extension.
fn stem(entry: &Entry) -> String {
    Path::new(&entry.name).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl LeftOut {
    fn new(path: String, why: &str, maybe_meant: bool) -> Self {
        LeftOut { path, why: why.into(), maybe_meant }
    }
}

/// Returns why an entry of a student's folder is not graded, if it has no lab's name. If only one lab is
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
    let why = meant
        .map_or("no lab has that name".into(), |lab| format!("no lab has that name; do you mean {lab}?"));
    Some(LeftOut::new(path, &why, true))
}

/// Finds a student's submission to a lab. If only one lab is graded, the folder itself may be it.
fn hand_in(student: &Entry, lab: &Lab, the_only: bool) -> HandIn {
    if is_link(&student.path) {
        return HandIn::Unusable(LINK.into());
    }
    let entries = inside(student);
    match named_after(lab, &entries)[..] {
        [entry] => HandIn::at(&entry.path),
        [one, another, ..] => HandIn::Unusable(format!(
            "there are two submissions, {} and {}; keep one of them",
            escape::file_name(&one.name),
            escape::file_name(&another.name)
        )),
        [] if the_only && (Source::find(&student.path).is_ok() || meant_as(lab, &entries).is_none()) => {
            HandIn::at(&student.path)
        }
        [] if student.path.is_dir() => HandIn::Missing(match meant_as(lab, &entries) {
            Some(entry) => {
                format!("nothing was handed in for it; perhaps {} is meant", escape::file_name(&entry.name))
            }
            None => NOTHING.into(),
        }),
        [] => HandIn::Unusable("it is not a folder with a folder or file for each lab".into()),
    }
}

/// The message where no entry has a name like the lab's.
pub(super) const NOTHING: &str = "nothing was handed in for it";

/// The message for a submission that is a link.
const LINK: &str = "it is a symbolic link; hand in the file itself";

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

/// Whether a file is empty, or a folder has nothing that may be a submission.
fn is_empty(path: &Path) -> bool {
    match entries(path) {
        Ok(entries) => entries.iter().all(|entry| is_no_submission(&entry.path).is_some()),
        Err(_) => path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0),
    }
}

/// Returns the entry whose name is most like the lab's, if it is like it at all.
fn meant_as<'a>(lab: &Lab, entries: &'a [Entry]) -> Option<&'a Entry> {
    let nearness = |entry: &Entry| strsim::jaro_winkler(&lab.name, &stem(entry));
    let near =
        entries.iter().filter(|entry| nearness(entry) > 0.9 && is_no_submission(&entry.path).is_none());
    near.max_by(|a, b| nearness(a).total_cmp(&nearness(b)))
}
