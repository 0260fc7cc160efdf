//! Which lessons a reader has run to their end: one line of a file for each run, which the menu
//! reads. It is the only thing that a lesson leaves behind.
//!
//! The file is `finished` in the folder that XDG gives to such files. [`VARIABLE`] names another
//! one; if it is set and empty, nothing is noted. A reader who cannot write there (a full disk, a
//! home that is read-only) still has the lesson, so a line that cannot be written is no failure.
//! The tools' store would replace a whole file under a lock. This one only grows, by lines that a
//! single `write` appends, so thirty lessons of one user may end at once.

use crate::narrate::Tally;
use crate::state;
use nix::sys::stat::{Mode, umask};
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The variable that names another file, or, if it is empty, none.
pub const VARIABLE: &str = "IPC_WORKBOOK_FINISHED";

/// A run that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The lesson's name.
    pub lesson: String,
    /// How its claims fared.
    pub tally: Tally,
}

/// The file in which this reader's runs are noted, if they are.
#[must_use]
pub fn file() -> Option<PathBuf> {
    match std::env::var_os(VARIABLE) {
        Some(none) if none.is_empty() => None,
        Some(named) => Some(named.into()),
        None => Some(state::folder()?.join("finished")),
    }
}

/// The same file, if a run of this program is to be noted there. Unless the reader has named the
/// file, only a run counts that somebody watches: a test, a script and `verify` leave nothing behind.
#[must_use]
pub fn file_to_note_in() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).is_some();
    file().filter(|_| named || (is_watched() && !is_the_home_of_another()))
}

/// Notes that this lesson has come to its end.
pub(super) fn note(lesson: &str, tally: Tally) {
    if let Some(file) = file_to_note_in() {
        // The lesson may have set any umask, and 0 would let everybody write here.
        umask(Mode::from_bits_truncate(0o077));
        let _ = append(&file, &Finished { lesson: lesson.into(), tally });
    }
}

/// Appends a run, to a file that only its owner reads.
pub fn append(file: &Path, run: &Finished) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    let Finished { lesson, tally: Tally { held, failed, unseen } } = run;
    // In one call, so that two lines never mix.
    file.write_all(format!("{lesson} {held} {failed} {unseen}\n").as_bytes())
}

/// The runs that are noted in this file, the earliest first. What is no such line is passed over.
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

/// Whether somebody watches: on a terminal, or through a pager, `| less`.
fn is_watched() -> bool {
    io::stdout().is_terminal() || (io::stdin().is_terminal() && io::stderr().is_terminal())
}

/// Whether HOME belongs to somebody else, as under `sudo -E`: root would leave a folder there that
/// its owner cannot write to.
fn is_the_home_of_another() -> bool {
    let home = std::env::var_os("HOME").and_then(|home| std::fs::metadata(home).ok());
    home.is_some_and(|home| home.uid() != nix::unistd::geteuid().as_raw())
}
