//! A call that is announced before it is made.

use crate::sandbox::{Clock, Does, Meeting, Notice, Reach};
use std::time::Duration;

/// A call that a thread is about to make, and makes when it is let go on.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// Which of the scheduled programs, in the order of their start. (What a program forks
    /// counts as itself.)
    pub(crate) program: usize,
    /// The process, and the thread.
    pub(crate) pid: i32,
    pub(crate) tid: i32,
    /// The system call's name; `semop` is `semop` or `semtimedop`, as the C library likes.
    pub(crate) name: String,
    /// For calls that take a path, the path.
    pub(crate) path: Option<String>,
    /// Its arguments, as the kernel is given them: flags, identifiers, commands.
    pub(crate) args: [u64; 6],
    /// For a pause: when it is over, by the sandbox's clock, and how long that is.
    pause: Option<(Duration, Duration)>,
    notice: Notice,
}

impl Pending {
    pub(super) fn new(program: usize, notice: Notice, clock: &Clock) -> Self {
        let path =
            path_argument(&notice).map(|arg| String::from_utf8_lossy(&notice.string(arg)).into_owned());
        let pause = match notice.does() {
            Does::Sleep(_) => notice.wait().map(|(_, time)| (clock.end_of(time), clock.length_of(time))),
            _ => None,
        };
        Pending {
            program,
            pid: notice.process().unwrap_or(notice.tid),
            tid: notice.tid,
            name: notice.name(),
            path,
            args: notice.args,
            pause,
            notice,
        }
    }

    /// Whether it is this call.
    pub(crate) fn is(&self, call: &str) -> bool {
        self.name == call
    }

    /// Whether it may create an object, or make it larger.
    pub(crate) fn may_create(&self) -> bool {
        let with_flag = |arg: usize| self.args[arg] & u64::from(libc::O_CREAT.cast_unsigned()) != 0;
        match self.name.as_str() {
            "mq_open" | "open" => with_flag(1),
            "openat" => with_flag(2),
            "openat2" => self.notice.memory(2, 8).is_some_and(|how| how[0] & libc::O_CREAT as u8 != 0),
            "creat" | "mknod" | "mknodat" | "ftruncate" | "truncate" | "fallocate" | "write" | "pwrite64" => {
                true
            }
            _ => false,
        }
    }

    /// Whether it is a msgsnd or msgrcv that waits if it has to: without IPC_NOWAIT.
    pub(crate) fn may_wait(&self) -> bool {
        let flags = match self.name.as_str() {
            "msgsnd" => self.args[3],
            "msgrcv" => self.args[4],
            _ => return false,
        };
        flags & u64::from(libc::IPC_NOWAIT.cast_unsigned()) == 0
    }

    /// Whether it is a semop that takes from semaphore 0, and waits until that is possible.
    pub(crate) fn waits_for_semaphore_0(&self) -> bool {
        const SEMBUF: usize = size_of::<libc::sembuf>();
        if !self.is("semop") && !self.is("semtimedop") {
            return false;
        }
        let count = usize::try_from(self.args[2]).unwrap_or(0).min(16);
        let Some(operations) = self.memory(1, count * SEMBUF) else { return false };
        let number = |operation: &[u8], at: usize| i16::from_ne_bytes([operation[at], operation[at + 1]]);
        operations.chunks_exact(SEMBUF).any(|operation| {
            let [semaphore, change, flags] = [0, 2, 4].map(|at| number(operation, at));
            semaphore == 0 && change < 0 && i32::from(flags) & libc::IPC_NOWAIT == 0
        })
    }

    /// How long it pauses, if it does nothing else.
    pub(crate) fn sleeps_for(&self) -> Option<Duration> {
        self.pause.map(|(_, length)| length)
    }

    /// When its pause is over.
    pub(super) fn end_of_pause(&self) -> Option<Duration> {
        self.pause.map(|(end, _)| end)
    }

    /// The `struct timespec` that an argument points to: seconds and nanoseconds.
    pub(crate) fn timespec(&self, arg: usize) -> Option<Duration> {
        self.notice.timespec(arg)
    }

    /// So many bytes of what an argument points to.
    pub(crate) fn memory(&self, arg: usize, length: usize) -> Option<Vec<u8>> {
        self.notice.memory(arg, length)
    }

    pub(super) fn notice(&self) -> &Notice {
        &self.notice
    }
}

/// Whether another program may notice an announced call: not so the opening of a library, or of a locale.
pub(super) fn is_noticed(notice: &Notice, meeting: &Meeting) -> bool {
    let reach = match notice.does() {
        Does::ActAt(paths) => {
            let reach = paths.iter().map(|path| {
                let folder = path.folder.map(|folder| notice.args[folder]);
                meeting.along(notice.tid, folder, &notice.string(path.path))
            });
            reach.min().unwrap_or(Reach::Elsewhere)
        }
        Does::ActOn(fd) => meeting.behind(notice.tid, notice.args[fd]),
        // A thread that sends itself a signal tells nobody else.
        Does::Signal(process) => return notice.process_named_by(process) != notice.process(),
        _ => return true,
    };
    match reach {
        Reach::Object => true,
        // To look into a file is harmless; to make one, or to change it, is not.
        Reach::SharedFile => !notice.only_reads(),
        Reach::Elsewhere => false,
    }
}

/// Which argument is the path that a grader wants to know.
fn path_argument(notice: &Notice) -> Option<usize> {
    match notice.does() {
        Does::ActAt(paths) => paths.first().map(|path| path.path),
        _ => match notice.name().as_str() {
            "unlinkat" | "linkat" | "renameat" | "renameat2" => Some(1),
            "unlink" | "link" | "rename" => Some(0),
            _ => None,
        },
    }
}
