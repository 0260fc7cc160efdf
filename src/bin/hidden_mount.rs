//! mq_open does not use the mounts that you see: neither umount nor a read-only mount stops it.
//!
//!     cargo run --bin hidden_mount
//!
//! Chapter: lessons/36-linux. Manual pages: umount(2), mount(2), mq_overview(7).
//! Previous: mount_demo. Next: foreign_mount.

use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::Lesson;
use ipc_workbook::mount::{mount, umount};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::close;
use libc::{MS_RDONLY, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EBUSY, EROFS};
use std::ffi::CStr;
use std::process::ExitCode;

/// Where B mounts mqueue for the second time.
const SECOND: &CStr = c"/dev/shm/second";

/// The claims that need namespaces of their own.
const CLAIMS: [&str; 5] = [
    "umount-fails-with-EBUSY-while-a-descriptor-from-open-is-open",
    "a-descriptor-from-mq_open-does-not-keep-a-mount-busy",
    "a-queue-that-was-created-through-a-mount-stays-after-umount",
    "a-read-only-mount-refuses-to-create-a-queue",
    "a-read-only-mount-does-not-stop-mq_open-with-O_CREAT",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/hidden_mount")?;
        lesson.step("A creates a queue in the IPC namespace of this lesson");
        let ours = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&ours)?;

        lesson.step("B opens a new queue through a second mount, and once more with mq_open");
        let container =
            |lesson: &Lesson| lesson.become_container().and_then(|()| lesson.make_directory(SECOND));
        let b = lesson.process_in("B", container, &CLAIMS, |turn| {
            mount(c"none", SECOND, c"mqueue", 0, None)?;
            let file = open(c"/dev/shm/second/by_open", O_CREAT | O_RDWR, 0o600)?;
            let mq = mq_open(c"/by_open", O_RDWR, 0, None)?;
            turn.finish()?;

            // ANCHOR: umount
            let busy = umount(SECOND);
            lesson.claim("umount-fails-with-EBUSY-while-a-descriptor-from-open-is-open", busy, EBUSY);
            close(file)?;
            turn.finish()?;
            turn.report(&umount(SECOND))?;
            mq_close(mq)?;
            let stays = mq_open(c"/by_open", O_RDWR, 0, None);
            lesson.claim("a-queue-that-was-created-through-a-mount-stays-after-umount", &stays, "success");
            turn.finish()?;
            // ANCHOR_END: umount

            // ANCHOR: read-only
            mount(c"none", SECOND, c"mqueue", MS_RDONLY, None)?;
            let refused = open(c"/dev/shm/second/new", O_CREAT | O_RDWR, 0o600);
            lesson.claim("a-read-only-mount-refuses-to-create-a-queue", refused, EROFS);
            turn.finish()?;
            turn.report(&mq_open(c"/new", O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(1, 1))))?;
            // ANCHOR_END: read-only
            Ok(mq_unlink(c"/by_open")?)
        })?;
        if let Some(mut b) = b {
            b.turn()?;
            lesson.step("B removes the second mount");
            b.turn()?;
            let options = ["EBUSY", "EINVAL", "success"];
            lesson.predict("Only a descriptor from mq_open is open now. What does umount return?", &options);
            let free = b.outcome()?;
            lesson.claim("a-descriptor-from-mq_open-does-not-keep-a-mount-busy", free, "success");
            b.turn()?;
            lesson.step("B mounts mqueue again, read-only");
            b.turn()?;
            lesson.predict(
                "open has failed with EROFS. What does mq_open return?",
                &["success", "EROFS", "EACCES"],
            );
            let created = b.outcome()?;
            lesson.claim("a-read-only-mount-does-not-stop-mq_open-with-O_CREAT", created, "success");
            b.finish()?;
        }
        mq_close(ours)?;
        Ok(mq_unlink(&name)?)
    })
}
