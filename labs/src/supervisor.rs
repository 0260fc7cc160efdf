//! The supervisor: starts a worker, which grades one submission, and waits for its answer.

use crate::trial::Doing;
use crate::worker::{self, Answer, Job, Message};
use ipc_workbook::capability::keep_all_across_exec;
use ipc_workbook::observe::has_uid;
use ipc_workbook::private::Namespace;
use ipc_workbook_tools::cli::Failure;
use nix::errno::Errno;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, getegid, geteuid, getpid, getppid};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use wait_timeout::ChildExt;

/// Longer than any grading takes. A build and a check each have a limit of one minute, which may become five
/// minutes where other work keeps the processors busy.
const GRADING_TIMEOUT: Duration = Duration::from_secs(660);

/// Grades one submission. Calls `heard` whenever the worker reports its progress, and with `None` several
/// times a second in between.
pub(crate) fn grade(job: &Job, mut heard: impl FnMut(Option<Doing>)) -> Result<Answer, Failure> {
    /// How long to wait for a report before `heard` is called without one.
    const SILENCE: Duration = Duration::from_millis(200);
    let until = Instant::now() + GRADING_TIMEOUT;
    let mut worker = start(job)?;
    // Read in a thread, because the reports may be longer than a pipe holds.
    let (tell, told) = channel();
    let messages =
        worker.stdout.take().map(|stdout| std::thread::spawn(move || read_messages(stdout, &tell)));
    let complaint = worker.stderr.take().map(|stderr| std::thread::spawn(move || read_all(stderr)));
    let mut answer = None;
    while Instant::now() < until {
        match told.recv_timeout(SILENCE) {
            Ok(Message::Doing(doing)) => heard(Some(doing)),
            Ok(Message::Answer(last)) => answer = Some(last),
            Err(RecvTimeoutError::Timeout) => heard(None),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let left = until.saturating_duration_since(Instant::now());
    if worker.wait_timeout(left)?.is_none() {
        // Process 1 of the namespace ends with the worker, and everything inside ends with process 1.
        worker.kill()?;
        worker.wait()?;
        return Ok(Answer::Fault(format!("grading took more than {} seconds", GRADING_TIMEOUT.as_secs())));
    }
    let _ = messages.map(JoinHandle::join);
    let complaint = complaint.and_then(|reader| reader.join().ok()).unwrap_or_default();
    Ok(answer.unwrap_or_else(|| {
        let why = complaint.lines().next().unwrap_or("it printed no message");
        Answer::Fault(format!("the grader ended without an answer: {why}"))
    }))
}

/// Starts a worker and sends it its job.
fn start(job: &Job) -> Result<Child, Failure> {
    let text = serde_json::to_string(job).map_err(std::io::Error::from)?;
    let mut worker = Command::new(std::env::current_exe()?);
    worker.arg0(worker::NAME).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C must reach lab only, which then ends the worker. In lab's process group the worker would die
    // first, and lab would report a fault.
    worker.process_group(0);
    enter_namespace(&mut worker, job.shared);
    let mut worker = worker.spawn().map_err(|error| {
        Failure::Machine(format!(
            "cannot create private namespaces on this machine ({error}); lab doctor says why and what to do"
        ))
    })?;
    if let Some(mut stdin) = worker.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    Ok(worker)
}

/// Passes on each message of the worker. Lines that are not messages are ignored.
fn read_messages(from: impl Read, tell: &Sender<Message>) {
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        if let Ok(message) = serde_json::from_str(&line)
            && tell.send(message).is_err()
        {
            return;
        }
    }
}

fn read_all(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Makes `command` start in a namespace of its own, as the user that submissions run as. It has every
/// capability inside the namespace and none outside. With `shared` it stays in the machine's namespaces, as
/// that user.
#[allow(unsafe_code)]
pub(crate) fn enter_namespace(command: &mut Command, shared: bool) {
    let starter = getpid();
    let user = submissions_user();
    // SAFETY: the closure only makes system calls.
    unsafe {
        command.pre_exec(move || {
            // The namespace sets this as well, once it has processes of its own; lab may be killed before
            // that.
            Errno::result(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
            if getppid() != starter {
                return Err(Errno::ESRCH.into());
            }
            Ok(())
        });
    }
    if !shared {
        // SAFETY: the closure only makes system calls.
        unsafe { command.pre_exec(|| Ok(lift_queue_limit()?)) };
        Namespace::of(geteuid(), getegid()).with_own_processes().with_capabilities().before_exec(command);
    }
    // SAFETY: as above.
    unsafe {
        command.pre_exec(move || {
            if let Some((uid, gid)) = user {
                become_user(uid, gid)?;
            }
            keep_all_across_exec()?;
            Ok(())
        });
    }
}

/// Since Linux 5.14 the queues of a user namespace also count in the namespaces above it, up to the limit
/// that its creator had. Root therefore removes this limit; otherwise all submissions that are graded at one
/// time would share it. An ordinary user cannot remove it: `lab grade --help` says how many are graded at a
/// time.
fn lift_queue_limit() -> Result<(), Errno> {
    let (_, most) = getrlimit(Resource::RLIMIT_MSGQUEUE)?;
    setrlimit(Resource::RLIMIT_MSGQUEUE, RLIM_INFINITY, RLIM_INFINITY)
        .or_else(|_| setrlimit(Resource::RLIMIT_MSGQUEUE, most, most))
}

/// Returns the user that submissions run as when root grades; `None` for an ordinary user.
fn submissions_user() -> Option<(Uid, Gid)> {
    geteuid().is_root().then(|| {
        let exists = |uid: &u32| has_uid(*uid).unwrap_or(false);
        let id = [65534, 1000, 1].into_iter().find(exists).unwrap_or(65534);
        (Uid::from_raw(id), Gid::from_raw(id))
    })
}

/// Becomes another user and keeps the permitted capabilities.
#[allow(unsafe_code)]
fn become_user(uid: Uid, gid: Gid) -> Result<(), Errno> {
    // SAFETY: the calls change a flag and the ids of this process only.
    unsafe {
        Errno::result(libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0))?;
        Errno::result(libc::setgroups(0, std::ptr::null()))?;
        Errno::result(libc::setresgid(gid.as_raw(), gid.as_raw(), gid.as_raw()))?;
        Errno::result(libc::setresuid(uid.as_raw(), uid.as_raw(), uid.as_raw())).map(drop)
    }
}
