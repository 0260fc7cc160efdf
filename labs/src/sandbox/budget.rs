//! The time limits of a whole check, and of a part of it.

use super::Sandbox;
use super::fault::Fault;
use super::process::{Process, describe};
use ipc_workbook::observe::stat_field;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The time limit of a check. There is no limit before the check begins: building a program has its own.
///
/// This process watches the programs all the time. On a busy machine it runs only for a part of the time, and
/// only that part of the elapsed time counts, so a submission does not lose points to other work. When
/// [`BUSY`] times the limit has elapsed, the check is over in any case.
#[derive(Debug, Default)]
pub(super) struct Budget {
    began: Option<Began>,
    /// The processes that last took too long, and where they waited.
    waited: RefCell<String>,
}

#[derive(Clone, Copy, Debug)]
struct Began {
    at: Instant,
    limit: Duration,
    turns: Turns,
}

impl Budget {
    /// Starts the check with this time limit.
    pub(super) fn begin(&mut self, limit: Duration) {
        self.began = Some(Began { at: Instant::now(), limit, turns: Turns::now() });
    }

    /// Returns the time that is left.
    pub(super) fn left(&self) -> Duration {
        let Some(Began { at, limit, turns }) = self.began else { return Duration::MAX };
        let by_the_wall = (limit * BUSY).saturating_sub(at.elapsed());
        limit.saturating_sub(at.elapsed().mul_f64(turns.share_since())).min(by_the_wall)
    }

    /// Notes the processes that did not end in time.
    pub(super) fn note(&self, waiting: &[Process]) {
        *self.waited.borrow_mut() = describe(waiting);
    }

    /// Returns a message if the time is over.
    pub(super) fn over(&self) -> Option<String> {
        let Began { limit, .. } = self.began.filter(|_| self.left().is_zero())?;
        let waited = self.waited.borrow();
        let whom = if waited.is_empty() { String::new() } else { format!("; waiting at the end: {waited}") };
        Some(format!("the time limit of {} s for a check was over{whom}", limit.as_secs()))
    }

    /// Whether the time was not enough because other work kept the processors busy.
    pub(super) fn was_starved(&self) -> bool {
        const HALF: f64 = 0.5;
        self.began.is_some_and(|began| self.left().is_zero() && began.turns.share_since() < HALF)
    }
}

/// After this many times the limit has elapsed, the check ends even on the busiest machine.
const BUSY: u32 = 5;

/// How long this process has run, and how long it has waited for a processor.
#[derive(Clone, Copy, Debug, Default)]
struct Turns {
    ran: f64,
    waited: f64,
}

impl Turns {
    /// Reads `/proc/self/schedstat`, in nanoseconds. A kernel without this file shows no waiting.
    fn now() -> Self {
        let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
        let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
        Turns { ran: numbers.next().unwrap_or_default(), waited: numbers.next().unwrap_or_default() }
    }

    /// Returns the time that this process ran since then, as a share of the time that it was ready to run.
    fn share_since(&self) -> f64 {
        let Turns { ran, waited } = Turns::now();
        let (ran, waited) = (ran - self.ran, waited - self.waited);
        if ran + waited > 0.0 { ran / (ran + waited) } else { 1.0 }
    }
}

/// The time limit of a part of a check. It counts the processor time spent, because little is done in a
/// second on a busy machine. Elapsed time decides only when it is far over the limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    began: Instant,
    limit: Duration,
    spent_before: Duration,
}

impl Sandbox {
    /// Starts a part of a check with this time limit.
    pub(crate) fn deadline(&self, limit: Duration) -> Result<Deadline, Fault> {
        Ok(Deadline { began: Instant::now(), limit, spent_before: self.processor_time()? })
    }

    /// Whether the time limit is over.
    pub(crate) fn is_over(&self, deadline: &Deadline) -> Result<bool, Fault> {
        let Deadline { began, limit, spent_before } = *deadline;
        if began.elapsed() < limit && !self.budget.left().is_zero() {
            return Ok(false);
        }
        let spent = self.processor_time()?.saturating_sub(spent_before);
        Ok(spent >= limit || began.elapsed() >= limit * BUSY || self.budget.left().is_zero())
    }

    /// Returns the processor time of this process and of the sandbox's processes.
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
        // Processes that have not ended yet; in clock ticks.
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
