//! Why a lesson stopped, and what its reader can do about it.

use crate::call::{Call, Errno, errno_text};
use crate::narrate::Verdict;
use crate::observe::Unseen;
use crate::private::Refused;
use std::cell::RefCell;
use std::io::{ErrorKind, Write};

/// What the body of a lesson returns.
pub type Outcome = Result<(), Stop>;

/// Why a lesson could not go on. The variants are the exit codes.
#[derive(Debug)]
pub enum Stop {
    /// 1: the kernel does something else than the lesson says.
    Contradicted(String),
    /// 2: the lesson was called wrongly.
    Usage(String),
    /// 3: this machine cannot run the lesson now.
    Machine(String),
    /// Another process of this lesson has ended it with this code, and has said why.
    Said(u8),
}

impl Stop {
    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Stop::Contradicted(_) => 1,
            Stop::Usage(_) => 2,
            Stop::Machine(_) => 3,
            Stop::Said(code) => *code,
        }
    }

    /// Says it on standard error, in one line, and returns the exit code.
    #[must_use]
    pub fn tell(&self, program: &str) -> u8 {
        match self {
            Stop::Contradicted(text) | Stop::Usage(text) | Stop::Machine(text) => {
                complain(&format!("{program}: {text}"));
            }
            Stop::Said(_) => {}
        }
        self.code()
    }

    /// The kernel refused `what`, which is, or needs, the call `name`.
    pub(super) fn refused(what: &str, name: &str, errno: Errno) -> Self {
        let text = format!("{what} = -1 {}", errno_text(errno));
        match remedy(name, errno) {
            Some(remedy) => Stop::Machine(format!("{text}; {remedy}")),
            None => Stop::Contradicted(format!("{text}; the lesson says that this call succeeds here")),
        }
    }

    /// Nothing more can be read from standard input, which `flag` needs.
    #[must_use]
    pub fn input_ended(flag: &str) -> Self {
        Stop::Machine(format!(
            "standard input has ended, and {flag} reads from it; run it in a terminal, or without {flag}"
        ))
    }
}

thread_local! {
    static LAST_FAILURE: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Remembers the last call that failed, so that `?` can name it.
pub(super) fn remember(call: Call) {
    if call.result.is_err() {
        LAST_FAILURE.set(Some(call));
    }
}

/// A process just forked has failed in nothing yet.
pub(super) fn forget() {
    LAST_FAILURE.take();
}

/// The last call of this process that failed, as text; empty if none has.
pub(super) fn last_failure() -> String {
    LAST_FAILURE.with_borrow(|call| call.as_ref().map(ToString::to_string).unwrap_or_default())
}

thread_local! {
    static ANOTHERS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Remembers the last failed call of another process of the lesson.
pub(super) fn remember_anothers(call: &str) {
    ANOTHERS.set(Some(call.into()));
}

/// `?` on a call: the message names the call that has just failed.
impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        match LAST_FAILURE.take().filter(|call| call.result == Err(errno)) {
            Some(call) => Stop::refused(&call.text, call.name, errno),
            None => Stop::refused("a call", "", errno),
        }
    }
}

/// `?` on a look.
impl From<Unseen> for Stop {
    fn from(unseen: Unseen) -> Self {
        Stop::Machine(format!(
            "cannot look at the object: {unseen}; is /proc mounted, and the limit of open descriptors (ulimit -n) not reached?"
        ))
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Stop::Machine(format!("{error}"))
    }
}

/// `?` on a call that std makes, by its C name.
pub(super) fn failed(call: &'static str) -> impl Fn(std::io::Error) -> Stop {
    move |error| Stop::refused(call, call, Errno::from_raw(error.raw_os_error().unwrap_or(0)))
}

/// One line on standard error. Where that is full or gone there is nobody to
/// tell; `eprintln!` would panic.
pub fn complain(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints what is no narration: help, a list. The exit code tells whether
/// somebody got it; a reader who closed the pipe has seen enough.
#[must_use]
pub fn print(program: &str, text: &str) -> u8 {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_or_else(|e| output_broke(program, &e), |()| 0)
}

/// Standard output is gone. A reader who closed the pipe has seen enough, and
/// is told nothing; a full disk is worth a line. Returns the exit code.
pub(super) fn output_broke(program: &str, error: &std::io::Error) -> u8 {
    if error.kind() == ErrorKind::BrokenPipe {
        return 128 + 13; // as SIGPIPE would have ended it
    }
    let reason = error.raw_os_error().map_or_else(|| error.to_string(), |n| errno_text(Errno::from_raw(n)));
    complain(&format!("{program}: cannot write to standard output: {reason}; send it somewhere with room"));
    3
}

/// What helps when the machine refuses; `None` where the machine is not to
/// blame, and the lesson is wrong about the kernel.
fn remedy(call: &str, errno: Errno) -> Option<&'static str> {
    Some(match (call, errno) {
        ("mq_open", Errno::EMFILE) => {
            "a limit of yours is reached: descriptors (ulimit -n) or bytes of queues (ulimit -q); remove queues you no longer need, or raise the limit"
        }
        ("mq_open", Errno::ENOSPC) => {
            "the system has as many queues as /proc/sys/fs/mqueue/queues_max allows; remove some"
        }
        (_, Errno::EMFILE) => "the limit of open descriptors is reached; raise it with ulimit -n",
        (_, Errno::ENFILE) => {
            "the system's limit of open files is reached; close programs, or raise fs.file-max"
        }
        (_, Errno::ENOMEM) => {
            "there is not enough memory, or a memory limit of yours is reached; free some, or raise it with ulimit -v"
        }
        ("unshare", Errno::ENOSPC) => {
            "the limit of namespaces is reached; raise user.max_ipc_namespaces and user.max_user_namespaces"
        }
        (_, Errno::ENOSPC | Errno::EDQUOT) => {
            "there is no room; look at df /dev/shm and ipcs -u, and remove what is no longer needed"
        }
        (_, Errno::ENOSYS) => {
            "this kernel was built without the call; use one that has CONFIG_POSIX_MQUEUE and CONFIG_SYSVIPC"
        }
        (_, Errno::EAGAIN) if call == "fork" => "the limit of processes is reached; raise it with ulimit -u",
        ("sem_open" | "shm_open", Errno::ENOENT) => {
            "is there a /dev/shm? Mount it: mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
        }
        (
            "sem_open" | "shm_open" | "mq_open" | "mq_unlink" | "sem_unlink" | "shm_unlink",
            Errno::EACCES | Errno::EPERM | Errno::EROFS,
        ) => {
            "this system does not let you; look at the permissions of /dev/shm and /dev/mqueue, or try --private"
        }
        ("msgget" | "semget" | "shmget", Errno::EEXIST) => {
            "somebody has made one just now; run it again, or choose another key with --key"
        }
        (_, Errno::EEXIST) => {
            "somebody has made one just now; run it again, or choose another name with --name"
        }
        (_, Errno::EFBIG) => "a limit on the size of files is reached; raise it with ulimit -f",
        (_, Errno::EINTR) => "a signal interrupted the call; run it again",
        _ => return None,
    })
}

/// There is no private namespace to be had.
pub(super) fn no_namespace(refused: &Refused) -> Stop {
    Stop::Machine(format!(
        "no private namespace here: {refused}; run it without --private, or let users have namespaces \
         (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, \
         kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile)"
    ))
}

/// A failed claim is told on standard error too, with the call it followed.
pub(super) fn tell_failed_claim(program: &str, verdict: &Verdict) {
    let calls: Vec<String> = [last_failure(), ANOTHERS.take().unwrap_or_default()]
        .into_iter()
        .filter(|call| !call.is_empty())
        .collect();
    let call = (!calls.is_empty()).then(|| format!(" (last failed call: {})", calls.join("; ")));
    complain(&format!(
        "{program}: claim failed: {}: saw {}, not {}{}",
        verdict.sentence(),
        verdict.got,
        verdict.want,
        call.unwrap_or_default()
    ));
}
