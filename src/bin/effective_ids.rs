//! A new object belongs to the effective user, not to the real one; for POSIX, setfsuid can change this.
//!
//!     cargo run --bin effective_ids
//!
//! Chapter: lessons/12-permissions. Manual pages: credentials(7), setfsuid(2), setresuid(2).
//! Previous: ownership_demo. Next: sticky_demo.

use ipc_workbook::credentials::{setfsgid, setfsuid};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, Outcome};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::stat::{Stat, fstat, stat};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{setresgid, setresuid};
use libc::{O_CREAT, O_EXCL, O_RDWR, uid_t};
use nix::unistd::{geteuid, getgid, getuid};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/effective_ids")?;
        let create = || mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)));
        let queue = || -> Outcome<Stat> {
            let mq = create()?;
            let queue = fstat(&mq)?;
            mq_unlink(&mq_name)?;
            Ok(queue)
        };

        lesson.step("Create a queue and read the filesystem user ID: setfsuid(-1) only returns it");
        let mq = create()?;
        lesson.look(&mq)?;
        let filesystem_user = setfsuid(uid_t::MAX);
        let id = "the-filesystem-user-is-the-effective-one-unless-setfsuid-changes-it";
        lesson.claim(id, filesystem_user, geteuid().as_raw());

        // ANCHOR: b
        lesson.step("B is root in its own IPC namespace, and sets its real IDs to 65534");
        let mut b = lesson.root_apart("B", |turn| {
            setresgid(Some(NOBODY), None, None)?; // the effective ID stays 0
            setresuid(Some(NOBODY), None, None)?;
            turn.report_number(getuid().as_raw().cast_signed())?;
            turn.report_number(getgid().as_raw().cast_signed())?;
            let made = queue()?;
            turn.report_number(made.st_uid.cast_signed())?;
            turn.report_number(made.st_gid.cast_signed())?;
            let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
            shm_unlink(&shm_name)?;
            turn.report_number(fstat(&shm)?.st_uid.cast_signed())?;
            drop(sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 0)?);
            let semaphore = stat(&sem_name.path())?;
            sem_unlink(&sem_name)?;
            turn.report_number(semaphore.st_uid.cast_signed())?;
            setfsgid(NOBODY);
            setfsuid(NOBODY); // the effective ID is still 0
            let made = queue()?;
            turn.report_number(made.st_uid.cast_signed())?;
            turn.report_number(made.st_gid.cast_signed())?;
            let msqid = msgget(IPC_PRIVATE, 0o600)?;
            turn.report_number(msgctl(msqid, IPC_STAT)?.msg_perm.cuid.cast_signed())
        })?;
        // ANCHOR_END: b
        let nobody = NOBODY.cast_signed();
        lesson.claim("setresuid-can-change-the-real-user-alone", b.number()?, nobody);
        lesson.claim("setresgid-can-change-the-real-group-alone", b.number()?, nobody);
        lesson.claim("a-queue-belongs-to-the-effective-user-and-not-to-the-real-one", b.number()?, 0);
        lesson.claim("a-queue-belongs-to-the-effective-group-and-not-to-the-real-one", b.number()?, 0);
        let id = "shared-memory-belongs-to-the-effective-user-and-not-to-the-real-one";
        lesson.claim(id, b.number()?, 0);
        lesson.claim("a-semaphore-belongs-to-the-effective-user-and-not-to-the-real-one", b.number()?, 0);

        lesson.step("B sets its filesystem IDs to 65534; its effective IDs stay 0");
        let id = "a-queue-belongs-to-the-filesystem-user-and-not-to-the-effective-one";
        lesson.claim(id, b.number()?, nobody);
        let id = "a-queue-belongs-to-the-filesystem-group-and-not-to-the-effective-one";
        lesson.claim(id, b.number()?, nobody);
        let id = "a-system-v-queue-belongs-to-the-effective-user-whatever-the-filesystem-user";
        lesson.claim(id, b.number()?, 0);
        b.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&mq_name)?)
    })
}
