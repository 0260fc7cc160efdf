//! Trials of limits. Each trial sets one limit in a new IPC namespace.

use super::speak::{Lesson, Outcome};
use crate::call::{Result as CallResult, unreported};
use crate::capability::{CAP_SYS_RESOURCE, capset, permitted};
use crate::mqueue::mq_unlink;
use crate::narrate::outcome;
use crate::observe::Unseen;
use crate::sched::unshare;
use crate::sysv::{msg::IPC_PRIVATE, msg::msgget, sem::semget, shm::shmget};
use nix::errno::Errno::ENOSPC;
use std::ffi::CStr;

/// What the kernel did beyond a limit.
pub type Seen = Result<String, Unseen>;

/// A trial: the limit, its value, what the lesson expects, the claim's identifier, and what B does.
pub type Trial<'a> = (&'a str, &'a str, &'a str, &'a str, &'a dyn Fn() -> Seen);

/// A group of trials: a title, a question about the first trial with its options, and the trials.
pub type Group<'a> = (&'a str, &'a str, [&'a str; 3], &'a [Trial<'a>]);

impl Lesson {
    /// Runs the trials one after the other in a process B, and claims what B saw. `queues` names
    /// the POSIX queues that the trials create.
    pub fn try_limits(&self, groups: &[Group], queues: &[&CStr]) -> Outcome {
        // ANCHOR: b
        self.step("B is root of a namespace of its own, even if you are not root");
        let mut b = self.process("B", |turn| {
            let apart = self.rule_apart();
            turn.finish()?;
            for (limit, value, _, _, experiment) in groups.iter().flat_map(|(.., trials)| *trials) {
                let fresh = apart.clone().and_then(|()| refresh_namespace());
                turn.answer(&fresh.and_then(|()| self.set_limit(limit, value)).and_then(|()| experiment()))?;
                // The kernel destroys a namespace some time after its end. Until then its queues are charged.
                for name in queues {
                    let _ = unreported(|| mq_unlink(name));
                }
            }
            Ok(())
        })?;
        b.turn()?;
        for (title, question, options, trials) in groups {
            self.step(title);
            self.predict(question, options);
            for (.., want, id, _) in *trials {
                self.claim(id, b.answer()?, (*want).to_string());
            }
        }
        b.finish()
        // ANCHOR_END: b
    }
}

/// Moves this process to a new, empty IPC namespace with the default limits. The namespace before vanishes
/// with its objects.
fn refresh_namespace() -> Result<(), Unseen> {
    let done = unreported(|| {
        capset(permitted()? & !CAP_SYS_RESOURCE)?; // real root could exceed some limits with it
        unshare(libc::CLONE_NEWIPC)
    });
    done.map_err(|errno| Unseen(format!("this needs a new IPC namespace: {errno:?}")))
}

/// Returns the outcome of the call beyond the limit. The call within the limit must have succeeded.
pub fn beyond<T, U>(within: &CallResult<T>, beyond: &CallResult<U>) -> Seen {
    match outcome(within)?.as_str() {
        // Elsewhere ENOSPC makes an outcome unseen, since a limit came first. Here it is the answer.
        "success" if matches!(beyond, Err(ENOSPC)) => Ok("ENOSPC".into()),
        "success" => outcome(beyond),
        errno => Ok(format!("{errno} within the limit")),
    }
}

/// Creates a queue without a key. Like the set and the segment below, it vanishes with B's namespace.
pub fn new_queue() -> CallResult<i32> {
    msgget(IPC_PRIVATE, 0o600)
}

/// Creates a set of so many semaphores without a key.
pub fn new_set(nsems: i32) -> CallResult<i32> {
    semget(IPC_PRIVATE, nsems, 0o600)
}

/// Creates a segment of so many bytes without a key.
pub fn new_segment(bytes: usize) -> CallResult<i32> {
    shmget(IPC_PRIVATE, bytes, 0o600)
}

/// Returns the number that a call returned, as text.
pub fn number<T: ToString>(result: CallResult<T>) -> Seen {
    outcome(&result).map(|errno| result.map_or(errno, |number| number.to_string()))
}
