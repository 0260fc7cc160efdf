//! An access control list can let one more user into shared memory and semaphores, but not into queues.
//!
//!     cargo run --bin acl_demo
//!
//! Chapter: lessons/12-permissions. Manual pages: acl(5), setxattr(2), shm_overview(7).
//! Previous: sticky_demo.

use ipc_workbook::lesson;
use ipc_workbook::lesson::NOBODY;
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen};
use ipc_workbook::semaphore::*;
use ipc_workbook::stat::{fchmod, fstat, stat};
use ipc_workbook::unistd::close;
use ipc_workbook::xattr::{Acl, fsetxattr, setxattr};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::EOPNOTSUPP;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/acl_demo")?;

        lesson.step("Create one object of each kind for the owner alone; B is another user");
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 0)?;
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&shm)?;
        let mut b = lesson.other_user("B", NOBODY, |turn| {
            for _ in 0..2 {
                turn.report(&shm_open(&shm_name, O_RDWR, 0).map(drop))?;
                turn.report(&sem_open(&sem_name, 0, 0, 0).map(drop))?;
            }
            turn.report(&shm_open(&shm_name, O_RDWR, 0).map(drop))?;
            turn.report(&shm_open(&shm_name, O_RDWR, 0).map(drop))
        })?;
        lesson.claim("mode-0600-shuts-others-out-of-shared-memory", b.turn()?, "EACCES");
        lesson.claim("mode-0600-shuts-others-out-of-a-semaphore", b.turn()?, "EACCES");

        // ANCHOR: acl
        lesson.step("Set an access control list that lets one named user read and write");
        let who = if b.exists() { NOBODY } else { nix::unistd::geteuid().as_raw() };
        let acl = Acl { user_obj: 6, user: (who, 6), group_obj: 0, mask: 6, other: 0 };
        let listed = match fsetxattr(&shm, &acl).and_then(|()| setxattr(&sem_name.path(), &acl)) {
            Err(EOPNOTSUPP) => Err(Unseen("the file system on /dev/shm has no access control lists".into())),
            taken => Ok(taken?),
        };
        let if_listed = |got: Result<String, Unseen>| listed.clone().and(got);
        lesson.claim("a-list-lets-the-named-user-into-shared-memory", if_listed(b.turn()?), "success");
        lesson.claim("a-list-lets-the-named-user-into-a-semaphore", if_listed(b.turn()?), "success");
        // ANCHOR_END: acl

        // ANCHOR: mask
        lesson.step("Read the mode again, now that there is a list");
        lesson.predict(
            "The mode was 0600, and the list has group::---. What is the mode now?",
            &["0660", "0600", "0666"],
        );
        let mode = fstat(&shm)?.mode();
        lesson.claim("the-group-bits-show-the-mask-of-the-list", if_listed(Ok(mode)), "0660");
        let mode = stat(&sem_name.path())?.mode();
        lesson.claim("the-group-bits-of-a-semaphore-show-the-mask-too", if_listed(Ok(mode)), "0660");

        lesson.step("Set the mode to 0600, then to 0660; each time the named user tries to open the memory");
        fchmod(&shm, 0o600)?;
        lesson.claim("fchmod-0600-shuts-the-named-user-out", if_listed(b.turn()?), "EACCES");
        fchmod(&shm, 0o660)?;
        lesson.claim("fchmod-0660-lets-the-named-user-in-again", if_listed(b.turn()?), "success");
        // ANCHOR_END: mask
        b.finish()?;

        lesson.step("Set the same list on a queue");
        lesson.predict("What is the result of fsetxattr on a queue?", &["success", "EOPNOTSUPP", "EPERM"]);
        lesson.claim("a-queue-takes-no-access-control-list", fsetxattr(&mq, &acl), EOPNOTSUPP);
        close(shm)?;
        shm_unlink(&shm_name)?;
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        mq_close(mq)?;
        mq_unlink(&mq_name)?;
        Ok(())
    })
}
