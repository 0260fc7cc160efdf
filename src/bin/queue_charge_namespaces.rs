//! A queue in a user namespace is charged there, and in each user namespace above it.
//!
//!     cargo run --bin queue_charge_namespaces
//!
//! Chapter: lessons/36-linux. Manual pages: getrlimit(2), user_namespaces(7).
//! Previous: queue_charge_end.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Namespaces, SMALLEST, Seen, has_a_new_sum, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::resource::setrlimit;
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::EMFILE;
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CStr;
use std::process::ExitCode;

/// All claims need user namespaces with sums of their own.
const CLAIMS: [&str; 4] = [
    "a-child-user-namespace-has-a-sum-of-its-own",
    "a-queue-in-a-child-user-namespace-is-also-charged-in-its-parent",
    "the-close-of-a-queue-in-a-child-user-namespace-ends-both-charges",
    "a-higher-limit-in-a-user-namespace-does-not-exceed-the-limit-of-its-creator",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/queue_charge_namespaces")?;
        lesson.step("A creates a queue. B has one, too, in a user namespace of its own");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        let new_sum = |lesson: &Lesson| lesson.rule_apart().and_then(|()| has_a_new_sum());
        let b = lesson.process_in("B", new_sum, &CLAIMS, |turn| {
            setrlimit(RLIMIT_MSGQUEUE, 2 * SMALLEST)?;
            let _first = create(c"/first")?;
            turn.finish()?;
            turn.answer(&said(&create(c"/second")))?; // while C has a queue
            let second = create(c"/second");
            turn.answer(&said(&second))?;
            remove(c"/second", second?)?;
            turn.finish()
        })?;
        if let Some(mut b) = b {
            b.turn()?;
            let of_b = Namespaces::of(b.pid())?;
            // ANCHOR: child
            lesson.step("B's limit is two queues. C, in a child of B's user namespace, creates one");
            let mut c = lesson.process("C", |turn| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                lesson.rule_apart()?;
                setrlimit(RLIMIT_MSGQUEUE, SMALLEST)?;
                let of_c = create(c"/of_c");
                turn.answer(&said(&of_c))?;
                remove(c"/of_c", of_c?)?;
                turn.finish()
            })?;
            lesson.claim("a-child-user-namespace-has-a-sum-of-its-own", c.answer()?, "success");
            lesson
                .predict("What does B's mq_open of a second queue return?", &["success", "EMFILE", "ENOSPC"]);
            let id = "a-queue-in-a-child-user-namespace-is-also-charged-in-its-parent";
            lesson.claim(id, b.answer()?, "EMFILE");
            c.turn()?;
            let id = "the-close-of-a-queue-in-a-child-user-namespace-ends-both-charges";
            lesson.claim(id, b.answer()?, "success");
            c.finish()?;
            // ANCHOR_END: child
            b.turn()?;

            lesson.step("D's limit is two queues when it creates a child of B's user namespace");
            lesson.in_process("D", |_| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                setrlimit(RLIMIT_MSGQUEUE, 2 * SMALLEST)?;
                lesson.rule_apart()?;
                setrlimit(RLIMIT_MSGQUEUE, 100 * SMALLEST)?;
                let _second = create(c"/second")?;
                let id = "a-higher-limit-in-a-user-namespace-does-not-exceed-the-limit-of-its-creator";
                lesson.claim(id, create(c"/third"), EMFILE);
                Ok(())
            })?;
            b.finish()?;
        }
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Creates the smallest queue.
fn create(name: &CStr) -> CallResult<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1)))
}

fn remove(name: &CStr, mq: Mqd) -> CallResult<()> {
    mq_unlink(name)?;
    mq_close(mq)
}

/// Returns the outcome of a creation. `EMFILE` is an answer here.
fn said(created: &CallResult<Mqd>) -> Seen {
    if matches!(created, Err(EMFILE)) { Ok("EMFILE".into()) } else { outcome(created) }
}
