//! A key leads to an identifier, and the identifier means the same queue in every process.
//!
//!     cargo run --bin svmsg_create
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: msgget(2), sysvipc(7), proc_sysvipc(5).
//! Next: svmsg_excl.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::{Table, rows};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{close, dup};
use nix::errno::Errno::ENOENT;
use std::io::stdout;
use std::os::fd::AsRawFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key(12345)?;
        // B starts before the queue exists, so it inherits nothing.
        let mut b = lesson.process("B", |turn| {
            // As ipcs(1) does, it reads the identifier in /proc/sysvipc/msg.
            let number = rows(Table::Msg)?.into_iter().find(|row| row.fact("key") == Ok(key.into()));
            let msqid = number.map_or(-1, |row| row.id);
            let sent = msgsnd(msqid, 1, b"by number", IPC_NOWAIT);
            turn.report(&sent)?;
            Ok(sent?)
        })?;

        // ANCHOR: create
        lesson.step("No queue has the key yet");
        lesson.predict(
            "msgget looks for the key, without IPC_CREAT. What is the result?",
            &["EINVAL", "ENOENT", "success"],
        );
        lesson.claim("without-IPC_CREAT-msgget-creates-nothing", msgget(key, 0), ENOENT);

        lesson.step("Create a queue");
        let before = lowest_free_descriptor()?;
        // The System V introduction calls msgget without IPC_EXCL; step 5 does so. After that call
        // the lesson would not know whether this queue is its own, and may be removed at the end.
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let shown = lesson.row(Table::Msg, msqid).and_then(|row| row.key());
        lesson.claim("proc-sysvipc-lists-the-queue-with-its-key", shown, format!("{key:#x}"));
        lesson.claim("an-identifier-takes-no-descriptor", lowest_free_descriptor()?, before);
        // ANCHOR_END: create

        // ANCHOR: number
        lesson.step("Process B, without msgget, reads the identifier in /proc/sysvipc/msg, and sends");
        lesson.predict("What is the result of its msgsnd?", &["EBADF", "EINVAL", "success"]);
        lesson.claim("a-process-that-knows-the-identifier-can-send-without-msgget", b.outcome()?, "success");
        let sender = i64::from(b.pid());
        b.finish()?;
        let mut buffer = [0; 16];
        let (length, _) = msgrcv(msqid, &mut buffer, 0, IPC_NOWAIT)?;
        let received = String::from_utf8_lossy(&buffer[..length]).into_owned();
        lesson.claim(
            "the-identifier-means-the-same-queue-in-both-processes",
            received,
            "by number".to_string(),
        );
        // ANCHOR_END: number

        lesson.step("B has ended. The queue still stores the pid of the last sender");
        let shown = lesson.row(Table::Msg, msqid).and_then(|row| row.fact("lspid"));
        lesson.claim("the-queue-keeps-the-pid-of-a-sender-that-is-gone", shown, sender);

        lesson.step("The System V introduction's call: IPC_CREAT alone, while the queue exists");
        lesson.predict("The key is taken. What is the result of msgget?", &["EEXIST", "success", "EACCES"]);
        let again = msgget(key, IPC_CREAT | 0o600);
        lesson.claim("IPC_CREAT-alone-also-succeeds-if-the-queue-exists", &again, "success");
        lesson.claim("one-key-leads-to-one-identifier", again?, msqid);

        lesson.step("C, in another IPC namespace, tries the identifier and the key, and creates a queue");
        let mut c = lesson.apart("C", |turn| {
            turn.report(&msgsnd(msqid, 1, b"by number", IPC_NOWAIT))?;
            turn.report(&msgget(key, 0))?;
            turn.report(&msgget(key, IPC_CREAT | 0o600))
        })?;
        lesson.claim("an-identifier-means-nothing-in-another-namespace", c.turn()?, "EINVAL");
        lesson.claim("a-key-means-nothing-in-another-namespace", c.turn()?, "ENOENT");
        lesson.claim("IPC_CREAT-alone-creates-a-queue-if-none-exists", c.turn()?, "success");
        c.finish()?;

        lesson.step("Remove the queue");
        msgctl(msqid, IPC_RMID)?;
        lesson.claim("removal-frees-the-key-at-once", msgget(key, 0), ENOENT);
        let row = rows(Table::Msg).map(|rows| rows.iter().any(|row| row.id == msqid));
        lesson.claim("removal-takes-the-queue-out-of-proc-sysvipc", row, false);
        Ok(())
    })
}

/// The number that the next descriptor would get.
fn lowest_free_descriptor() -> Result<i32, Failure> {
    let copy = dup(stdout())?;
    let number = copy.as_raw_fd();
    close(copy)?;
    Ok(number)
}
