//! A pipe disappears with the last process that holds it; a queue and a file do not.
//!
//!     cargo run --bin persist_demo
//!
//! Chapter: lessons/14-persistence. Manual pages: pipe(7), mq_overview(7),
//! ipc_namespaces(7). Previous: ep_demo. Next: outlived_namespace.

use ipc_workbook::cli::Failure;
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::switch;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, has_no_device};
use ipc_workbook::private::Namespace;
use ipc_workbook::signal::kill;
use ipc_workbook::socket::{recvmsg, sendmsg, socketpair};
use ipc_workbook::unistd::{pipe, read, unlink, write};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::{EEXIST, ENOENT};
use nix::sys::signal::Signal::SIGKILL;
use std::os::fd::AsFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!([switch("crash", "Die by SIGKILL, and leave the queue for the next run to find")], |lesson| {
        let name = lesson.name(Kind::Queue, "/persistent_demo")?;
        let file = lesson.file_beside(&name)?;
        let create = || mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)));

        if lesson.is_set("crash") {
            lesson.step("Create the queue, and die without a chance to clean up");
            let mq = create()?;
            mq_send(&mq, b"from the crash", 0)?;
            kill(nix::unistd::getpid().as_raw(), SIGKILL)?;
        }

        // ANCHOR: make
        lesson.step("B creates a pipe, a queue and a file, and puts five bytes into each");
        let (near, far) = socketpair()?;
        let mut b = lesson.process("B", |turn| {
            let (reading_end, writing_end) = pipe()?;
            write(&writing_end, b"bytes")?;
            sendmsg(&far, b"!", &[reading_end.as_fd()])?; // a copy for A
            mq_send(&create()?, b"bytes", 0)?;
            write(open(&file, O_CREAT | O_EXCL | O_RDWR, 0o600)?, b"bytes")?;
            turn.finish()
        })?;
        b.turn()?;
        let (_, mut ends) = recvmsg(&near, &mut [0])?;
        let Some(end) = ends.pop() else {
            return Err(Failure::Contradicted("recvmsg received no descriptor".into()));
        };
        // ANCHOR_END: make

        lesson.step("Kill B. A still has the reading end of the pipe");
        b.kill(lesson)?;
        let mut buffer = [0; 64];
        lesson.predict("B, which created the pipe, is dead. How many bytes does A read?", &["0", "5", "64"]);
        lesson.claim("a-pipe-outlives-its-maker-while-another-process-holds-it", read(&end, &mut buffer)?, 5);
        lesson.claim("read-returns-0-from-an-empty-pipe-without-a-writer", read(&end, &mut buffer)?, 0);
        drop(end);

        // ANCHOR: queue
        lesson.step("Nobody holds the queue. Does it still exist?");
        lesson.predict("How many messages are in it?", &["0", "1", "5"]);
        let mq = mq_open(&name, O_RDWR, 0, None)?;
        let queue = lesson.look(&mq)?;
        lesson.claim("a-queue-nobody-holds-keeps-its-messages", queue.fact("mq_curmsgs"), 1);
        lesson.claim("SIGKILL-leaves-the-name", queue.st_nlink(), 1);
        lesson.claim("mq_open-with-O_EXCL-notices-what-a-killed-run-has-left", create(), EEXIST);
        // ANCHOR_END: queue

        lesson.step("Read the file of the killed process");
        let length = read(open(&file, O_RDONLY, 0)?, &mut buffer)?;
        lesson.claim("a-file-nobody-holds-keeps-its-bytes", length, 5);

        // ANCHOR: fresh
        lesson.step("C enters a fresh IPC namespace, which is like a kernel that has just started");
        let c = lesson.process("C", |_| {
            let no_queue = "a-fresh-ipc-namespace-has-no-queue-of-that-name";
            let a_file = "a-file-exists-in-a-fresh-ipc-namespace-too";
            if let Err(refused) = Namespace::new().enter() {
                return lesson.not_seen(&[no_queue, a_file], &refused.into());
            }
            lesson.claim(no_queue, mq_open(&name, O_RDONLY, 0, None), ENOENT);
            lesson.claim(a_file, read(open(&file, O_RDONLY, 0)?, &mut [0; 64])?, 5);
            Ok(())
        })?;
        c.finish()?;
        lesson.claim("the-file-system-of-queues-has-no-device", has_no_device(&mq), true);
        let dev_shm = open(c"/dev/shm", O_RDONLY, 0).map_err(|errno| Unseen(format!("/dev/shm: {errno:?}")));
        let without_device = dev_shm.and_then(has_no_device);
        lesson.claim("the-file-system-of-dev-shm-has-no-device", without_device, true);
        unlink(&file)?;
        mq_close(mq)?;
        mq_unlink(&name)?;
        // ANCHOR_END: fresh
        Ok(())
    })
}
