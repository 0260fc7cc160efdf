//! A queue is charged to the real user of the process that created it, until the queue is destroyed.
//!
//!     cargo run --bin queue_charge_users
//!
//! Chapter: lessons/36-linux. Manual pages: getrlimit(2), credentials(7), ipc_namespaces(7).
//! Previous: small_dev_shm. Next: queue_charge_namespaces.

use ipc_workbook::call::{Result as CallResult, unreported};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, Namespaces, SMALLEST, another_user, has_a_new_sum};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
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

/// The claims that need a user namespace, and those that need two users there.
const CLAIMS: [&str; 3] = [
    "a-queue-is-charged-after-its-creator-has-ended",
    "a-new-IPC-namespace-does-not-begin-a-new-sum",
    "the-end-of-an-IPC-namespace-ends-the-charges-of-its-queues",
];
const CLAIMS_OF_TWO_USERS: [&str; 3] = [
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
            if let Err(unseen) = sum {
                return lesson.not_seen(&CLAIMS, &unseen);
            }
            setrlimit(RLIMIT_MSGQUEUE, 2 * SMALLEST)?;
            let first = create(c"/first")?;
            turn.finish()?;
            let refused = create(c"/second"); // C has ended
            lesson.claim("a-queue-is-charged-after-its-creator-has-ended", refused, EMFILE);
            turn.finish()?;
            mq_unlink(c"/of_c")?;
            unshare(CLONE_NEWIPC)?; // the old namespace has one queue, which B has open
            create(c"/second")?;
            let refused = create(c"/third");
            lesson.claim("a-new-IPC-namespace-does-not-begin-a-new-sum", refused, EMFILE);
            turn.finish()?;
            mq_close(first)?;
            unshare(CLONE_NEWIPC)?; // now no process is in the namespaces of the two queues
            let created = create_in_time(c"/fourth");
            let id = "the-end-of-an-IPC-namespace-ends-the-charges-of-its-queues";
            lesson.claim(id, &created, "success");
            Ok(())
        })?;
        // ANCHOR_END: b
        if b.answer()?.is_ok() {
            b.turn()?;
            let of_b = Namespaces::of(b.pid())?;
            lesson.step("B's limit is two queues, and B has one. C, which is the same user, creates another one and ends");
            lesson.in_process("C", |_| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                Ok(mq_close(create(c"/of_c")?)?)
            })?;
            drop(of_b);
            b.turn()?;
            lesson.step("B removes C's queue, and moves to a new IPC namespace");
            b.turn()?;
            lesson.step("B closes its queue, and moves once more");
        }
        b.finish()?;

        lesson.step("D is root of a container. Its limit is one queue, and it has one");
        lesson.in_process("D", |_| {
            let two_users = another_user().and_then(|()| lesson.become_container());
            if let Err(unseen) = two_users.and_then(|()| has_a_new_sum()) {
                return lesson.not_seen(&CLAIMS_OF_TWO_USERS, &unseen);
            }
            setrlimit(RLIMIT_MSGQUEUE, SMALLEST)?;
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
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Creates the smallest queue.
fn create(name: &CStr) -> CallResult<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1)))
}

/// Creates a queue as soon as the limit allows it: the kernel destroys a namespace a little after its end.
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
