//! Whether you can remove a name depends on its directory, not on the object's mode.
//!
//!     cargo run --bin sticky_demo
//!
//! Chapter: lessons/12-permissions. Manual pages: unlink(2), mq_unlink(3), shm_unlink(3),
//! sem_unlink(3), inode(7). Previous: effective_ids. Next: acl_demo.

use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, outcome};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::stat::{fchmod, stat, umask};
use ipc_workbook::unistd::{close, fchown, setresuid, unlink};
use libc::{O_CREAT, O_EXCL, O_RDWR, S_ISVTX};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/sticky_demo")?;

        lesson.step("Create one object of each kind that everybody may read and write");
        umask(0);
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o666)?;
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, 0o666, 0)?;
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o666, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&shm)?;
        let directory = stat(c"/dev/shm")?;
        lesson.claim("dev-shm-is-a-sticky-directory", directory.st_mode & S_ISVTX != 0, true);

        // ANCHOR: other
        lesson.step("Another user opens them and tries to remove them");
        let mut b = lesson.other_user("B", NOBODY, |turn| {
            turn.report(&shm_open(&shm_name, O_RDWR, 0).map(drop))?;
            turn.report(&shm_unlink(&shm_name))?;
            turn.report(&unlink(&shm_name.path()))?;
            turn.report(&sem_unlink(&sem_name))?;
            turn.report(&mq_open(&mq_name, O_RDWR, 0, None).map(drop))?;
            turn.report(&mq_unlink(&mq_name))?;
            turn.report(&sys_mq_unlink(&mq_name.without_slash()))
        })?;
        lesson.claim("another-user-may-write-shared-memory-of-mode-0666", b.turn()?, "success");
        lesson.claim("shm_unlink-refuses-another-user-with-EACCES", b.turn()?, "EACCES");
        lesson.claim("the-system-call-beneath-shm_unlink-refuses-with-EPERM", b.turn()?, "EPERM");
        lesson.claim("sem_unlink-refuses-another-user-with-EACCES", b.turn()?, "EACCES");
        lesson.claim("another-user-may-write-a-queue-of-mode-0666", b.turn()?, "success");
        lesson.claim("mq_unlink-refuses-another-user-with-EACCES", b.turn()?, "EACCES");
        lesson.claim("the-system-call-beneath-mq_unlink-refuses-with-EPERM", b.turn()?, "EPERM");
        b.finish()?;
        // ANCHOR_END: other

        lesson.step("Their owner sets the modes to 0000, then calls shm_unlink and mq_unlink");
        let mut c = lesson.root_apart("C", |turn| {
            let give_away = || {
                let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0, Some(&MqAttr::new(2, 64)))?;
                fchown(&mq, NOBODY, None)
            };
            give_away()?;
            setresuid(None, Some(NOBODY), None)?;
            turn.report(&mq_unlink(&mq_name))?;
            setresuid(None, Some(0), None)?;
            give_away()?;
            capset(0)?;
            turn.report(&mq_unlink(&mq_name))
        })?;
        capset(0)?; // root would pass this check; an ordinary user has no capabilities to drop
        fchmod(&shm, 0)?;
        fchmod(&mq, 0)?;
        lesson
            .predict("The mode is 0000. What is the result of shm_unlink?", &["EACCES", "success", "EPERM"]);
        lesson.claim(
            "an-owner-may-remove-shared-memory-of-mode-0000",
            outcome(&shm_unlink(&shm_name)),
            "success",
        );
        lesson.predict("And what is the result of mq_unlink?", &["success", "EACCES", "EPERM"]);
        lesson.claim("an-owner-may-remove-a-queue-of-mode-0000", outcome(&mq_unlink(&mq_name)), "success");
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        close(shm)?;
        mq_close(mq)?;

        lesson.step("C gives two queues away in its own IPC namespace: who can remove them?");
        lesson.claim("a-new-owner-may-remove-the-queue", c.turn()?, "success");
        lesson.claim(
            "the-owner-of-the-directory-may-remove-a-queue-without-a-capability",
            c.turn()?,
            "success",
        );
        c.finish()
    })
}
