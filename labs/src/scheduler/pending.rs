//! A call that is announced before it is made, as the kernel's seccomp notifications tell it.

use crate::sandbox::{Fault, call_name};

use ipc_workbook::observe::memory_of;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

/// A call that a process is about to make, and makes when it is let go on.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// Which of the scheduled programs, in the order of their start. (What a program forks
    /// counts as itself.)
    pub(crate) program: usize,
    pub(crate) pid: i32,
    /// The system call's name; `semop` is `semop` or `semtimedop`, as the C library likes.
    pub(crate) name: String,
    /// For calls that take a path, the path.
    pub(crate) path: Option<String>,
    /// Its arguments, as the kernel is given them: flags, identifiers, commands.
    pub(crate) args: [u64; 6],
    number: i32,
    id: u64,
}

impl Pending {
    /// Whether it is this call.
    pub(crate) fn is(&self, call: &str) -> bool {
        self.name == call
    }

    /// Whether it is a msgsnd or msgrcv that waits if it has to: without IPC_NOWAIT.
    pub(crate) fn may_wait(&self) -> bool {
        let flags = match self.name.as_str() {
            "msgsnd" => self.args[3],
            "msgrcv" => self.args[4],
            _ => return false,
        };
        flags & u64::from(libc::IPC_NOWAIT.cast_unsigned()) == 0
    }

    /// Whether it is a semop that takes from semaphore 0, and waits until that is possible.
    pub(crate) fn waits_for_semaphore_0(&self) -> bool {
        const SEMBUF: usize = size_of::<libc::sembuf>();
        if !self.is("semop") && !self.is("semtimedop") {
            return false;
        }
        let count = usize::try_from(self.args[2]).unwrap_or(0).min(16);
        let Some(operations) = self.memory(1, count * SEMBUF) else { return false };
        let number = |operation: &[u8], at: usize| i16::from_ne_bytes([operation[at], operation[at + 1]]);
        operations.chunks_exact(SEMBUF).any(|operation| {
            let [semaphore, change, flags] = [0, 2, 4].map(|at| number(operation, at));
            semaphore == 0 && change < 0 && i32::from(flags) & libc::IPC_NOWAIT == 0
        })
    }

    /// How long it sleeps, if it does nothing else. A sleep until a moment is one as long as that.
    pub(crate) fn sleeps_for(&self) -> Option<Duration> {
        match self.name.as_str() {
            "nanosleep" => self.timespec(0),
            "clock_nanosleep" => self.timespec(2),
            _ => None,
        }
    }

    /// The `struct timespec` that an argument points to: seconds and nanoseconds.
    pub(crate) fn timespec(&self, arg: usize) -> Option<Duration> {
        let bytes = self.memory(arg, 16)?;
        let [seconds, nanoseconds] = [0, 8].map(|at| {
            let number = bytes[at..at + 8].try_into().unwrap_or_default();
            u64::try_from(i64::from_ne_bytes(number)).ok()
        });
        Some(Duration::from_secs(seconds?) + Duration::from_nanos(nanoseconds?))
    }

    /// So many bytes of what an argument points to.
    pub(crate) fn memory(&self, arg: usize, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        (memory_of(self.pid, self.args[arg], &mut bytes) == length).then_some(bytes)
    }

    /// Whether another process may notice it: not so the opening of a library, or of a locale.
    pub(super) fn is_of_interest(&self) -> bool {
        let opens = matches!(self.name.as_str(), "openat" | "open");
        !opens || self.path.as_deref().is_none_or(|path| path.starts_with("/dev/shm/"))
    }

    /// Lets the call be made, or fails it with this errno. A sleep is over at once.
    #[allow(unsafe_code)]
    pub(super) fn answer(&self, listener: &OwnedFd, errno: i32) {
        let sleeps = [libc::SYS_nanosleep, libc::SYS_clock_nanosleep].contains(&self.number.into());
        let goes = errno == 0 && !sleeps;
        let flags = if goes { libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE } else { 0 };
        let flags = u32::try_from(flags).unwrap_or(0);
        let answer = libc::seccomp_notif_resp { id: self.id, val: 0, error: -errno, flags };
        // SAFETY: the descriptor is a listener, and the answer outlives the call.
        unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, &raw const answer) };
    }
}

/// Whether nobody is left who could announce anything.
pub(super) fn has_hung_up(listener: &OwnedFd) -> Result<bool, Fault> {
    Ok(events(listener)?.contains(PollFlags::POLLHUP))
}

/// The next call that has been announced, if one has.
#[allow(unsafe_code)]
pub(super) fn next(listener: &OwnedFd, program: usize) -> Result<Option<Pending>, Fault> {
    if !events(listener)?.contains(PollFlags::POLLIN) {
        return Ok(None);
    }
    // SAFETY: the structure is numbers, and the kernel demands that it is all zero.
    let mut heard: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is a listener, and `heard` outlives the call.
    let result = unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut heard) };
    match Errno::result(result) {
        Ok(_) => Ok(Some(understand(program, &heard))),
        // It has died between the two calls.
        Err(Errno::ENOENT | Errno::EINTR) => Ok(None),
        Err(errno) => Err(Fault::call("ioctl(SECCOMP_IOCTL_NOTIF_RECV)", errno)),
    }
}

fn events(listener: &OwnedFd) -> Result<PollFlags, Fault> {
    let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::ZERO).map_err(|errno| Fault::call("poll", errno))?;
    Ok(fds[0].revents().unwrap_or(PollFlags::empty()))
}

fn understand(program: usize, heard: &libc::seccomp_notif) -> Pending {
    let pid = i32::try_from(heard.pid).unwrap_or(0);
    let name = call_name(heard.data.nr.into());
    let path = match name.as_str() {
        "openat" | "unlinkat" | "linkat" | "renameat" | "renameat2" => Some(heard.data.args[1]),
        "open" | "unlink" | "link" | "rename" => Some(heard.data.args[0]),
        _ => None,
    };
    let path = path.map(|address| string_of(pid, address));
    Pending { program, pid, name, path, args: heard.data.args, number: heard.data.nr, id: heard.id }
}

/// The string at that address of a process; what cannot be read is empty.
fn string_of(pid: i32, address: u64) -> String {
    let mut bytes = [0; 256];
    let n = memory_of(pid, address, &mut bytes);
    let end = bytes[..n].iter().position(|byte| *byte == 0).unwrap_or(n);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
