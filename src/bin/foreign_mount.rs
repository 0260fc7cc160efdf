//! A mount of mqueue shows the queues of the namespace in which it was made, and not those of its reader.
//!
//!     cargo run --bin foreign_mount
//!
//! Chapter: lessons/36-linux. Manual pages: ipc_namespaces(7), mq_overview(7), mount(2).
//! Previous: hidden_mount. Next: namespace_meeting.

use ipc_workbook::capability::capset;
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::Lesson;
use ipc_workbook::mount::mount;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::sched::unshare;
use ipc_workbook::stat::stat;
use ipc_workbook::unistd::unlink;
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::{EACCES, ENOENT, EPERM};
use std::ffi::CStr;
use std::process::ExitCode;

/// Where B mounts mqueue in its second namespace.
const SECOND: &CStr = c"/dev/shm/second";

const SMALLEST: MqAttr = MqAttr::new(1, 1);

/// The claims that need namespaces of their own.
const CLAIMS: [&str; 8] = [
    "a-mount-shows-the-namespace-of-its-mounter-to-a-process-that-has-left-it",
    "mq_open-creates-nothing-in-the-mount-of-another-namespace",
    "open-with-O_CREAT-through-a-mount-creates-a-queue-in-the-namespace-of-the-mount",
    "mounts-of-two-IPC-namespaces-have-different-st_dev",
    "no-queue-can-be-created-through-the-mount-of-a-dead-namespace",
    "the-mount-of-a-dead-namespace-still-shows-its-queues",
    "a-queue-can-be-removed-through-the-mount-of-a-dead-namespace",
    "mounting-mqueue-without-CAP_SYS_ADMIN-fails-with-EPERM",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/foreign_mount")?;
        lesson.step("A creates a queue in the IPC namespace of this lesson");
        let ours = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&ours)?;

        lesson.step("B creates a queue in a first namespace, and moves to a second one");
        let container =
            |lesson: &Lesson| lesson.become_container().and_then(|()| lesson.make_directory(SECOND));
        let b = lesson.process_in("B", container, &CLAIMS, |turn| {
            let first = open(c"/proc/self/ns/ipc", O_RDONLY, 0)?; // keeps the namespace for the moment
            mq_close(mq_open(c"/first", O_CREAT | O_RDWR, 0o600, Some(&SMALLEST))?)?;
            unshare(CLONE_NEWIPC)?;
            turn.finish()?;
            turn.report(&stat(c"/dev/mqueue/first"))?;

            // ANCHOR: two
            mq_close(mq_open(c"/second", O_CREAT | O_RDWR, 0o600, Some(&SMALLEST))?)?;
            let shown = stat(c"/dev/mqueue/second");
            lesson.claim("mq_open-creates-nothing-in-the-mount-of-another-namespace", shown, ENOENT);
            drop(open(c"/dev/mqueue/through", O_CREAT | O_RDWR, 0o600)?);
            let id = "open-with-O_CREAT-through-a-mount-creates-a-queue-in-the-namespace-of-the-mount";
            lesson.claim(id, mq_open(c"/through", O_RDWR, 0, None), ENOENT);
            unlink(c"/dev/mqueue/through")?; // open gives a queue the default attributes, which are charged in full
            mount(c"none", SECOND, c"mqueue", 0, None)?;
            let differ = stat(SECOND)?.st_dev != stat(c"/dev/mqueue")?.st_dev;
            lesson.claim("mounts-of-two-IPC-namespaces-have-different-st_dev", differ, true);
            turn.finish()?;
            // ANCHOR_END: two

            drop(first);
            let refused = open(c"/dev/mqueue/late", O_CREAT | O_RDWR, 0o600);
            lesson.claim("no-queue-can-be-created-through-the-mount-of-a-dead-namespace", refused, EACCES);
            let kept = open(c"/dev/mqueue/first", O_RDWR, 0);
            lesson.claim("the-mount-of-a-dead-namespace-still-shows-its-queues", &kept, "success");
            let removed = unlink(c"/dev/mqueue/first");
            lesson.claim("a-queue-can-be-removed-through-the-mount-of-a-dead-namespace", &removed, "success");
            turn.finish()?;

            capset(0)?;
            let refused = mount(c"none", SECOND, c"mqueue", 0, None);
            lesson.claim("mounting-mqueue-without-CAP_SYS_ADMIN-fails-with-EPERM", refused, EPERM);
            Ok(())
        })?;
        if let Some(mut b) = b {
            b.turn()?;
            let options = ["success", "ENOENT", "EACCES"];
            lesson.predict(
                "B is in the second namespace. What does stat of /dev/mqueue/first return?",
                &options,
            );
            let seen = b.outcome()?;
            let id = "a-mount-shows-the-namespace-of-its-mounter-to-a-process-that-has-left-it";
            lesson.claim(id, seen, "success");
            lesson.step("B creates one queue by mq_open, and one through the old mount");
            b.turn()?;
            lesson.step("The first namespace ends: B closes the file that kept it");
            b.turn()?;
            lesson.step("B mounts mqueue without capabilities");
            b.finish()?;
        }
        mq_close(ours)?;
        Ok(mq_unlink(&name)?)
    })
}
