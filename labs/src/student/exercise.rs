//! The student's own copy of a lab: `exercises/LAB/main.rs`, `main.c` or `main.sh` in the workbook's folder,
//! where git ignores it.
//!
//! There may be several files. The one that was changed last is checked, so a student who continues in
//! another language need not say so.

use crate::submission::Source;
use ipc_workbook_tools::cli::{Failure, escape};
use ipc_workbook_tools::store::replace_with;
use ipc_workbook_tools::workbook::labs::{Lab, Language};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The command that starts `lab`, as shown to students.
pub(super) const CALL: &str = "cargo run --bin lab --";

/// A student's copy of a lab.
#[derive(Debug)]
pub(super) struct Exercise<'a> {
    lab: &'a Lab,
    pub(super) folder: PathBuf,
}

/// The files that are checked.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The file that was changed last, or that was asked for.
    pub(super) file: PathBuf,
    pub(super) source: Source,
    /// The files beside it that are not part of it.
    pub(super) older: Vec<PathBuf>,
}

/// The result of a reset.
#[derive(Debug)]
pub(super) struct Reset {
    pub(super) file: PathBuf,
    /// The copy of the student's file; `None` if there was nothing to keep.
    pub(super) kept: Option<PathBuf>,
}

impl<'a> Exercise<'a> {
    pub(super) fn new(lab: &'a Lab, exercises: &Path) -> Self {
        Exercise { lab, folder: exercises.join(&lab.name) }
    }

    /// Returns the file that was changed last, and the source that it belongs to; `None` if there is no file.
    pub(super) fn found(&self) -> Result<Option<Found>, Failure> {
        let mut files = self.files();
        files.pop().map(|file| Found::of(file, files)).transpose()
    }

    /// Returns the same for this file, even if another one was changed last.
    pub(super) fn found_as(&self, file: &Path) -> Result<Option<Found>, Failure> {
        let (mut this, others) = self.files().into_iter().partition::<Vec<_>, _>(|other| other == file);
        this.pop().map(|file| Found::of(file, others)).transpose()
    }

    /// Returns all files that may be the exercise, in the order in which they were changed.
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        let inside = entries.filter_map(|entry| Some(entry.ok()?.path()));
        for file in inside.chain([self.folder.join("src/main.rs")]).filter(|file| Source::may_be(file)) {
            if let Ok(meta) = fs::metadata(&file)
                && meta.is_file()
            {
                files.push((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), file));
            }
        }
        // Files that were changed at the same time are ordered by name.
        files.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
        files.into_iter().map(|(_, file)| file).collect()
    }

    /// Like [`Exercise::found`], but it is an error if there is no exercise.
    pub(super) fn needed(&self) -> Result<Found, Failure> {
        self.found()?.ok_or_else(|| {
            Failure::Usage(format!(
                "there is no exercise in {}; create one with {CALL} show {}, or grade another program with --program PATH",
                display_path(&self.folder),
                self.lab.name
            ))
        })
    }

    /// Returns the language asked for, if the lab has a starter in it; otherwise the language that the
    /// student has begun in, or else the lab's first.
    pub(super) fn language(&self, asked: Option<Language>) -> Result<Language, Failure> {
        let has = self.lab.languages();
        let begun = || {
            let found = self.found().ok().flatten()?;
            has.iter().copied().find(|language| found.file == self.file(*language))
        };
        let wanted = asked.or_else(begun).or_else(|| has.first().copied());
        wanted.filter(|language| has.contains(language)).ok_or_else(|| {
            let names: Vec<&str> = has.iter().map(|language| language.name()).collect();
            Failure::Usage(format!(
                "{} has no starter in that language; it has {}",
                self.lab.name,
                names.join(", ")
            ))
        })
    }

    fn file(&self, language: Language) -> PathBuf {
        self.folder.join("main").with_extension(language.extension())
    }

    /// Returns the path of the program that `build` makes.
    pub(super) fn program(&self) -> PathBuf {
        self.folder.join("program")
    }

    /// Creates the file from the starter if it does not exist. Returns its path, and whether it was created.
    pub(super) fn begin(&self, language: Language) -> Result<(PathBuf, bool), Failure> {
        let file = self.file(language);
        if fs::symlink_metadata(&file).is_ok() {
            return Ok((file, false));
        }
        let starter = starter(self.lab, language)?;
        lay(&file, &starter).map_err(|error| refused(&file, &error))?;
        Ok((file, true))
    }

    /// Replaces the file by the starter. The student's version is kept beside it, with a number.
    pub(super) fn reset(&self, language: Language) -> Result<Reset, Failure> {
        let file = self.file(language);
        let starter = starter(self.lab, language)?;
        let refused = |error: io::Error| refused(&file, &error);
        let kept = match fs::read(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(refused(error)),
            Ok(text) if text == starter => return Ok(Reset { file, kept: None }),
            Ok(text) => Some(keep(&file, &text).map_err(refused)?),
        };
        lay(&file, &starter).map_err(refused)?;
        Ok(Reset { file, kept })
    }
}

impl Found {
    /// Returns this file with the files that belong to it. `others` are in the order in which they were
    /// changed.
    fn of(file: PathBuf, others: Vec<PathBuf>) -> Result<Self, Failure> {
        let c = |path: &Path| path.extension().is_some_and(|end| end == "c");
        let mut older: Vec<PathBuf> = others.into_iter().rev().collect();
        let source = if c(&file) {
            // A program in C may consist of several files.
            let (mut parts, others) = older.into_iter().partition::<Vec<_>, _>(|path| c(path));
            older = others;
            parts.push(file.clone());
            parts.sort();
            Source::C(parts)
        } else {
            Source::find(&file).map_err(|why| Failure::Usage(format!("{}: {why}", display_path(&file))))?
        };
        Ok(Found { file, source, older })
    }
}

/// Writes the whole file, or leaves it as it was.
fn lay(file: &Path, text: &[u8]) -> io::Result<()> {
    let mode = if file.extension().is_some_and(|end| end == "sh") { 0o755 } else { 0o644 };
    replace_with(file, text, Some(mode))
}

/// Copies a text to `main.rs.1`, or to the next free number.
fn keep(file: &Path, text: &[u8]) -> io::Result<PathBuf> {
    for n in 1_u32.. {
        let mut kept = file.as_os_str().to_owned();
        kept.push(format!(".{n}"));
        let kept = PathBuf::from(kept);
        match OpenOptions::new().write(true).create_new(true).open(&kept) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(mut copy) => {
                let written = copy.write_all(text).and_then(|()| copy.sync_all());
                if written.is_err() {
                    let _ = fs::remove_file(&kept);
                }
                return written.map(|()| kept);
            }
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn starter(lab: &Lab, language: Language) -> Result<Vec<u8>, Failure> {
    let file = lab.file("starter", language);
    fs::read(&file).map_err(|error| Failure::Machine(format!("cannot read {}: {error}", file.display())))
}

fn refused(file: &Path, error: &io::Error) -> Failure {
    Failure::Machine(format!(
        "cannot write {}: {error}; name another folder with --exercises FOLDER. The old file is unchanged",
        display_path(file)
    ))
}

/// Returns a path relative to the working directory if it is inside it; otherwise the whole path.
pub(super) fn short(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

/// Returns a path for printing, with control characters escaped.
pub(super) fn display_path(path: &Path) -> String {
    escape(&short(path))
}
