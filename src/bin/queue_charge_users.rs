//! A queue is charged to the real user of its creator, in that user's namespace and in each one above it.
//!
//!     cargo run --bin queue_charge_users
//!
//! Chapter: lessons/36-linux. Manual pages: getrlimit(2), user_namespaces(7), mq_overview(7).
//! Previous: small_dev_shm.

use ipc_workbook::call::{Result as CallResult, unreported};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, Namespaces, Seen, another_user, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen};
use ipc_workbook::resource::setrlimit;
use ipc_workbook::sched::unshare;
use ipc_workbook::unistd::{fchown, setresuid};
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::EMFILE;
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CStr;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

/// The charge for a queue of one message of one byte.
const QUEUE: u64 = 1 + 96;

/// The claims of B, C, D, E and of F, which needs a second user.
const CLAIMS: [&str; 7] = [
    "a-child-user-namespace-has-a-sum-of-its-own",
    "a-queue-in-a-child-user-namespace-is-also-charged-in-its-parent",
    "the-close-of-a-queue-in-a-child-user-namespace-ends-both-charges",
    "a-user-namespace-cannot-exceed-the-limit-of-the-process-that-created-it",
    "a-queue-is-charged-after-its-creator-has-ended",
    "a-new-IPC-namespace-does-not-begin-a-new-sum",
    "the-end-of-an-IPC-namespace-ends-the-charges-of-its-queues",
];
const CLAIMS_OF_F: [&str; 3] = [
    "the-effective-user-id-does-not-choose-the-sum",
    "the-real-user-id-chooses-the-sum",
    "fchown-of-a-queue-does-not-move-its-charge",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/queue_charge_users")?;
        lesson.step("A creates a queue; B begins a new sum in a user namespace of its own");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        // ANCHOR: b
        let mut b = lesson.process("B", |turn| {
            let sum = lesson.rule_apart().and_then(|()| has_a_new_sum());
            turn.answer(&sum.clone().map(|()| String::new()))?;
            if sum.is_err() {
                return Ok(());
            }
            setrlimit(RLIMIT_MSGQUEUE, 2 * QUEUE)?;
            let first = create(c"/first")?;
            turn.finish()?;
            turn.answer(&said(&create(c"/second")))?; // while C has a queue
            let second = create(c"/second");
            turn.answer(&said(&second))?;
            remove(c"/second", second?)?;
            turn.finish()?;
            turn.answer(&said(&create(c"/second")))?; // after D has ended
            mq_unlink(c"/of_d")?;
            unshare(CLONE_NEWIPC)?;
            turn.answer(&beyond(&create(c"/third"), &create(c"/fourth")))?;
            drop(first);
            unshare(CLONE_NEWIPC)?;
            turn.report(&create_in_time(c"/fifth"))
        })?;
        // ANCHOR_END: b
        let seen = b.answer()?;
        if let Err(unseen) = &seen {
            b.finish()?;
            lesson.not_seen(&CLAIMS, unseen)?;
        } else {
            b.turn()?;
            let of_b = Namespaces::of(b.pid())?;

            // ANCHOR: child
            lesson.step(
                "B's limit is two queues, and B has one. C creates one in a child of B's user namespace",
            );
            let mut c = lesson.process("C", |turn| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                lesson.rule_apart()?;
                setrlimit(RLIMIT_MSGQUEUE, QUEUE)?;
                let of_c = create(c"/of_c");
                turn.report(&of_c)?;
                remove(c"/of_c", of_c?)?;
                turn.finish()
            })?;
            let created = c.outcome()?;
            lesson.claim("a-child-user-namespace-has-a-sum-of-its-own", created, "success");
            lesson
                .predict("What does B's mq_open of a second queue return?", &["success", "EMFILE", "ENOSPC"]);
            let refused = b.answer()?;
            let id = "a-queue-in-a-child-user-namespace-is-also-charged-in-its-parent";
            lesson.claim(id, refused, "EMFILE");
            c.turn()?;
            let allowed = b.answer()?;
            let id = "the-close-of-a-queue-in-a-child-user-namespace-ends-both-charges";
            lesson.claim(id, allowed, "success");
            c.finish()?;
            // ANCHOR_END: child
            b.turn()?;

            // ANCHOR: creator
            lesson.step("D's limit is two queues when it creates a user namespace; then D raises it");
            lesson.in_process("D", |_| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                let left = create(c"/of_d")?; // D leaves this one behind
                setrlimit(RLIMIT_MSGQUEUE, 3 * QUEUE)?;
                lesson.rule_apart()?;
                setrlimit(RLIMIT_MSGQUEUE, 100 * QUEUE)?;
                let third = create(c"/third");
                let fourth = create(c"/fourth");
                let id = "a-user-namespace-cannot-exceed-the-limit-of-the-process-that-created-it";
                remove(c"/third", third?)?;
                lesson.claim(id, fourth, EMFILE);
                drop(left);
                Ok(())
            })?;
            // ANCHOR_END: creator

            // ANCHOR: after
            lesson.step("B tries again: D has ended, and its queue exists");
            let refused = b.answer()?;
            lesson.claim("a-queue-is-charged-after-its-creator-has-ended", refused, "EMFILE");
            lesson.step("B removes D's queue, and moves to a new IPC namespace");
            lesson.predict("B has one queue in the old namespace. Its limit is two. What does its second mq_open return in the new one?", &["success", "EMFILE", "ENOSPC"]);
            let beyond = b.answer()?;
            lesson.claim("a-new-IPC-namespace-does-not-begin-a-new-sum", beyond, "EMFILE");
            lesson.step("B moves once more, so that both namespaces end with their queues");
            let created = b.outcome()?;
            lesson.claim("the-end-of-an-IPC-namespace-ends-the-charges-of-its-queues", created, "success");
            b.finish()?;
            // ANCHOR_END: after
        }

        // ANCHOR: uid
        lesson.step("F is root of a container, and its limit is one queue");
        lesson.in_process("F", |_| {
            let two_users = another_user().and_then(|()| lesson.become_container());
            if let Err(unseen) = two_users.and_then(|()| has_a_new_sum()) {
                return lesson.not_seen(&CLAIMS_OF_F, &unseen);
            }
            let mine = create(c"/mine")?;
            setresuid(Some(0), Some(NOBODY), Some(0))?;
            lesson.claim("the-effective-user-id-does-not-choose-the-sum", create(c"/effective"), EMFILE);
            setresuid(Some(NOBODY), Some(0), Some(0))?;
            let created = create(c"/real");
            lesson.claim("the-real-user-id-chooses-the-sum", &created, "success");
            setresuid(Some(0), Some(0), Some(0))?;
            fchown(&mine, NOBODY, None)?;
            lesson.claim("fchown-of-a-queue-does-not-move-its-charge", create(c"/again"), EMFILE);
            Ok(())
        })?;
        // ANCHOR_END: uid
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Creates the smallest queue, whose charge is [`QUEUE`].
fn create(name: &CStr) -> CallResult<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1)))
}

fn remove(name: &CStr, mq: Mqd) -> CallResult<()> {
    mq_unlink(name)?;
    mq_close(mq)
}

/// Returns the outcome of a creation for the lesson's first process. `EMFILE` is an answer here.
fn said(created: &CallResult<Mqd>) -> Seen {
    if matches!(created, Err(EMFILE)) { Ok("EMFILE".into()) } else { outcome(created) }
}

/// Returns the outcome of the creation beyond a limit. The creation within the limit must have succeeded.
fn beyond(within: &CallResult<Mqd>, beyond: &CallResult<Mqd>) -> Seen {
    match outcome(within)?.as_str() {
        "success" => said(beyond),
        errno => Ok(format!("{errno} within the limit")),
    }
}

/// Sets the limit to one queue, and checks that this user has no charge yet in this user namespace.
fn has_a_new_sum() -> Result<(), Unseen> {
    let refused = |errno| Unseen(format!("mq_open: {errno:?}"));
    setrlimit(RLIMIT_MSGQUEUE, QUEUE).map_err(refused)?;
    match unreported(|| create(c"/probe").and_then(|probe| remove(c"/probe", probe))) {
        Err(EMFILE) => {
            Err(Unseen("this kernel has one sum for all of a user's queues, as before Linux 5.14".into()))
        }
        result => result.map_err(refused),
    }
}

/// Creates a queue as soon as the limit allows it. The kernel destroys a namespace a little later than its end.
fn create_in_time(name: &CStr) -> CallResult<Mqd> {
    for _ in 0..1000 {
        if unreported(|| create(name)).is_ok() {
            unreported(|| mq_unlink(name))?;
            break;
        }
        sleep(Duration::from_millis(5));
    }
    create(name)
}
