//! Containers: a process in namespaces of its own, and other processes that join it.

use super::cleanup;
use super::speak::Lesson;
use crate::call::{Call, Listener};
use crate::fcntl::{open, out_of_the_way};
use crate::observe::Unseen;
use crate::private::Namespace;
use crate::sched::setns;
use libc::{CLONE_NEWIPC, CLONE_NEWNS, CLONE_NEWUSER, O_RDONLY, ino_t};
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, fstat, stat};
use nix::unistd::mkdir;
use std::ffi::{CStr, CString, c_int};
use std::os::fd::OwnedFd;

/// The namespaces of a process. They exist as long as this value, even if the process ends.
#[derive(Debug)]
pub struct Namespaces {
    user: OwnedFd,
    ipc: OwnedFd,
    mounts: OwnedFd,
}

impl Namespaces {
    /// Opens the namespaces that the process is in now.
    pub fn of(pid: i32) -> Result<Self, Unseen> {
        let open = |kind: &str| {
            let path = format!("/proc/{pid}/ns/{kind}");
            let file = CString::new(path.as_str()).map_err(|nul| Unseen(nul.to_string()))?;
            open(&file, O_RDONLY, 0)
                .map(out_of_the_way)
                .map_err(|errno| Unseen(format!("open {path}: {errno:?}")))
        };
        Ok(Namespaces { user: open("user")?, ipc: open("ipc")?, mounts: open("mnt")? })
    }

    /// Returns the file of the IPC namespace.
    #[must_use]
    pub fn ipc(&self) -> &OwnedFd {
        &self.ipc
    }

    /// Returns the file of the user namespace.
    #[must_use]
    pub fn user(&self) -> &OwnedFd {
        &self.user
    }
}

impl Lesson {
    /// Moves this process into a container: new user, IPC and mount namespaces, with a /dev/shm and a
    /// /dev/mqueue of their own, and with all capabilities there. It must not be the lesson's first process.
    pub fn become_container(&self) -> Result<(), Unseen> {
        let user = user_namespace();
        Namespace::new().with_capabilities().enter()?;
        let new_user = if user_namespace() == user { "" } else { "|CLONE_NEWUSER" };
        let text = format!("unshare(CLONE_NEWIPC{new_user}|CLONE_NEWNS)");
        self.called(Call { name: "unshare", text, result: Ok("0".into()) });
        self.note("mounted: an empty /dev/shm, and mqueue on /dev/mqueue");
        settle();
        Ok(())
    }

    /// Makes a directory in the /dev/shm of this container, which ends with the container.
    pub fn make_directory(&self, path: &CStr) -> Result<(), Unseen> {
        if !cleanup::is_apart() {
            return Err(Unseen("the /dev/shm of this process belongs to other programs too".into()));
        }
        self.note(&format!("mkdir {}", path.to_bytes().escape_ascii()));
        mkdir(path, Mode::S_IRWXU).map_err(|errno| Unseen(format!("mkdir: {errno:?}")))
    }

    /// Moves this process into the user namespace of a container, where it has all capabilities, and then
    /// into `which` of the others: `CLONE_NEWIPC`, `CLONE_NEWNS` or both.
    pub fn join(&self, container: &Namespaces, which: c_int) -> Result<(), Unseen> {
        let refused = |errno| Unseen(format!("setns: {errno:?}"));
        // Where there are no user namespaces, root needs none.
        if !is_mine(&container.user) {
            setns(&container.user, CLONE_NEWUSER).map_err(refused)?;
        }
        for (file, kind) in [(&container.ipc, CLONE_NEWIPC), (&container.mounts, CLONE_NEWNS)] {
            if which & kind != 0 {
                setns(file, kind).map_err(refused)?;
            }
        }
        settle();
        Ok(())
    }
}

/// What a process does after it has changed its namespaces.
fn settle() {
    // The kernel clears the parent-death signal when a process gains capabilities.
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
    cleanup::go_apart();
}

/// Returns whether this process is in that user namespace.
fn is_mine(user: &OwnedFd) -> bool {
    fstat(user).is_ok_and(|theirs| user_namespace() == Some(theirs.st_ino))
}

/// Returns the number of this process's user namespace.
fn user_namespace() -> Option<ino_t> {
    stat("/proc/self/ns/user").ok().map(|mine| mine.st_ino)
}
