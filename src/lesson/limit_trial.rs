//! Trials of limits: each in a fresh IPC namespace, where this one limit is set.

use super::speak::{Lesson, Outcome};
use crate::call::{Result as CallResult, unreported};
use crate::capability::{CAP_SYS_RESOURCE, capset, permitted};
use crate::mqueue::mq_unlink;
use crate::narrate::outcome;
use crate::observe::Unseen;
use crate::sched::unshare;
use nix::errno::Errno::ENOSPC;
use std::ffi::CStr;

/// What was seen beyond a limit.
pub type Seen = Result<String, Unseen>;

/// The limit, what it is set to, what is seen then, the claim, and what B does.
pub type Trial<'a> = (&'a str, &'a str, &'a str, &'a str, &'a dyn Fn() -> Seen);

/// A title, a question on the first trial with its options, and the trials.
pub type Group<'a> = (&'a str, &'a str, [&'a str; 3], &'a [Trial<'a>]);

impl Lesson {
    /// Tries them one after the other in a process B, and claims what B has seen. `queues` are
    /// the POSIX queues that the trials make.
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

/// Moves to a namespace in which nothing is, with limits that nobody has set. The one
/// before goes with what is in it.
fn refresh_namespace() -> Result<(), Unseen> {
    let done = unreported(|| {
        capset(permitted()? & !CAP_SYS_RESOURCE)?; // which passes some limits, where root is root outside too
        unshare(libc::CLONE_NEWIPC)
    });
    done.map_err(|errno| Unseen(format!("it takes a fresh IPC namespace: {errno:?}")))
}

/// What the call beyond the limit gave, after one within it that has to succeed.
pub fn beyond<T, U>(within: &CallResult<T>, beyond: &CallResult<U>) -> Seen {
    match outcome(within)?.as_str() {
        // Elsewhere this errno says that a limit came first; here it is what is looked for.
        "success" if matches!(beyond, Err(ENOSPC)) => Ok("ENOSPC".into()),
        "success" => outcome(beyond),
        errno => Ok(format!("{errno} within the limit")),
    }
}

/// The number that a call gave.
pub fn number<T: ToString>(result: CallResult<T>) -> Seen {
    outcome(&result).map(|errno| result.map_or(errno, |number| number.to_string()))
}
