//! The grade again after each change, until Ctrl-C. Of each lab the file with which it began is graded.

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

/// An editor writes a file in several steps; nobody types so fast as to save twice within
/// so many milliseconds.
const QUIET: u8 = 200;

/// Who writes without end is looked at all the same after so many changes.
const MOST: u32 = 50;

/// What a file was like when it was last checked.
type Stamp = (PathBuf, SystemTime, u64);

pub(super) fn watch(context: &Context) -> Result<u8, Failure> {
    let one = context.args.contains_id("lab");
    let labs = if one { vec![context.lab()?] } else { labs(context.root)? };
    // One that is named is checked at once; of all others only what changes from now on.
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
            "cannot watch {}: {errno}; is it there, and fs.inotify.max_user_watches large enough?",
            display_path(&folder)
        ))
    };
    fs::create_dir_all(&folder).map_err(|error| refused(&error))?;
    let watched = Watched::new().map_err(|error| refused(&error))?;
    let say = |text: &str| if context.json() { Ok(()) } else { show(text) };
    say(&format!("Watching {} until Ctrl-C\n", display_path(&folder)))?;
    loop {
        // First heard, then looked at: what changes in between is heard.
        watched.listen(&folder).map_err(|error| refused(&error))?;
        for (lab, _) in &watched_labs {
            watched.listen(&context.exercise(lab).folder).map_err(|error| refused(&error))?;
            watched.listen(&context.exercise(lab).folder.join("src")).map_err(|error| refused(&error))?;
        }
        // What has changed is seen by looking: a check reads the files, and that is no change.
        for (lab, watched) in &mut watched_labs {
            match watched.look(&context.exercise(lab)) {
                Ok(Look::Same) => {}
                Ok(Look::Changed(found)) => {
                    say("\n")?;
                    go_on(grade(context, lab, &Work::found(found)))?;
                }
                Ok(Look::Gone(file)) => warn(&format!(
                    "{} is gone; watch waits until it is there again, and Ctrl-C ends it",
                    display_path(&file)
                )),
                Err(failure) => go_on(Err(failure))?,
            }
        }
        watched.wait().map_err(|error| refused(&error))?;
    }
}

/// The folders in which changes are heard: inotify(7). (The libraries for this turn on features
/// of crates that a lesson has too; its first build, and what submissions in Rust are built
/// against, would change with them.)
struct Watched(OwnedFd);

#[allow(unsafe_code)]
impl Watched {
    fn new() -> io::Result<Self> {
        // SAFETY: the call takes flags, and returns a new descriptor or -1.
        let fd = Errno::result(unsafe { libc::inotify_init1(libc::IN_CLOEXEC | libc::IN_NONBLOCK) })?;
        // SAFETY: it has just been made, and is nobody else's.
        Ok(Watched(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Hears of this folder from now on, if it is there. One that it knows it hears no louder.
    fn listen(&self, folder: &Path) -> io::Result<()> {
        const CHANGES: u32 = libc::IN_CLOSE_WRITE
            | libc::IN_MODIFY
            | libc::IN_ATTRIB
            | libc::IN_CREATE
            | libc::IN_DELETE
            | libc::IN_MOVE;
        let path = CString::new(folder.as_os_str().as_bytes())?;
        // SAFETY: the path ends in a NUL, and outlives the call.
        let watch =
            unsafe { libc::inotify_add_watch(self.0.as_raw_fd(), path.as_ptr(), CHANGES | libc::IN_ONLYDIR) };
        match Errno::result(watch) {
            Ok(_) | Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits for a change, and until those that come with it are over.
    fn wait(&self) -> io::Result<()> {
        let mut within = PollTimeout::NONE;
        let mut buffer = [0; 4096];
        for _ in 0..MOST {
            let mut heard = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
            match poll(&mut heard, within) {
                Ok(0) => return Ok(()),
                // Stopped and continued.
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
    /// The file that is graded; of a lab that was not named, the first that changes.
    file: Option<PathBuf>,
    /// What its files were like when they were last looked at.
    seen: Option<Vec<Stamp>>,
    /// Whether it has been said that the file is gone.
    is_gone: bool,
}

/// What a look at a lab's files has shown.
enum Look {
    Same,
    Changed(Found),
    /// For the first time since it was there.
    Gone(PathBuf),
}

impl WatchedLab {
    fn look(&mut self, exercise: &Exercise) -> Result<Look, Failure> {
        let found = match &self.file {
            Some(file) => exercise.found_as(file),
            None => exercise.found(),
        };
        // A file that cannot be graded is told of once, and then when it has changed.
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

/// What the files of an exercise are like.
fn seen(found: Option<Found>) -> Option<Vec<Stamp>> {
    found.map(|found| found.source.files().iter().filter_map(stamp).collect())
}

fn stamp(file: &PathBuf) -> Option<Stamp> {
    let meta = fs::metadata(file).ok()?;
    Some((file.clone(), meta.modified().ok()?, meta.len()))
}

/// What is wrong with a file may be mended with its next change; a machine that cannot grade
/// will not do so then either.
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
