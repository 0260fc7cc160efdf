//! One epoll set waits for two queues, a timer and a signal.
//!
//!     cargo run --bin event_loop
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: epoll(7), epoll_wait(2), timerfd_create(2), signalfd(2).
//! Previous: epoll_exclusive. Next: busy_queue.

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::{kill, sigprocmask};
use ipc_workbook::signalfd::{self, signalfd};
use ipc_workbook::timerfd::{ItimerSpec, timerfd_create, timerfd_settime};
use ipc_workbook::unistd::read;
use libc::{CLOCK_MONOTONIC, EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLLIN, SFD_CLOEXEC, TFD_CLOEXEC};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::sys::signal::Signal::SIGUSR1;
use nix::sys::time::TimeSpec;
use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::process::{ExitCode, id};

/// The number by which the loop knows each source of events.
const JOBS: u64 = 1;
const CONTROL: u64 = 2;
const TIMER: u64 = 3;
const SIGNAL: u64 = 4;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/event_loop")?;

        // ANCHOR: add
        lesson.step("Add two queues, a timer and a signal to one epoll set");
        let job_queue = create(&name)?;
        mq_unlink(&name)?; // the descriptor is enough, and the next queue can have the name
        let control_queue = create(&name)?;
        lesson.look(&job_queue)?;
        let timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)?;
        sigprocmask(SIGUSR1)?;
        let signal = signalfd(&[SIGUSR1], SFD_CLOEXEC)?;
        let set = epoll_create1(EPOLL_CLOEXEC)?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &job_queue, Some(EpollEvent::new(EPOLLIN, JOBS)))?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &control_queue, Some(EpollEvent::new(EPOLLIN, CONTROL)))?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &timer, Some(EpollEvent::new(EPOLLIN, TIMER)))?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &signal, Some(EpollEvent::new(EPOLLIN, SIGNAL)))?;
        // ANCHOR_END: add

        lesson.step("Wait for the first event: the timer expires");
        let soon = ItimerSpec { it_interval: TimeSpec::new(0, 0), it_value: TimeSpec::new(0, 1) };
        timerfd_settime(&timer, 0, &soon)?;
        lesson.claim("an-expired-timer-ends-the-wait-for-the-queues", ready(&set, -1)?, "3".to_string());
        let mut expirations = [0; 8];
        read(&timer, &mut expirations)?;
        lesson.claim("read-returns-how-often-the-timer-expired", u64::from_ne_bytes(expirations), 1);
        lesson.claim("after-read-the-timer-is-no-event", ready(&set, 0)?, "nothing".to_string());

        lesson.step("A message in each queue, a timer and a signal");
        mq_send(&job_queue, b"job", 0)?;
        mq_send(&control_queue, b"stop", 0)?;
        kill(id().cast_signed(), SIGUSR1)?;
        lesson.predict("Which numbers does epoll_wait return?", &["1 2 4", "1", "1 2"]);
        lesson.claim(
            "one-epoll_wait-reports-queues-and-signals-together",
            ready(&set, -1)?,
            "1 2 4".to_string(),
        );
        let info = signalfd::read(&signal)?;
        lesson.claim("a-signal-of-the-loop-is-read-as-data", info.ssi_signo, SIGUSR1 as u32);
        mq_close(job_queue)?;
        mq_close(control_queue)?;
        Ok(mq_unlink(&name)?)
    })
}

fn create(name: &CStr) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(4, 64)))
}

/// Waits for events, and returns the numbers of their sources.
fn ready(set: &OwnedFd, timeout: i32) -> Result<String> {
    let mut events = [EpollEvent::NONE; 4];
    let number = epoll_wait(set, &mut events, timeout)?;
    let mut numbers: Vec<String> = events[..number].iter().map(|event| event.data().to_string()).collect();
    numbers.sort();
    Ok(if numbers.is_empty() { "nothing".into() } else { numbers.join(" ") })
}
