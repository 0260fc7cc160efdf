//! Processes that only some machines allow: a process of another user, or one in namespaces of its own. On
//! other machines their turns are not seen.

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

/// The uid and gid of `nobody`, a user that most systems have and that owns nothing.
pub const NOBODY: u32 = 65534;

/// A process, or the reason why there is none.
#[derive(Debug)]
pub struct OptionalProcess(Result<Process, Unseen>);

impl Lesson {
    /// Does the same as [`Lesson::process`], but from its first turn the process runs as user 65534 in the
    /// single group `gid`. Only root can switch to another user, and the user namespace must have that uid;
    /// otherwise the turns are not seen.
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
            // The kernel clears the parent-death signal when the uid changes.
            let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
            body(turn)
        })?;
        Ok(OptionalProcess(Ok(process)))
    }

    /// Does the same as [`Lesson::process`], but from its first turn the process is root in a separate
    /// IPC namespace, and may switch to any user. Its queues vanish with it, even if it is killed, whichever
    /// user owns them. It is therefore the right place for objects of other users, which the next run could
    /// not remove as its own leftovers.
    pub fn root_apart(
        &self,
        label: &str,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OptionalProcess, Failure> {
        let may = another_user().and_then(|()| match permitted().unwrap_or(0) & CAP_SYS_ADMIN {
            0 => Err(Unseen("this needs root with CAP_SYS_ADMIN, which this root does not have".into())),
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

    /// Does the same as [`Lesson::process`], but from its first turn the process is in a separate IPC
    /// namespace, whichever user it is. Its System V objects vanish with it, even if it is killed. It is
    /// therefore the right place for objects without a key, which the next run could not find. Where the
    /// machine allows no namespaces, the turns are not seen.
    pub fn apart(
        &self,
        label: &str,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<OptionalProcess, Failure> {
        match self.process_after(label, Lesson::go_apart, body)? {
            Ok(process) => Ok(OptionalProcess(Ok(process))),
            Err(unseen) => Ok(self.no_process(label, unseen)),
        }
    }

    /// Does the same as [`Lesson::process`] for a process that makes claims in a place of its own: `enter`
    /// moves it there. Where the machine allows no such place, the claims are not seen, and there is no
    /// process.
    pub fn process_in(
        &self,
        label: &str,
        enter: impl FnOnce(&Lesson) -> Result<(), Unseen>,
        claims: &[&str],
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<Option<Process>, Failure> {
        match self.process_after(label, enter, body)? {
            Ok(process) => Ok(Some(process)),
            Err(unseen) => self.not_seen(claims, &unseen).map(|()| None),
        }
    }

    /// Forks a process that calls `enter` and then waits for its first turn, or ends if `enter` fails.
    fn process_after(
        &self,
        label: &str,
        enter: impl FnOnce(&Lesson) -> Result<(), Unseen>,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> Result<Result<Process, Unseen>, Failure> {
        let mut process = self.process(label, |turn| {
            let entered = enter(self);
            turn.answer(&entered.clone().map(|()| String::new()))?;
            if entered.is_ok() { body(turn) } else { Ok(()) }
        })?;
        match process.answer()? {
            Ok(_) => Ok(Ok(process)),
            Err(unseen) => process.finish().map(|()| Err(unseen)),
        }
    }

    /// Notes that there is no such process on this machine.
    fn no_process(&self, label: &str, unseen: Unseen) -> OptionalProcess {
        self.note(&format!("There is no process {label} here: {unseen}."));
        OptionalProcess(Err(unseen))
    }
}

impl OptionalProcess {
    /// Returns whether this machine allows the process.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.0.is_ok()
    }

    /// Lets it run until its next [`Turn::report`], and returns `success` or the errno's name.
    pub fn turn(&mut self) -> Result<Result<String, Unseen>, Failure> {
        match &mut self.0 {
            Ok(process) => process.outcome(),
            Err(unseen) => Ok(Err(unseen.clone())),
        }
    }

    /// Lets it run until its next [`Turn::report_number`], and returns the number.
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

/// Checks whether this process can start a process of user 65534. If it cannot, the error tells why.
pub fn another_user() -> Result<(), Unseen> {
    let no = |why: &str| Err(Unseen(format!("this needs another user, and {why}")));
    let uid = nix::unistd::geteuid();
    if !uid.is_root() {
        return no(&format!("only root can switch to one; you are user {uid}"));
    }
    if permitted().unwrap_or(0) & CAP_SETUID_AND_SETGID != CAP_SETUID_AND_SETGID {
        return no("this root lacks CAP_SETUID or CAP_SETGID");
    }
    for (exists, what) in [(has_uid(NOBODY)?, "user"), (has_gid(NOBODY)?, "group")] {
        if !exists {
            return no(&format!("this user namespace has no {what} {NOBODY}"));
        }
    }
    Ok(())
}
