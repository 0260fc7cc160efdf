//! Programs choose the key; the kernel chooses the identifier, and does not reuse an old one at once.
//!
//!     cargo run --bin key_vs_id
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: sysvipc(7), msgget(2), semget(2), shmget(2),
//! ipc_namespaces(7). Previous: svshm_demo. Next: ftok_demo.

use ipc_workbook::observe::Unseen;
use ipc_workbook::observe::sysvipc::{Table, rows};
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use ipc_workbook::{cli::Failure, lesson};
use nix::errno::Errno::EEXIST;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/key_vs_id")?;

        // ANCHOR: three
        lesson.step("Create a queue with the key");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;

        lesson.step("The same key for a set, a segment and a second queue");
        lesson.predict("A queue has the key. What does semget return?", &["EEXIST", "success", "EINVAL"]);
        let set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("the-key-of-a-queue-is-free-for-a-set", &set, "success");
        let semid = set?;
        let segment = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("the-key-of-a-queue-is-free-for-a-segment", &segment, "success");
        let shmid = segment?;
        let second = msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("a-second-queue-cannot-have-the-key", second, EEXIST);
        let mut with_key = 0;
        for table in Table::ALL {
            with_key += rows(table)?.iter().filter(|row| row.fact("key") == Ok(key.into())).count();
        }
        lesson.claim("one-key-leads-to-three-objects", with_key, 3);
        msgctl(msqid, IPC_RMID)?;
        semctl(semid, 0, IPC_RMID)?;
        shmctl(shmid, IPC_RMID)?;
        // ANCHOR_END: three

        lesson.step("Process B, in a namespace of its own, calls msgget with IPC_PRIVATE");
        // No later run could find an object without a key. B makes these in a namespace that ends with B.
        let mut b = lesson.apart("B", |turn| {
            turn.report_or_end(msgget(IPC_PRIVATE, 0o600))?;
            turn.report_number(msgget(IPC_PRIVATE, 0o600)?)?;
            let third = msgget(0, 0o600)?;
            turn.report_number(third)?;
            turn.report_number(semget(IPC_PRIVATE, 1, 0o600)?)?;
            msgctl(third, IPC_RMID)?;
            let next = msgget(IPC_PRIVATE, 0o600)?;
            turn.report_number(next)?;
            let (last, wrapped) = lesson.muted(|| go_through_the_slots(next))?;
            turn.report_number(last)?;
            let _ = lesson.row(Table::Msg, wrapped); // the same identifier in B's own /proc/sysvipc
            turn.report_number(wrapped)?;
            turn.report_number(msgctl(wrapped, IPC_STAT)?.msg_perm.seq.cast_signed())?;
            turn.report(&msgsnd(wrapped % SLOTS, 1, b"old", IPC_NOWAIT))
        })?;
        let question = "The flags do not contain IPC_CREAT. What is the result of msgget?";
        lesson.predict(question, &["ENOENT", "success", "EINVAL"]);
        lesson.claim("IPC_PRIVATE-creates-without-IPC_CREAT", b.turn()?, "success");
        lesson.claim("IPC_PRIVATE-leads-to-another-queue-each-time", b.number()?, 1);
        lesson.claim("the-number-0-is-IPC_PRIVATE", b.number()?, 2);

        // ANCHOR: numbers
        lesson.step("The queues have the identifiers 0, 1 and 2. B creates a set, and then another queue");
        lesson.claim("sets-and-queues-are-numbered-separately", b.number()?, 0);
        lesson.predict("B removes queue 2 and creates one. Which identifier does it get?", &["2", "0", "3"]);
        lesson.claim("a-removed-identifier-is-not-reused-at-once", b.number()?, 3);
        // ANCHOR_END: numbers

        lesson.step("B creates and removes queues until the slots begin again");
        lesson.claim("the-last-slot-before-the-slots-begin-again-is-63", shown(b.number()?), 63);
        let question = "Slot 2 is free. Which identifier does the next queue in it get?";
        lesson.predict(question, &["2", "32770", "65536"]);
        lesson.claim("the-slots-begin-again-with-32768-added", shown(b.number()?), 2 + SLOTS);
        lesson.claim("ipc_perm-counts-how-often-the-slots-have-begun-again", shown(b.number()?), 1);
        lesson.claim("msgsnd-to-an-old-identifier-of-a-reused-slot-fails-with-EINVAL", b.turn()?, "EINVAL");
        b.finish()
    })
}

/// An identifier is sequence number * 32768 + slot.
const SLOTS: i32 = 32768;

/// Creates and removes queues until one has another sequence number than `before`. Returns the last
/// identifier with the old sequence number, and the first one with the new.
fn go_through_the_slots(mut before: i32) -> Result<(i32, i32), Failure> {
    for _ in 0..200 {
        let msqid = msgget(IPC_PRIVATE, 0o600)?;
        if msqid / SLOTS != before / SLOTS {
            return Ok((before, msqid));
        }
        before = msqid;
        msgctl(msqid, IPC_RMID)?;
    }
    Ok((before, before))
}

/// With `ipcmni_extend` on the kernel's command line there are too many slots to go through them all.
fn shown(number: Result<i32, Unseen>) -> Result<i32, Unseen> {
    let command_line = std::fs::read_to_string("/proc/cmdline").unwrap_or_default();
    if command_line.contains("ipcmni_extend") {
        return Err(Unseen("this kernel was started with ipcmni_extend, and has 16777216 slots".into()));
    }
    number
}
