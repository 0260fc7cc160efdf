//! The kernel keeps no record of who uses a System V queue or set, only of who used it last.
//!
//!     cargo run --bin connectionless_demo
//!
//! Chapter: lessons/23-connectionless. Manual pages: msgctl(2), semctl(2), shmctl(2),
//! pipe(7), unix(7). Next: sysv_limits.

use ipc_workbook::lesson;
use ipc_workbook::lesson::Turn;
use ipc_workbook::lesson::other_user::outcome;
use ipc_workbook::observe::sysvipc::Table::{Msg, Sem, Shm};
use ipc_workbook::socket::{sendmsg, socketpair};
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use ipc_workbook::unistd::{close, pipe, read};
use nix::errno::Errno::{ENOMSG, EPIPE};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|say| {
        let key = say.key("/connectionless_demo")?;

        // ANCHOR: get
        say.step("A makes a queue and a set");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let (queue, set) = (say.row(Msg, msqid)?, say.row(Sem, semid)?);

        say.step("B asks for both: is that an open?");
        let mut b = say.process("B", |turn| {
            let (msqid, semid) = (msgget(key, 0o600)?, semget(key, 1, 0o600)?);
            turn.over()?;
            msgsnd(msqid, 1, b"from B", IPC_NOWAIT)?;
            semop(semid, &[Sembuf::new(0, 1, 0)])?;
            turn.over()
        })?;
        b.turn()?;
        say.predict("Which columns of the queue's line have changed?", &["lspid", "nothing", "lspid ctime"]);
        say.claim(
            "to-get-a-queue-leaves-no-trace",
            say.row(Msg, msqid)?.changed_since(&queue),
            "nothing".into(),
        );
        say.claim("to-get-a-set-leaves-no-trace", say.row(Sem, semid)?.changed_since(&set), "nothing".into());
        // ANCHOR_END: get

        // ANCHOR: use
        say.step("B uses both");
        b.turn()?;
        let (used_queue, used_set) = (say.row(Msg, msqid)?, say.row(Sem, semid)?);
        let trace = used_queue.changed_since(&queue);
        say.claim("a-send-leaves-bytes-a-pid-and-a-time", trace, "cbytes qnum lspid stime".into());
        say.claim("a-semop-leaves-its-time", used_set.changed_since(&set), "otime".into());
        let pid = b.pid();
        say.claim("semctl-tells-the-pid-of-the-last-semop", semctl(semid, 0, GETPID)? == pid, true);

        say.step("B is killed");
        b.kill(say)?;
        say.predict("Which columns of the queue's line have changed?", &["nothing", "lspid", "qnum lspid"]);
        let (queue, set) = (say.row(Msg, msqid)?, say.row(Sem, semid)?);
        say.claim("a-queue-does-not-notice-a-death", queue.changed_since(&used_queue), "nothing".into());
        say.claim("a-set-does-not-notice-a-death", set.changed_since(&used_set), "nothing".into());
        say.claim("lspid-is-the-pid-of-the-dead", queue.fact("lspid"), i64::from(pid));
        // ANCHOR_END: use

        // ANCHOR: peers
        say.step("C has a pipe and a socket to A, and the queue's identifier; then C is killed");
        msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT)?;
        let (reader, writer) = pipe()?;
        let (near, far) = socketpair()?;
        let mut c = say.process("C", Turn::over)?;
        c.turn()?;
        close(writer)?; // C has these two ends alone
        close(far)?;
        msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT).err();
        c.kill(say)?;
        say.predict("What does read on the pipe return?", &["EPIPE", "ENOMSG", "0"]);
        say.claim("a-pipe-says-that-its-last-writer-is-gone", read(&reader, &mut [0; 64])?, 0);
        say.claim("a-socket-says-that-its-peer-is-gone", sendmsg(&near, b"to C", &[]), EPIPE);
        let empty = msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT);
        say.claim("a-queue-says-what-it-said-while-C-lived", empty, ENOMSG);
        // ANCHOR_END: peers

        // ANCHOR: nattch
        say.step("The exception: a segment, attached by A, and through fork by D");
        let shmid = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600)?;
        let memory = shmat(shmid, None, 0)?;
        say.claim("shmat-is-counted", say.row(Shm, shmid)?.fact("nattch"), 1);
        let mut d = say.process("D", Turn::over)?;
        d.turn()?;
        say.claim("an-attachment-inherited-by-fork-is-counted", say.row(Shm, shmid)?.fact("nattch"), 2);
        say.predict("D is killed, and has not called shmdt. What is nattch?", &["2", "0", "1"]);
        d.kill(say)?;
        say.claim("the-kernel-detaches-the-killed", say.row(Shm, shmid)?.fact("nattch"), 1);
        shmdt(memory)?;
        say.claim("shmdt-is-counted", say.row(Shm, shmid)?.fact("nattch"), 0);
        shmctl(shmid, IPC_RMID)?;
        // ANCHOR_END: nattch

        // ANCHOR: remove
        say.step("A removes the queue, of which E has the identifier: nobody is asked");
        let mut e = say.process("E", |turn| {
            let msqid = msgget(key, 0o600)?;
            turn.over()?;
            turn.tell(&msgsnd(msqid, 1, b"from E", IPC_NOWAIT))
        })?;
        e.turn()?;
        let removed = outcome(&msgctl(msqid, IPC_RMID));
        say.claim("a-queue-is-removed-whoever-has-its-identifier", removed, "success");
        say.claim("who-has-the-identifier-learns-of-it-at-its-next-call", e.outcome()?, "EINVAL");
        e.finish()?;
        // ANCHOR_END: remove
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}
