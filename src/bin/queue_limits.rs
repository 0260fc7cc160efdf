//! Queues have two limits: a user's bytes, which is EMFILE, and a namespace's queues, which is ENOSPC.
//!
//!     cargo run --bin queue_limits
//!
//! Chapter: lessons/16-errors. Manual pages: mq_open(3), getrlimit(2), mq_overview(7),
//! ipc_namespaces(7). Previous: errno_demo.

use ipc_workbook::call::unreported;
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::outcome;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, queues_max};
use ipc_workbook::private::Namespace;
use ipc_workbook::resource::setrlimit;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EMFILE, ENOSPC};
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CString;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/queue_limits")?;

        lesson.step("A queue of two messages of 64 bytes, which counts for both limits");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;

        // ANCHOR: emfile
        lesson.step("EMFILE: the bytes of RLIMIT_MSGQUEUE. B is in a namespace where its user has no queues");
        let b = lesson.process("B", |_| {
            let refused = "EMFILE-also-says-that-bytes-of-queues-are-used-up";
            let exact = "maxmsg-times-msgsize-plus-96-is-charged";
            let default = "a-queue-with-default-attributes-is-charged-82880-bytes";
            if let Err(unseen) = enter_a_fresh_namespace() {
                return lesson.not_seen(&[exact, default, refused], &unseen);
            }
            // Without O_EXCL, and unlinked unreported: A has recorded a queue of this name, which stays.
            lesson.note("B unlinks each of its queues after the claim.");
            let make = |attr| mq_open(&name, O_CREAT | O_RDWR, 0o600, attr);
            let unlink = || {
                unreported(|| mq_unlink(&name))
                    .map_err(|errno| Failure::Contradicted(format!("mq_unlink: {errno:?}")))
            };
            let small = MqAttr::new(2, 64);
            let account = lesson.queue_account();
            let mq = account.charge(|| make(Some(&small)))?;
            lesson.claim(exact, account.bytes(), 2 * (64 + 96));
            mq_close(mq)?;
            unlink()?;
            let mq = account.charge(|| Ok(make(None)))?;
            match outcome(&mq) {
                Ok(_) => lesson.claim(default, account.bytes(), 82880),
                // Other programs of this user may have used up its bytes, in the namespace above.
                Err(unseen) => lesson.not_seen(&[default], &unseen)?,
            }
            if let Ok(mq) = mq {
                mq_close(mq)?;
                unlink()?;
            }

            setrlimit(RLIMIT_MSGQUEUE, 319)?;
            lesson.predict(
                "B has free descriptors, and a byte too few. What does mq_open say?",
                &["ENOSPC", "EMFILE", "ENOMEM"],
            );
            let too_few = make(Some(&small));
            // Here, too, they may have used up the bytes. Then no limit helps.
            setrlimit(RLIMIT_MSGQUEUE, 320)?;
            let enough = make(Some(&small));
            match outcome(&enough) {
                Ok(_) => lesson.claim(refused, too_few, EMFILE),
                Err(unseen) => lesson.not_seen(&[refused], &unseen)?,
            }
            // A namespace is taken apart some time after its end, and until then its queues are charged.
            let _ = unlink();
            Ok(())
        })?;
        b.finish()?;
        // ANCHOR_END: emfile

        // ANCHOR: enospc
        lesson.step("ENOSPC: queues_max queues exist in the namespace");
        let c = lesson.process("C", |_| {
            let id = "ENOSPC-says-that-queues_max-queues-exist";
            let max = match enter_a_fresh_namespace().and_then(|()| queues_max()) {
                Ok(max) => i64::from(max),
                Err(unseen) => return lesson.not_seen(&[id], &unseen),
            };
            lesson.note(&format!(
                "C is in a namespace of its own, where queues_max is {max}, and makes queues."
            ));
            lesson.predict(
                "Memory is there for more. How many can it make?",
                &["1024", &max.to_string(), "any number"],
            );
            let numbered = |n| CString::new(format!("/{n}")).unwrap_or_default();
            let make = |n| mq_open(&numbered(n), O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(1, 1)));
            let mut made = 0;
            while unreported(|| make(made)).is_ok() {
                made += 1;
            }
            let seen = match make(made) {
                Err(ENOSPC) => Ok(made),
                other => Err(Unseen(format!("mq_open: {other:?}"))),
            };
            for n in 0..made {
                let _ = unreported(|| mq_unlink(&numbered(n))); // else it goes with the namespace
            }
            lesson.claim(id, seen, max);
            Ok(())
        })?;
        c.finish()?;
        // ANCHOR_END: enospc
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Moves this process to where its user has no queue, so that all that is charged is what it makes.
fn enter_a_fresh_namespace() -> Result<(), Unseen> {
    let user = || std::fs::read_link("/proc/self/ns/user").ok();
    let before = user();
    Namespace::new().enter().map_err(|refused| Unseen(refused.to_string()))?;
    // Root can have an IPC namespace alone, and then its queues of before are still charged.
    if user() == before { Err(Unseen("there is no user namespace to be had here".into())) } else { Ok(()) }
}
