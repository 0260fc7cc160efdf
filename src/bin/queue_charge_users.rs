//! A queue is charged to the real user of the process that created it, and not to the process.
//!
//!     cargo run --bin queue_charge_users
//!
//! Chapter: lessons/36-linux. Manual pages: getrlimit(2), credentials(7), setresuid(2).
//! Previous: small_dev_shm. Next: queue_charge_end.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, NOBODY, Namespaces, SMALLEST, another_user, has_a_new_sum};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::resource::setrlimit;
use ipc_workbook::unistd::{fchown, setresuid};
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::EMFILE;
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CStr;
use std::process::ExitCode;

/// The claim that needs a user namespace with a sum of its own, and those that need two users there.
const CLAIM: &str = "a-queue-is-charged-after-its-creator-has-ended";
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
        let new_sum = |lesson: &Lesson| lesson.rule_apart().and_then(|()| has_a_new_sum());
        let b = lesson.process_in("B", new_sum, &[CLAIM], |turn| {
            setrlimit(RLIMIT_MSGQUEUE, SMALLEST)?;
            turn.finish()?;
            let refused = create(c"/of_b"); // C has ended
            lesson.claim("a-queue-is-charged-after-its-creator-has-ended", refused, EMFILE);
            Ok(())
        })?;
        if let Some(mut b) = b {
            b.turn()?;
            let of_b = Namespaces::of(b.pid())?;
            lesson.step("B's limit is one queue. C, which is the same user, creates one and ends");
            lesson.in_process("C", |_| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                Ok(mq_close(create(c"/of_c")?)?)
            })?;
            b.finish()?;
        }

        // ANCHOR: users
        lesson.step("D is root of a container. Its limit is one queue, and it has one");
        let container = |lesson: &Lesson| {
            another_user()?;
            lesson.become_container()?;
            has_a_new_sum()
        };
        let d = lesson.process_in("D", container, &CLAIMS_OF_TWO_USERS, |_| {
            setrlimit(RLIMIT_MSGQUEUE, SMALLEST)?;
            let of_root = create(c"/of_root")?;
            setresuid(Some(0), Some(NOBODY), Some(0))?;
            let refused = create(c"/of_effective_user");
            lesson.claim("the-effective-user-id-does-not-choose-the-sum", refused, EMFILE);
            setresuid(Some(NOBODY), Some(0), Some(0))?;
            let created = create(c"/of_real_user");
            lesson.claim("the-real-user-id-chooses-the-sum", &created, "success");
            setresuid(Some(0), Some(0), Some(0))?;
            fchown(&of_root, NOBODY, None)?;
            lesson.claim("fchown-of-a-queue-does-not-move-its-charge", create(c"/another"), EMFILE);
            Ok(())
        })?;
        // ANCHOR_END: users
        if let Some(d) = d {
            d.finish()?;
        }
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Creates the smallest queue.
fn create(name: &CStr) -> CallResult<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1)))
}
