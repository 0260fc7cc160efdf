//! A private IPC namespace, with its own queues, semaphores, shared memory and System V
//! objects. They vanish with the last process inside.
//!
//! `CLONE_NEWIPC` separates queues and System V objects. POSIX semaphores and
//! shared memory are files in /dev/shm; a mount namespace with a new tmpfs
//! on /dev/shm separates those. `CLONE_NEWUSER` lets an ordinary user do all this.
//! It also gives each user, even root, a separate sum for `RLIMIT_MSGQUEUE`.
//!
//! [`Namespace::enter`] may run between fork and exec of a process with
//! several threads, so it allocates no memory. [`Namespace::new`] prepares everything that
//! needs memory.
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

/// Which capabilities a process keeps in its own namespace.
#[derive(Clone, Copy, Debug)]
enum Capabilities {
    /// The same as outside: an ordinary user drops all, and root keeps all.
    AsOutside,
    /// All of them.
    Kept,
    /// The ones that this function does not drop.
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
    /// Prepares a namespace for the calling user. (The ids must be read
    /// now: inside, they read as the overflow uid until they are mapped.)
    #[must_use]
    pub fn new() -> Self {
        Namespace::of(geteuid(), getegid())
    }

    /// Prepares a namespace for a process that will run as this user when it enters.
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

    /// Mounts nothing on /dev/mqueue in the namespace.
    #[must_use]
    pub fn without_mqueue(mut self) -> Self {
        self.mqueue = false;
        self
    }

    /// Adds a PID namespace, with a /proc that shows only its processes.
    /// A child of the process that calls [`Namespace::enter`] enters the namespace. The caller
    /// waits for the child, and ends with the same exit code.
    #[must_use]
    pub fn with_own_processes(mut self) -> Self {
        self.processes = true;
        self
    }

    /// Lets the first process keep all capabilities inside the namespace. It can then look into all
    /// processes there, and make further namespaces.
    #[must_use]
    pub fn with_capabilities(mut self) -> Self {
        self.capabilities = Capabilities::Kept;
        self
    }

    /// Lets the first process call `confine` while it has all capabilities inside the namespace. `confine`
    /// must allocate no memory. All processes of the namespace lack what it drops.
    #[must_use]
    pub fn confined_by(mut self, confine: fn() -> Result<()>) -> Self {
        self.capabilities = Capabilities::Confined(confine);
        self
    }

    /// Moves the calling process into the namespace. The process must have one thread.
    pub fn enter(&self) -> std::result::Result<(), Refused> {
        separate(&self.maps)?;
        mount_private_file_systems(self.mqueue)?;
        if self.processes { enter_process_namespace(|| self.give_up()) } else { self.give_up() }
    }

    fn give_up(&self) -> std::result::Result<(), Refused> {
        match self.capabilities {
            // Inside, even an ordinary user has all capabilities, so no
            // permission check would refuse anything. exec would drop them;
            // a process that does not exec must drop them here.
            Capabilities::AsOutside if !self.root => capset_none().map_err(refused("capset")),
            Capabilities::Confined(confine) => confine().map_err(refused("the confinement")),
            Capabilities::AsOutside | Capabilities::Kept => Ok(()),
        }
    }

    /// Makes the command enter the namespace before it runs its program. If the kernel
    /// refuses the namespace, starting the command returns an error.
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

/// Returns `Ok` if this user can make a private namespace on this machine. A child tries it.
pub fn available() -> std::result::Result<(), Refused> {
    let namespace = Namespace::new();
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    Errno::result(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }).map_err(refused("pipe2"))?;
    // SAFETY: the child calls `enter`, which allocates nothing, and leaves by _exit.
    let child = Errno::result(unsafe { libc::fork() }).map_err(refused("fork"))?;
    if child == 0 {
        let answer = namespace.enter();
        // SAFETY: Refused is a pointer to a constant and an integer. Both are also
        // valid in the parent, which is the same program.
        unsafe {
            if let Err(refused) = answer {
                libc::write(ends[1], (&raw const refused).cast(), size_of::<Refused>());
            }
            libc::_exit(0);
        }
    }
    let mut refused = std::mem::MaybeUninit::<Refused>::uninit();
    // SAFETY: the child has written either a whole Refused or nothing.
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
