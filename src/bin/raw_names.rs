//! The kernel's names for queues have no slash: glibc requires the slash, and removes it.
//!
//!     cargo run --bin raw_names
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_open(3), mq_unlink(3), mq_overview(7).
//! Previous: name_rules. Next: name_lengths.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::{EACCES, EINVAL, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/raw_names")?;
        let bare = name.without_slash();

        // ANCHOR: open
        lesson.step("Create a queue with glibc's mq_open, and leave the slash out of its name");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        let queue = lesson.look(&mq)?.inode;
        lesson.claim(
            "glibc-refuses-to-open-a-name-without-a-slash",
            mq_open(&bare, O_RDONLY, 0, None),
            EINVAL,
        );
        lesson.predict("Does the system call accept it?", &["EINVAL", "success", "ENOENT"]);
        let opened = sys_mq_open(&bare, O_RDONLY);
        lesson.claim("the-system-call-accepts-the-name-without-a-slash", &opened, "success");
        let same = lesson.look(opened?)?.inode == queue;
        lesson.claim("both-names-open-the-same-queue", same, true);
        // ANCHOR_END: open

        lesson.step("Give the system call the name with its slash, and then an empty name");
        let slash = sys_mq_open(&name, O_RDONLY);
        lesson.claim("the-system-call-refuses-a-name-with-a-slash", slash, EACCES);
        lesson.predict(
            "For an empty name glibc gives EINVAL. What does the system call give?",
            &["EINVAL", "EACCES", "ENOENT"],
        );
        lesson.claim("the-system-call-gives-ENOENT-for-an-empty-name", sys_mq_open(c"", O_RDONLY), ENOENT);

        lesson.step("Remove the name in the same ways");
        lesson.claim("glibc-refuses-to-unlink-a-name-without-a-slash", mq_unlink(&bare), EINVAL);
        lesson.claim("the-system-call-refuses-to-unlink-a-name-with-a-slash", sys_mq_unlink(&name), EACCES);
        sys_mq_unlink(&bare)?;
        let gone = mq_open(&name, O_RDONLY, 0, None);
        lesson.claim("the-system-call-unlinks-the-name-without-a-slash", gone, ENOENT);
        mq_close(mq)?;
        Ok(())
    })
}
