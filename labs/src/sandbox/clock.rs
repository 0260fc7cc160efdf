//! The clock of the sandbox. Time does not pass by itself there: when all programs wait, and one of them
//! waits for time, the clock jumps to the end of that wait. A program that sleeps for four seconds is
//! therefore graded as fast as one that does not sleep.
//!
//! ```text
//! a sleep               nanosleep, poll without descriptors …: the call is not made; its thread is held
//!                       until the clock reaches its end
//! a wait with a limit   mq_timedreceive, poll with descriptors, futex …: the call is made; if the clock
//!                       reaches the limit first, the wait is interrupted and returns as after a timeout
//! a timer               alarm, timer_settime, timerfd_settime: kept here, not in the kernel
//! ```

use super::calls::{Does, Until, Wait};
use super::fault::Fault;
use super::interrupt::end_wait;
use super::notice::{For, Notice, has_hung_up};
use super::process::waits_for_an_object;
use super::timer::{Timer, Which, setting, tell_rest};
use super::vdso::set_ahead;
use std::cell::{Cell, RefCell};
use std::fs;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

/// The clock, and the threads and timers that wait for it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of the machine's clocks.
    ahead: Cell<Duration>,
    waiting: RefCell<Vec<Waiting>>,
    timers: RefCell<Vec<Timer>>,
    /// The listeners of the programs that are not scheduled.
    listeners: RefCell<Vec<Rc<OwnedFd>>>,
}

/// A thread that waits, with a time limit.
#[derive(Debug)]
struct Waiting {
    notice: Notice,
    wait: Wait,
    /// When its time is over.
    at: Duration,
    /// Whether it waits in the kernel, or is held before the call.
    in_kernel: bool,
}

/// Which waits the clock may jump to the end of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Waits for time, or for something inside the same process.
    Time,
    /// Also waits for another process, when no other process will act.
    Whatever,
}

impl Clock {
    /// Returns what a program would now read from `CLOCK_MONOTONIC`.
    pub(crate) fn now(&self) -> Duration {
        machine_time(libc::CLOCK_MONOTONIC) + self.ahead.get()
    }

    /// Returns when a wait that begins now is over.
    pub(crate) fn end_of(&self, time: For) -> Duration {
        self.now() + self.length_of(time)
    }

    /// Returns how long a wait that begins now takes.
    pub(crate) fn length_of(&self, time: For) -> Duration {
        match time {
            For::So(time) => time,
            For::UntilThen(clock, moment) => moment.saturating_sub(machine_time(clock) + self.ahead.get()),
        }
    }

    /// Jumps to a moment, unless that has passed. `pids` are all processes of the sandbox.
    pub(crate) fn jump_to(&self, moment: Duration, pids: &[i32]) {
        let jump = moment.saturating_sub(self.now());
        if !jump.is_zero() {
            self.ahead.set(self.ahead.get() + jump);
            for pid in pids {
                set_ahead(*pid, self.ahead.get());
            }
        }
    }

    /// Adds the listener of a program that is not scheduled. Its waits are announced there.
    pub(super) fn listen_to(&self, listener: Rc<OwnedFd>) {
        self.listeners.borrow_mut().push(listener);
    }

    /// Returns the listeners of the programs that are not scheduled.
    pub(crate) fn listeners(&self) -> Vec<Rc<OwnedFd>> {
        self.listeners.borrow().clone()
    }

    /// Forgets all programs, after they have ended.
    pub(super) fn forget(&self) {
        self.waiting.borrow_mut().clear();
        self.timers.borrow_mut().clear();
        self.listeners.borrow_mut().clear();
    }

    /// Receives the announced calls of programs that are not scheduled. Returns whether there were any.
    pub(crate) fn receive(&self) -> Result<bool, Fault> {
        let mut any = false;
        for listener in self.listeners() {
            if has_hung_up(&listener)? {
                // poll would return at once for it every time.
                self.listeners.borrow_mut().retain(|other| !Rc::ptr_eq(other, &listener));
                continue;
            }
            while let Some(notice) = Notice::next(&listener)? {
                any = true;
                self.admit(notice);
            }
        }
        Ok(any)
    }

    /// Handles an announced call: only its time matters here.
    pub(crate) fn admit(&self, notice: Notice) {
        match notice.does() {
            Does::Begin => {
                if !self.ahead.get().is_zero() {
                    set_ahead(notice.tid, self.ahead.get());
                }
                notice.go_on();
            }
            Does::Timer => self.set_timer(&notice),
            _ if is_sleep(&notice) => self.hold(notice),
            _ => self.let_wait(&notice),
        }
    }

    /// Holds a thread until the clock reaches the end of its sleep.
    fn hold(&self, notice: Notice) {
        if let Some((wait, time)) = notice.wait() {
            let at = self.end_of(time);
            self.waiting.borrow_mut().push(Waiting { notice, wait, at, in_kernel: false });
        } else {
            // Let the kernel return the error for an invalid time.
            notice.go_on();
        }
    }

    /// Lets a call be made, and remembers its time limit if it has one.
    pub(crate) fn let_wait(&self, notice: &Notice) {
        // An earlier wait of this thread is over, even if it had the same arguments.
        self.waiting.borrow_mut().retain(|waiting| waiting.notice.tid != notice.tid);
        if let Some((wait, time)) = notice.wait() {
            let (at, notice) = (self.end_of(time), notice.clone());
            self.waiting.borrow_mut().push(Waiting { notice, wait, at, in_kernel: true });
        }
        notice.go_on();
    }

    /// Returns the threads that are held in a sleep.
    pub(crate) fn held(&self) -> Vec<i32> {
        let waiting = self.waiting.borrow();
        waiting.iter().filter(|waiting| !waiting.in_kernel).map(|waiting| waiting.notice.tid).collect()
    }

    /// Jumps to the wait or timer that ends first, and ends it. Returns false if no thread waits for time,
    /// or if every wait ends after `not_after`. No process may be running. `pids` are all processes of the
    /// sandbox.
    pub(super) fn pass(&self, what: Pass, not_after: Duration, pids: &[i32]) -> bool {
        self.waiting.borrow_mut().retain(Waiting::lasts);
        let first = {
            let waiting = self.waiting.borrow();
            let may_end = waiting.iter().enumerate().filter(|(_, waiting)| {
                let is_asked_for =
                    what == Pass::Whatever || waiting.notice.until(waiting.wait) != Until::Object;
                is_asked_for && waiting.at <= not_after
            });
            may_end.min_by_key(|(_, waiting)| waiting.at).map(|(which, waiting)| (which, waiting.at))
        };
        let timer = {
            let timers = self.timers.borrow();
            // A timer whose process waits for an object is a timeout for that wait.
            let may_end = timers.iter().enumerate().filter(|(_, timer)| {
                let is_asked_for = what == Pass::Whatever || !waits_for_an_object(timer.which.process());
                is_asked_for && timer.at <= not_after
            });
            let first = may_end.min_by_key(|(_, timer)| timer.at);
            first.map(|(which, timer)| (which, timer.at))
        };
        match (first, timer) {
            (Some((which, at)), timer) if timer.is_none_or(|(_, timer)| at <= timer) => {
                let waiting = self.waiting.borrow_mut().remove(which);
                self.jump_to(at, pids);
                waiting.end();
            }
            (_, Some((which, at))) => {
                self.jump_to(at, pids);
                self.fire(which);
            }
            _ => return false,
        }
        true
    }

    /// Ends the wait of one thread, if it is still waiting.
    pub(crate) fn end_of_one(&self, tid: i32, pids: &[i32]) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.retain(Waiting::lasts);
        if let Some(which) = waiting.iter().position(|waiting| waiting.notice.tid == tid) {
            let waiting = waiting.remove(which);
            self.jump_to(waiting.at, pids);
            waiting.end();
        }
    }

    fn set_timer(&self, notice: &Notice) {
        let Some(setting) = setting(notice) else { return notice.go_on() };
        let now = self.now();
        let mut timers = self.timers.borrow_mut();
        let old = timers.iter().position(|timer| timer.which == setting.which).map(|at| timers.remove(at));
        if !setting.first.is_zero() {
            let first = match setting.moment_of {
                Some(clock) => For::UntilThen(clock, setting.first),
                None => For::So(setting.first),
            };
            setting.which.clear();
            timers.push(Timer { which: setting.which, at: self.end_of(first), every: setting.every });
        } else if !matches!(setting.which, Which::Alarm { .. }) {
            // Let the kernel disarm its timer as well.
            return notice.go_on();
        }
        let (rest, every) = old.map_or_else(Default::default, |old| (old.at.saturating_sub(now), old.every));
        notice.return_instead(tell_rest(notice, rest, every));
    }

    /// Fires each timer whose time has come.
    pub(super) fn fire_due(&self) {
        let due = || self.timers.borrow().iter().position(|timer| timer.at <= self.now());
        while let Some(which) = due() {
            self.fire(which);
        }
    }

    fn fire(&self, which: usize) {
        let mut timers = self.timers.borrow_mut();
        let timer = &mut timers[which];
        let fired = timer.which.fire();
        timer.at += timer.every;
        if !fired || timer.every.is_zero() {
            timers.remove(which);
        }
    }
}

impl Waiting {
    /// Whether its thread is still waiting.
    fn lasts(&self) -> bool {
        if !self.in_kernel {
            return self.notice.is_valid();
        }
        let Ok(call) = fs::read_to_string(format!("/proc/{}/syscall", self.notice.tid)) else { return false };
        // The kernel does not show the call of a thread that is just about to sleep.
        if call.starts_with("running") {
            return true;
        }
        let mut words = call.split(' ');
        let number = words.next().and_then(|number| number.parse().ok());
        let args = words.take(6).map(|arg| u64::from_str_radix(arg.trim_start_matches("0x"), 16).ok());
        number == Some(self.notice.number()) && args.eq(self.notice.args.map(Some))
    }

    fn end(&self) {
        if self.in_kernel {
            end_wait(&self.notice, self.wait);
        } else {
            self.notice.return_instead(self.wait.over);
        }
    }
}

/// Whether only time ends this call.
pub(crate) fn is_sleep(notice: &Notice) -> bool {
    matches!(notice.does(), Does::Sleep(wait) if notice.until(wait) == Until::Nothing)
}

#[allow(unsafe_code)]
fn machine_time(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure outlives the call that writes it.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}
