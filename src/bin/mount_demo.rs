//! In a mount of mqueue each file is a queue: open(2) creates it, and other file calls do what the queue allows.
//!
//!     cargo run --bin mount_demo
//!
//! Chapter: lessons/36-linux. Manual pages: mq_overview(7), mount(2), open(2).
//! Next: hidden_mount.

use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::Lesson;
use ipc_workbook::mman::ftruncate;
use ipc_workbook::mount::mount;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::resource::setrlimit;
use ipc_workbook::stat::{fstat, stat};
use ipc_workbook::unistd::read;
use libc::{O_CREAT, O_EXCL, O_RDWR, POLLIN};
use nix::errno::Errno::{EMFILE, ENOENT};
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CStr;
use std::os::fd::AsFd;
use std::process::ExitCode;

/// Where B mounts mqueue for the second time, and a file there.
const SECOND: &CStr = c"/dev/shm/second";
const FILE: &CStr = c"/dev/shm/second/by_open";

/// The claims that need namespaces of their own.
const CLAIMS: [&str; 10] = [
    "a-new-mount-does-not-show-the-queues-of-another-IPC-namespace",
    "two-mounts-in-one-IPC-namespace-have-the-same-st_dev",
    "open-with-O_CREAT-creates-a-queue-with-msg_default-messages",
    "mq_send-accepts-a-descriptor-from-open",
    "poll-reports-POLLIN-for-a-descriptor-from-open",
    "st_size-of-a-queue-with-a-message-is-80",
    "ftruncate-to-0-leaves-the-messages-in-the-queue",
    "read-of-a-queue-descriptor-returns-the-status-line",
    "a-second-read-of-the-status-line-returns-0",
    "a-queue-that-open-creates-is-charged-too",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/mount_demo")?;
        lesson.step("A creates a queue in the IPC namespace of this lesson");
        let ours = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&ours)?;

        lesson.step("B mounts mqueue a second time, in namespaces of its own");
        let container =
            |lesson: &Lesson| lesson.become_container().and_then(|()| lesson.make_directory(SECOND));
        let b = lesson.process_in("B", container, &CLAIMS, |turn| {
            mount(c"none", SECOND, c"mqueue", 0, None)?;
            let of_a = stat(&name.path());
            lesson.claim("a-new-mount-does-not-show-the-queues-of-another-IPC-namespace", of_a, ENOENT);
            let same = stat(SECOND)?.st_dev == stat(c"/dev/mqueue")?.st_dev;
            lesson.claim("two-mounts-in-one-IPC-namespace-have-the-same-st_dev", same, true);
            turn.finish()?;

            // ANCHOR: file
            let file = Mqd::from_fd(open(FILE, O_CREAT | O_RDWR, 0o600)?);
            let mq = mq_open(c"/by_open", O_RDWR, 0, None)?;
            let maxmsg = mq_getattr(&mq)?.mq_maxmsg;
            lesson.claim("open-with-O_CREAT-creates-a-queue-with-msg_default-messages", maxmsg, 10);
            let sent = mq_send(&file, b"hello", 0);
            lesson.claim("mq_send-accepts-a-descriptor-from-open", &sent, "success");
            let mut ready = [PollFd::new(file.as_fd(), POLLIN)];
            poll(&mut ready, 0)?;
            let readable = ready[0].revents() == POLLIN;
            lesson.claim("poll-reports-POLLIN-for-a-descriptor-from-open", readable, true);
            turn.finish()?;
            // ANCHOR_END: file

            // ANCHOR: content
            turn.answer(&Ok(fstat(&mq)?.st_size.to_string()))?;
            ftruncate(&file, 0)?;
            let kept = mq_getattr(&mq)?.mq_curmsgs;
            lesson.claim("ftruncate-to-0-leaves-the-messages-in-the-queue", kept, 1);
            let mut text = [0; 100];
            let length = read(&mq, &mut text)?;
            let status = text[..length].starts_with(b"QSIZE:5 ");
            lesson.claim("read-of-a-queue-descriptor-returns-the-status-line", status, true);
            lesson.claim("a-second-read-of-the-status-line-returns-0", read(&mq, &mut text)?, 0);
            turn.finish()?;
            // ANCHOR_END: content

            setrlimit(RLIMIT_MSGQUEUE, 0)?;
            let refused = open(c"/dev/mqueue/second", O_CREAT | O_RDWR, 0o600);
            lesson.claim("a-queue-that-open-creates-is-charged-too", refused, EMFILE);
            Ok(mq_unlink(c"/by_open")?)
        })?;
        if let Some(mut b) = b {
            b.turn()?;
            lesson.step("B creates a file, and uses its descriptor as a queue");
            b.turn()?;
            lesson.step("The size of the file, and what read(2) returns");
            lesson.predict("The queue contains the message hello. What is st_size?", &["5", "80", "8192"]);
            lesson.claim("st_size-of-a-queue-with-a-message-is-80", b.answer()?, "80");
            b.turn()?;
            lesson.step("B may have no further queue");
            b.finish()?;
        }
        mq_close(ours)?;
        Ok(mq_unlink(&name)?)
    })
}
