//! IPC_CREAT with IPC_EXCL makes one of many the creator; IPC_EXCL alone is ignored.
//!
//!     cargo run --bin svmsg_excl
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: msgget(2), sysvipc(7), capabilities(7).
//! Previous: svmsg_create. Next: svshm_demo.

use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::outcome;
use ipc_workbook::sysv::{msg::*, shm::*};
use nix::errno::Errno::{EACCES, EEXIST, ENOENT};
use std::process::ExitCode;
use std::thread::yield_now;

/// So many that a kernel which looks and creates in two steps would be caught in one of them.
const RACES: u8 = 100;
const RACERS: usize = 8;
const LABELS: [&str; RACERS] = ["B", "C", "D", "E", "F", "G", "H", "I"];

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key(99999)?;

        // ANCHOR: create
        lesson.step("IPC_CREAT with IPC_EXCL: this call creates the queue, or fails");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.step("The same call again, by the same process");
        lesson.predict("The queue is its own. What does msgget say?", &["success", "EEXIST", "EACCES"]);
        let again = msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("IPC_CREAT-with-IPC_EXCL-refuses-even-the-creator", again, EEXIST);
        // ANCHOR_END: create

        // ANCHOR: alone
        lesson.step("IPC_EXCL without IPC_CREAT");
        lesson.predict("What does msgget say now?", &["EEXIST", "ENOENT", "success"]);
        let found = msgget(key, IPC_EXCL);
        lesson.claim("IPC_EXCL-alone-is-ignored", outcome(&found), "success");
        // ANCHOR_END: alone

        // ANCHOR: mode
        lesson.step("A queue that grants nothing, without capabilities");
        capset(0)?; // root would be refused nothing
        let mut ds = msgctl(msqid, IPC_STAT)?;
        ds.msg_perm.mode = 0;
        msgctl(msqid, IPC_SET(&ds))?;
        lesson.predict(
            "IPC_CREAT alone, and 0600 in the flags. What does msgget say?",
            &["success", "EACCES", "EEXIST"],
        );
        let asked = msgget(key, IPC_CREAT | 0o600);
        lesson.claim("the-mode-in-the-flags-is-asked-of-a-queue-that-is-there", asked, EACCES);
        let exclusive = msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("IPC_EXCL-tells-of-a-queue-before-it-asks-for-permission", exclusive, EEXIST);
        let found = msgget(key, 0);
        lesson.claim("flags-0-lead-to-a-queue-that-grants-nothing", outcome(&found), "success");
        lesson.claim("the-identifier-alone-grants-nothing", msgsnd(found?, 1, b"x", IPC_NOWAIT), EACCES);
        // ANCHOR_END: mode

        // ANCHOR: remove
        lesson.step("Remove it, and create it anew");
        msgctl(msqid, IPC_RMID)?;
        lesson.claim("IPC_EXCL-alone-creates-nothing", msgget(key, IPC_EXCL), ENOENT);
        let anew = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.claim("the-same-key-leads-to-another-identifier-after-removal", anew != msqid, true);
        msgctl(anew, IPC_RMID)?;
        // ANCHOR_END: remove

        // ANCHOR: race
        lesson.step("Eight processes wait for the same moment and create it at once, a hundred times");
        let shmid = shmget(key, RACERS + 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        // A byte for each to say how it fared, and then one with the number of the race.
        let board = shmat(shmid, None, 0)?;
        shmctl(shmid, IPC_RMID)?; // it goes with its last attachment, however this ends
        let create = || lesson.muted(|| msgget(key, IPC_CREAT | IPC_EXCL | 0o600)); // who is first is chance
        let mut racers = Vec::new();
        for (lane, label) in LABELS.iter().enumerate() {
            racers.push(lesson.process(label, |_| {
                for race in 1..=RACES {
                    let mut begun = [0];
                    while begun != [race] {
                        board.read(RACERS, &mut begun)?;
                        yield_now();
                    }
                    let fared = match create() {
                        Ok(_) => b"1",
                        Err(EEXIST) => b"E",
                        Err(_) => b"?",
                    };
                    board.write(lane, fared)?;
                }
                Ok(())
            })?);
        }
        for racer in &mut racers {
            racer.start()?;
        }
        lesson.note("each of them: msgget(key, IPC_CREAT|IPC_EXCL|0600)");
        let (mut created, mut refused) = (1, 7); // unless one of the races gave other numbers
        for race in 1..=RACES {
            let mut results = [0; RACERS];
            board.write(0, &results)?;
            board.write(RACERS, &[race])?;
            while results.contains(&0) {
                board.read(0, &mut results)?;
                yield_now();
            }
            let count = |what: &[u8]| results.iter().filter(|result| what.contains(result)).count();
            if (count(b"1"), count(b"E")) != (1, 7) {
                (created, refused) = (count(b"1"), count(b"E"));
            }
            lesson.muted(|| msgctl(msgget(key, 0)?, IPC_RMID))?;
        }
        for racer in racers {
            racer.finish()?;
        }
        lesson.predict("How many of the eight succeed?", &["1", "8", "0"]);
        lesson.claim("of-eight-with-IPC_EXCL-one-creates", created, 1);
        lesson.claim("the-seven-others-get-EEXIST", refused, 7);
        // ANCHOR_END: race
        Ok(shmdt(board)?)
    })
}
