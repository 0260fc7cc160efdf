//! A user namespace in which single calls can be made, while this process stays outside.
//!
//! The kernel counts some resources separately for each user of each user namespace. A resource in a new
//! user namespace has its own sum, which no other program of the same user can change.
//!
//! A process cannot leave a user namespace again, so a child makes the call. The child shares this
//! process's memory and descriptors (`CLONE_VM`, `CLONE_FILES`), and this process waits until
//! the child has ended (`CLONE_VFORK`). A descriptor that the child opens is therefore open here too.

use super::refused::{Refused, refused};
use super::users::IdMaps;
use crate::call::Errno;
use crate::fcntl::out_of_the_way;
use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, setns};
use nix::sys::stat::Mode;
use nix::unistd::{getegid, geteuid};
use std::ffi::{c_int, c_void};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The size of the child's stack. Pages that it never touches use no memory.
const STACK: usize = 1 << 20;

/// A user namespace. It exists as long as this value.
#[derive(Debug)]
pub struct UserNamespace {
    file: OwnedFd,
}

impl UserNamespace {
    /// Makes a user namespace that has only this user and this group.
    pub fn new() -> Result<Self, Refused> {
        let (uid, gid) = (geteuid(), getegid());
        let maps = IdMaps::of_one((uid, uid), (gid, gid));
        let made = in_child(CloneFlags::CLONE_NEWUSER, || {
            maps.write()?;
            open("/proc/self/ns/user", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())
                .map_err(refused("open /proc/self/ns/user"))
        });
        let file = made.map_err(refused("clone(CLONE_NEWUSER)"))??;
        Ok(UserNamespace { file: out_of_the_way(file) })
    }

    /// Runs `body` inside the namespace, in a child that has all capabilities there. Descriptors that `body`
    /// opens are open in this process too, and its changes to memory are visible here.
    pub fn inside<T>(&self, body: impl FnOnce() -> T) -> Result<T, Refused> {
        let entered = in_child(CloneFlags::empty(), || {
            setns(&self.file, CloneFlags::CLONE_NEWUSER).map_err(refused("setns"))?;
            Ok(body())
        });
        entered.map_err(refused("clone"))?
    }
}

/// Runs `body` in a child that shares this process's memory and descriptors. This process
/// waits until the child has ended.
fn in_child<F: FnOnce() -> T, T>(flags: CloneFlags, body: F) -> Result<T, Errno> {
    let mut job = Job { body: Some(body), result: None };
    let mut stack = vec![0u8; STACK];
    let shared = libc::CLONE_VM | libc::CLONE_FILES | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the child runs on a stack of its own. This process, which has one thread, is
    // suspended until the child has ended, so nobody else uses the memory meanwhile, and
    // `stack` and `job` outlive the child.
    let child = Errno::result(unsafe {
        let top = stack.as_mut_ptr().add(STACK).map_addr(|top| top & !15);
        libc::clone(run::<F, T>, top.cast(), shared | flags.bits(), (&raw mut job).cast())
    })?;
    // The child has ended. If it cannot be reaped, its result is still valid.
    // SAFETY: a null status is allowed.
    unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    match job.result {
        Some(Ok(value)) => Ok(value),
        Some(Err(panic)) => resume_unwind(panic),
        None => Err(Errno::EINTR), // a signal ended it
    }
}

struct Job<F, T> {
    body: Option<F>,
    result: Option<std::thread::Result<T>>,
}

extern "C" fn run<F: FnOnce() -> T, T>(job: *mut c_void) -> c_int {
    // SAFETY: `in_child` passes a pointer to a job of this type, which nobody else uses meanwhile.
    let job = unsafe { &mut *job.cast::<Job<F, T>>() };
    job.result = job.body.take().map(|body| catch_unwind(AssertUnwindSafe(body)));
    0
}
