//! The lies, and a kernel that tells one of them.

use super::answer::{Answer, answer, error, instead_of, is_memory, memory_of_nobody, repeat, success};
use super::run::HasSites;
use super::site::{Site, Sites};
use crate::calls::Call;
use crate::tracer::{After, Answers, Before, SystemCall};
use std::collections::HashMap;
use std::fmt;

/// The ways in which the kernel may lie about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The call is not made, and the program is told that it succeeded.
    NotMade,
    /// The call is not made, and gets the answer of the last call of the same name: its identifier, address
    /// or descriptor, and the data that it returned.
    AnsweredAsBefore,
    /// The call is made twice, and the program gets the first answer. The second answer would often be
    /// an error, and to return it would be another kind of lie.
    MadeTwice,
    /// The call is made, and the program is told that it failed. What the call has created (a descriptor,
    /// an identifier, a process) exists, but the program does not know it.
    AnsweredWithError,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::NotMade, Kind::MadeTwice, Kind::AnsweredAsBefore, Kind::AnsweredWithError];

    /// Returns the lies that are possible about a call.
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
            Kind::AnsweredAsBefore => "not made, and answered like the call before it",
            Kind::MadeTwice => "made twice",
            Kind::AnsweredWithError => "made, and answered with an error",
        })
    }
}

/// The calls that return information, so that an earlier answer can be repeated.
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

/// A kernel that lies once.
pub(super) struct LyingKernel {
    site: Site,
    kind: Kind,
    /// The result of the call in an honest run.
    honest: i64,
    sites: Sites,
    /// The last answer to a call of the same name, for each process.
    last: HashMap<usize, Answer>,
    /// The calls of the same name that have not returned yet.
    open: Vec<SystemCall>,
    /// The call that is being lied about, until it returns.
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
            last: HashMap::new(),
            open: Vec::new(),
            now: None,
            has_lied: false,
        }
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
        if self.kind == Kind::AnsweredAsBefore && !self.last.contains_key(&call.process) {
            return Before::Make; // there is no earlier answer
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
                self.last.extend(answer(call, self.site.call, result).map(|answer| (call.process, answer)));
            }
            return After::Keep;
        };
        self.has_lied = true;
        match self.kind {
            Kind::NotMade if is_memory(known.name) => memory_of_nobody(call, result),
            Kind::NotMade => success(call, known.name, self.honest),
            Kind::AnsweredAsBefore => match self.last.get(&call.process) {
                Some(earlier) => repeat(call, known.name, earlier),
                None => After::Keep,
            },
            // After a successful execve another program runs, so the call cannot be repeated.
            Kind::MadeTwice if known.name == "execve" && result == 0 => After::Keep,
            Kind::MadeTwice => After::Repeat,
            Kind::AnsweredWithError => error(known, result).map_or(After::Keep, After::Answer),
        }
    }
}
