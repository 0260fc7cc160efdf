//! How long a whole check may take, and a part of it.

use super::Sandbox;
use super::fault::Fault;
use super::process::{Process, describe};
use ipc_workbook::observe::stat_field;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The time of a check. Until it begins there is no limit: building a program has its own.
///
/// A machine that is busy with other work gives this process, which looks at the programs all the time, a
/// processor for a part of its time only. The same part of the time on the wall counts, so a
/// program is not lost to the work of others. At [`BUSY`] times the limit it is over all the same.
#[derive(Debug, Default)]
pub(super) struct Budget {
    began: Option<Began>,
    /// Where the threads waited that last took too long.
    waited: RefCell<String>,
}

#[derive(Clone, Copy, Debug)]
struct Began {
    at: Instant,
    limit: Duration,
    turns: Turns,
}

impl Budget {
    /// From now on, so long.
    pub(super) fn begin(&mut self, limit: Duration) {
        self.began = Some(Began { at: Instant::now(), limit, turns: Turns::now() });
    }

    /// What is left of it.
    pub(super) fn left(&self) -> Duration {
        let Some(Began { at, limit, turns }) = self.began else { return Duration::MAX };
        let by_the_wall = (limit * BUSY).saturating_sub(at.elapsed());
        limit.saturating_sub(at.elapsed().mul_f64(turns.share_since())).min(by_the_wall)
    }

    /// These did not end in time.
    pub(super) fn note(&self, waiting: &[Process]) {
        *self.waited.borrow_mut() = describe(waiting);
    }

    /// In words, if it is over.
    pub(super) fn over(&self) -> Option<String> {
        let Began { limit, .. } = self.began.filter(|_| self.left().is_zero())?;
        let waited = self.waited.borrow();
        let whom = if waited.is_empty() { String::new() } else { format!("; what took too long: {waited}") };
        Some(format!("the {} s that a check may take were over{whom}", limit.as_secs()))
    }

    /// Whether other work on this machine has kept it from being enough.
    pub(super) fn was_starved(&self) -> bool {
        const HALF: f64 = 0.5;
        self.began.is_some_and(|began| self.left().is_zero() && began.turns.share_since() < HALF)
    }
}

/// As many times the limit, by the clock on the wall, is the end on the busiest machine.
const BUSY: u32 = 5;

/// For how long this process has run, and for how long it has waited for a processor.
#[derive(Clone, Copy, Debug, Default)]
struct Turns {
    ran: f64,
    waited: f64,
}

impl Turns {
    /// From `/proc/self/schedstat`, in nanoseconds. A kernel without it shows no waiting.
    fn now() -> Self {
        let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
        let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
        Turns { ran: numbers.next().unwrap_or_default(), waited: numbers.next().unwrap_or_default() }
    }

    /// Which part of the time since then in which this process could run it did run.
    fn share_since(&self) -> f64 {
        let Turns { ran, waited } = Turns::now();
        let (ran, waited) = (ran - self.ran, waited - self.waited);
        if ran + waited > 0.0 { ran / (ran + waited) } else { 1.0 }
    }
}

/// When a part of a check takes too long. It goes by the time that processors have spent on it, since on a
/// busy machine little is done in a second; the clock on the wall counts where that is far over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    began: Instant,
    limit: Duration,
    spent_before: Duration,
}

impl Sandbox {
    /// From now on, so long.
    pub(crate) fn deadline(&self, limit: Duration) -> Result<Deadline, Fault> {
        Ok(Deadline { began: Instant::now(), limit, spent_before: self.processor_time()? })
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self, deadline: &Deadline) -> Result<bool, Fault> {
        let Deadline { began, limit, spent_before } = *deadline;
        if began.elapsed() < limit && !self.budget.left().is_zero() {
            return Ok(false);
        }
        let spent = self.processor_time()?.saturating_sub(spent_before);
        Ok(spent >= limit || began.elapsed() >= limit * BUSY || self.budget.left().is_zero())
    }

    /// What processors have spent on this process, and on those of the sandbox.
    #[allow(unsafe_code)]
    fn processor_time(&self) -> Result<Duration, Fault> {
        use nix::sys::resource::{UsageWho, getrusage};
        let mut spent = Duration::ZERO;
        for whom in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
            let usage = getrusage(whom).map_err(|errno| Fault::call("getrusage", errno))?;
            for time in [usage.user_time(), usage.system_time()] {
                let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
                spent += Duration::from_micros(u64::try_from(micros).unwrap_or(0));
            }
        }
        // Those that have not ended yet, in ticks of the kernel's clock.
        let mut ticks = 0;
        for pid in self.pids()? {
            let field = |number| stat_field(pid, number).and_then(|field| field.parse::<u64>().ok());
            ticks += field(14).unwrap_or(0) + field(15).unwrap_or(0);
        }
        // SAFETY: the call takes a number.
        let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
        Ok(spent + Duration::from_millis(ticks * 1000 / u64::try_from(per_second).unwrap_or(100).max(1)))
    }
}
