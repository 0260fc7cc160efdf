//! Close everything in a long-running loop.
//!
//! Each round has new objects, so what a round leaves open adds up.

use crate::finding::{Finding, Flaw, found, observed};
use crate::peer::create_queue;
use crate::sandbox::{Fault, Held, Running};
use crate::trial::Trial;
use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_send, mq_unlink};
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::{Sem, sem_getvalue, sem_open, sem_unlink};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::FchmodatFlags::FollowSymlink;
use nix::sys::stat::{Mode, fchmodat};
use std::ffi::CStr;
use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;

use Hindrance::{Forbidden, Missing};

const NAME: &CStr = c"/lab";
/// One is received in each round: text, nothing, zero bytes, as much as there may be.
const MESSAGES: [&[u8]; 5] = [b"close it", b"", b"\0zero\0bytes\0", &[b'x'; 64], b"%s%n"];
/// It comes behind the message, and must stay in the queue.
const NEXT: &[u8] = b"next";
const ROUNDS: usize = 24;

/// The line that others need.
const WORK: &str = "each-round-does-its-work";
const ITS_END: &str = "it-ends-with-its-input";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    whole_rounds(trial)?;
    in_this_order(trial)?;
    two_lines_at_once(trial)?;
    rounds_without_an_object(trial)?;
    rounds_at_the_limit(trial)
}

/// All three are there, again and again; after each round nothing is held.
fn whole_rounds(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = start(trial)?;
    let mut used = [false; 4];
    for n in 1..=ROUNDS {
        let message = MESSAGES[n % MESSAGES.len()];
        let round = Round::play(trial, &mut program, &Case { message, ..Case::default() })?;
        judge_round(trial, n, WORK, &found(round.is_done(), &round));
        let (seen, held) = (&round.seen, &round.after);
        let written = !matches!(seen.memory, Memory::AsItWas | Memory::Shorter);
        let lines = [
            (
                "no-descriptor-of-the-queue-is-left",
                seen.received > 0,
                held.queues,
                "descriptors of the queue",
            ),
            ("no-descriptor-of-the-memory-is-left", written, held.files, "descriptors of the memory"),
            ("no-mapping-of-the-memory-is-left", written, held.mappings, "mappings of the memory"),
            ("no-semaphore-is-left-open", seen.posts > 0, held.semaphores, "mappings of the semaphore"),
        ];
        for ((id, used, left, what), ever) in lines.into_iter().zip(&mut used) {
            *ever |= used && round.stuck.is_none();
            judge_round(trial, n, id, &found(left == 0, format!("{what}: {left}")));
            // What a program has not used in any round it cannot have left open.
            if (n == ROUNDS || round.stuck.is_some()) && !*ever {
                trial.not_reached(&[id], WORK);
            }
        }
        if round.stuck.is_some() {
            trial.not_reached(&[ITS_END], WORK);
            return Ok(());
        }
    }
    program.close_input();
    let end = trial.wait(&mut program)?;
    if used == [true; 4] {
        trial.judge(ITS_END, program.exited(0), end);
    } else {
        trial.not_reached(&[ITS_END], WORK);
    }
    Ok(())
}

/// A line that is passed shows what was observed in all rounds.
fn judge_round(trial: &mut Trial, n: usize, id: &str, finding: &Finding) {
    let observed = match finding {
        Ok(observed) => format!("{observed}, in each of {ROUNDS} rounds"),
        Err(observed) => format!("in round {n}: {observed}"),
    };
    trial.judge(id, finding.is_ok(), observed);
}

/// Before it receives, nothing is written or posted. Another name, and a line with text.
fn in_this_order(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let objects = Objects::make(c"/lab two", &Case::default())?;
    let mut early = Flaw::default();
    let mut scheduler = trial.start_scheduled_with_input(&["/lab two"], "a round\n")?;
    scheduler.play_with(|moment| {
        let seen = objects.look()?;
        let is_early = moment.call.is("mq_timedreceive") && !seen.is_nothing();
        early.seen_if(is_early, || format!("before it receives: {seen}"));
        Ok(())
    })?;
    let seen = objects.look()?;
    let finding = early.or(&seen).and_then(|observed| found(seen.is_done(), observed));
    judge_round(trial, 1, "each-round-does-its-work", &finding);
    Ok(())
}

/// Two lines come in one piece, and each asks for a round.
fn two_lines_at_once(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = start(trial)?;
    let objects = Objects::make(NAME, &Case::default())?;
    program.write("\n\n");
    trial.waits_for_input(&mut program)?;
    let seen = objects.look()?;
    let passed = (seen.received, &seen.memory, seen.posts) == (2, &Memory::Next, 2);
    trial.judge("each-round-does-its-work", passed, format!("two lines came at once: {seen}"));
    Ok(())
}

/// One of the three is not there, or not for this user to open, and in the next round it is.
fn rounds_without_an_object(trial: &mut Trial) -> Result<(), Fault> {
    for (kind, hindrance) in Kind::ALL.into_iter().flat_map(|kind| [(kind, Missing), (kind, Forbidden)]) {
        let mut program = start(trial)?;
        Round::play(trial, &mut program, &Case::default())?;
        let without = Case { without: Some((kind, hindrance)), ..Case::default() };
        let round = Round::play(trial, &mut program, &without)?;
        let next = Round::play(trial, &mut program, &Case::default())?;
        let goes_on = round.goes_on(&next);
        for (id, finding) in [
            ("a-skipped-round-uses-nothing", found(round.seen.is_nothing(), &round)),
            ("a-skipped-round-leaves-nothing-open", round.leaves_nothing_open()),
        ] {
            let next = goes_on.as_ref().err().cloned().unwrap_or_default();
            let text = format!("{} {}: {}{next}", hindrance.preposition(), kind.noun(), observed(&finding));
            trial.judge(id, finding.is_ok() && goes_on.is_ok(), text);
        }
    }
    Ok(())
}

/// No descriptor more can be opened, or one. A program that needs one at a time does the work with one.
fn rounds_at_the_limit(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = start(trial)?;
    Round::play(trial, &mut program, &Case::default())?;
    for more in [0, 1] {
        let round =
            Round::play(trial, &mut program, &Case { more_descriptors: Some(more), ..Case::default() })?;
        let next = Round::play(trial, &mut program, &Case::default())?;
        let whole = round.seen.is_nothing() || round.seen.is_all();
        let finding = match round.goes_on(&next) {
            Err(next) => Err(format!("{round}{next}")),
            Ok(()) if !whole => Err(round.to_string()),
            Ok(()) => round.leaves_nothing_open(),
        };
        let text = format!("with room for {more} descriptors more: {}", observed(&finding));
        trial.judge("at-the-descriptor-limit-nothing-is-left-open", finding.is_ok(), text);
    }
    Ok(())
}

fn start(trial: &mut Trial) -> Result<Running, Fault> {
    trial.renew()?;
    let mut program = trial.start_with_input(&["/lab"])?;
    trial.waits_for_input(&mut program)?;
    Ok(program)
}

/// What a round is played with.
struct Case {
    message: &'static [u8],
    /// Which object cannot be opened, and why.
    without: Option<(Kind, Hindrance)>,
    /// How many descriptors the program may open.
    more_descriptors: Option<u64>,
}

#[derive(Clone, Copy)]
enum Hindrance {
    Missing,
    Forbidden,
}

impl Hindrance {
    fn preposition(self) -> &'static str {
        if matches!(self, Missing) { "without the" } else { "with mode 0 for the" }
    }
}

impl Default for Case {
    fn default() -> Self {
        Case { message: MESSAGES[0], without: None, more_descriptors: None }
    }
}

/// What the kernel shows of a round.
struct Round {
    before: Held,
    after: Held,
    seen: Seen,
    /// Why the next line is not waited for.
    stuck: Option<String>,
}

impl Round {
    fn play(trial: &mut Trial, program: &mut Running, case: &Case) -> Result<Self, Fault> {
        let before = trial.sandbox.holds("/lab")?;
        let Ok(objects) = Objects::make(NAME, case) else {
            // Once it is gone, with all that it has started, they can be made; or else this machine is in the way.
            trial.renew()?;
            program.ended();
            let seen = Objects::make(NAME, case)?.look()?;
            let stuck = Some("it was in the way of objects that others make".into());
            return Ok(Round { before, after: trial.sandbox.holds("/lab")?, seen, stuck });
        };
        if case.more_descriptors.is_some() {
            program.limit_descriptors(case.more_descriptors)?;
        }
        program.write("\n");
        let waits = trial.waits_for_input(program)?;
        let after = trial.sandbox.holds("/lab")?;
        let stuck = if waits { None } else { Some(trial.end_now(program)?.to_string()) };
        program.limit_descriptors(None)?;
        Ok(Round { before, after, seen: objects.look()?, stuck })
    }

    fn is_done(&self) -> bool {
        self.stuck.is_none() && self.seen.is_done()
    }

    fn is_at_work(&self) -> bool {
        self.stuck.is_none() && self.seen.is_all()
    }

    /// Whether the next round is at work after this one; otherwise what it does instead.
    fn goes_on(&self, next: &Round) -> Result<(), String> {
        match &self.stuck {
            Some(_) => Err(String::new()),
            None if next.is_at_work() => Ok(()),
            None => Err(format!("; in the next round: {next}")),
        }
    }

    fn leaves_nothing_open(&self) -> Finding {
        if self.after == self.before {
            Ok("nothing is left open".into())
        } else {
            Err(format!("left open: {}", self.after))
        }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seen.fmt(f)?;
        self.stuck.as_ref().map_or(Ok(()), |stuck| write!(f, ", and then {stuck}"))
    }
}

/// The three objects, as the grader has made them for a round.
struct Objects {
    name: &'static CStr,
    message: &'static [u8],
    missing: Option<Kind>,
    queue: Mqd,
    semaphore: Sem,
    /// Not mapped: in a mapping of an object that the program has made shorter there is SIGBUS.
    memory: File,
}

impl Objects {
    /// Creates them again, except the one that cannot be opened.
    fn make(name: &'static CStr, case: &Case) -> Result<Self, Errno> {
        Kind::ALL.into_iter().try_for_each(|kind| unlink(kind, name))?;
        let queue = create_queue(name, 2, 64)?;
        mq_send(&queue, case.message, 0)?;
        mq_send(&queue, NEXT, 0)?;
        let semaphore = sem_open(name, O_CREAT | O_EXCL, 0o600, 0)?;
        let memory = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&memory, 4096)?;
        let memory = File::from(memory);
        memory.write_all_at(&[b'.'; 80], 0).map_err(|_| Errno::ENOSPC)?;
        let mut missing = None;
        match case.without {
            Some((kind, Missing)) => {
                missing = Some(kind);
                unlink(kind, name)?;
            }
            Some((kind, Forbidden)) => fchmodat(AT_FDCWD, &kind.path(name), Mode::empty(), FollowSymlink)?,
            None => {}
        }
        Ok(Objects { name, message: case.message, missing, queue, semaphore, memory })
    }

    fn look(&self) -> Result<Seen, Errno> {
        let mut bytes = [0; 80];
        let length = self.memory.read_at(&mut bytes, 0).unwrap_or(0);
        let holds = |message: &[u8]| bytes.starts_with(&[message, b"\0."].concat());
        let memory = if length < bytes.len() {
            Memory::Shorter
        } else if bytes == [b'.'; 80] {
            Memory::AsItWas
        } else if holds(self.message) {
            Memory::Message
        } else if bytes.starts_with(&[NEXT, b"\0"].concat()) {
            Memory::Next
        } else {
            Memory::SomethingElse
        };
        let created = match self.missing {
            Some(kind) => ipc_workbook::observe::find(kind, self.name)?.is_some(),
            None => false,
        };
        let received = 2 - mq_getattr(&self.queue)?.mq_curmsgs;
        Ok(Seen { received, memory, posts: sem_getvalue(&self.semaphore)?, created })
    }
}

fn unlink(kind: Kind, name: &CStr) -> Result<(), Errno> {
    let unlinked = match kind {
        Kind::Queue => mq_unlink(name),
        Kind::Semaphore => sem_unlink(name),
        Kind::SharedMemory => shm_unlink(name),
    };
    unlinked.or_else(|errno| if errno == Errno::ENOENT { Ok(()) } else { Err(errno) })
}

/// What is in the shared memory.
#[derive(PartialEq, Eq)]
enum Memory {
    AsItWas,
    Message,
    /// The message that comes behind it.
    Next,
    SomethingElse,
    /// Nobody has asked for that.
    Shorter,
}

/// What a round has done to the objects.
struct Seen {
    received: i64,
    memory: Memory,
    posts: i32,
    created: bool,
}

impl Seen {
    fn is_done(&self) -> bool {
        (self.received, &self.memory, self.posts) == (1, &Memory::Message, 1)
    }

    /// Whether it has used all three, rightly or not.
    fn is_all(&self) -> bool {
        self.received > 0 && self.memory != Memory::AsItWas && self.posts > 0
    }

    fn is_nothing(&self) -> bool {
        (self.received, &self.memory, self.posts) == (0, &Memory::AsItWas, 0) && !self.created
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = match self.received {
            0 => "the message waits",
            1 => "the message is taken",
            _ => "two messages are taken",
        };
        let memory = match self.memory {
            Memory::Message => "it is in the memory",
            Memory::Next => "the second is in the memory",
            Memory::SomethingElse => "the memory has something else",
            Memory::Shorter => "the memory has become shorter",
            Memory::AsItWas => "the memory is as it was",
        };
        let posts = if self.posts == 1 { "one post".into() } else { format!("{} posts", self.posts) };
        write!(f, "{message}, {memory}, {posts}")?;
        f.write_str(if self.created { ", and the missing object was created" } else { "" })
    }
}
