//! A queue is charged until it is destroyed. A new IPC namespace does not change that, and its end does.
//!
//!     cargo run --bin queue_charge_end
//!
//! Chapter: lessons/36-linux. Manual pages: getrlimit(2), ipc_namespaces(7).
//! Previous: queue_charge_users. Next: queue_charge_namespaces.

use ipc_workbook::call::{Result as CallResult, unreported};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, SMALLEST, has_a_new_sum};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::resource::setrlimit;
use ipc_workbook::sched::unshare;
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::EMFILE;
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CStr;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

/// The claims that need a user namespace with a sum of its own.
const CLAIMS: [&str; 2] = [
    "a-new-IPC-namespace-does-not-begin-a-new-sum",
    "the-end-of-an-IPC-namespace-ends-the-charges-of-its-queues",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/queue_charge_end")?;
        lesson.step("A creates a queue; B begins a new sum in a user namespace of its own");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        // ANCHOR: b
        let new_sum = |lesson: &Lesson| lesson.rule_apart().and_then(|()| has_a_new_sum());
        let b = lesson.process_in("B", new_sum, &CLAIMS, |turn| {
            setrlimit(RLIMIT_MSGQUEUE, 2 * SMALLEST)?;
            let first = create(c"/first")?;
            turn.finish()?;
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
        if let Some(mut b) = b {
            b.turn()?;
            lesson.step("B's limit is two queues, and it has one. It moves to a new IPC namespace");
            b.turn()?;
            lesson.step("B closes its first queue, and moves once more");
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
