//! Timers that programs set. They are not set in the kernel: the sandbox's clock decides when each expires.

use super::calls::int;
use super::notice::Notice;
use super::vdso::write_memory;
use nix::errno::Errno;
use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

/// An armed timer.
#[derive(Debug)]
pub(super) struct Timer {
    pub(super) which: Which,
    /// When it expires first, and its interval.
    pub(super) at: Duration,
    pub(super) every: Duration,
}

/// Identifies a timer of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The timer of `alarm` and `setitimer(ITIMER_REAL)`.
    Alarm { pid: i32 },
    /// A timer of `timer_create`.
    Posix { pid: i32, id: i32 },
    /// A timer of `timerfd_create`.
    Descriptor { pid: i32, fd: i32 },
}

/// The settings that a call asks for.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) which: Which,
    /// The first expiration; 0 if the call disarms the timer.
    pub(super) first: Duration,
    pub(super) every: Duration,
    /// The clock of an absolute first time; `None` if it is a duration.
    pub(super) moment_of: Option<libc::clockid_t>,
}

/// Returns the settings of a call, if its timer measures real time.
pub(super) fn setting(notice: &Notice) -> Option<Setting> {
    let pid = notice.process()?;
    let number = |arg: usize| int(notice.args[arg]);
    let absolute = number(1) & libc::TFD_TIMER_ABSTIME != 0; // the same number as TIMER_ABSTIME
    let (which, (every, first), clock) = match notice.number() {
        #[cfg(target_arch = "x86_64")]
        libc::SYS_alarm => {
            let seconds = Duration::from_secs(number(0).cast_unsigned().into());
            (Which::Alarm { pid }, (Duration::ZERO, seconds), None)
        }
        libc::SYS_setitimer if number(0) == libc::ITIMER_REAL => {
            (Which::Alarm { pid }, two_times(notice, 1, 1000)?, None)
        }
        libc::SYS_timer_settime => {
            let clock = posix_timer(pid, number(0))?.clock;
            (Which::Posix { pid, id: number(0) }, two_times(notice, 2, 1)?, Some(clock))
        }
        libc::SYS_timer_delete => {
            (Which::Posix { pid, id: number(0) }, (Duration::ZERO, Duration::ZERO), None)
        }
        libc::SYS_timerfd_settime => {
            let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", number(0))).ok()?;
            let clock = info.lines().find_map(|line| line.strip_prefix("clockid:")?.trim().parse().ok())?;
            (Which::Descriptor { pid, fd: number(0) }, two_times(notice, 2, 1)?, Some(clock))
        }
        _ => return None,
    };
    // Timers that measure processor time stay with the kernel.
    let processor = [libc::CLOCK_PROCESS_CPUTIME_ID, libc::CLOCK_THREAD_CPUTIME_ID];
    if clock.is_some_and(|clock| clock < 0 || processor.contains(&clock)) {
        return None;
    }
    Some(Setting { which, first, every, moment_of: clock.filter(|_| absolute) })
}

/// Reads the interval and the first time. `unit` is the number of nanoseconds in their smaller part.
fn two_times(notice: &Notice, arg: usize, unit: u64) -> Option<(Duration, Duration)> {
    let bytes = notice.memory(arg, 32)?;
    let number = |at: usize| u64::try_from(i64::from_ne_bytes(bytes[at..at + 8].try_into().ok()?)).ok();
    let time = |at| Some(Duration::from_secs(number(at)?) + Duration::from_nanos(number(at + 8)? * unit));
    Some((time(0)?, time(16)?))
}

/// Gives the caller the old settings of the timer that it sets. Returns the result of the call.
pub(super) fn tell_rest(notice: &Notice, rest: Duration, every: Duration) -> i32 {
    #[cfg(target_arch = "x86_64")]
    if notice.number() == libc::SYS_alarm {
        // Rounded up: 0 would mean that no alarm was set.
        return i32::try_from(rest.as_millis().div_ceil(1000)).unwrap_or(i32::MAX);
    }
    let (old, unit) = if notice.number() == libc::SYS_setitimer { (2, 1000) } else { (3, 1) };
    if notice.args[old] != 0 {
        let numbers = [every.as_secs(), u64::from(every.subsec_nanos()) / unit, rest.as_secs()];
        let numbers = numbers.into_iter().chain([u64::from(rest.subsec_nanos()) / unit]);
        let bytes: Vec<u8> = numbers.flat_map(u64::to_ne_bytes).collect();
        write_memory(notice.tid, notice.args[old], &bytes);
    }
    0
}

impl Which {
    /// Returns the process that owns it.
    pub(super) fn process(self) -> i32 {
        let (Which::Alarm { pid } | Which::Posix { pid, .. } | Which::Descriptor { pid, .. }) = self;
        pid
    }

    /// Does what the kernel does when the timer expires. Returns false if the timer no longer exists.
    pub(super) fn fire(self) -> bool {
        match self {
            Which::Alarm { pid } => {
                let pid = nix::unistd::Pid::from_raw(pid);
                nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGALRM).is_ok()
            }
            Which::Posix { pid, id } => posix_timer(pid, id).is_some_and(|timer| timer.send(pid, id)),
            Which::Descriptor { pid, fd } => set_descriptor(pid, fd, Duration::from_nanos(1)),
        }
    }

    /// Disarms the timer in the kernel.
    pub(super) fn clear(self) {
        if let Which::Descriptor { pid, fd } = self {
            set_descriptor(pid, fd, Duration::ZERO);
        }
    }
}

/// Sets the kernel's timer of another process's `timerfd`.
#[allow(unsafe_code)]
fn set_descriptor(pid: i32, fd: i32, first: Duration) -> bool {
    // SAFETY: the calls take numbers and a structure that outlives them; they return new descriptors.
    unsafe {
        let descriptor = |result: libc::c_long| {
            i32::try_from(result).ok().filter(|fd| *fd >= 0).map(|fd| OwnedFd::from_raw_fd(fd))
        };
        let Some(pidfd) = descriptor(libc::syscall(libc::SYS_pidfd_open, pid, 0)) else { return false };
        let copy = libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0);
        let Some(copy) = descriptor(copy) else { return false };
        let mut times: libc::itimerspec = std::mem::zeroed();
        times.it_value.tv_nsec = first.subsec_nanos().into();
        libc::timerfd_settime(copy.as_raw_fd(), 0, &raw const times, std::ptr::null_mut()) == 0
    }
}

/// A timer of `timer_create`, from /proc.
struct PosixTimer {
    clock: libc::clockid_t,
    signal: i32,
    value: u64,
    /// The thread that receives the signal; `None` for the whole process.
    thread: Option<i32>,
    silent: bool,
}

fn posix_timer(pid: i32, id: i32) -> Option<PosixTimer> {
    let text = fs::read_to_string(format!("/proc/{pid}/timers")).ok()?;
    let mut lines = text.lines().skip_while(|line| *line != format!("ID: {id}")).skip(1);
    let (signal, value) = lines.next()?.strip_prefix("signal: ")?.split_once('/')?;
    let notify = lines.next()?.strip_prefix("notify: ")?;
    let clock = lines.next()?.strip_prefix("ClockID: ")?;
    Some(PosixTimer {
        clock: clock.trim().parse().ok()?,
        signal: signal.parse().ok()?,
        value: u64::from_str_radix(value.trim(), 16).ok()?,
        thread: notify.split_once("tid.").and_then(|(_, tid)| tid.trim().parse().ok()),
        silent: notify.starts_with("none"),
    })
}

impl PosixTimer {
    #[allow(unsafe_code)]
    fn send(&self, pid: i32, id: i32) -> bool {
        if self.silent {
            return true;
        }
        // struct siginfo of <asm-generic/siginfo.h>, filled in as the kernel does for a timer.
        let mut info = [0u64; 16];
        info[0] = u64::from(self.signal.cast_unsigned());
        info[1] = u64::from(libc::SI_TIMER.cast_unsigned());
        info[2] = u64::from(id.cast_unsigned());
        info[3] = self.value;
        let info = info.as_ptr();
        // SAFETY: the structure has the size that the kernel reads, and it outlives the calls.
        let sent = unsafe {
            match self.thread {
                Some(tid) => libc::syscall(libc::SYS_rt_tgsigqueueinfo, pid, tid, self.signal, info),
                None => libc::syscall(libc::SYS_rt_sigqueueinfo, pid, self.signal, info),
            }
        };
        Errno::result(sent).is_ok()
    }
}
