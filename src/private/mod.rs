//! A private IPC namespace: queues, semaphores, shared memory and System V
//! objects of one's own, which vanish with the last process inside.
//!
//! `CLONE_NEWIPC` separates queues and System V objects. POSIX semaphores and
//! shared memory are files in /dev/shm, so a mount namespace and a fresh tmpfs
//! over it separate those. `CLONE_NEWUSER` lets an ordinary user do all this,
//! and gives root, too, an account of its own for `RLIMIT_MSGQUEUE`.
//!
//! Everything in [`Namespace::enter`] may run between fork and exec of a process with
//! several threads, so it allocates nothing: what needs memory is prepared by
//! [`Namespace::new`].
#![allow(unsafe_code)]

mod mounts;
mod processes;
mod refused;
mod user_namespace;
mod users;

pub use refused::Refused;
pub use user_namespace::UserNamespace;
pub(crate) use users::IdMaps;

use crate::call::{Errno, Result};
use crate::capability::capset_none;
use mounts::mount_private_file_systems;
use nix::unistd::{Gid, Uid, getegid, geteuid};
use processes::enter_process_namespace;
use refused::refused;
use std::os::unix::process::CommandExt;
use std::process::Command;
use users::separate;

/// What becomes of the capabilities that a user has in a namespace of its own.
#[derive(Clone, Copy, Debug)]
enum Capabilities {
    /// An ordinary user's are dropped. Root is to stay what it is.
    AsOutside,
    Kept,
    /// The process gives up what this function says.
    Confined(fn() -> Result<()>),
}

/// A private namespace that one process is about to enter.
#[derive(Debug)]
pub struct Namespace {
    maps: IdMaps,
    root: bool,
    mqueue: bool,
    processes: bool,
    capabilities: Capabilities,
}

impl Namespace {
    /// Prepares a namespace for the user that calls. (The ids have to be read
    /// now: inside, until they are mapped, they read as the overflow uid.)
    #[must_use]
    pub fn new() -> Self {
        Namespace::of(geteuid(), getegid())
    }

    /// Prepares a namespace for a process that will be this user when it enters.
    #[must_use]
    pub fn of(uid: Uid, gid: Gid) -> Self {
        Namespace {
            maps: IdMaps::of(uid, gid),
            root: uid.is_root(),
            mqueue: true,
            processes: false,
            capabilities: Capabilities::AsOutside,
        }
    }

    /// A namespace in which nothing is mounted on /dev/mqueue.
    #[must_use]
    pub fn without_mqueue(mut self) -> Self {
        self.mqueue = false;
        self
    }

    /// A namespace with processes of its own too, and a /proc that shows no others.
    /// The process that enters is a child of the one that calls [`Namespace::enter`],
    /// which waits for it and ends as it did.
    #[must_use]
    pub fn with_own_processes(mut self) -> Self {
        self.processes = true;
        self
    }

    /// A namespace whose first process keeps every capability over what is inside, so
    /// that it can look into each process there, and divide the namespace further.
    #[must_use]
    pub fn with_capabilities(mut self) -> Self {
        self.capabilities = Capabilities::Kept;
        self
    }

    /// A namespace whose first process calls `confine` while it has every capability over
    /// what is inside. `confine` allocates nothing, and what it gives up, all processes there lack.
    #[must_use]
    pub fn confined_by(mut self, confine: fn() -> Result<()>) -> Self {
        self.capabilities = Capabilities::Confined(confine);
        self
    }

    /// Moves the calling process, which must have one thread, into the namespace.
    pub fn enter(&self) -> std::result::Result<(), Refused> {
        separate(&self.maps)?;
        mount_private_file_systems(self.mqueue)?;
        if self.processes { enter_process_namespace(|| self.give_up()) } else { self.give_up() }
    }

    fn give_up(&self) -> std::result::Result<(), Refused> {
        match self.capabilities {
            // Inside, even an ordinary user would have every capability over
            // what is inside, and no permission check would ever refuse.
            // They are lost at exec; a process that goes on loses them here.
            Capabilities::AsOutside if !self.root => capset_none().map_err(refused("capset")),
            Capabilities::Confined(confine) => confine().map_err(refused("the confinement")),
            Capabilities::AsOutside | Capabilities::Kept => Ok(()),
        }
    }

    /// Makes the command enter the namespace before it runs its program. Where the
    /// namespace is refused, the command does not start, and the error says so.
    pub fn before_exec(self, command: &mut Command) {
        // SAFETY: between fork and exec, `enter` makes system calls only and allocates nothing.
        unsafe { command.pre_exec(move || Ok(self.enter()?)) };
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether this machine lets this user have a private namespace; tried in a child.
pub fn available() -> std::result::Result<(), Refused> {
    let namespace = Namespace::new();
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    Errno::result(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }).map_err(refused("pipe2"))?;
    // SAFETY: the child calls `enter`, which allocates nothing, and leaves by _exit.
    let child = Errno::result(unsafe { libc::fork() }).map_err(refused("fork"))?;
    if child == 0 {
        let answer = namespace.enter();
        // SAFETY: Refused is a pointer to a constant and an integer; both mean
        // the same in the parent, which is the same program.
        unsafe {
            if let Err(refused) = answer {
                libc::write(ends[1], (&raw const refused).cast(), size_of::<Refused>());
            }
            libc::_exit(0);
        }
    }
    let mut refused = std::mem::MaybeUninit::<Refused>::uninit();
    // SAFETY: as many bytes are read as the child wrote of the same type, or none.
    unsafe {
        libc::close(ends[1]);
        let read = Errno::result(libc::read(ends[0], refused.as_mut_ptr().cast(), size_of::<Refused>()));
        libc::close(ends[0]);
        libc::waitpid(child, std::ptr::null_mut(), 0);
        match read {
            Ok(0) => Ok(()),
            Ok(_) => Err(refused.assume_init()),
            Err(errno) => Err(Refused { call: "read from a pipe", errno }),
        }
    }
}
