//! POSIX or System V? The grader sets the limits, asks the kernel itself, and watches whether the program
//! asks the kernel as well.

use crate::peer::set_limit;
use crate::sandbox::{Fault, Objects};
use crate::scheduler::Pending;
use crate::trial::Trial;
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, mq_getattr, mq_open, mq_send, mq_unlink};
use ipc_workbook::observe::sysvipc::{Row, Table, rows};
use ipc_workbook::observe::{Kind, limit};
use ipc_workbook::sysv::{msg::*, shm::*};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR};
use nix::fcntl::posix_fallocate;
use nix::mount::{MsFlags, mount};
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::MetadataExt;

const CALLS: usize = 1000;
/// Enough room for everything.
const ROOM: u64 = 1 << 20;

/// What is needed, how much room /dev/shm has, and how large a segment may be.
#[derive(Clone, Copy, Debug)]
struct Case {
    count: u64,
    size: u64,
    bytes: u64,
    room: u64,
    shmmax: u64,
}

/// Returns the cases: first enough of everything, and then just enough of something, or slightly too little.
fn cases() -> Result<[Case; 12], Fault> {
    let [msg_max, msgsize_max, msgmnb] =
        ["fs/mqueue/msg_max", "fs/mqueue/msgsize_max", "kernel/msgmnb"].map(|name| {
            let limit = limit(name)?;
            limit.parse().map_err(|_| Fault(format!("{name} is {limit}")))
        });
    let (msg_max, msgsize_max, msgmnb): (u64, u64, u64) = (msg_max?, msgsize_max?, msgmnb?);
    let usual = Case { count: 8, size: 256, bytes: 1 << 16, room: ROOM, shmmax: ROOM };
    let too_much_for_system_v = Case { count: 8, size: msgmnb / 8 + 1, ..usual };
    Ok([
        usual,
        Case { count: msg_max + 1, ..usual },
        Case { count: msg_max, bytes: 5 << 12, room: 5 << 12, ..usual },
        Case { size: msgmnb / 8, ..usual },
        too_much_for_system_v,
        Case { room: 1 << 15, ..too_much_for_system_v },
        Case { count: 2, size: msgsize_max + 1, ..usual },
        Case { bytes: 5 << 12, room: 4 << 12, ..usual },
        Case { count: msg_max + 1, size: msgmnb / (msg_max + 1) + 1, ..usual },
        Case { count: 1, size: 1, bytes: 1, ..usual },
        Case { shmmax: usual.bytes - 1, ..usual },
        Case { shmmax: usual.bytes - 1, room: 1 << 15, ..usual },
    ])
}

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    for case in cases()? {
        trial.renew()?;
        if set_limits(trial, case)? {
            one_case(trial, case)?;
        }
    }
    Ok(())
}

/// Sets the limits of a case. Returns false if that is not possible.
fn set_limits(trial: &Trial, case: Case) -> Result<bool, Fault> {
    if trial.sandbox.is_shared() {
        // The limits are the machine's.
        return Ok((case.room, case.shmmax) == (ROOM, ROOM));
    }
    give_room(case.room)?;
    Ok(case.shmmax == ROOM || set_limit(trial, "kernel/shmmax", case.shmmax))
}

/// Makes the experiments itself, watches the program make them, and compares the results.
fn one_case(trial: &mut Trial, case: Case) -> Result<(), Fault> {
    let kernel = Verdicts::of_the_kernel(case)?;
    let mut watch = Watch::new(case);
    let args = [case.count, case.size, case.bytes].map(|number| number.to_string());
    let mut scheduler = trial.scheduler();
    scheduler.with_at_most(CALLS).start(&args.each_ref().map(String::as_str))?;
    scheduler.until_all_wait_with(|moment| {
        watch.look(&moment.sandbox.objects()?, Some(moment.call));
        Ok(())
    })?;
    watch.look(&trial.objects()?, None);
    let tried = watch.tried;
    let end = scheduler.ends_now()?.first();
    let said = scheduler.program(0).stdout();
    let left = trial.objects()?.len();

    for (line, question, right, experiment) in [
        ("queue-posix-is-tried-and-told-right", "queue posix", kernel.queue[0], tried.queue[0]),
        ("queue-system-v-is-tried-and-told-right", "queue system-v", kernel.queue[1], tried.queue[1]),
        ("memory-posix-is-tried-and-told-right", "memory posix", kernel.memory[0], tried.memory[0]),
        ("memory-system-v-is-tried-and-told-right", "memory system-v", kernel.memory[1], tried.memory[1]),
        ("the-old-queue-is-tried-and-told-right", "told posix", false, tried.told[0].then_some(false)),
        ("the-old-queue-is-tried-and-told-right", "told system-v", true, tried.told[1].then_some(true)),
    ] {
        let word = verdict(&said, question);
        let seen = match experiment {
            Some(seen) if seen == right => "the experiment was seen",
            Some(true) => "the kernel held everything in the program's experiment, but not in the grader's",
            Some(false) => "the kernel refused the program's experiment, but not the grader's",
            None => "no such experiment was seen",
        };
        let passed = word.as_deref() == Some(yes_or_no(right)) && experiment == Some(right);
        let word = word.map_or("no verdict".into(), |word| format!("{question} {word}"));
        let wrong = format!("{word}; {seen}; the kernel says {} ({case})", yes_or_no(right));
        trial.judge(line, passed, if passed { "tried, and the right verdict in each case" } else { &wrong });
    }
    let any = tried.any();
    let take = verdict(&said, "take");
    let passed = any && take.as_deref() == Some(kernel.choice());
    let take = take.map_or("no choice".into(), |take| format!("take {take}"));
    let argued = if any { "" } else { ", without an experiment" };
    let wrong = format!("{take}{argued}; the right choice is {} ({case})", kernel.choice());
    trial.judge("the-choice-follows", passed, if passed { "right in each case" } else { &wrong });
    let nothing_left = any && end.exited(0) && left == 0;
    trial.judge("nothing-is-left", nothing_left, format!("objects left: {left}; {end}{argued}"));
    Ok(())
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Returns the verdict from the only line of standard output that begins with this question.
fn verdict(said: &str, question: &str) -> Option<String> {
    let mut lines = said.lines().filter_map(|line| line.strip_prefix(question)?.strip_prefix(' '));
    let (first, second) = (lines.next()?, lines.next());
    second.is_none().then(|| first.to_string())
}

/// Sets the size of the sandbox's own /dev/shm.
fn give_room(bytes: u64) -> Result<(), Fault> {
    let size = format!("size={bytes}");
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(None::<&str>, "/dev/shm", None::<&str>, flags, Some(size.as_str()))
        .map_err(|errno| Fault::call("mount(/dev/shm, MS_REMOUNT)", errno))
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Case { count, size, bytes, room, shmmax } = self;
        write!(f, "{count} messages of {size} bytes, {bytes} bytes of memory, ")?;
        write!(f, "{room} in /dev/shm, {shmmax} in a segment at most")
    }
}

/// What the kernel can do, with POSIX and with System V objects.
struct Verdicts {
    queue: [bool; 2],
    memory: [bool; 2],
}

impl Verdicts {
    /// Makes the same experiments as the program.
    fn of_the_kernel(case: Case) -> Result<Self, Fault> {
        let text = vec![b'x'; usize::try_from(case.size).unwrap_or(0)];
        let attr = MqAttr::new(case.count.cast_signed(), case.size.cast_signed());
        let posix = match mq_open(c"/lab", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr)) {
            Ok(mq) => {
                let all = (0..case.count).all(|_| mq_send(&mq, &text, 0).is_ok());
                mq_unlink(c"/lab")?;
                all
            }
            Err(_) => false,
        };
        let msqid = msgget(IPC_PRIVATE, 0o600)?;
        let system_v = (0..case.count).all(|_| msgsnd(msqid, 1, &text, IPC_NOWAIT).is_ok());
        msgctl(msqid, IPC_RMID)?;
        let file = shm_open(c"/lab", O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        let posix_memory = posix_fallocate(&file, 0, case.bytes.cast_signed()).is_ok();
        shm_unlink(c"/lab")?;
        let segment = shmget(IPC_PRIVATE, usize::try_from(case.bytes).unwrap_or(0), IPC_CREAT | 0o600);
        if let Ok(shmid) = segment {
            shmctl(shmid, IPC_RMID)?;
        }
        Ok(Verdicts { queue: [posix, system_v], memory: [posix_memory, segment.is_ok()] })
    }

    fn choice(&self) -> &'static str {
        match [0, 1].map(|family| self.queue[family] && self.memory[family]) {
            [_, true] => "system-v",
            [true, false] => "posix",
            [false, false] => "neither",
        }
    }
}

/// The experiments that the program has made, and their results, with POSIX and with System V objects.
#[derive(Clone, Copy, Default)]
struct Tried {
    queue: [Option<bool>; 2],
    memory: [Option<bool>; 2],
    told: [bool; 2],
}

impl Tried {
    fn any(self) -> bool {
        self.told.contains(&true) || self.queue.iter().chain(&self.memory).any(Option::is_some)
    }
}

/// Watches the program make its experiments.
struct Watch {
    case: Case,
    tried: Tried,
    /// The names of POSIX queues with their inodes, and the keys of System V queues with their identifiers,
    /// in the order in which they were seen.
    names: Vec<(String, u64)>,
    keys: Vec<(i64, i32)>,
    /// The call that was just made, and what the kernel held before it.
    last: Option<(Asked, Held)>,
}

/// A call that asks for one of the needed things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    PosixQueue,
    SystemVMessage,
    PosixMemory,
    /// By a write, which may fill only a part of it.
    MorePosixMemory,
    SystemVMemory,
}

/// How much of the needed things the kernel holds.
#[derive(Clone, Copy, Default)]
struct Held {
    /// Whether it holds everything, with POSIX and with System V objects.
    queue: [bool; 2],
    memory: [bool; 2],
    /// Messages on System V queues.
    messages: i64,
    /// /dev/shm is full.
    no_room: bool,
    /// A POSIX object has this length, but there is no room for its contents.
    broken_promise: bool,
    /// A segment has this length, whether it was written to or not.
    segment: bool,
    /// The number of POSIX queues with large enough attributes.
    posix_queues: usize,
}

impl Watch {
    fn new(case: Case) -> Self {
        Watch { case, tried: Tried::default(), names: Vec::new(), keys: Vec::new(), last: None }
    }

    /// Records the result of the last call, and what the next call asks for.
    fn look(&mut self, objects: &Objects, next: Option<&Pending>) {
        let now = self.held(objects);
        let yes = now.queue.into_iter().chain(now.memory);
        let refused = self.last.take().map(|(asked, before)| match asked {
            Asked::PosixQueue => (0, now.posix_queues == before.posix_queues),
            Asked::SystemVMessage => (1, now.messages == before.messages),
            Asked::PosixMemory => (2, !now.memory[0]),
            Asked::MorePosixMemory => (2, !now.memory[0] && now.no_room),
            Asked::SystemVMemory => (3, !now.segment),
        });
        let answers = self.tried.queue.iter_mut().chain(&mut self.tried.memory);
        for (at, (answer, yes)) in answers.zip(yes).enumerate() {
            if yes {
                *answer = Some(true);
            } else if refused == Some((at, true)) || (at == 2 && now.broken_promise) {
                answer.get_or_insert(false);
            }
        }
        if let Some(call) = next {
            self.tries_the_old_one(call);
            self.last = asks(call, self.case).map(|asked| (asked, now));
        }
    }

    /// Records a message that is sent to a queue that was replaced.
    fn tries_the_old_one(&mut self, call: &Pending) {
        let is_old = |at: Option<usize>, newer: &dyn Fn(usize) -> bool| at.is_some_and(newer);
        if call.is("mq_timedsend") {
            let meta = fs::metadata(format!("/proc/{}/fd/{}", call.pid, call.args[0]));
            let at = meta.ok().and_then(|meta| self.names.iter().position(|(_, ino)| *ino == meta.ino()));
            let newer = |at: usize| self.names[at + 1..].iter().any(|(name, _)| *name == self.names[at].0);
            self.tried.told[0] |= is_old(at, &newer);
        }
        if call.is("msgsnd") {
            let at = self.keys.iter().position(|(_, id)| u64::try_from(*id) == Ok(call.args[0]));
            let newer = |at: usize| self.keys[at + 1..].iter().any(|(key, _)| *key == self.keys[at].0);
            self.tried.told[1] |= is_old(at, &newer);
        }
    }

    fn held(&mut self, objects: &Objects) -> Held {
        let mut held = Held::default();
        for object in objects.posix() {
            match object.kind {
                Kind::Queue => self.see_queue(&mut held, &object.name, object.ino),
                Kind::Semaphore | Kind::SharedMemory => self.see_memory(&mut held, &object.name),
            }
        }
        for queue in objects.rows(Table::Msg) {
            self.see_system_v_queue(&mut held, queue);
        }
        for segment in objects.rows(Table::Shm) {
            let large = |name| segment.fact(name).is_ok_and(|bytes| bytes >= self.case.bytes.cast_signed());
            held.segment |= large("size");
            held.memory[1] |= large("size") && large("rss");
        }
        held
    }

    fn see_queue(&mut self, held: &mut Held, name: &str, ino: u64) {
        let Case { count, size, .. } = self.case;
        let mq = CString::new(name).map(|name| mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None));
        if let Ok(Ok(mq)) = mq
            && let Ok(attr) = mq_getattr(&mq)
        {
            let status = fs::read_to_string(format!("/dev/mqueue{name}")).unwrap_or_default();
            let qsize =
                status.strip_prefix("QSIZE:").and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            let large = attr.mq_maxmsg >= count.cast_signed() && attr.mq_msgsize >= size.cast_signed();
            held.posix_queues += usize::from(large);
            held.queue[0] |= attr.mq_curmsgs >= count.cast_signed() && qsize.unwrap_or(0_u64) >= count * size;
        }
        let seen = (name.to_string(), ino);
        if !self.names.contains(&seen) {
            self.names.push(seen);
        }
    }

    fn see_memory(&self, held: &mut Held, name: &str) {
        let Ok(meta) = fs::metadata(format!("/dev/shm{name}")) else { return };
        let room = nix::sys::statvfs::statvfs("/dev/shm").map_or(1, |stat| stat.blocks_free());
        let is_there = meta.blocks() * 512 >= self.case.bytes;
        held.memory[0] |= is_there;
        held.no_room = room == 0;
        held.broken_promise |= meta.len() >= self.case.bytes && !is_there && held.no_room;
    }

    fn see_system_v_queue(&mut self, held: &mut Held, row: &Row) {
        let Case { count, size, .. } = self.case;
        let fact = |name| row.fact(name).unwrap_or(0);
        let seen = (fact("key"), row.id);
        if seen.0 != 0 && !self.keys.contains(&seen) {
            self.keys.push(seen);
        }
        held.messages += fact("qnum");
        held.queue[1] |=
            fact("qnum") >= count.cast_signed() && fact("cbytes") >= (count * size).cast_signed();
    }
}

/// Returns what a call asks for, if it is one of the needed things.
fn asks(call: &Pending, case: Case) -> Option<Asked> {
    let Case { count, size, bytes, .. } = case;
    let flag = |at: usize, flag: i32| call.args[at] & u64::from(flag.cast_unsigned()) != 0;
    let asked = match call.name.as_str() {
        "mq_open" => {
            let attr = call.memory(3, 32)?;
            let [maxmsg, msgsize] =
                [8, 16].map(|at| attr[at..at + 8].try_into().map_or(0, u64::from_ne_bytes));
            (Asked::PosixQueue, flag(1, O_CREAT) && maxmsg >= count && msgsize >= size)
        }
        "msgsnd" => {
            // An error from a queue that no longer exists does not mean that a queue is full.
            let is_there = |row: &Row| u64::try_from(row.id) == Ok(call.args[0]);
            let is_there = rows(Table::Msg).is_ok_and(|rows| rows.iter().any(is_there));
            (Asked::SystemVMessage, is_there && flag(3, IPC_NOWAIT) && call.args[2] == size)
        }
        "fallocate" => (Asked::PosixMemory, call.args[2].saturating_add(call.args[3]) >= bytes),
        "write" | "pwrite64" | "writev" => {
            let shm = fs::metadata("/dev/shm").map(|meta| meta.dev()).ok();
            let file =
                fs::metadata(format!("/proc/{}/fd/{}", call.pid, call.args[0])).map(|meta| meta.dev()).ok();
            (Asked::MorePosixMemory, file.is_some() && file == shm)
        }
        "shmget" => (Asked::SystemVMemory, flag(2, IPC_CREAT) && call.args[1] >= bytes),
        _ => return None,
    };
    asked.1.then_some(asked.0)
}
