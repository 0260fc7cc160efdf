//! Each limit of IPC objects belongs to an IPC namespace, and each has its own errno.
//!
//!     cargo run --bin sysv_limits
//!
//! Chapter: lessons/23-connectionless. Manual pages: proc_sys_kernel(5), sysvipc(7),
//! mq_overview(7), ipc_namespaces(7). Previous: connectionless_demo.

use ipc_workbook::call::{Result, unreported};
use ipc_workbook::capability::{CAP_SYS_RESOURCE, capset, permitted};
use ipc_workbook::lesson;
use ipc_workbook::lesson::outcome;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Unseen, limit};
use ipc_workbook::sched::unshare;
use ipc_workbook::stat::stat;
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::ENOSPC;
use std::ffi::CStr;
use std::process::ExitCode;

const LIMITS: [(&str, &str); 17] = [
    ("kernel/msgmax", "bytes in the text of a message"),
    ("kernel/msgmnb", "bytes in a new queue; IPC_SET may change it for one queue"),
    ("kernel/msgmni", "queues"),
    ("kernel/sem", "semaphores in a set, in all sets, operations in a semop, sets"),
    ("kernel/shmmax", "bytes in a segment"),
    ("kernel/shmall", "pages in all segments"),
    ("kernel/shmmni", "segments"),
    ("kernel/shm_rmid_forced", "1: a segment goes with its last attachment, removed or not"),
    ("kernel/msg_next_id", "the identifier of the next queue; -1: the kernel chooses"),
    ("kernel/sem_next_id", "the same for sets"),
    ("kernel/shm_next_id", "the same for segments"),
    ("kernel/auto_msgmni", "nothing any more"),
    ("fs/mqueue/queues_max", "POSIX queues"),
    ("fs/mqueue/msg_max", "the highest mq_maxmsg"),
    ("fs/mqueue/msgsize_max", "the highest mq_msgsize"),
    ("fs/mqueue/msg_default", "mq_maxmsg of a queue made without attributes"),
    ("fs/mqueue/msgsize_default", "mq_msgsize of such a queue"),
];

/// What was seen beyond a limit.
type Seen = std::result::Result<String, Unseen>;

/// A title, a question on the first experiment with its options, and the experiments:
/// the limit, what it is set to, what is seen then, the claim, and what B does.
type Group = (&'static str, &'static str, [&'static str; 3], &'static [Trial]);
type Trial = (&'static str, &'static str, &'static str, &'static str, fn() -> Seen);

// ANCHOR: trials
#[rustfmt::skip] // a table reads better with one experiment a line
const GROUPS: [Group; 6] = [
    ("Queues", "msgmax is 64. What does msgsnd say to a text of 65 bytes?", ["E2BIG", "EINVAL", "EMSGSIZE"], &[
        ("kernel/msgmax", "64", "EINVAL", "a-text-longer-than-msgmax-is-EINVAL", || sends(64, 65)),
        ("kernel/msgmnb", "64", "EAGAIN", "a-queue-with-msgmnb-bytes-is-full", || sends(64, 1)),
        ("kernel/msgmni", "1", "ENOSPC", "no-more-queues-than-msgmni", || beyond(&queue(), &queue())),
    ]),
    ("Sets: sem has four numbers", "The first is 3. What does semget say to 4?", ["EINVAL", "ENOSPC", "ERANGE"], &[
        ("kernel/sem", "3 32000 500 32000", "EINVAL", "no-larger-set-than-the-first-number", || beyond(&set(3), &set(4))),
        ("kernel/sem", "32000 5 500 32000", "ENOSPC", "no-more-semaphores-in-all-than-the-second", || beyond(&set(3), &set(3))),
        ("kernel/sem", "32000 32000 2 32000", "E2BIG", "no-more-operations-in-a-semop-than-the-third", operations),
        ("kernel/sem", "32000 32000 500 1", "ENOSPC", "no-more-sets-than-the-fourth", || beyond(&set(1), &set(1))),
    ]),
    ("Segments", "shmmax is 4096. What does shmget say to 4097 bytes?", ["ENOMEM", "ENOSPC", "EINVAL"], &[
        ("kernel/shmmax", "4096", "EINVAL", "no-longer-segment-than-shmmax", || beyond(&segment(4096), &segment(4097))),
        ("kernel/shmall", "1", "ENOSPC", "no-more-pages-in-all-than-shmall", || beyond(&segment(1), &segment(1))),
        ("kernel/shmmni", "1", "ENOSPC", "no-more-segments-than-shmmni", || beyond(&segment(1), &segment(1))),
        ("kernel/shm_rmid_forced", "1", "EINVAL", "with-shm_rmid_forced-the-last-shmdt-destroys", detached),
    ]),
    ("What limits nothing", "msg_next_id is 4242. Which identifier gets the next queue?", ["0", "4242", "4243"], &[
        ("kernel/msg_next_id", "4242", "4242", "msg_next_id-is-the-identifier-of-the-next-queue", || number(queue())),
        ("kernel/sem_next_id", "4242", "4242", "sem_next_id-is-the-identifier-of-the-next-set", || number(set(1))),
        ("kernel/shm_next_id", "4242", "4242", "shm_next_id-is-the-identifier-of-the-next-segment", || number(segment(1))),
        ("kernel/msg_next_id", "4242", "0444", "msg_next_id-was-set-though-its-mode-lets-nobody", mode),
        ("kernel/auto_msgmni", "1", "32000", "auto_msgmni-leaves-msgmni-alone", || limit("kernel/msgmni")),
    ]),
    ("POSIX queues", "queues_max is 1. What does mq_open say to a second one?", ["ENOSPC", "EMFILE", "ENFILE"], &[
        ("fs/mqueue/queues_max", "1", "ENOSPC", "no-more-posix-queues-than-queues_max", || opens((1, 1), (1, 1))),
        ("fs/mqueue/msg_max", "2", "EINVAL", "mq_maxmsg-above-msg_max-is-EINVAL", || opens((2, 1), (3, 1))),
        ("fs/mqueue/msgsize_max", "128", "EINVAL", "mq_msgsize-above-msgsize_max-is-EINVAL", || opens((1, 128), (1, 129))),
        ("fs/mqueue/msg_default", "3", "3", "msg_default-is-mq_maxmsg-where-none-is-given", || number(defaults().map(|d| d.mq_maxmsg))),
        ("fs/mqueue/msgsize_default", "256", "256", "msgsize_default-is-mq_msgsize-where-none-is-given", || number(defaults().map(|d| d.mq_msgsize))),
    ]),
    ("Whose limits are they?", "B sets msgmax, and moves into a new namespace. What is it there?", ["64", "0", "8192"], &[
        ("kernel/msgmax", "64", "8192", "a-new-namespace-does-not-inherit-its-limits", moved_on),
    ]),
];
// ANCHOR_END: trials

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/sysv_limits")?;
        lesson.step("The limits of this IPC namespace; anybody may read them");
        let shown = |name| limit(name).unwrap_or_else(|unseen| format!("not seen, {unseen}"));
        lesson.note(&LIMITS.map(|(name, what)| format!("{name:<26} {:<27} {what}", shown(name))).join("\n"));
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        msgsnd(msqid, 1, &[b'A'; 65], IPC_NOWAIT)?;

        // ANCHOR: b
        lesson.step("B is root of a namespace of its own, whoever you are");
        let mut b = lesson.process("B", |turn| {
            let apart = lesson.rule_apart();
            turn.finish()?;
            for (name, value, _, _, trial) in GROUPS.iter().flat_map(|(.., trials)| *trials) {
                let fresh = apart.clone().and_then(|()| afresh());
                turn.answer(&fresh.and_then(|()| lesson.set_limit(name, value)).and_then(|()| trial()))?;
                // A namespace is taken apart some time after its end, and until then its queues are charged.
                unreported(|| [c"/within", c"/beyond"].map(|name| mq_unlink(name).ok()));
            }
            Ok(())
        })?;
        b.turn()?;
        for (title, question, options, trials) in GROUPS {
            lesson.step(title);
            lesson.predict(question, &options);
            for (.., want, id, _) in trials {
                lesson.claim(id, b.answer()?, (*want).to_string());
            }
        }
        b.finish()?;
        // ANCHOR_END: b

        // ANCHOR: here
        lesson.step("And here, where A is?");
        lesson.predict(
            "B has set msgmax to 64. What does msgsnd say to A's 65 bytes?",
            &["EINVAL", "EAGAIN", "success"],
        );
        let sent = msgsnd(msqid, 1, &[b'A'; 65], IPC_NOWAIT);
        lesson.claim("what-B-has-set-does-not-bind-A", &sent, "success");
        Ok(msgctl(msqid, IPC_RMID)?)
        // ANCHOR_END: here
    })
}

/// A namespace in which nothing is, with limits that nobody has set. The one before
/// goes with what is in it.
fn afresh() -> std::result::Result<(), Unseen> {
    let done = unreported(|| {
        capset(permitted()? & !CAP_SYS_RESOURCE)?; // which passes some limits, where root is root outside too
        unshare(libc::CLONE_NEWIPC)
    });
    done.map_err(|errno| Unseen(format!("it takes a fresh IPC namespace: {errno:?}")))
}

/// What the call beyond the limit gave, after one within it that has to succeed.
fn beyond<T, U>(within: &Result<T>, beyond: &Result<U>) -> Seen {
    match outcome(within)?.as_str() {
        // Elsewhere this errno says that a limit came first; here it is what is looked for.
        "success" if matches!(beyond, Err(ENOSPC)) => Ok("ENOSPC".into()),
        "success" => outcome(beyond),
        errno => Ok(format!("{errno} within the limit")),
    }
}

fn number<T: ToString>(result: Result<T>) -> Seen {
    outcome(&result).map(|errno| result.map_or(errno, |number| number.to_string()))
}

fn queue() -> Result<i32> {
    msgget(IPC_PRIVATE, 0o600)
}

fn sends(first: usize, second: usize) -> Seen {
    let queue = queue();
    let send = |bytes: usize| msgsnd(queue?, 1, &b"x".repeat(bytes), IPC_NOWAIT);
    beyond(&send(first), &send(second))
}

/// Whether this file may be set is asked of capabilities when it is opened.
fn mode() -> Seen {
    number(stat(c"/proc/sys/kernel/msg_next_id").map(|file| format!("{:04o}", file.st_mode & 0o777)))
}

fn set(nsems: i32) -> Result<i32> {
    semget(IPC_PRIVATE, nsems, 0o600)
}

fn operations() -> Seen {
    let set = set(1);
    let operate = |n| semop(set?, &[Sembuf::new(0, 1, 0)].repeat(n));
    beyond(&operate(2), &operate(3))
}

fn segment(bytes: usize) -> Result<i32> {
    shmget(IPC_PRIVATE, bytes, 0o600)
}

fn detached() -> Seen {
    let segment = segment(1);
    let detached = segment.and_then(|shmid| shmat(shmid, None, 0)).and_then(shmdt);
    beyond(&detached, &segment.and_then(|shmid| shmctl(shmid, IPC_STAT)))
}

fn open(name: &CStr, attr: Option<MqAttr>) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, attr.as_ref())
}

fn opens(first: (i64, i64), second: (i64, i64)) -> Seen {
    let attr = |(mq_maxmsg, mq_msgsize)| Some(MqAttr::new(mq_maxmsg, mq_msgsize));
    beyond(&open(c"/within", attr(first)), &open(c"/beyond", attr(second)))
}

fn defaults() -> Result<MqAttr> {
    mq_getattr(&open(c"/within", None)?)
}

fn moved_on() -> Seen {
    outcome(&unshare(libc::CLONE_NEWIPC)).and_then(|_| limit("kernel/msgmax"))
}
