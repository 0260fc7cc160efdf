//! Decides who caused a failure of the grader's own calls: this machine, or the submission. It is decided
//! only here.
//!
//! A grader creates objects of its own, and a submission may remove, lock, fill or occupy what the grader
//! needs. The errno does not show the cause: a machine without memory gives the same one as a namespace that
//! a program has filled. The sandbox is therefore renewed, and the grader's operations are tried in it
//! without the submission. If they work, the machine is not the cause.

use super::Sandbox;
use super::fault::Fault;
use ipc_workbook::mman::{ftruncate, shm_open};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_send, mq_unlink};
use ipc_workbook::semaphore::sem_open;
use ipc_workbook::sysv::msg::{IPC_CREAT, IPC_NOWAIT, IPC_PRIVATE, msgget, msgsnd};
use ipc_workbook::sysv::sem::{Sembuf, semget, semop};
use ipc_workbook::sysv::shm::{shmat, shmdt, shmget};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno;
use std::ffi::{CStr, CString};
use std::fs;
use std::time::Duration;

/// The most queues of the default size that a lab's program and its grader need together.
pub(crate) const QUEUES: u64 = 2;
/// The bytes that such a queue counts for in RLIMIT_MSGQUEUE; see getrlimit(2).
pub(crate) const QUEUE_BYTES: u64 = 10 * (8192 + 96);

impl Sandbox {
    /// Returns what the submission did, if it caused the fault; otherwise returns the fault. Renews the
    /// sandbox.
    pub(crate) fn submissions_doing(&mut self, fault: Fault) -> Result<String, Fault> {
        if !self.has_run.get() {
            return Err(fault);
        }
        match self.renew().and_then(|()| self.works()).and_then(|()| self.renew()) {
            Ok(()) => Ok(format!(
                "the program removed, changed or filled something that the grader needs: {}",
                fault.0
            )),
            Err(Fault(why)) => {
                Err(Fault(format!("{}; it also fails without the submission: {why}", fault.0)))
            }
        }
    }

    /// Checks, after a line was lost, that other work on this machine did not cause it: it may have kept the
    /// processors busy, or programs of the same user may have used up RLIMIT_MSGQUEUE. An error means that
    /// there is no verdict. Renews the sandbox.
    pub(crate) fn other_work_is_no_cause(&mut self) -> Result<(), Fault> {
        if self.budget.was_starved() {
            return Err(Fault::new(
                "other work kept the processors busy until the time limit of the check was over; \
                 grade again when the machine is less busy, or grade fewer submissions at a time (--jobs)",
            ));
        }
        self.renew()?;
        self.has_queue_bytes()
    }

    /// Waits for a while if other programs of this user have used up RLIMIT_MSGQUEUE.
    pub(crate) fn wait_for_queue_bytes(&self) -> Result<(), Fault> {
        const ATTEMPTS: u32 = 200;
        const BETWEEN: Duration = Duration::from_millis(100);
        for _ in 1..ATTEMPTS {
            if self.has_queue_bytes().is_ok() {
                return Ok(());
            }
            std::thread::sleep(BETWEEN);
        }
        self.has_queue_bytes()
    }

    /// Checks that a program can create [`QUEUES`] queues now. No program may be running.
    fn has_queue_bytes(&self) -> Result<(), Fault> {
        if self.is_shared() {
            return Ok(());
        }
        let mut queues = Vec::new();
        for n in 0..QUEUES {
            let name = CString::new(format!("/queue.{n}")).unwrap_or_default();
            match mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, None) {
                Ok(queue) => {
                    mq_unlink(&name)?;
                    queues.push(queue);
                }
                Err(Errno::EMFILE) => {
                    return Err(Fault::new(
                        "message queues of other programs of this user have used up RLIMIT_MSGQUEUE; grade \
                         again when they have ended, or grade fewer submissions at a time (--jobs)",
                    ));
                }
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Tries the operations of a grader: creates and uses an object of each kind and a file, and runs a
    /// program.
    fn works(&self) -> Result<(), Fault> {
        const NAME: &CStr = c"/lab_works";
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
            Err(Fault::new(format!("a shell in the sandbox ended wrongly: {}", shell.end())))
        }
    }
}
