//! Processes that can be had on some machines only: another user's, or one in an IPC
//! namespace of its own. Elsewhere their turns are not seen.

use super::cleanup;
use super::process::Process;
use super::speak::{Lesson, Outcome};
use super::turn::Turn;
use crate::capability::{CAP_SETUID_AND_SETGID, CAP_SYS_ADMIN, permitted};
use crate::cli::Failure;
use crate::credentials::setgroups;
use crate::observe::{Unseen, has_gid, has_uid};
use crate::sched::unshare;
use crate::unistd::{setresgid, setresuid};
use nix::sys::signal::Signal;

/// The uid and gid of nobody, whom most systems know and who owns nothing.
pub const NOBODY: u32 = 65534;

/// A process, or why there is none.
#[derive(Debug)]
pub struct OptionalProcess(Result<Process, Unseen>);

impl Lesson {
    /// As [`Lesson::process`], but from its first turn on the process is user 65534,
    /// in the group `gid` alone. Only root can become somebody else, and only
    /// where that uid exists; elsewhere its turns are not seen.
    pub fn other_user(
        &self,
        label: &str,
        gid: libc::gid_t,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OptionalProcess, Failure> {
        if let Err(unseen) = another_user() {
            return Ok(self.no_process(label, unseen));
        }
        let process = self.process(label, |turn| {
            setgroups(&[])?;
            setresgid(Some(gid), Some(gid), Some(gid))?;
            setresuid(Some(NOBODY), Some(NOBODY), Some(NOBODY))?;
            // A change of the uid has cleared the signal that comes when the parent dies.
            let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
            body(turn)
        })?;
        Ok(OptionalProcess(Ok(process)))
    }

    /// As [`Lesson::process`], but from its first turn on the process is root in an
    /// IPC namespace of its own, and may become anybody. What queues it makes, and
    /// whosever they are, goes with it, also when it is killed. So this is the place
    /// for objects that the next run could not take for its own leftovers.
    pub fn root_apart(
        &self,
        label: &str,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OptionalProcess, Failure> {
        let may = another_user().and_then(|()| match permitted().unwrap_or(0) & CAP_SYS_ADMIN {
            0 => Err(Unseen("it takes root's capabilities, and CAP_SYS_ADMIN is not among them".into())),
            _ => Ok(()),
        });
        if let Err(unseen) = may {
            return Ok(self.no_process(label, unseen));
        }
        let process = self.process(label, |turn| {
            unshare(libc::CLONE_NEWIPC)?;
            cleanup::go_apart();
            body(turn)
        })?;
        Ok(OptionalProcess(Ok(process)))
    }

    /// As [`Lesson::process`], but from its first turn on the process is in an IPC namespace
    /// of its own, whoever it is. What System V objects it makes, goes with it, also when
    /// it is killed. So this is the place for those that have no key, by which the next
    /// run could not find them. Where there are no namespaces, its turns are not seen.
    pub fn apart(
        &self,
        label: &str,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OptionalProcess, Failure> {
        let mut process = self.process(label, |turn| {
            let apart = self.go_apart();
            turn.answer(&apart.clone().map(|()| String::new()))?;
            if apart.is_ok() { body(turn) } else { Ok(()) }
        })?;
        if let Err(unseen) = process.answer()? {
            let none = self.no_process(label, unseen);
            process.finish()?;
            return Ok(none);
        }
        Ok(OptionalProcess(Ok(process)))
    }

    /// There is no such process here, which is noted.
    fn no_process(&self, label: &str, unseen: Unseen) -> OptionalProcess {
        self.note(&format!("There is no process {label}: {unseen}."));
        OptionalProcess(Err(unseen))
    }
}

impl OptionalProcess {
    /// Whether it can be had here.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.0.is_ok()
    }

    /// Lets it run until its next [`Turn::report`]: `success`, or the errno's name.
    pub fn turn(&mut self) -> Result<Result<String, Unseen>, Failure> {
        match &mut self.0 {
            Ok(process) => process.outcome(),
            Err(unseen) => Ok(Err(unseen.clone())),
        }
    }

    /// Lets it run until its next [`Turn::report_number`].
    pub fn number(&mut self) -> Result<Result<i32, Unseen>, Failure> {
        match &mut self.0 {
            Ok(process) => process.number().map(Ok),
            Err(unseen) => Ok(Err(unseen.clone())),
        }
    }

    /// Lets it run to its end.
    pub fn finish(self) -> Result<(), Failure> {
        self.0.map_or(Ok(()), Process::finish)
    }
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
    for (exists, what) in [(has_uid(NOBODY)?, "user"), (has_gid(NOBODY)?, "group")] {
        if !exists {
            return no(&format!("this user namespace has no {what} {NOBODY}"));
        }
    }
    Ok(())
}
