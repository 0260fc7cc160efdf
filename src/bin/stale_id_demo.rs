//! A removed identifier gives EINVAL; EIDRM is for a call that was waiting.
//!
//!     cargo run --bin stale_id_demo
//!     cargo run --bin stale_id_demo -- --wrap    # through all identifiers, not by a counter
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), semop(2), shmop(2), sysvipc(7).
//! Previous: svmsg_restart. Next: svmsg_bad_client.

use clap::{Arg, ArgAction};
use ipc_workbook::call::{Result, silently};
use ipc_workbook::lesson::other_user::outcome;
use ipc_workbook::lesson::{Say, Stop, Turn};
use ipc_workbook::observe::{Unseen, sysvipc::Table};
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use ipc_workbook::{lesson, lesson::Outcome};
use nix::errno::Errno::EINVAL;
use std::process::ExitCode;

const TAKE: [Sembuf; 1] = [Sembuf::new(0, -1, 0)];
/// Where this process says which identifier the next queue gets.
const NEXT_ID: &str = "/proc/sys/kernel/msg_next_id";

fn main() -> ExitCode {
    let wrap = Arg::new("wrap").long("wrap").action(ArgAction::SetTrue);
    lesson!([wrap.help("Make four million queues, until an identifier comes back by itself")], |say| {
        let key = say.key("/stale_id_demo")?;
        let queue = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        let set = || semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600);
        let segment = || shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600);

        // ANCHOR: empty
        say.step("A queue, a set and a segment, removed again: their slots are empty");
        let (msqid, semid, shmid) = (queue()?, set()?, segment()?);
        say.row(Table::Msg, msqid)?;
        msgctl(msqid, IPC_RMID)?;
        semctl(semid, 0, IPC_RMID)?;
        shmctl(shmid, IPC_RMID)?;
        say.predict("The queue is gone. What does msgsnd say?", &["EIDRM", "EINVAL", "success"]);
        say.claim("msgsnd-to-an-empty-slot-says-EINVAL", msgsnd(msqid, 1, b"x", IPC_NOWAIT), EINVAL);
        let received = msgrcv(msqid, &mut [0; 8], 0, IPC_NOWAIT);
        say.claim("msgrcv-from-an-empty-slot-says-EINVAL", received, EINVAL);
        say.claim("semop-on-an-empty-slot-says-EINVAL", semop(semid, &TAKE), EINVAL);
        say.claim("shmat-of-an-empty-slot-says-EINVAL", shmat(shmid, None, 0), EINVAL);
        // ANCHOR_END: empty

        // ANCHOR: reused
        say.step("Make others until each slot is taken again, by an object with another identifier");
        let new_msqid = say.untold(|| in_slot_of(msqid, queue, |id| msgctl(id, IPC_RMID)))?;
        let new_semid = say.untold(|| in_slot_of(semid, set, |id| semctl(id, 0, IPC_RMID)))?;
        let new_shmid = say.untold(|| in_slot_of(shmid, segment, |id| shmctl(id, IPC_RMID)))?;
        say.row(Table::Msg, new_msqid)?;
        say.row(Table::Sem, new_semid)?;
        say.row(Table::Shm, new_shmid)?;
        say.claim("a-slot-used-again-has-another-identifier", new_msqid == msqid, false);
        say.predict("The stale identifier again. What does msgsnd say?", &["success", "EIDRM", "EINVAL"]);
        say.claim("msgsnd-to-a-slot-used-again-says-EINVAL", msgsnd(msqid, 1, b"x", IPC_NOWAIT), EINVAL);
        let received = msgrcv(msqid, &mut [0; 8], 0, IPC_NOWAIT);
        say.claim("msgrcv-from-a-slot-used-again-says-EINVAL", received, EINVAL);
        say.claim("semop-on-a-slot-used-again-says-EINVAL", semop(semid, &TAKE), EINVAL);
        say.claim("shmat-of-a-slot-used-again-says-EINVAL", shmat(shmid, None, 0), EINVAL);
        // ANCHOR_END: reused

        // ANCHOR: waiting
        say.step("B waits for a message, and the queue is removed");
        let body = |turn: &mut Turn| told(turn, say, || msgrcv(new_msqid, &mut [0; 8], 0, 0));
        say.predict("What does B's msgrcv say?", &["EIDRM", "EINTR", "EINVAL"]);
        let woken = remove_under(say, "B", "msgrcv", body, || msgctl(new_msqid, IPC_RMID))?;
        say.claim("a-msgrcv-that-waits-says-EIDRM", woken, "EIDRM");

        say.step("C waits for room in a full queue");
        let full = queue()?;
        let mut ds = msgctl(full, IPC_STAT)?;
        ds.msg_qbytes = 1;
        msgctl(full, IPC_SET(&ds))?;
        msgsnd(full, 1, b"x", IPC_NOWAIT)?;
        let body = |turn: &mut Turn| told(turn, say, || msgsnd(full, 1, b"x", 0));
        let woken = remove_under(say, "C", "msgsnd", body, || msgctl(full, IPC_RMID))?;
        say.claim("a-msgsnd-that-waits-says-EIDRM", woken, "EIDRM");

        say.step("D waits for a semaphore");
        let body = |turn: &mut Turn| told(turn, say, || semop(new_semid, &TAKE));
        let woken = remove_under(say, "D", "semop", body, || semctl(new_semid, 0, IPC_RMID))?;
        say.claim("a-semop-that-waits-says-EIDRM", woken, "EIDRM");
        // ANCHOR_END: waiting

        // ANCHOR: attached
        say.step("Nothing waits for memory: a segment that is attached is removed");
        let memory = shmat(new_shmid, None, 0)?;
        shmctl(new_shmid, IPC_RMID)?;
        say.predict(
            "It is removed, and attached. What does another shmat say?",
            &["EINVAL", "success", "EIDRM"],
        );
        let again = shmat(new_shmid, None, 0);
        say.claim("a-removed-segment-can-be-attached-while-somebody-has-it", &again, "success");
        shmdt(again?)?;
        shmdt(memory)?;
        say.claim("after-the-last-detach-shmat-says-EINVAL", shmat(new_shmid, None, 0), EINVAL);
        // ANCHOR_END: attached

        // ANCHOR: again
        say.step("And if the same number is given out again? E goes where nobody else has queues");
        let e = say.process("E", |_| {
            let again = say.go_apart().and_then(|()| number_comes_back(say));
            let came_back = again.as_ref().map(|(stale, new)| stale == new).map_err(Clone::clone);
            say.claim("the-identifier-of-a-removed-queue-can-come-back", came_back, true);
            let sent = again.and_then(|(stale, _)| outcome(&msgsnd(stale, 1, b"for another", IPC_NOWAIT)));
            say.claim("an-identifier-that-came-back-leads-into-another-queue", sent, "success");
            Ok(())
        })?;
        e.finish()
        // ANCHOR_END: again
    })
}

/// Makes and removes objects until one lies in the slot of a removed one. The slot is
/// what is left of an identifier without its sequence number.
fn in_slot_of(
    stale: i32,
    make: impl Fn() -> Result<i32>,
    remove: impl Fn(i32) -> Result<()>,
) -> std::result::Result<i32, Stop> {
    for _ in 0..100_000 {
        let id = make()?;
        if id % 32768 == stale % 32768 {
            return Ok(id);
        }
        remove(id)?;
    }
    Err(Stop::Machine("the slot stays taken: another program has an object in it; run it again".into()))
}

fn told<T>(turn: &mut Turn, say: &Say, call: impl FnOnce() -> Result<T>) -> Outcome {
    let result = turn.blocked_in(say, call)?;
    turn.tell(&result)
}

/// Removes the object while a process is seen to wait in the call, and says what the call said.
fn remove_under(
    say: &Say,
    label: &str,
    call: &str,
    body: impl FnOnce(&mut Turn) -> Outcome,
    remove: impl FnOnce() -> Result<()>,
) -> std::result::Result<std::result::Result<String, Unseen>, Stop> {
    let mut process = say.process(label, body)?;
    process.start()?;
    let waits = process.waits_in(say, call);
    remove()?;
    let woken = process.woken()?;
    process.finish()?;
    Ok(waits.and_then(|()| outcome(&woken)))
}

/// The identifier of a removed queue, and that of the queue that is to get the same.
fn number_comes_back(say: &Say) -> std::result::Result<(i32, i32), Unseen> {
    let unseen = |errno| Unseen(format!("no queue of E's own: {errno:?}"));
    let make = || msgget(IPC_PRIVATE, 0o600).map_err(unseen); // it goes with the namespace
    let remove = |id| msgctl(id, IPC_RMID).map_err(unseen);
    let stale = make()?;
    remove(stale)?;
    if !say.is_set("wrap") {
        std::fs::write(NEXT_ID, stale.to_string()).map_err(|error| Unseen(format!("{NEXT_ID}: {error}")))?;
        say.note(&format!("The number of the next queue, in {NEXT_ID}: {stale}"));
        return Ok((stale, make()?));
    }
    silently(|| {
        for made in 1.. {
            let id = make()?;
            if id == stale {
                say.note(&format!("The same number after {made} queues"));
                return Ok((stale, id));
            }
            remove(id)?;
        }
        Err(Unseen("it did not come back".into()))
    })
}
