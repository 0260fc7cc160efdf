//! Processes of the lesson that are another user, where there can be one.

use super::process::{Process, Turn, reported_text};
use super::{Lesson, Outcome, cleanup};
use crate::call::Result as CallResult;
use crate::capability::{CAP_SETUID_AND_SETGID, CAP_SYS_ADMIN, permitted};
use crate::cli::Failure;
use crate::credentials::setgroups;
use crate::narrate::outcome_text;
use crate::observe::Unseen;
use crate::sched::unshare;
use crate::unistd::{setresgid, setresuid};
use nix::sys::signal::Signal;

/// The uid and gid of nobody, whom most systems know and who owns nothing.
pub const NOBODY: u32 = 65534;

/// A process that is another user, where there can be one.
#[derive(Debug)]
pub struct OtherUser(Result<Process, Unseen>);

impl Lesson {
    /// As [`Lesson::process`], but from its first turn on the process is user 65534,
    /// in the group `gid` alone. Only root can become somebody else, and only
    /// where that uid exists; elsewhere its turns are not seen.
    pub fn other_user(
        &self,
        label: &str,
        gid: libc::gid_t,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OtherUser, Failure> {
        if let Err(unseen) = another_user() {
            self.note(&format!("There is no process {label}: {unseen}."));
            return Ok(OtherUser(Err(unseen)));
        }
        let process = self.process(label, |turn| {
            setgroups(&[])?;
            setresgid(Some(gid), Some(gid), Some(gid))?;
            setresuid(Some(NOBODY), Some(NOBODY), Some(NOBODY))?;
            // Who changes its uid is forgotten to be killed with its parent.
            let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
            body(turn)
        })?;
        Ok(OtherUser(Ok(process)))
    }

    /// As [`Lesson::process`], but from its first turn on the process is root in an
    /// IPC namespace of its own, and may become anybody. What queues it makes, and
    /// whosever they are, goes with it, also when it is killed. So this is the place
    /// for objects that the next run could not take for its own leftovers.
    pub fn root_apart(
        &self,
        label: &str,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OtherUser, Failure> {
        let may = another_user().and_then(|()| match permitted().unwrap_or(0) & CAP_SYS_ADMIN {
            0 => Err(Unseen("it takes root's capabilities, and CAP_SYS_ADMIN is not among them".into())),
            _ => Ok(()),
        });
        if let Err(unseen) = may {
            self.note(&format!("There is no process {label}: {unseen}."));
            return Ok(OtherUser(Err(unseen)));
        }
        let process = self.process(label, |turn| {
            unshare(libc::CLONE_NEWIPC)?;
            cleanup::go_apart();
            body(turn)
        })?;
        Ok(OtherUser(Ok(process)))
    }
}

impl Lesson {
    /// As [`Lesson::process`], but from its first turn on the process is in an IPC namespace
    /// of its own, whoever it is. What System V objects it makes, goes with it, also when
    /// it is killed. So this is the place for those that have no key, by which the next
    /// run could not find them. Where there are no namespaces, its turns are not seen.
    pub fn apart(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Result<OtherUser, Failure> {
        let mut process = self.process(label, |turn| match self.go_apart() {
            Ok(()) => {
                turn.finish()?;
                body(turn)
            }
            Err(_) => turn.report_number(1),
        })?;
        process.turn()?;
        if process.reported != 0 {
            let unseen = Unseen("it takes an IPC namespace of one's own, and there are none".into());
            self.note(&format!("There is no process {label}: {unseen}."));
            process.finish()?;
            return Ok(OtherUser(Err(unseen)));
        }
        Ok(OtherUser(Ok(process)))
    }

    /// Moves this process, which is not the lesson's first, into an IPC namespace of
    /// its own, where anybody may set the counters of System V identifiers.
    pub fn go_apart(&self) -> Result<(), Unseen> {
        // Root can do without a user namespace, where there are none.
        let alone =
            unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWIPC).or_else(|_| unshare(libc::CLONE_NEWIPC));
        alone.map_err(|errno| Unseen(format!("it takes an IPC namespace of its own: unshare: {errno:?}")))?;
        // Who gains capabilities may be forgotten to be killed with its parent.
        let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
        cleanup::go_apart();
        Ok(())
    }
}

impl OtherUser {
    /// Lets it run until its next [`Turn::report`]: `success`, or the errno's name.
    pub fn turn(&mut self) -> Result<Result<String, Unseen>, Failure> {
        Ok(self.number()?.and_then(reported_text))
    }

    /// Lets it run until its next [`Turn::report_number`].
    pub fn number(&mut self) -> Result<Result<i32, Unseen>, Failure> {
        match &mut self.0 {
            Ok(process) => {
                process.turn()?;
                Ok(Ok(process.reported))
            }
            Err(unseen) => Ok(Err(unseen.clone())),
        }
    }

    /// Lets it run to its end.
    pub fn finish(self) -> Result<(), Failure> {
        self.0.map_or(Ok(()), Process::finish)
    }
}

/// What a call gave, as [`OtherUser::turn`] tells it: `success`, or the errno's name.
pub fn outcome<T>(result: &CallResult<T>) -> Result<String, Unseen> {
    outcome_text(result.as_ref().map(drop).map_err(|errno| *errno))
}

/// Whether this process can start one of user 65534; if not, why not.
pub fn another_user() -> Result<(), Unseen> {
    let no = |why: &str| Err(Unseen(format!("it takes another user, and {why}")));
    let uid = nix::unistd::geteuid();
    if !uid.is_root() {
        return no(&format!("user {uid} cannot become one"));
    }
    if permitted().unwrap_or(0) & CAP_SETUID_AND_SETGID != CAP_SETUID_AND_SETGID {
        return no("this root may not become one");
    }
    for (file, what) in [("/proc/self/uid_map", "user"), ("/proc/self/gid_map", "group")] {
        let map = std::fs::read_to_string(file).map_err(|error| Unseen::io(file, &error))?;
        let exists = map.lines().any(|line| {
            let fields: Vec<u64> = line.split_whitespace().filter_map(|field| field.parse().ok()).collect();
            let wanted = u64::from(NOBODY);
            matches!(fields[..], [first, _, count] if first <= wanted && wanted < first + count)
        });
        if !exists {
            return no(&format!("this user namespace has no {what} {NOBODY}"));
        }
    }
    Ok(())
}
