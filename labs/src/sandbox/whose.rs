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

/// As many queues of the default size a program of a lab needs at most, and its grader.
pub(crate) const QUEUES: u64 = 2;
/// What such a queue is charged for, by getrlimit(2).
pub(crate) const QUEUE_BYTES: u64 = 10 * (8192 + 96);

impl Sandbox {
    /// What the submission has done, in words, if the fault is its doing; otherwise the fault. The
    /// sandbox is new afterwards.
    pub(crate) fn submissions_doing(&mut self, fault: Fault) -> Result<String, Fault> {
        if !self.has_run.get() {
            return Err(fault);
        }
        match self.renew().and_then(|()| self.works()).and_then(|()| self.renew()) {
            Ok(()) => Ok(format!("the program removed, changed or filled what the grader uses: {}", fault.0)),
            Err(Fault(why)) => Err(Fault(format!("{}; without the submission: {why}", fault.0))),
        }
    }

    /// A line was lost. Other work on this machine may be why: it may have kept the processors, and programs
    /// of the same user may have used up the bytes that the user's queues may have in all. Then there is no
    /// verdict. The sandbox is new afterwards.
    pub(crate) fn other_work_is_no_cause(&mut self) -> Result<(), Fault> {
        if self.budget.was_starved() {
            return Err(Fault::new(
                "other work kept this machine's processors busy, and the time of the check was over; \
                 grade again when there is less of it, or fewer submissions at a time (--jobs)",
            ));
        }
        self.renew()?;
        self.has_queue_bytes()
    }

    /// Waits a while, if other programs of this user have used up the bytes that the user's queues may have.
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

    /// Whether a program can make [`QUEUES`] queues now. No program may run.
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
                        "queues of other programs of this user have used up RLIMIT_MSGQUEUE; grade again when \
                         those have ended, or fewer submissions at a time (--jobs)",
                    ));
                }
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// Does what graders do: makes and uses an object of each kind, and a file, and runs a program.
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
            Err(Fault::new(format!("a shell in the sandbox: {}", shell.end())))
        }
    }
}
