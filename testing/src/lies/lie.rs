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
    /// It is made twice, and answered once. The program gets the first answer: with the second one
    /// it would often get an error, and that is a lie of its own.
    MadeTwice,
    /// It is made, and answered with an error. What it has made (a descriptor, an identifier, a
    /// process) is there, and the program does not know it.
    AnsweredWithError,
}

impl Kind {
    pub(super) const ALL: [Kind; 3] = [Kind::NotMade, Kind::MadeTwice, Kind::AnsweredWithError];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::NotMade => "not made, and answered with success",
            Kind::MadeTwice => "made twice",
            Kind::AnsweredWithError => "made, and answered with an error",
        })
    }
}

/// A kernel that lies once.
pub(super) struct LyingKernel {
    site: Site,
    kind: Kind,
    /// What the call gave in an honest run.
    honest: i64,
    sites: Sites,
    /// The call that it lies about, until it has returned.
    now: Option<(SystemCall, &'static Call)>,
    pub(super) has_lied: bool,
}

impl LyingKernel {
    pub(super) fn new(site: &Site, kind: Kind, honest: i64) -> Self {
        LyingKernel { site: site.clone(), kind, honest, sites: Sites::default(), now: None, has_lied: false }
    }
}

impl HasSites for LyingKernel {
    fn sites(&self) -> &Sites {
        &self.sites
    }
}

impl Answers for LyingKernel {
    fn before(&mut self, call: &SystemCall) -> Before {
        match self.sites.site(call) {
            Some((site, known)) if site == self.site => {
                self.now = Some((*call, known));
                if self.kind == Kind::NotMade { instead_of(call, known.name) } else { Before::Make }
            }
            _ => Before::Make,
        }
    }

    fn after(&mut self, call: &SystemCall, result: i64) -> After {
        let Some((_, known)) = self.now.take_if(|(now, _)| now == call) else { return After::Keep };
        self.has_lied = true;
        match self.kind {
            Kind::NotMade if is_memory(known.name) => After::Keep,
            Kind::NotMade => After::Answer(success(call, known.name, self.honest)),
            // What returned is another program.
            Kind::MadeTwice if known.name == "execve" && result == 0 => After::Keep,
            Kind::MadeTwice => After::Repeat,
            Kind::AnsweredWithError => error(known, result).map_or(After::Keep, After::Answer),
        }
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
/// succeeded; otherwise as it would if it had.
fn success(call: &SystemCall, name: &str, honest: i64) -> i64 {
    const AN_IDENTIFIER: i64 = 2_031_623; // of no object
    match name {
        "dup2" | "dup3" => call.int(1).into(),
        // The process that is waited for has another id in each run.
        "wait4" if call.int(0) > 0 => call.int(0).into(),
        _ if honest >= 0 => honest,
        "mq_open" | "openat" | "dup" | "socket" => call.next_descriptor(),
        "msgget" | "semget" | "shmget" => AN_IDENTIFIER,
        _ => 0,
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
