//! Calls that are announced before they are made, with the kernel's seccomp notifications.

use super::calls::{Call, Does, Limit, Until, Wait, call, call_name, int};
use super::fault::Fault;
use super::process::polls_a_queue;
use ipc_workbook::observe::{memory_of, text_of};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

/// An announced call. Its thread is stopped until the call is answered.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The thread that makes the call.
    pub(crate) tid: i32,
    pub(crate) args: [u64; 6],
    number: i32,
    id: u64,
    listener: Rc<OwnedFd>,
}

impl Notice {
    /// Receives the next announced call from this listener, if there is one.
    #[allow(unsafe_code)]
    pub(crate) fn next(listener: &Rc<OwnedFd>) -> Result<Option<Self>, Fault> {
        if !events(listener)?.contains(PollFlags::POLLIN) {
            return Ok(None);
        }
        // SAFETY: the structure consists of numbers, and the kernel requires that all are zero.
        let mut heard: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        let request = libc::SECCOMP_IOCTL_NOTIF_RECV;
        // SAFETY: the descriptor is a listener, and `heard` outlives the call.
        match Errno::result(unsafe { libc::ioctl(listener.as_raw_fd(), request, &raw mut heard) }) {
            Ok(_) => {
                let libc::seccomp_notif { id, pid, data, .. } = heard;
                let tid = i32::try_from(pid).unwrap_or(0);
                Ok(Some(Notice { tid, args: data.args, number: data.nr, id, listener: listener.clone() }))
            }
            // The thread died between the two calls.
            Err(Errno::ENOENT | Errno::EINTR) => Ok(None),
            Err(errno) => Err(Fault::call("ioctl(SECCOMP_IOCTL_NOTIF_RECV)", errno)),
        }
    }

    /// Lets the call be made.
    pub(crate) fn go_on(&self) {
        self.answer(0, 0, u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or(0));
    }

    /// Does not make the call: it returns `result` instead. A negative result is an errno.
    pub(crate) fn return_instead(&self, result: i32) {
        self.answer(i64::from(result.max(0)), result.min(0), 0);
    }

    /// Sends the answer. An error means that the process has ended, and needs no answer.
    #[allow(unsafe_code)]
    fn answer(&self, val: i64, error: i32, flags: u32) {
        let answer = libc::seccomp_notif_resp { id: self.id, val, error, flags };
        let request = libc::SECCOMP_IOCTL_NOTIF_SEND;
        // SAFETY: the descriptor is a listener, and the answer outlives the call.
        unsafe { libc::ioctl(self.listener.as_raw_fd(), request, &raw const answer) };
    }

    /// Whether its thread is still waiting for the answer.
    #[allow(unsafe_code)]
    pub(crate) fn is_valid(&self) -> bool {
        let request = libc::SECCOMP_IOCTL_NOTIF_ID_VALID;
        // SAFETY: the descriptor is a listener, and the call reads the id.
        unsafe { libc::ioctl(self.listener.as_raw_fd(), request, &raw const self.id) == 0 }
    }

    pub(crate) fn number(&self) -> i64 {
        self.number.into()
    }

    pub(crate) fn name(&self) -> String {
        call_name(self.number.into())
    }

    fn call(&self) -> Option<&'static Call> {
        call(self.number.into())
    }

    /// Returns what the call may do to others. An unknown call may change an object.
    pub(crate) fn does(&self) -> Does {
        self.call().map_or(Does::Act, |call| call.does)
    }

    /// Returns the process of the thread.
    pub(crate) fn process(&self) -> Option<i32> {
        let status = text_of(format!("/proc/{}/status", self.tid)).ok()?;
        status.lines().find_map(|line| line.strip_prefix("Tgid:")?.trim().parse().ok())
    }

    /// Returns the thread's own process, as numbered here, if the argument names it; `None` for any other
    /// process.
    pub(crate) fn process_named_by(&self, arg: usize) -> Option<i32> {
        let wanted = int(self.args[arg]);
        let status = text_of(format!("/proc/{}/status", self.tid)).ok()?;
        // These lines have one number for each PID namespace; the last one is the number inside the sandbox.
        let ids = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let own = ["NStgid:", "NSpid:"].into_iter().any(|name| {
            ids(name).and_then(|ids| ids.split_whitespace().last()?.parse::<i32>().ok()) == Some(wanted)
        });
        own.then(|| self.process()).flatten()
    }

    /// Returns the flags if the call opens a file or a queue.
    pub(crate) fn open_flags(&self) -> Option<i32> {
        match self.name().as_str() {
            "open" | "mq_open" => Some(int(self.args[1])),
            "openat" => Some(int(self.args[2])),
            // The flags are the first number of struct open_how.
            "openat2" => Some(int(u64::from_ne_bytes(self.memory(2, 8)?.try_into().ok()?))),
            _ => None,
        }
    }

    /// Whether the call opens a file for reading only.
    pub(crate) fn only_reads(&self) -> bool {
        const CHANGING: i32 = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;
        self.open_flags().is_some_and(|flags| flags & CHANGING == 0)
    }

    /// Reads `length` bytes of the memory that an argument points to.
    pub(crate) fn memory(&self, arg: usize, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        (memory_of(self.tid, self.args[arg], &mut bytes) == length).then_some(bytes)
    }

    /// Returns the string that an argument points to; an empty one if it cannot be read.
    pub(crate) fn string(&self, arg: usize) -> Vec<u8> {
        let mut bytes = vec![0; libc::PATH_MAX.cast_unsigned() as usize];
        let length = memory_of(self.tid, self.args[arg], &mut bytes);
        bytes.truncate(length);
        bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(0));
        bytes
    }

    /// Returns the `struct timespec` that an argument points to.
    pub(crate) fn timespec(&self, arg: usize) -> Option<Duration> {
        let (seconds, nanoseconds) = self.two_numbers(arg)?;
        Some(Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds))
    }

    fn two_numbers(&self, arg: usize) -> Option<(u64, u64)> {
        let bytes = self.memory(arg, 16)?;
        let number = |at: usize| u64::try_from(i64::from_ne_bytes(bytes[at..at + 8].try_into().ok()?)).ok();
        Some((number(0)?, number(8)?))
    }

    /// Returns the wait and its time limit, if the call is a wait with a limit.
    pub(crate) fn wait(&self) -> Option<(Wait, For)> {
        let (Does::Sleep(wait) | Does::ActThenWait(wait)) = self.does() else { return None };
        let time = match wait.limit {
            Limit::Millis(arg) => For::So(Duration::from_millis(u64::try_from(int(self.args[arg])).ok()?)),
            Limit::Timespec(arg) => For::So(self.timespec(arg)?),
            Limit::Timeval(arg) => {
                let (seconds, micros) = self.two_numbers(arg)?;
                For::So(Duration::from_secs(seconds) + Duration::from_micros(micros))
            }
            Limit::Moment(arg) => For::UntilThen(libc::CLOCK_REALTIME, self.timespec(arg)?),
            Limit::Absolute(arg) => {
                let time = self.timespec(arg)?;
                self.clock().map_or(For::So(time), |clock| For::UntilThen(clock, time))
            }
        };
        Some((wait, time))
    }

    /// Returns the clock of an absolute time limit; `None` if the limit is a duration.
    fn clock(&self) -> Option<libc::clockid_t> {
        match i64::from(self.number) {
            libc::SYS_clock_nanosleep => {
                (int(self.args[1]) & libc::TIMER_ABSTIME != 0).then_some(int(self.args[0]))
            }
            libc::SYS_futex_waitv => Some(int(self.args[4])),
            libc::SYS_futex if int(self.args[1]) & 0x7f == libc::FUTEX_WAIT => None,
            libc::SYS_futex if int(self.args[1]) & libc::FUTEX_CLOCK_REALTIME != 0 => {
                Some(libc::CLOCK_REALTIME)
            }
            libc::SYS_futex if int(self.args[1]) & 0x7f == libc::FUTEX_LOCK_PI => Some(libc::CLOCK_REALTIME),
            _ => Some(libc::CLOCK_MONOTONIC),
        }
    }

    /// Returns what may end a wait before its time limit.
    pub(crate) fn until(&self, wait: Wait) -> Until {
        match wait.until {
            Until::Descriptors(count) if self.args[count] == 0 => Until::Nothing,
            Until::Descriptors(1) if polls_a_queue(self.tid, self.args[0], self.args[1]) => Until::Object,
            // A futex shared by processes is a semaphore: an unnamed one in shared memory, or a named one.
            Until::Event
                if self.number() == libc::SYS_futex && int(self.args[1]) & libc::FUTEX_PRIVATE_FLAG == 0 =>
            {
                Until::Object
            }
            until => until,
        }
    }
}

/// The time limit of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    So(Duration),
    /// Until this clock shows this time.
    UntilThen(libc::clockid_t, Duration),
}

/// Whether no process is left that could announce a call.
pub(crate) fn has_hung_up(listener: &OwnedFd) -> Result<bool, Fault> {
    Ok(events(listener)?.contains(PollFlags::POLLHUP))
}

fn events(listener: &OwnedFd) -> Result<PollFlags, Fault> {
    let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::ZERO).map_err(|errno| Fault::call("poll", errno))?;
    Ok(fds[0].revents().unwrap_or(PollFlags::empty()))
}
