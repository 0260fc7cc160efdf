//! The supervisor: it starts a worker, which grades one submission, and waits for its answer.

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

/// No lab takes so long, whatever a submission does: a build and a check have their own limits, a minute
/// each, which is up to five minutes where other work keeps the processors busy.
const GRADING_TIMEOUT: Duration = Duration::from_secs(660);

/// Grades one submission. `heard` is called whenever the worker tells how far it is, and several times a
/// second while it tells nothing.
pub(crate) fn grade(job: &Job, mut heard: impl FnMut(Option<Doing>)) -> Result<Answer, Failure> {
    /// So long nobody waits to see that it goes on.
    const SILENCE: Duration = Duration::from_millis(200);
    let until = Instant::now() + GRADING_TIMEOUT;
    let mut worker = start(job)?;
    // What it tells may be longer than a pipe holds.
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
        // The namespace's process 1 ends with it, and with that everything inside.
        worker.kill()?;
        worker.wait()?;
        return Ok(Answer::Fault(format!("grading took more than {} seconds", GRADING_TIMEOUT.as_secs())));
    }
    let _ = messages.map(JoinHandle::join);
    let complaint = complaint.and_then(|reader| reader.join().ok()).unwrap_or_default();
    Ok(answer.unwrap_or_else(|| {
        let why = complaint.lines().next().unwrap_or("it says nothing");
        Answer::Fault(format!("the grader has ended without an answer: {why}"))
    }))
}

/// Starts a worker, and gives it its job.
fn start(job: &Job) -> Result<Child, Failure> {
    let text = serde_json::to_string(job).map_err(std::io::Error::from)?;
    let mut worker = Command::new(std::env::current_exe()?);
    worker.arg0(worker::NAME).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C is for lab alone, with which the worker ends; it would take the worker's end for a fault.
    worker.process_group(0);
    enter_namespace(&mut worker, job.shared);
    let mut worker = worker.spawn().map_err(|error| {
        Failure::Machine(format!(
            "this machine gives no private namespaces ({error}); lab doctor says why and what to do"
        ))
    })?;
    if let Some(mut stdin) = worker.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    Ok(worker)
}

/// Passes on what the worker tells, until it tells no more. What is no message is nothing.
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

/// Makes `command` start in a namespace of its own, as the user that a submission runs as, with
/// every capability there and none outside. A shared one stays where it is, as that user.
#[allow(unsafe_code)]
pub(crate) fn enter_namespace(command: &mut Command, shared: bool) {
    let starter = getpid();
    let user = submissions_user();
    // SAFETY: all of this makes system calls only.
    unsafe {
        command.pre_exec(move || {
            // The namespace sets this once it has processes of its own; until then `lab` may be killed as well.
            Errno::result(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
            if getppid() != starter {
                return Err(Errno::ESRCH.into());
            }
            Ok(())
        });
    }
    if !shared {
        // SAFETY: this makes system calls only.
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

/// Since Linux 5.14 the queues of a user namespace count in those above it as well, up to the limit that its
/// maker had. So root takes that limit away, or else all that is graded at one time would share it. An
/// ordinary user cannot: see `lab grade --help` for how many are graded at a time.
fn lift_queue_limit() -> Result<(), Errno> {
    let (_, most) = getrlimit(Resource::RLIMIT_MSGQUEUE)?;
    setrlimit(Resource::RLIMIT_MSGQUEUE, RLIM_INFINITY, RLIM_INFINITY)
        .or_else(|_| setrlimit(Resource::RLIMIT_MSGQUEUE, most, most))
}

/// Whom root has submissions run as; an ordinary user has only himself.
fn submissions_user() -> Option<(Uid, Gid)> {
    geteuid().is_root().then(|| {
        let exists = |uid: &u32| has_uid(*uid).unwrap_or(false);
        let id = [65534, 1000, 1].into_iter().find(exists).unwrap_or(65534);
        (Uid::from_raw(id), Gid::from_raw(id))
    })
}

/// Becomes another user, and keeps the permitted capabilities.
#[allow(unsafe_code)]
fn become_user(uid: Uid, gid: Gid) -> Result<(), Errno> {
    // SAFETY: a flag and the ids of this process alone.
    unsafe {
        Errno::result(libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0))?;
        Errno::result(libc::setgroups(0, std::ptr::null()))?;
        Errno::result(libc::setresgid(gid.as_raw(), gid.as_raw(), gid.as_raw()))?;
        Errno::result(libc::setresuid(uid.as_raw(), uid.as_raw(), uid.as_raw())).map(drop)
    }
}
