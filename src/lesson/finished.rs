//! Records which lessons a reader has run to the end: one line of a file for each run. The menu reads
//! the file. It is the only thing that a lesson leaves behind.
//!
//! The file is `finished` in the workbook's XDG state folder. [`VARIABLE`] names another file; if the
//! variable is set and empty, nothing is recorded. A line that cannot be written (a full disk, a
//! read-only home) is no failure, since the lesson has done its work.
//! The tools' store replaces a whole file under a lock. This file needs no lock: a single
//! `write` appends each line, so thirty lessons of one user may end at the same time.

use crate::narrate::Tally;
use crate::state;
use nix::sys::stat::{Mode, umask};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The environment variable that names another file. If it is empty, nothing is recorded.
pub const VARIABLE: &str = "IPC_WORKBOOK_FINISHED";

/// A run that reached the end of its lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The lesson's name.
    pub lesson: String,
    /// How many of its claims held, failed and were not seen.
    pub tally: Tally,
}

/// Returns the file in which this reader's runs are recorded; `None` if they are not recorded.
#[must_use]
pub fn file() -> Option<PathBuf> {
    match std::env::var_os(VARIABLE) {
        Some(none) if none.is_empty() => None,
        Some(named) => Some(named.into()),
        None => Some(state::folder()?.join("finished")),
    }
}

/// Returns the same file, if this run should be recorded there. Unless the reader has named the file, only
/// a run that somebody watches is recorded: a test, a script and `verify` leave nothing behind.
#[must_use]
pub fn file_to_note_in() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).is_some();
    file().filter(|_| named || (is_watched() && !is_the_home_of_another()))
}

/// Records that this lesson has reached its end.
pub(super) fn note(lesson: &str, tally: Tally) {
    if let Some(file) = file_to_note_in() {
        // The lesson may have set any umask. With a umask of 0 everybody could write here.
        umask(Mode::from_bits_truncate(0o077));
        let _ = append(&file, &Finished { lesson: lesson.into(), tally });
    }
}

/// Appends a run to the file. A new file is readable by its owner only.
pub fn append(file: &Path, run: &Finished) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    let Finished { lesson, tally: Tally { held, failed, unseen } } = run;
    // In one call, so that two lines never mix.
    file.write_all(format!("{lesson} {held} {failed} {unseen}\n").as_bytes())
}

/// Returns the runs that are recorded in this file, the earliest first. Skips lines in another format.
#[must_use]
pub fn runs(file: &Path) -> Vec<Finished> {
    let text = std::fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Finished> {
    let mut words = line.split(' ');
    let lesson = words.next().filter(|name| !name.is_empty())?.to_string();
    let mut number = || words.next()?.parse().ok();
    let tally = Tally { held: number()?, failed: number()?, unseen: number()? };
    words.next().is_none().then_some(Finished { lesson, tally })
}

/// Returns whether somebody watches the run: on a terminal, or in a pager, `| less`.
fn is_watched() -> bool {
    io::stdout().is_terminal() || (io::stdin().is_terminal() && io::stderr().is_terminal())
}

/// Returns whether HOME belongs to another user, as under `sudo -E`. Root would create a folder there that
/// the owner of HOME cannot write to.
fn is_the_home_of_another() -> bool {
    let home = std::env::var_os("HOME").and_then(|home| std::fs::metadata(home).ok());
    home.is_some_and(|home| home.uid() != nix::unistd::geteuid().as_raw())
}
