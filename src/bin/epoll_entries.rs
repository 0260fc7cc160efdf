//! An epoll set watches open file descriptions: a dup or a child keeps an entry after the descriptor is closed.
//!
//!     cargo run --bin epoll_entries
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: epoll(7), epoll_ctl(2), dup(2).
//! Previous: epoll_edge. Next: epoll_exclusive.

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::lesson;
use ipc_workbook::lesson::Turn;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::{close, dup};
use libc::{EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLIN, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EEXIST, ENOENT};
use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::process::ExitCode;

/// What each entry asks for. The number comes back with the event.
fn entry(data: u64) -> EpollEvent {
    EpollEvent::new(EPOLLIN, data)
}

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/epoll_entries")?;

        lesson.step("Add a queue that has a message, twice, and then a dup of its descriptor");
        let mq = create(&name)?;
        mq_send(&mq, b"hello", 0)?;
        lesson.look(&mq)?;
        let set = epoll_create1(EPOLL_CLOEXEC)?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &mq, Some(entry(1)))?;
        let twice = epoll_ctl(&set, EPOLL_CTL_ADD, &mq, Some(entry(2)));
        lesson.claim("EPOLL_CTL_ADD-of-the-same-descriptor-is-EEXIST", twice, EEXIST);
        let copy = dup(&mq)?;
        let added = epoll_ctl(&set, EPOLL_CTL_ADD, &copy, Some(entry(2)));
        lesson.claim("EPOLL_CTL_ADD-of-a-dup-makes-a-second-entry", &added, "success");
        added?;
        lesson.claim("one-message-is-an-event-for-each-entry", data(&set)?, "1 2".to_string());
        epoll_ctl(&set, EPOLL_CTL_DEL, &copy, None)?;
        lesson.claim("EPOLL_CTL_DEL-removes-one-entry", data(&set)?, "1".to_string());

        // ANCHOR: close
        lesson.step("Close the descriptor that was added, while its dup is open");
        mq_close(mq)?;
        lesson.predict("Which entries have an event: none (nothing), or number 1?", &["nothing", "1", "2"]);
        lesson.claim("a-dup-keeps-the-entry-of-a-closed-descriptor", data(&set)?, "1".to_string());
        let removed = epoll_ctl(&set, EPOLL_CTL_DEL, &copy, None);
        lesson.claim("EPOLL_CTL_DEL-through-the-dup-does-not-find-that-entry", removed, ENOENT);
        close(copy)?;
        lesson.claim(
            "the-last-close-of-the-description-removes-the-entry",
            data(&set)?,
            "nothing".to_string(),
        );
        // ANCHOR_END: close

        lesson.step("B inherits a descriptor, and A closes its own");
        let mq = mq_open(&name, O_RDWR, 0, None)?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &mq, Some(entry(3)))?;
        let b = lesson.started("B", Turn::finish)?;
        mq_close(mq)?;
        lesson.predict("A has no descriptor of the queue now. Which entries?", &["nothing", "3", "1"]);
        lesson.claim(
            "a-child-keeps-the-entry-of-a-descriptor-that-its-parent-closed",
            data(&set)?,
            "3".to_string(),
        );
        b.kill(lesson)?;
        lesson.claim("the-end-of-the-child-removes-the-entry", data(&set)?, "nothing".to_string());

        lesson.step("Unlink the queue, and create another one with its name");
        let old = mq_open(&name, O_RDWR, 0, None)?;
        mq_receive(&old, &mut [0; 64])?;
        epoll_ctl(&set, EPOLL_CTL_ADD, &old, Some(entry(4)))?;
        mq_unlink(&name)?;
        let new = create(&name)?;
        mq_send(&new, b"for the new queue", 0)?;
        lesson.claim(
            "a-message-to-a-new-queue-with-the-old-name-is-no-event",
            data(&set)?,
            "nothing".to_string(),
        );
        mq_send(&old, b"for the old queue", 0)?;
        lesson.claim("a-message-to-an-unlinked-queue-is-an-event", data(&set)?, "4".to_string());
        mq_close(old)?;
        mq_close(new)?;
        Ok(mq_unlink(&name)?)
    })
}

fn create(name: &CStr) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))
}

/// Asks for events, without waiting, and returns the numbers of the entries that have one.
fn data(set: &OwnedFd) -> Result<String> {
    let mut events = [EpollEvent::NONE; 4];
    let number = epoll_wait(set, &mut events, 0)?;
    let mut numbers: Vec<String> = events[..number].iter().map(|event| event.data().to_string()).collect();
    numbers.sort();
    Ok(if numbers.is_empty() { "nothing".into() } else { numbers.join(" ") })
}
