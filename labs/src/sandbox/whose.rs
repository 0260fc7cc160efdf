//! Whose doing it is that grading cannot go on: the machine's, or the submission's. It is decided
//! here and nowhere else.
//!
//! A grader makes objects of its own, and a submission may remove, lock, fill or occupy what the
//! grader needs. The errno does not tell whose doing that is: a machine without memory answers as a
//! namespace that a program has filled. So the sandbox is made new, and what graders do is tried
//! in it without the submission. If that works, the machine is well.

use super::Sandbox;
use super::fault::Fault;
use ipc_workbook::mman::{ftruncate, shm_open};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_send};
use ipc_workbook::semaphore::sem_open;
use ipc_workbook::sysv::msg::{IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, msgget, msgsnd};
use ipc_workbook::sysv::sem::{Sembuf, semget, semop};
use ipc_workbook::sysv::shm::{shmat, shmdt, shmget};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::fs;
use std::time::Duration;

impl Sandbox {
    /// What the submission has done, in words, if the fault is its doing; otherwise the fault. The
    /// sandbox is new afterwards.
    pub(crate) fn submissions_doing(&mut self, fault: Fault) -> Result<String, Fault> {
        if !self.has_run.get() {
            return Err(fault);
        }
        match self.renew().and_then(|()| self.works()).and_then(|()| self.renew()) {
            Ok(()) => Ok(format!("the program removed, changed or filled what the grader uses: {}", fault.0)),
            Err(_) => Err(fault),
        }
    }

    /// Does what graders do: makes and uses an object of each kind, and a file, and runs a program.
    fn works(&self) -> Result<(), Fault> {
        const NAME: &std::ffi::CStr = c"/lab_works";
        const MODE: u32 = 0o600;
        let queue = mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, MODE, Some(&MqAttr::new(10, 8192)))?;
        mq_send(&queue, b"works", 0)?;
        sem_open(NAME, O_CREAT | O_EXCL, MODE, 1)?;
        ftruncate(&shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, MODE)?, 4096)?;
        let mode = IPC_CREAT | MODE.cast_signed();
        msgsnd(msgget(IPC_PRIVATE, mode)?, 1, b"works", IPC_NOWAIT)?;
        semop(semget(IPC_PRIVATE, 2, mode)?, &[Sembuf::new(0, 1, 0)])?;
        shmdt(shmat(shmget(IPC_PRIVATE, 4096, mode)?, None, 0)?)?;
        let file = self.path("/work/works");
        fs::write(&file, "works").map_err(|error| Fault::io(&file.display().to_string(), &error))?;

        let shell = self.run(self.launch("/bin/sh", &["-c", "exit 7"]), Duration::from_secs(10))?;
        if shell.exited(7) {
            Ok(())
        } else {
            Err(Fault::new(format!("a shell in the sandbox: {}", shell.end())))
        }
    }
}
