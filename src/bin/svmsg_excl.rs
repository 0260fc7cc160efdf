//! With IPC_CREAT and IPC_EXCL exactly one of many processes creates the queue.
//!
//!     cargo run --bin svmsg_excl
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: msgget(2), sysvipc(7), capabilities(7).
//! Previous: svmsg_create. Next: svshm_demo.

use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{RACERS, outcome};
use ipc_workbook::sysv::{msg::*, shm::*};
use nix::errno::Errno::{EACCES, EEXIST, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key(99999)?;

        // ANCHOR: create
        lesson.step("IPC_CREAT with IPC_EXCL: this call creates the queue, or fails");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.step("The same call again, by the same process");
        lesson.predict("It is the creator. What is the result of msgget?", &["success", "EEXIST", "EACCES"]);
        let again = msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("IPC_CREAT-with-IPC_EXCL-refuses-even-the-creator", again, EEXIST);
        // ANCHOR_END: create

        lesson.step("IPC_EXCL without IPC_CREAT");
        lesson.predict("What is the result of msgget now?", &["EEXIST", "ENOENT", "success"]);
        let found = msgget(key, IPC_EXCL);
        lesson.claim("IPC_EXCL-alone-is-ignored", outcome(&found), "success");

        // ANCHOR: mode
        lesson.step("A queue of mode 0000, and a process without capabilities");
        capset(0)?; // otherwise, root would pass every check
        let mut ds = msgctl(msqid, IPC_STAT)?;
        ds.msg_perm.mode = 0;
        msgctl(msqid, IPC_SET(&ds))?;
        lesson.predict(
            "msgget is called with IPC_CREAT alone, and 0600 in the flags. What is the result?",
            &["success", "EACCES", "EEXIST"],
        );
        let asked = msgget(key, IPC_CREAT | 0o600);
        lesson.claim("the-mode-bits-in-the-flags-are-checked-against-an-existing-queue", asked, EACCES);
        let exclusive = msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("IPC_EXCL-reports-a-queue-before-permission-is-checked", exclusive, EEXIST);
        let found = msgget(key, 0);
        lesson.claim("flags-0-find-a-queue-that-grants-nothing", outcome(&found), "success");
        lesson.claim("the-identifier-alone-grants-nothing", msgsnd(found?, 1, b"x", IPC_NOWAIT), EACCES);
        // ANCHOR_END: mode

        lesson.step("Remove the queue, and create it again");
        msgctl(msqid, IPC_RMID)?;
        lesson.claim("IPC_EXCL-alone-creates-nothing", msgget(key, IPC_EXCL), ENOENT);
        let anew = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.claim("the-same-key-leads-to-another-identifier-after-removal", anew != msqid, true);
        msgctl(anew, IPC_RMID)?;

        // ANCHOR: race
        lesson.step("Eight processes try to create it at the same moment, a hundred times");
        let shmid = shmget(key, RACERS + 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let board = shmat(shmid, None, 0)?;
        shmctl(shmid, IPC_RMID)?; // destroyed with its last attachment, however this ends
        let create = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        let remove = || msgctl(msgget(key, 0)?, IPC_RMID);
        let (created, refused) =
            lesson.race(&board, "msgget(key, IPC_CREAT|IPC_EXCL|0600)", create, remove)?;
        lesson.predict("How many of the eight succeed?", &["1", "8", "0"]);
        lesson.claim("one-of-eight-processes-with-IPC_EXCL-creates-the-queue", created, "1".to_string());
        lesson.claim("the-seven-others-get-EEXIST", refused, "7".to_string());
        // ANCHOR_END: race
        shmdt(board)?;
        Ok(msgctl(msgget(key, 0)?, IPC_RMID)?)
    })
}
