//! Messages for a lesson that cannot continue because a call failed: which call it was, and what
//! the reader can do about it.

use crate::call::{Call, Errno, errno_text};
use crate::cli::{Failure, complain, output_and_errors_meet};
use crate::narrate::Verdict;
use crate::observe::Unseen;
use crate::private::Refused;
use std::cell::RefCell;

/// Makes the failure for a refused call. `what` is the call as it was made, or what needed it; `name` is
/// the C name of the call.
pub(super) fn refused(what: &str, name: &str, errno: Errno) -> Failure {
    let text = format!("{what} = -1 {}", errno_text(errno));
    match remedy(name, errno) {
        Some(remedy) => Failure::Machine(format!("{text}; {remedy}")),
        None => Failure::Contradicted(format!("{text}; according to the lesson this call succeeds")),
    }
}

thread_local! {
    static LAST_FAILURE: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Remembers the last failed call, so that `?` and the next claim can name it.
pub(super) fn remember(call: Call) {
    if call.result.is_err() {
        UNCLAIMED.set(Some(call.to_string()));
        LAST_FAILURE.set(Some(call));
    }
}

/// Forgets the failed calls of the parent. Called in a process that has just been forked.
pub(super) fn forget() {
    LAST_FAILURE.take();
    UNCLAIMED.take();
}

thread_local! {
    /// The last failed call since the last claim: of this process, and of the lesson's other processes.
    static UNCLAIMED: RefCell<Option<String>> = const { RefCell::new(None) };
    static ANOTHERS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Returns this process's last failed call since the last claim or report; empty if there is none.
pub(super) fn last_failure() -> String {
    UNCLAIMED.take().unwrap_or_default()
}

/// Remembers the last failed call of another process of the lesson.
pub(super) fn remember_anothers(call: &str) {
    ANOTHERS.set(Some(call.into()));
}

/// Returns the failed call that explains why a claim failed, if there is one. `got` is what the claim got.
/// If that is an errno, only a call with this errno explains it. Each call is used for one claim only.
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

/// For `?` on a call: the message names the call that has just failed.
impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        match LAST_FAILURE.take().filter(|call| call.result == Err(errno)) {
            Some(call) => refused(&call.text, call.name, errno),
            None => refused("a call", "", errno),
        }
    }
}

/// For `?` on an observation.
impl From<Unseen> for Failure {
    fn from(unseen: Unseen) -> Self {
        Failure::Machine(format!(
            "cannot look at the object: {unseen}; check that /proc is mounted and that the limit of open descriptors (ulimit -n) is not reached"
        ))
    }
}

/// For `?` on a call that std makes. `call` is its C name.
pub(super) fn failed(call: &'static str) -> impl Fn(std::io::Error) -> Failure {
    move |error| refused(call, call, Errno::from_raw(error.raw_os_error().unwrap_or(0)))
}

/// Returns what helps if the machine's limits or settings made the call fail. `None`: the machine is not
/// the cause, so the lesson is wrong about the kernel.
fn remedy(call: &str, errno: Errno) -> Option<&'static str> {
    Some(match (call, errno) {
        ("mq_open", Errno::EMFILE) => {
            "you have reached a limit: open descriptors (ulimit -n) or bytes in queues (ulimit -q); remove queues that you no longer need, or raise the limit"
        }
        ("mq_open", Errno::ENOSPC) => {
            "there are as many queues as /proc/sys/fs/mqueue/queues_max allows; remove some of them"
        }
        (_, Errno::EMFILE) => "the limit of open descriptors is reached; raise it with ulimit -n",
        (_, Errno::ENFILE) => {
            "the system's limit of open files is reached; close programs, or raise fs.file-max"
        }
        (_, Errno::ENOMEM) => {
            "there is not enough memory, or you have reached a memory limit; close other programs, or raise the limit with ulimit -v"
        }
        ("unshare", Errno::ENOSPC) => {
            "the limit of namespaces is reached; raise user.max_ipc_namespaces and user.max_user_namespaces with sysctl"
        }
        ("sem_open" | "shm_open" | "write", Errno::ENOSPC) => {
            "/dev/shm is full (see df /dev/shm and df -i /dev/shm); remove files that are no longer needed, or make it larger: mount -o remount,size=64M /dev/shm"
        }
        (_, Errno::ENOSPC | Errno::EDQUOT) => {
            "there is no room (see df /dev/shm and ipcs -u); remove objects that are no longer needed"
        }
        ("mq_notify", Errno::ENOSYS) => {
            "glibc cannot start its helper thread (see ulimit -u and ulimit -n), or this kernel was built without the call"
        }
        (_, Errno::ENOSYS) => {
            "this kernel was built without the call; use a kernel with CONFIG_POSIX_MQUEUE and CONFIG_SYSVIPC"
        }
        (_, Errno::EAGAIN) if call == "fork" => "the limit of processes is reached; raise it with ulimit -u",
        ("sem_open" | "shm_open", Errno::ENOENT) => {
            "check that /dev/shm is mounted; if not: mount -t tmpfs -o mode=1777 tmpfs /dev/shm"
        }
        (
            "sem_open" | "shm_open" | "mq_open" | "mq_unlink" | "sem_unlink" | "shm_unlink" | "lstat",
            Errno::EACCES | Errno::EPERM | Errno::EROFS,
        ) => {
            "you do not have permission; check the modes of /dev/shm and /dev/mqueue, or run the lesson with --private"
        }
        ("msgget" | "semget" | "shmget", Errno::EEXIST) => {
            "another program has just created one; run the lesson again, or choose another key with --key"
        }
        (_, Errno::EEXIST) => {
            "another program has just created one; run the lesson again, or choose another name with --name"
        }
        (_, Errno::EFBIG) => "the limit on the size of files is reached; raise it with ulimit -f",
        (_, Errno::EINTR) => "a signal interrupted the call; run the lesson again",
        _ => return None,
    })
}

/// Makes the failure for a machine that refuses a private namespace.
pub(super) fn no_namespace(refused: &Refused) -> Failure {
    Failure::Machine(format!(
        "cannot make a private namespace: {refused}; run it without --private, or allow user namespaces \
         (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, \
         kernel.apparmor_restrict_unprivileged_userns; in a container, its seccomp profile)"
    ))
}

/// Reports a failed claim on standard error too, unless standard output goes to the same place.
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
