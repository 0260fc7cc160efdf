//! A loop that drains a busy queue never gets to the other one. epoll_wait reports ready queues in turn.
//!
//!     cargo run --bin busy_queue
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: epoll_wait(2), epoll(7), mq_receive(3).
//! Previous: event_loop. Next: sigio_demo.

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLLIN, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use std::ffi::CStr;
use std::process::ExitCode;

/// The number by which the loop knows each queue.
const JOBS: u64 = 1;
const CONTROL: u64 = 2;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/busy_queue")?;
        let job_queue = create(&name)?;
        mq_unlink(&name)?; // the descriptor is enough, and the next queue can have the name
        let control_queue = create(&name)?;
        lesson.look(&job_queue)?;

        // ANCHOR: starve
        lesson.step("A loop that drains the job queue, while B sends a job for each that A takes");
        mq_send(&job_queue, b"first job", 0)?;
        mq_send(&control_queue, b"stop", 0)?;
        let mut b = lesson.process("B", |turn| {
            for _ in 0..3 {
                mq_send(&job_queue, b"another job", 0)?;
                turn.finish()?;
            }
            Ok(())
        })?;
        let mut taken = 0;
        for _ in 0..3 {
            taken += i32::from(mq_receive(&job_queue, &mut [0; 64]).is_ok());
            b.turn()?;
        }
        lesson.claim("mq_receive-gives-no-EAGAIN-while-a-sender-keeps-up", taken, 3);
        b.finish()?;
        lesson.note("The message \"stop\" is still in the control queue.");
        // ANCHOR_END: starve

        // ANCHOR: fair
        lesson.step("Take one message for each event, and ask for one event at a time");
        let set = epoll_create1(EPOLL_CLOEXEC)?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &job_queue, Some(EpollEvent::new(EPOLLIN, JOBS)))?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &control_queue, Some(EpollEvent::new(EPOLLIN, CONTROL)))?;
        mq_send(&control_queue, b"stop at once", 0)?;
        mq_send(&job_queue, b"last job", 0)?;
        lesson.predict(
            "Each queue has two messages. Which is the order of the events?",
            &["1122", "1212", "1111"],
        );
        let mut order = String::new();
        for _ in 0..4 {
            let mut event = [EpollEvent::NONE];
            epoll_wait(&set, &mut event, 0)?;
            order += &event[0].data().to_string();
            let queue = if event[0].data() == JOBS { &job_queue } else { &control_queue };
            mq_receive(queue, &mut [0; 64])?;
        }
        lesson.claim("epoll_wait-reports-ready-queues-in-turn", order, "1212".to_string());
        // ANCHOR_END: fair
        mq_close(job_queue)?;
        mq_close(control_queue)?;
        Ok(mq_unlink(&name)?)
    })
}

fn create(name: &CStr) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(4, 64)))
}
