//! The umask clears bits in the mode of a new POSIX object, but not of a System V object.
//!
//!     cargo run --bin perm_demo -- --mode 0666 --umask 0027
//!
//! Chapter: lessons/12-permissions. Manual pages: umask(2), mq_open(3), sem_open(3),
//! shm_open(3), chmod(2). Next: mode_bits.

use clap::Arg;
use ipc_workbook::lesson;
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::stat::{an_octal, fchmod, fstat, octal, stat, umask};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::close;
use libc::{O_CREAT, O_EXCL, O_RDWR, mode_t};
use std::process::ExitCode;

fn main() -> ExitCode {
    let flag = |id, usual, help| Arg::new(id).long(id).value_name("OCTAL").default_value(usual).help(help);
    let mode = flag("mode", "0660", "Create the POSIX objects with this mode").value_parser(an_octal);
    let mask = flag("umask", "0022", "Set this umask first").value_parser(an_octal);
    lesson!(keys, [mode, mask], |lesson| {
        let bits = |id| mode_t::from_str_radix(lesson.flag(id).unwrap_or_default(), 8).unwrap_or_default();
        let (mode, mask) = (bits("mode"), bits("umask"));
        let left = octal(mode & !mask);
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/perm_demo")?;
        let key = lesson.key("/perm_demo")?;

        // ANCHOR: umask
        lesson.step("Set the umask and create a queue");
        umask(mask);
        lesson.predict("What is the mode of the queue?", &[&octal(mode), &left, &octal(mode & mask)]);
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, mode, Some(&MqAttr::new(2, 64)))?;
        lesson.claim("a-new-queue-lacks-the-bits-of-the-umask", fstat(&mq)?.mode(), left.clone());
        // ANCHOR_END: umask

        lesson.step("Create a semaphore and shared memory with the same mode");
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, mode, 0)?;
        let semaphore = stat(&sem_name.path())?; // a semaphore has no descriptor for fstat
        lesson.claim("a-new-semaphore-lacks-the-bits-of-the-umask", semaphore.mode(), left.clone());
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, mode)?;
        lesson.look(&shm)?;
        lesson.claim("new-shared-memory-lacks-the-bits-of-the-umask", fstat(&shm)?.mode(), left);

        // ANCHOR: sysv
        lesson.step("Create a System V queue under a umask of 0777");
        lesson.predict("msgget asks for 0666. What is the mode of the queue?", &["0000", "0666", "0600"]);
        umask(0o777);
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o666)?;
        let queue = msgctl(msqid, IPC_STAT)?;
        msgctl(msqid, IPC_RMID)?;
        let mode = octal(queue.msg_perm.mode);
        lesson.claim("the-umask-does-not-change-the-mode-of-a-system-v-queue", mode, octal(0o666));
        // ANCHOR_END: sysv

        // ANCHOR: fchmod
        lesson.step("Change the modes with fchmod, still under a umask of 0777");
        fchmod(&mq, 0o666)?;
        lesson.claim("fchmod-of-a-queue-ignores-the-umask", fstat(&mq)?.mode(), octal(0o666));
        fchmod(&shm, 0o666)?;
        lesson.claim("fchmod-of-shared-memory-ignores-the-umask", fstat(&shm)?.mode(), octal(0o666));
        // ANCHOR_END: fchmod

        close(shm)?;
        shm_unlink(&shm_name)?;
        mq_close(mq)?;
        mq_unlink(&mq_name)?;
        Ok(())
    })
}
