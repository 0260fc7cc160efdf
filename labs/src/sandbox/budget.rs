//! How long a whole check may take, and a part of it.

use super::Sandbox;
use super::fault::Fault;
use super::process::{Process, describe};
use ipc_workbook::observe::stat_field;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The time of a check. Until it begins there is no limit: building a program has its own.
#[derive(Debug, Default)]
pub(super) struct Budget {
    limit: Option<(Instant, Duration)>,
    /// Where the threads waited that last took too long.
    waited: RefCell<String>,
}

impl Budget {
    /// From now on, so long.
    pub(super) fn begin(&mut self, limit: Duration) {
        self.limit = Some((Instant::now() + limit, limit));
    }

    /// What is left of it.
    pub(super) fn left(&self) -> Duration {
        self.limit.map_or(Duration::MAX, |(until, _)| until.saturating_duration_since(Instant::now()))
    }

    /// These did not end in time.
    pub(super) fn note(&self, waiting: &[Process]) {
        *self.waited.borrow_mut() = describe(waiting);
    }

    /// In words, if it is over.
    pub(super) fn over(&self) -> Option<String> {
        let (_, limit) = self.limit.filter(|_| self.left().is_zero())?;
        let waited = self.waited.borrow();
        let whom = if waited.is_empty() { String::new() } else { format!("; what took too long: {waited}") };
        Some(format!("the {} s that a check may take were over{whom}", limit.as_secs()))
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
        /// As many times the limit, by the clock on the wall.
        const BUSY: u32 = 5;
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
