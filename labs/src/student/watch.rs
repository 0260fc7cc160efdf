//! The grade again after each change, until Ctrl-C.

use super::check::{Work, grade};
use super::context::Context;
use super::exercise::{Found, display_path};
use ipc_workbook_tools::cli::{Failure, report, show};
use ipc_workbook_tools::workbook::labs::{Lab, labs};
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
    let mut seen = vec![None; labs.len()];
    for (lab, seen) in labs.iter().zip(&mut seen) {
        if one {
            context.exercise(lab).needed()?;
        } else {
            *seen = stamps(context, lab)?.map(|(_, stamps)| stamps);
        }
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
        for lab in &labs {
            watched.listen(&context.exercise(lab).folder).map_err(|error| refused(&error))?;
            watched.listen(&context.exercise(lab).folder.join("src")).map_err(|error| refused(&error))?;
        }
        // What has changed is seen by looking: a check reads the files, and that is no change.
        for (lab, seen) in labs.iter().zip(&mut seen) {
            let now = match stamps(context, lab) {
                Ok(Some((_, stamps))) if Some(&stamps) == seen.as_ref() => continue,
                Ok(Some((found, stamps))) => {
                    say("\n")?;
                    go_on(grade(context, lab, &Work::found(found)))?;
                    Some(stamps)
                }
                Ok(None) => None,
                Err(failure) => go_on(Err(failure)).map(|()| None)?,
            };
            *seen = now;
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

/// What is to be checked now, and what its files are like.
fn stamps(context: &Context, lab: &Lab) -> Result<Option<(Found, Vec<Stamp>)>, Failure> {
    let Some(found) = context.exercise(lab).found()? else { return Ok(None) };
    let stamp = |file: &PathBuf| {
        let meta = fs::metadata(file).ok()?;
        Some((file.clone(), meta.modified().ok()?, meta.len()))
    };
    let stamps = found.source.files().iter().filter_map(stamp).collect();
    Ok(Some((found, stamps)))
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
