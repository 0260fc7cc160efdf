//! Grades again after each change, until Ctrl-C. For each lab it grades the file that it started with.

use super::check::{Work, grade};
use super::context::Context;
use super::exercise::{Exercise, Found, display_path};
use ipc_workbook_tools::cli::{Failure, report, show, warn};
use ipc_workbook_tools::workbook::labs::labs;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

/// Milliseconds without a change after which a save is complete: an editor writes a file in several steps.
const QUIET: u8 = 200;

/// After this many changes in a row the files are checked even if the changes do not stop.
const MOST: u32 = 50;

/// A file as it was last seen: its path, its modification time and its size.
type Stamp = (PathBuf, SystemTime, u64);

pub(super) fn watch(context: &Context) -> Result<u8, Failure> {
    let one = context.args.contains_id("lab");
    let labs = if one { vec![context.lab()?] } else { labs(context.root)? };
    // A lab that was named is checked at once. Without a name, only files that change from now on are
    // checked.
    let mut watched_labs = Vec::new();
    for lab in labs {
        let exercise = context.exercise(&lab);
        let watched = if one {
            WatchedLab { file: Some(exercise.needed()?.file), seen: None, is_gone: false }
        } else {
            WatchedLab { file: None, seen: seen(exercise.found().ok().flatten()), is_gone: false }
        };
        watched_labs.push((lab, watched));
    }
    let folder = context.exercises();
    let refused = |errno: &dyn std::fmt::Display| {
        Failure::Machine(format!(
            "cannot watch {}: {errno}; check that the folder exists and that fs.inotify.max_user_watches is large enough",
            display_path(&folder)
        ))
    };
    fs::create_dir_all(&folder).map_err(|error| refused(&error))?;
    let watched = Watched::new().map_err(|error| refused(&error))?;
    let say = |text: &str| if context.json() { Ok(()) } else { show(text) };
    say(&format!("Watching {} until Ctrl-C\n", display_path(&folder)))?;
    loop {
        // Listen first, and look at the files afterwards, so that no change in between is missed.
        watched.listen(&folder).map_err(|error| refused(&error))?;
        for (lab, _) in &watched_labs {
            watched.listen(&context.exercise(lab).folder).map_err(|error| refused(&error))?;
            watched.listen(&context.exercise(lab).folder.join("src")).map_err(|error| refused(&error))?;
        }
        // Compare the files to find a change: a check reads them, which is not a change.
        for (lab, watched) in &mut watched_labs {
            match watched.look(&context.exercise(lab)) {
                Ok(Look::Same) => {}
                Ok(Look::Changed(found)) => {
                    say("\n")?;
                    go_on(grade(context, lab, &Work::found(found)))?;
                }
                Ok(Look::Gone(file)) => warn(&format!(
                    "{} no longer exists; waiting until it exists again; Ctrl-C ends the watch",
                    display_path(&file)
                )),
                Err(failure) => go_on(Err(failure))?,
            }
        }
        watched.wait().map_err(|error| refused(&error))?;
    }
}

/// The folders that are watched, with inotify(7). (The crates for inotify turn on features of crates that a
/// lesson also uses. That would change its first build, and the libraries that submissions in Rust are built
/// with.)
struct Watched(OwnedFd);

#[allow(unsafe_code)]
impl Watched {
    fn new() -> io::Result<Self> {
        // SAFETY: the call takes flags and returns a new descriptor or -1.
        let fd = Errno::result(unsafe { libc::inotify_init1(libc::IN_CLOEXEC | libc::IN_NONBLOCK) })?;
        // SAFETY: the descriptor was just created, and nobody else owns it.
        Ok(Watched(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Watches a folder from now on, if it exists. Adding a folder twice has no effect.
    fn listen(&self, folder: &Path) -> io::Result<()> {
        const CHANGES: u32 = libc::IN_CLOSE_WRITE
            | libc::IN_MODIFY
            | libc::IN_ATTRIB
            | libc::IN_CREATE
            | libc::IN_DELETE
            | libc::IN_MOVE;
        let path = CString::new(folder.as_os_str().as_bytes())?;
        // SAFETY: the path ends with a NUL byte and outlives the call.
        let watch =
            unsafe { libc::inotify_add_watch(self.0.as_raw_fd(), path.as_ptr(), CHANGES | libc::IN_ONLYDIR) };
        match Errno::result(watch) {
            Ok(_) | Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits for a change, and then until no more changes follow.
    fn wait(&self) -> io::Result<()> {
        let mut within = PollTimeout::NONE;
        let mut buffer = [0; 4096];
        for _ in 0..MOST {
            let mut heard = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
            match poll(&mut heard, within) {
                Ok(0) => return Ok(()),
                // EINTR: this process was stopped and continued.
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            while nix::unistd::read(&self.0, &mut buffer).is_ok_and(|bytes| bytes > 0) {
                within = QUIET.into();
            }
        }
        Ok(())
    }
}

/// A lab that is watched.
struct WatchedLab {
    /// The file that is graded. For a lab that was not named, it is the first file that changes.
    file: Option<PathBuf>,
    /// Its files as they were last seen.
    seen: Option<Vec<Stamp>>,
    /// Whether the user was told that the file no longer exists.
    is_gone: bool,
}

/// The result of a look at a lab's files.
enum Look {
    Same,
    Changed(Found),
    /// The file no longer exists; reported once.
    Gone(PathBuf),
}

impl WatchedLab {
    fn look(&mut self, exercise: &Exercise) -> Result<Look, Failure> {
        let found = match &self.file {
            Some(file) => exercise.found_as(file),
            None => exercise.found(),
        };
        // A file that cannot be graded is reported once, and again when it has changed.
        let found = match found {
            Ok(found) => found,
            Err(failure) => {
                let stamps = self.file.as_ref().and_then(stamp).map(|stamp| vec![stamp]);
                let is_known = stamps.is_some() && stamps == self.seen;
                self.seen = stamps;
                return if is_known { Ok(Look::Same) } else { Err(failure) };
            }
        };
        let Some(found) = found else {
            self.seen = None;
            let is_news = self.file.is_some() && !std::mem::replace(&mut self.is_gone, true);
            return Ok(self.file.clone().filter(|_| is_news).map_or(Look::Same, Look::Gone));
        };
        self.is_gone = false;
        let now = seen(Some(found.clone()));
        if now == self.seen {
            return Ok(Look::Same);
        }
        self.seen = now;
        self.file = Some(found.file.clone());
        Ok(Look::Changed(found))
    }
}

/// Returns the stamps of an exercise's files.
fn seen(found: Option<Found>) -> Option<Vec<Stamp>> {
    found.map(|found| found.source.files().iter().filter_map(stamp).collect())
}

fn stamp(file: &PathBuf) -> Option<Stamp> {
    let meta = fs::metadata(file).ok()?;
    Some((file.clone(), meta.modified().ok()?, meta.len()))
}

/// Reports an error and continues if the next change to the file may correct it. A machine that cannot grade
/// ends the watch, because it would not grade then either.
fn go_on(checked: Result<u8, Failure>) -> Result<(), Failure> {
    match checked {
        Err(failure @ (Failure::Machine(_) | Failure::Reported(_))) => Err(failure),
        Err(failure) => {
            report(&failure);
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}
