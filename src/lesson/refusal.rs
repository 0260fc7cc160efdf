//! A call was refused, and the lesson cannot go on: which call it was, and what
//! its reader can do about it.

use crate::call::{Call, Errno, errno_text};
use crate::cli::{Failure, complain, output_and_errors_meet};
use crate::narrate::Verdict;
use crate::observe::Unseen;
use crate::private::Refused;
use std::cell::RefCell;

/// The kernel refused `what`, which is, or needs, the call `name`.
pub(super) fn refused(what: &str, name: &str, errno: Errno) -> Failure {
    let text = format!("{what} = -1 {}", errno_text(errno));
    match remedy(name, errno) {
        Some(remedy) => Failure::Machine(format!("{text}; {remedy}")),
        None => Failure::Contradicted(format!("{text}; the lesson says that this call succeeds here")),
    }
}

thread_local! {
    static LAST_FAILURE: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Remembers the last call that failed, so that `?` can name it, and the claim that follows.
pub(super) fn remember(call: Call) {
    if call.result.is_err() {
        UNCLAIMED.set(Some(call.to_string()));
        LAST_FAILURE.set(Some(call));
    }
}

/// A process just forked has failed in nothing yet.
pub(super) fn forget() {
    LAST_FAILURE.take();
    UNCLAIMED.take();
}

thread_local! {
    /// The last call that failed since the last claim, of this process, and of another of the lesson.
    static UNCLAIMED: RefCell<Option<String>> = const { RefCell::new(None) };
    static ANOTHERS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The last call of this process that failed and has not been reported so yet; empty if none has.
pub(super) fn last_failure() -> String {
    UNCLAIMED.take().unwrap_or_default()
}

/// Remembers the last failed call of another process of the lesson.
pub(super) fn remember_anothers(call: &str) {
    ANOTHERS.set(Some(call.into()));
}

/// The failed call that explains why a claim did not hold which got `got`. A call that failed before the
/// last claim belongs to that claim; and where the claim is about an errno, it is the call's.
pub(super) fn failed_call_behind(held: Option<bool>, got: &str) -> Option<String> {
    let calls = [UNCLAIMED.take(), ANOTHERS.take()];
    if held != Some(false) || got == "success" {
        return None;
    }
    let is_errno =
        got.len() > 1 && got.starts_with('E') && got.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let explains = |call: &String| !is_errno || call.contains(&format!(" = -1 {got} "));
    let calls: Vec<String> = calls.into_iter().flatten().filter(explains).collect();
    (!calls.is_empty()).then(|| calls.join("; "))
}

/// `?` on a call: the message names the call that has just failed.
impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        match LAST_FAILURE.take().filter(|call| call.result == Err(errno)) {
            Some(call) => refused(&call.text, call.name, errno),
            None => refused("a call", "", errno),
        }
    }
}

/// `?` on a look.
impl From<Unseen> for Failure {
    fn from(unseen: Unseen) -> Self {
        Failure::Machine(format!(
            "cannot look at the object: {unseen}; is /proc mounted, and the limit of open descriptors (ulimit -n) not reached?"
        ))
    }
}

/// `?` on a call that std makes, by its C name.
pub(super) fn failed(call: &'static str) -> impl Fn(std::io::Error) -> Failure {
    move |error| refused(call, call, Errno::from_raw(error.raw_os_error().unwrap_or(0)))
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
        ("sem_open" | "shm_open", Errno::ENOSPC) => {
            "/dev/shm is full; look at its size with df /dev/shm and df -i /dev/shm, remove what is no longer needed, or make it larger: mount -o remount,size=64M /dev/shm"
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
            "sem_open" | "shm_open" | "mq_open" | "mq_unlink" | "sem_unlink" | "shm_unlink" | "lstat",
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
pub(super) fn no_namespace(refused: &Refused) -> Failure {
    Failure::Machine(format!(
        "no private namespace here: {refused}; run it without --private, or let users have namespaces \
         (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, \
         kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile)"
    ))
}

/// A failed claim is reported on standard error too, unless it can be read already where that goes.
pub(super) fn report_failed_claim(program: &str, verdict: &Verdict) {
    if output_and_errors_meet() {
        return;
    }
    let call = verdict.call.as_ref().map_or(String::new(), |call| format!(" ({call})"));
    complain(&format!(
        "{program}: claim failed: {}: saw {}, not {}{call}",
        verdict.sentence(),
        verdict.got,
        verdict.want,
    ));
}
