//! A lie, and the kernel that tells it.

use super::run::HasSites;
use super::site::{Site, Sites};
use crate::calls::Call;
use crate::tracer::{After, Answers, Before, SystemCall};
use nix::errno::Errno;
use std::fmt;

/// How the kernel may lie about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// It is not made, and answered with success.
    NotMade,
    /// It is not made, and answered as the one before it of the same name was: with the same
    /// identifier, address or descriptor, and with what that one has told.
    AnsweredAsBefore,
    /// It is made twice, and answered once. The program gets the first answer: with the second one
    /// it would often get an error, and that is a lie of its own.
    MadeTwice,
    /// It is made, and answered with an error. What it has made (a descriptor, an identifier, a
    /// process) is there, and the program does not know it.
    AnsweredWithError,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::NotMade, Kind::MadeTwice, Kind::AnsweredAsBefore, Kind::AnsweredWithError];

    /// The lies that can be told about a call.
    pub(super) fn all_about(call: &Call) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(|kind| match kind {
            Kind::NotMade | Kind::MadeTwice => true,
            Kind::AnsweredAsBefore => GIVES_SOMETHING.contains(&call.name),
            Kind::AnsweredWithError => !call.errnos.is_empty(),
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::NotMade => "not made, and answered with success",
            Kind::AnsweredAsBefore => "not made, and answered as the one before it",
            Kind::MadeTwice => "made twice",
            Kind::AnsweredWithError => "made, and answered with an error",
        })
    }
}

/// The calls whose answer says something, and may be that of an earlier one.
const GIVES_SOMETHING: [&str; 23] = [
    "mmap",
    "shmat",
    "msgget",
    "semget",
    "shmget",
    "msgctl",
    "semctl",
    "shmctl",
    "msgrcv",
    "mq_open",
    "openat",
    "dup",
    "mq_timedreceive",
    "mq_getsetattr",
    "newfstatat",
    "statx",
    "read",
    "pread64",
    "getdents64",
    "fcntl",
    "kcmp",
    "umask",
    "setfsuid",
];

/// What a call gave: its result, and what it put into the program's memory.
struct Answer {
    process: usize,
    result: i64,
    told: Vec<u8>,
}

/// A kernel that lies once.
pub(super) struct LyingKernel {
    site: Site,
    kind: Kind,
    /// What the call gave in an honest run.
    honest: i64,
    sites: Sites,
    /// What the last call of the same name gave.
    last: Option<Answer>,
    /// The calls of that name that have not returned yet.
    open: Vec<SystemCall>,
    /// The call that it lies about, until it has returned.
    now: Option<(SystemCall, &'static Call)>,
    pub(super) has_lied: bool,
}

impl LyingKernel {
    pub(super) fn new(site: &Site, kind: Kind, honest: i64) -> Self {
        let sites = Sites::default();
        LyingKernel {
            site: site.clone(),
            kind,
            honest,
            sites,
            last: None,
            open: Vec::new(),
            now: None,
            has_lied: false,
        }
    }

    /// The answer of the call before, if the process that makes this one had it.
    fn earlier(&self, call: &SystemCall) -> Option<&Answer> {
        self.last.as_ref().filter(|answer| answer.process == call.process)
    }
}

impl HasSites for LyingKernel {
    fn sites(&self) -> &Sites {
        &self.sites
    }
}

impl Answers for LyingKernel {
    fn before(&mut self, call: &SystemCall) -> Before {
        let Some((site, known)) = self.sites.site(call) else { return Before::Make };
        if site != self.site {
            if (site.call, site.is_look) == (self.site.call, self.site.is_look) {
                self.open.push(*call);
            }
            return Before::Make;
        }
        if self.kind == Kind::AnsweredAsBefore && self.earlier(call).is_none() {
            return Before::Make; // there was none, so there is no such lie
        }
        self.now = Some((*call, known));
        match self.kind {
            Kind::NotMade => instead_of(call, known.name),
            Kind::AnsweredAsBefore => Before::Skip,
            Kind::MadeTwice | Kind::AnsweredWithError => Before::Make,
        }
    }

    fn after(&mut self, call: &SystemCall, result: i64) -> After {
        let Some((_, known)) = self.now.take_if(|(now, _)| now == call) else {
            if let Some(open) = self.open.iter().position(|open| open == call) {
                self.open.swap_remove(open);
                self.last = answer(call, self.site.call, result).or(self.last.take());
            }
            return After::Keep;
        };
        self.has_lied = true;
        match self.kind {
            Kind::NotMade if is_memory(known.name) => After::Keep,
            Kind::NotMade => After::Answer(success(call, known.name, self.honest)),
            Kind::AnsweredAsBefore => {
                self.earlier(call).map_or(After::Keep, |earlier| repeat(call, known.name, earlier))
            }
            // What returned is another program.
            Kind::MadeTwice if known.name == "execve" && result == 0 => After::Keep,
            Kind::MadeTwice => After::Repeat,
            Kind::AnsweredWithError => error(known, result).map_or(After::Keep, After::Answer),
        }
    }
}

/// What a call that has succeeded gave.
fn answer(call: &SystemCall, name: &str, result: i64) -> Option<Answer> {
    if result < 0 {
        return None;
    }
    let told = told_by(call, name, result).map_or(Vec::new(), |(arg, length)| call.bytes(arg, length));
    Some(Answer { process: call.process, result, told })
}

/// Gives an earlier answer once more.
fn repeat(call: &SystemCall, name: &str, earlier: &Answer) -> After {
    if let Some((arg, _)) = told_by(call, name, earlier.result) {
        // A program that gave no place for it gets none.
        let _ = call.put(arg, &earlier.told);
    }
    After::Answer(earlier.result)
}

/// Which argument leads to what a call tells, and how many bytes that is.
fn told_by(call: &SystemCall, name: &str, result: i64) -> Option<(usize, usize)> {
    let length = usize::try_from(result).unwrap_or(0);
    let is_stat = |command| call.int(command) & 0xff == libc::IPC_STAT;
    match name {
        "newfstatat" => Some((2, size_of::<libc::stat>())),
        "statx" => Some((4, size_of::<libc::statx>())),
        "mq_getsetattr" => Some((2, size_of::<libc::mq_attr>())),
        "read" | "pread64" | "getdents64" | "mq_timedreceive" => Some((1, length)),
        "msgrcv" => Some((1, size_of::<libc::c_long>() + length)),
        "msgctl" if is_stat(1) => Some((2, size_of::<libc::msqid_ds>())),
        "shmctl" if is_stat(1) => Some((2, size_of::<libc::shmid_ds>())),
        "semctl" if is_stat(2) => Some((3, size_of::<libc::semid_ds>())),
        _ => None,
    }
}

/// Whether a program touches what the call gives it.
fn is_memory(call: &str) -> bool {
    matches!(call, "mmap" | "shmat")
}

/// What is done in place of a call that is not made: a program that asks for an object's memory
/// gets some that is nobody else's. Without any, a signal would end it at its first touch.
fn instead_of(call: &SystemCall, name: &str) -> Before {
    let number = |flags: i32| u64::try_from(flags).unwrap_or(0);
    let nowhere = u64::MAX; // the descriptor -1
    match name {
        "mmap" => {
            let mut args = call.args;
            args[3] |= number(libc::MAP_ANONYMOUS);
            args[4] = nowhere;
            Before::MakeInstead(libc::SYS_mmap, args)
        }
        "shmat" => {
            const ENOUGH: u64 = 1 << 20;
            let protection = number(libc::PROT_READ | libc::PROT_WRITE);
            let flags = number(libc::MAP_SHARED | libc::MAP_ANONYMOUS);
            Before::MakeInstead(libc::SYS_mmap, [0, ENOUGH, protection, flags, nowhere, 0])
        }
        _ => Before::Skip,
    }
}

/// With what the kernel answers a call that it has not made: as in an honest run, if that call
/// succeeded; otherwise as it would if it had. Where the answer itself is what the program wants to know, with another one.
fn success(call: &SystemCall, name: &str, honest: i64) -> i64 {
    const AN_IDENTIFIER: i64 = 2_031_623; // of no object
    match name {
        "dup2" | "dup3" => call.int(1).into(),
        // The process that is waited for has another id in each run.
        "wait4" if call.int(0) > 0 => call.int(0).into(),
        _ if is_question(call, name) => i64::from(honest <= 0),
        "msgget" | "semget" | "shmget" => AN_IDENTIFIER,
        _ if honest >= 0 => honest,
        "mq_open" | "openat" | "dup" | "socket" => call.next_descriptor(),
        _ => 0,
    }
}

/// Whether the result is the answer to a question: a flag, a value, a pid, a mask.
fn is_question(call: &SystemCall, name: &str) -> bool {
    let asks = |command, questions: &[i32]| questions.contains(&call.int(command));
    match name {
        "fcntl" => asks(1, &[libc::F_GETFD, libc::F_GETFL]),
        "semctl" => asks(2, &[libc::GETVAL, libc::GETPID, libc::GETNCNT, libc::GETZCNT]),
        "kcmp" | "umask" | "setfsuid" => true,
        _ => false,
    }
}

/// An error that the call may give, and has not given.
fn error(known: &Call, result: i64) -> Option<i64> {
    // A claim is not seen when a limit was reached first; that is the weaker lie.
    const NO_ANSWER: [&str; 6] = ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EINTR", "ENOSYS"];
    let other = known.errnos.iter().filter(|name| -number(name) != result);
    let (weaker, stronger): (Vec<&str>, Vec<&str>) = other.partition(|name| NO_ANSWER.contains(name));
    stronger.first().or(weaker.first()).map(|name| -number(name))
}

/// The number of an errno, by its name.
fn number(name: &str) -> i64 {
    const GREATEST: i32 = 133;
    let named = |errno: &i32| format!("{:?}", Errno::from_raw(*errno)) == name;
    (1..=GREATEST).find(named).unwrap_or_else(|| panic!("{name} is no errno")).into()
}
