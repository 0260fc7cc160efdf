//! With O_CREAT, mq_open creates a queue, or opens the queue that already has the name.
//!
//!     cargo run --bin demo_mq
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_open(3), mq_overview(7).
//! Next: close_demo.

use ipc_workbook::lesson;
use ipc_workbook::lesson::since_glibc_2_34;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, library_of};
use ipc_workbook::unistd::dup;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::ENOENT;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/demo_queue")?;

        lesson.step("Open a queue that does not exist");
        lesson.predict("O_CREAT is not set. Does mq_open succeed?", &["EINVAL", "success", "ENOENT"]);
        lesson.claim("mq_open-without-O_CREAT-creates-nothing", mq_open(&name, O_RDWR, 0, None), ENOENT);

        // ANCHOR: create
        lesson.step("Create the queue with O_CREAT: mq_open takes two more arguments");
        let attr = MqAttr::new(2, 64);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr))?;
        let created = lesson.look(&mq)?;
        let is = mq_getattr(&mq)?;
        lesson.claim("attr-sets-mq_maxmsg-of-a-new-queue", is.mq_maxmsg, 2);
        lesson.claim("attr-sets-mq_msgsize-of-a-new-queue", is.mq_msgsize, 64);
        // ANCHOR_END: create

        lesson.step("The fundamentals tutorial's call: O_CREAT alone, while the queue exists");
        lesson.predict(
            "Which queue does mq_open open, or does it fail?",
            &["the same queue", "another queue", "EEXIST"],
        );
        let again = mq_open(&name, O_CREAT | O_RDWR, 0o644, None)?;
        let opened = lesson.look(&again)?;
        let which = if opened.inode == created.inode { "the same queue" } else { "another queue" };
        lesson.claim("O_CREAT-alone-opens-an-existing-queue", which, "the same queue");
        mq_close(again)?;

        lesson.step("An mqd_t is a file descriptor: send through it, and receive through a dup of it");
        mq_send(&mq, b"through a copy", 0)?;
        let copy = Mqd::from_fd(dup(&mq)?);
        let mut buffer = [0; 64];
        let (length, _) = mq_receive(&copy, &mut buffer)?;
        lesson.claim("a-dup-of-a-queue-descriptor-can-receive", &buffer[..length], b"through a copy");
        mq_close(copy)?;

        lesson.step("Which library do these calls come from?");
        lesson.predict(
            "The fundamentals tutorial links with -lrt. Which library contains mq_open?",
            &["librt.so.1", "libpthread.so.0", "libc.so.6"],
        );
        for call in [c"mq_open", c"sem_open", c"shm_open"] {
            let claim = format!("since-glibc-2.34-{}-is-in-libc-itself", call.to_string_lossy());
            // Before glibc 2.34 the calls were in librt and libpthread. The claim says nothing about that.
            let library = since_glibc_2_34().and_then(|()| library_of(call));
            lesson.claim(&claim, library, "libc.so.6".to_string());
        }

        lesson.step("Close the queue, and unlink its name");
        mq_close(mq)?;
        mq_unlink(&name)?;
        lesson.claim(
            "after-close-and-unlink-there-is-no-such-queue",
            mq_open(&name, O_RDWR, 0, None),
            ENOENT,
        );
        Ok(())
    })
}
