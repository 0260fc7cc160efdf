//! With EPOLLET, epoll reports each send and each receive, but not the message of a sender that waited.
//!
//!     cargo run --bin epoll_edge
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: epoll(7), epoll_ctl(2), mq_overview(7).
//! Previous: woken_pollers. Next: epoll_entries.

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::socket::socketpair;
use ipc_workbook::unistd::{read, write};
use libc::{EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLLET, EPOLLIN, EPOLLONESHOT};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use std::os::fd::OwnedFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/epoll_edge")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(3, 64)))?;
        let set = epoll_create1(EPOLL_CLOEXEC)?;

        lesson.step("Level-triggered: ask twice about a queue with two messages");
        epoll_ctl(&set, EPOLL_CTL_ADD, &mq, Some(EpollEvent::new(EPOLLIN, 7)))?;
        mq_send(&mq, b"1", 0)?;
        mq_send(&mq, b"2", 0)?;
        events(&set)?;
        lesson.claim("level-triggered-epoll-reports-the-same-messages-again", events(&set)?, 1);

        // ANCHOR: edge
        lesson.step("Edge-triggered: three messages, and then a receive");
        mq_send(&mq, b"3", 0)?;
        let edge = Some(EpollEvent::new(EPOLLIN | EPOLLET, 7));
        epoll_ctl(&set, EPOLL_CTL_MOD, &mq, edge)?;
        events(&set)?;
        lesson.claim("with-EPOLLET-epoll-does-not-report-the-same-messages-again", events(&set)?, 0);
        epoll_ctl(&set, EPOLL_CTL_MOD, &mq, edge)?;
        lesson.claim("EPOLL_CTL_MOD-makes-EPOLLET-report-the-same-messages-again", events(&set)?, 1);
        mq_receive(&mq, &mut [0; 64])?;
        lesson.predict("Two messages are left. How many events does epoll report now?", &["0", "1", "2"]);
        lesson.claim("with-EPOLLET-a-receive-makes-epoll-report-the-queue-again", events(&set)?, 1);
        mq_send(&mq, b"4", 0)?;
        lesson.claim("with-EPOLLET-a-send-to-a-queue-with-messages-is-an-event", events(&set)?, 1);
        let _ = mq_send(&mq, b"5", 0); // there is no room for a fourth message
        lesson.claim("with-EPOLLET-a-failed-mq_send-is-no-event", events(&set)?, 0);
        // ANCHOR_END: edge

        lesson.step("The same with a socket: two bytes, of which one is read");
        let (end, other) = socketpair()?;
        let of_socket = epoll_create1(EPOLL_CLOEXEC)?;
        epoll_ctl(&of_socket, EPOLL_CTL_ADD, &end, Some(EpollEvent::new(EPOLLIN | EPOLLET, 8)))?;
        write(&other, b"ab")?;
        events(&of_socket)?;
        read(&end, &mut [0; 1])?;
        lesson.predict("One byte is left. How many events does epoll report?", &["0", "1", "2"]);
        lesson.claim("with-EPOLLET-a-read-from-a-socket-is-no-event", events(&of_socket)?, 0);

        // ANCHOR: starve
        lesson.step("The queue is full, and B waits in mq_send");
        let mut b = lesson.process("B", |turn| {
            let mq = mq_open(&name, O_RDWR, 0, None)?;
            let sent = turn.blocking_call(lesson, || mq_send(&mq, b"from B", 0))?;
            turn.report(&sent)
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_send")?;

        lesson.step("A receives one message, and waits for the next event");
        mq_receive(&mq, &mut [0; 64])?;
        lesson.predict("B's message is in the queue now. How many events?", &["0", "1", "3"]);
        lesson.claim("with-EPOLLET-the-message-of-a-waiting-sender-is-no-event", events(&set)?, 0);
        lesson.claim("a-queue-without-an-event-can-be-full", lesson.look(&mq)?.fact("mq_curmsgs"), 3);
        waiting.resume()?.ok();
        b.finish()?;
        // ANCHOR_END: starve

        lesson.step("Receive until EAGAIN: this needs no further event");
        let taken = drain(&mq);
        lesson.claim("a-drain-loop-also-gets-the-messages-without-an-event", taken, 3);
        lesson.claim("with-EPOLLET-the-receive-that-empties-the-queue-is-no-event", events(&set)?, 0);

        lesson.step("EPOLLONESHOT: one event, until EPOLL_CTL_MOD asks for the next");
        let once = Some(EpollEvent::new(EPOLLIN | EPOLLONESHOT, 7));
        epoll_ctl(&set, EPOLL_CTL_MOD, &mq, once)?;
        mq_send(&mq, b"1", 0)?;
        events(&set)?;
        mq_send(&mq, b"2", 0)?;
        lesson.claim("after-one-event-EPOLLONESHOT-reports-no-further-message", events(&set)?, 0);
        epoll_ctl(&set, EPOLL_CTL_MOD, &mq, once)?;
        lesson.claim("EPOLL_CTL_MOD-rearms-an-EPOLLONESHOT-entry", events(&set)?, 1);
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Asks for events, without waiting, and returns their number.
fn events(set: &OwnedFd) -> Result<usize> {
    epoll_wait(set, &mut [EpollEvent::NONE; 4], 0)
}

/// Receives until the queue is empty, and returns the number of messages.
fn drain(mq: &Mqd) -> usize {
    let mut received = 0;
    while mq_receive(mq, &mut [0; 64]).is_ok() {
        received += 1;
    }
    received
}
