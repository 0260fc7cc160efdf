//! To exceed msg_max you need CAP_SYS_RESOURCE in the initial user namespace; the user id 0 is not enough.
//!
//!     cargo run --bin ceiling_privilege
//!
//! Chapter: lessons/31-attributes. Manual pages: mq_overview(7), capabilities(7), user_namespaces(7).
//! Previous: attribute_ceilings.

use ipc_workbook::call::unreported;
use ipc_workbook::capability::{CAP_SYS_RESOURCE, capset, permitted};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{beyond, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, is_in_initial_user_namespace, limit};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CStr;
use std::process::ExitCode;

/// B's queues.
const TEN: &CStr = c"/ten";
const ELEVEN: &CStr = c"/eleven";

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/ceiling_privilege")?;

        lesson.step("A creates a queue for two messages, as any user may");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 8)))?;
        lesson.look(&mq)?;

        // ANCHOR: initial
        lesson.step("A removes it, and creates it again, for one message more than msg_max");
        mq_close(mq)?;
        mq_unlink(&name)?;
        let msg_max = limit("fs/mqueue/msg_max")?.parse().unwrap_or(10);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(msg_max + 1, 8)));
        let seen = has_capability(true).and_then(|()| outcome(&mq));
        lesson.claim("CAP_SYS_RESOURCE-in-the-initial-user-namespace-lifts-msg_max", seen, "success");
        // ANCHOR_END: initial
        if let Ok(mq) = mq {
            mq_close(mq)?;
            mq_unlink(&name)?;
        }

        // ANCHOR: apart
        lesson.step("B has all capabilities, but only in its own user namespace");
        lesson.in_process("B", |_| {
            let with = "CAP_SYS_RESOURCE-in-a-new-user-namespace-does-not-lift-msg_max";
            let without = "uid-0-without-CAP_SYS_RESOURCE-cannot-exceed-msg_max";
            if let Err(unseen) = lesson.rule_apart().and_then(|()| has_capability(false)) {
                return lesson.not_seen(&[with, without], &unseen);
            }
            lesson.note("msg_max is 10 in a new namespace.");
            let create = |name, maxmsg| mq_open(name, O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(maxmsg, 8)));
            let ten = create(TEN, 10);
            lesson.predict(
                "B is root of its namespace, with all capabilities. It asks for 11. What does mq_open return?",
                &["success", "EPERM", "EINVAL"],
            );
            lesson.claim(with, beyond(&ten, &create(ELEVEN, 11)), "EINVAL");
            capset(0)?;
            lesson.claim(without, beyond(&ten, &create(ELEVEN, 11)), "EINVAL");
            // The kernel destroys a namespace some time after its end. Until then its queues are charged.
            let _ = unreported(|| mq_unlink(TEN));
            Ok(())
        })
        // ANCHOR_END: apart
    })
}

/// Returns `Ok` if this process has CAP_SYS_RESOURCE in the initial user namespace or, if not `initial`,
/// in another one.
fn has_capability(initial: bool) -> Result<(), Unseen> {
    let has = permitted().is_ok_and(|permitted| permitted & CAP_SYS_RESOURCE != 0);
    if has && is_in_initial_user_namespace() == initial {
        return Ok(());
    }
    let which = if initial { "the initial" } else { "a new" };
    Err(Unseen(format!("this needs CAP_SYS_RESOURCE in {which} user namespace")))
}
