//! You own the objects that you create, but you can give away only those of System V.
//!
//!     cargo run --bin ownership_demo
//!
//! Chapter: lessons/12-permissions. Manual pages: credentials(7), chown(2), msgctl(2).
//! Previous: svaccess_demo. Next: effective_ids.

use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, outcome};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen};
use ipc_workbook::semaphore::*;
use ipc_workbook::stat::{fstat, stat};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{close, fchown};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::unistd::{getegid, geteuid};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/ownership_demo")?;
        let key = lesson.key("/ownership_demo")?;
        let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());

        lesson.step("Create one object of each kind and look at its owner");
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        lesson.claim("new-shared-memory-belongs-to-the-user-who-makes-it", fstat(&shm)?.st_uid, uid);
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 0)?;
        lesson.claim("a-new-semaphore-belongs-to-the-user-who-makes-it", stat(&sem_name.path())?.st_uid, uid);
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        let queue = fstat(&mq)?;
        lesson.claim("a-new-queue-belongs-to-the-user-who-makes-it", queue.st_uid, uid);
        lesson.claim("a-new-queue-belongs-to-the-group-of-the-process-that-makes-it", queue.st_gid, gid);
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        close(shm)?;
        shm_unlink(&shm_name)?;

        // ANCHOR: away
        lesson.step("Without capabilities, give a POSIX queue to another user");
        let somebody = if uid == NOBODY { 0 } else { NOBODY };
        capset(0)?; // root may give anything away; an ordinary user has no capabilities to drop
        lesson.predict("The owner calls fchown. What is the result?", &["EPERM", "EACCES", "success"]);
        let given = exists(outcome(&fchown(&mq, somebody, None)));
        lesson.claim("an-owner-may-not-give-its-posix-queue-away", given, "EPERM");
        mq_close(mq)?;
        mq_unlink(&mq_name)?;

        lesson.step("Give a System V queue to another user, with IPC_SET");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let mut ds = msgctl(msqid, IPC_STAT)?;
        ds.msg_perm.uid = somebody;
        lesson.predict("The owner calls msgctl. What is the result?", &["EACCES", "EPERM", "success"]);
        let given = exists(outcome(&msgctl(msqid, IPC_SET(&ds))));
        lesson.claim("an-owner-may-give-its-system-v-queue-away", given, "success");
        let creator = msgctl(msqid, IPC_STAT)?.msg_perm.cuid;
        lesson.claim("a-change-of-owner-does-not-change-the-creator-of-a-system-v-queue", creator, uid);
        lesson.claim(
            "the-creator-may-remove-a-system-v-queue-that-it-gave-away",
            &msgctl(msqid, IPC_RMID),
            "success",
        );
        // ANCHOR_END: away

        Ok(())
    })
}

/// A uid that this user namespace does not have gives EINVAL before any permission is checked.
fn exists(got: Result<String, Unseen>) -> Result<String, Unseen> {
    match got {
        Ok(errno) if errno == "EINVAL" => {
            Err(Unseen("this needs another user, and this user namespace has none (EINVAL)".into()))
        }
        got => got,
    }
}
