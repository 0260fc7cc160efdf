//! The receiver of a System V message chooses by its type, and gets one message at a time.
//!
//!     cargo run --bin svmsg_types
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: msgop(2), msgctl(2), pipe(7).
//! Previous: ftok_demo. Next: svsem_demo.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{pipe, read, write};
use nix::errno::Errno::{E2BIG, EINVAL, ENOMSG};
use std::ffi::{c_int, c_long};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svmsg_types")?;

        lesson.step("Send six messages, each with a type");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let sent = [(5, "first"), (4, "second"), (7, "third"), (3, "fourth"), (4, "fifth"), (2, "sixth")];
        for (mtype, mtext) in sent {
            msgsnd(msqid, mtype, mtext.as_bytes(), IPC_NOWAIT)?;
        }
        lesson.row(Table::Msg, msqid)?;
        lesson.claim("a-message-of-type-0-cannot-be-sent", msgsnd(msqid, 0, b"any", IPC_NOWAIT), EINVAL);

        // ANCHOR: choose
        lesson.step("Receive with msgtyp 0");
        lesson.predict("Which message does msgrcv take?", &["sixth", "first", "third"]);
        lesson.claim("msgtyp-0-takes-the-oldest-message", take(msqid, 0, 0)?, "first".into());

        lesson.step("Receive with a msgtyp above 0");
        lesson.predict(
            "The types 4, 7, 3, 4, 2 are left. Which message does msgtyp 3 take?",
            &["second", "sixth", "fourth"],
        );
        lesson.claim("an-exact-type-passes-over-older-messages", take(msqid, 3, 0)?, "fourth".into());
        lesson.claim("messages-of-one-type-come-in-the-order-sent", take(msqid, 4, 0)?, "second".into());

        lesson.step("Receive with a msgtyp below 0");
        lesson.predict(
            "The types 7, 4, 2 are left. Which message does msgtyp -6 take?",
            &["sixth", "fifth", "third"],
        );
        lesson.claim("a-negative-type-takes-the-lowest-type-first", take(msqid, -6, 0)?, "sixth".into());
        lesson.claim(
            "MSG_EXCEPT-takes-the-first-message-of-another-type",
            take(msqid, 7, MSG_EXCEPT)?,
            "fifth".into(),
        );
        lesson.claim(
            "a-negative-type-never-takes-a-type-above-its-absolute-value",
            take(msqid, -6, 0),
            ENOMSG,
        );
        // ANCHOR_END: choose

        // ANCHOR: short
        lesson.step("A buffer of three bytes, and a text of five");
        lesson.predict("What is the result of msgrcv?", &["success", "EMSGSIZE", "E2BIG"]);
        let mut small = [0; 3];
        let refused = msgrcv(msqid, &mut small, 0, IPC_NOWAIT);
        lesson.claim("msgrcv-fails-with-E2BIG-if-the-text-is-longer-than-the-buffer", refused, E2BIG);
        let left = msgctl(msqid, IPC_STAT)?.msg_qnum;
        lesson.claim("a-message-refused-with-E2BIG-stays-on-the-queue", left, 1);
        msgrcv(msqid, &mut small, 0, IPC_NOWAIT | MSG_NOERROR)?;
        lesson.claim("MSG_NOERROR-gives-the-beginning-of-the-text", &small, b"thi");
        let left = msgctl(msqid, IPC_STAT)?.msg_cbytes;
        lesson.claim("MSG_NOERROR-discards-the-rest-of-the-text", left, 0);
        msgsnd(msqid, 1, b"ok", IPC_NOWAIT)?;
        // mq_receive would demand room for the longest message that the queue may hold.
        let (length, _) = msgrcv(msqid, &mut small, 0, IPC_NOWAIT)?;
        lesson.claim("the-buffer-needs-room-only-for-the-message-that-msgrcv-takes", length, 2);
        // ANCHOR_END: short

        // ANCHOR: boundaries
        lesson.step("Two texts and an empty one into the queue; the same two texts into a pipe");
        for mtext in [&b"ab"[..], b"cd", b""] {
            msgsnd(msqid, 1, mtext, IPC_NOWAIT)?;
        }
        let (reader, writer) = pipe()?;
        write(&writer, b"ab")?;
        write(&writer, b"cd")?;
        let mut buffer = [0; 64];
        lesson.predict("How many bytes does one read of the pipe return?", &["2", "4", "64"]);
        lesson.claim("one-read-of-a-pipe-returns-the-bytes-of-two-writes", read(&reader, &mut buffer)?, 4);
        lesson.claim("msgrcv-takes-one-message-and-no-more", take(msqid, 0, 0)?, "ab".into());
        lesson.claim("the-next-msgrcv-takes-the-next-message", take(msqid, 0, 0)?, "cd".into());
        lesson.claim("an-empty-text-is-a-message-too", take(msqid, 0, 0)?, String::new());
        // ANCHOR_END: boundaries
        Ok(msgctl(msqid, IPC_RMID)?)
    })
}

/// The text of the message that `msgtyp` asks for.
fn take(msqid: c_int, msgtyp: c_long, msgflg: c_int) -> Result<String> {
    let mut mtext = [0; 64];
    let (length, _) = msgrcv(msqid, &mut mtext, msgtyp, IPC_NOWAIT | msgflg)?;
    Ok(String::from_utf8_lossy(&mtext[..length]).into_owned())
}
