//! One run of the server under test, with the grader as its clients.

use crate::sandbox::Fault;
use crate::scheduler::{Choice, Moment, Scheduler};
use crate::trial::Trial;
use ipc_workbook::mqueue::{mq_open, mq_send};
use libc::{O_NONBLOCK, O_WRONLY};
use nix::errno::Errno;
use nix::sys::signal::Signal;

const NAME: &str = "/lab";
/// After this many calls in a row the server counts as polling, and the grader continues.
pub(super) const CALLS: usize = 80;

/// Sends a request, if there is a queue and room in it.
pub(super) fn send(request: &str) -> Result<(), Errno> {
    mq_send(&mq_open(c"/lab", O_WRONLY | O_NONBLOCK, 0, None)?, request.as_bytes(), 0)
}

/// Returns whether there is a queue for requests.
pub(super) fn ready() -> bool {
    mq_open(c"/lab", O_WRONLY | O_NONBLOCK, 0, None).is_ok()
}

/// What the grader does to the server.
#[derive(Clone, Copy)]
pub(super) enum Trouble {
    None,
    /// At the call with this number, counted from 0.
    At(usize, Choice),
    /// Each call that may wait fails once with EINTR.
    Interrupt,
}

/// One run of the server.
pub(super) struct Session<'a> {
    scheduler: Scheduler<'a>,
    trouble: Trouble,
    calls: usize,
    /// The call at which the grader intervened.
    pub(super) troubled: Option<String>,
    interrupted: Vec<String>,
}

impl<'a> Session<'a> {
    pub(super) fn new(trial: &'a Trial, trouble: Trouble) -> Self {
        let mut scheduler = trial.scheduler();
        scheduler.with_at_most(CALLS);
        Session { scheduler, trouble, calls: 0, troubled: None, interrupted: Vec::new() }
    }

    /// Starts the server. Returns whether it came to wait for something.
    pub(super) fn start(&mut self) -> Result<bool, Fault> {
        self.scheduler.start(&[NAME])?;
        self.go_on()
    }

    /// Lets the server run until it waits or has ended.
    fn go_on(&mut self) -> Result<bool, Fault> {
        let Session { scheduler, trouble, calls, troubled, interrupted } = self;
        scheduler.until_all_wait_with(|Moment { call, .. }| {
            *calls += 1;
            Ok(match *trouble {
                Trouble::At(n, choice) if *calls == n + 1 => {
                    *troubled = Some(call.name.clone());
                    choice
                }
                Trouble::Interrupt
                    if (call.is("mq_timedreceive") || call.is("poll"))
                        && !interrupted.contains(&call.name) =>
                {
                    interrupted.push(call.name.clone());
                    Choice::Fail(Errno::EINTR)
                }
                _ => Choice::Go,
            })
        })
    }

    /// Sends a request, and lets the server run. If the request cannot be sent, no reply will come.
    pub(super) fn ask(&mut self, request: &str) -> Result<(), Fault> {
        let _ = send(request);
        self.go_on().map(drop)
    }

    pub(super) fn kill(&mut self) -> Result<(), Fault> {
        self.scheduler.program(0).kill(Signal::SIGKILL);
        self.go_on()?;
        self.scheduler.ends_now().map(drop)
    }
}
