//! Two limits can stop mq_open: the bytes of a user's queues (EMFILE) and the number of queues (ENOSPC).
//!
//!     cargo run --bin queue_limits
//!
//! Chapter: lessons/16-errors. Manual pages: mq_open(3), getrlimit(2), mq_overview(7),
//! ipc_namespaces(7). Previous: errno_demo.

use ipc_workbook::lesson::{enter_fresh_namespace, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, queues_max};
use ipc_workbook::{call::unreported, cli::Failure, lesson, resource::setrlimit};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EMFILE, ENOSPC};
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CString;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/queue_limits")?;

        lesson.step("Create a queue with room for two messages of 64 bytes; it counts towards both limits");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;

        // ANCHOR: emfile
        lesson.step("The bytes of RLIMIT_MSGQUEUE: B is in a namespace where its user has no other queues");
        lesson.in_process("B", |_| {
            let refused = "mq_open-fails-with-EMFILE-if-RLIMIT_MSGQUEUE-has-too-few-bytes-left";
            let exact = "maxmsg-times-msgsize-plus-96-is-charged";
            let default = "a-queue-with-default-attributes-is-charged-82880-bytes";
            if let Err(unseen) = enter_fresh_namespace() {
                return lesson.not_seen(&[exact, default, refused], &unseen);
            }
            // No O_EXCL, and mq_unlink is not reported: A's queue of this name stays recorded.
            lesson.note("B unlinks each of its queues after the claim about it.");
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
            // Other programs of this user may have used up its bytes in the parent namespace.
            let bytes = outcome(&mq).and_then(|_| account.bytes());
            lesson.claim(default, bytes, 82880);
            if let Ok(mq) = mq {
                mq_close(mq)?;
                unlink()?;
            }

            setrlimit(RLIMIT_MSGQUEUE, 319)?;
            lesson.predict(
                "B has free descriptors, but its limit is one byte too low. What is the result of mq_open?",
                &["ENOSPC", "EMFILE", "ENOMEM"],
            );
            let too_few = make(Some(&small));
            // Here, too, other programs may have used up the bytes. Then no limit helps.
            setrlimit(RLIMIT_MSGQUEUE, 320)?;
            let enough = make(Some(&small));
            match outcome(&enough) {
                Ok(_) => lesson.claim(refused, too_few, EMFILE),
                Err(unseen) => lesson.not_seen(&[refused], &unseen)?,
            }
            // The kernel destroys a namespace some time after its end. Until then its queues are charged.
            let _ = unlink();
            Ok(())
        })?;
        // ANCHOR_END: emfile

        // ANCHOR: enospc
        lesson.step("The number of queues: C fills a namespace");
        lesson.in_process("C", |_| {
            let id = "mq_open-fails-with-ENOSPC-if-queues_max-queues-exist";
            let max = match enter_fresh_namespace().and_then(|()| queues_max()) {
                Ok(max) => i64::from(max),
                Err(unseen) => return lesson.not_seen(&[id], &unseen),
            };
            lesson.note(&format!(
                "C is in its own namespace, where queues_max is {max}. It creates queues until mq_open fails."
            ));
            let question = "There is enough memory for more. How many queues can C create?";
            lesson.predict(question, &["1024", &max.to_string(), "any number"]);
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
                let _ = unreported(|| mq_unlink(&numbered(n))); // otherwise, it ends with the namespace
            }
            lesson.claim(id, seen, max);
            Ok(())
        })?;
        // ANCHOR_END: enospc
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}
