//! Close everything in a long-running loop.
//!
//! Each round has objects made anew, so that what a round leaves open is one more each time.

use crate::finding::{Finding, found, observed};
use crate::peer::create_queue;
use crate::sandbox::{Fault, Held, Running};
use crate::trial::Trial;
use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_send, mq_unlink};
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::{Sem, sem_getvalue, sem_open, sem_unlink};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno;
use std::ffi::CStr;
use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;

const NAME: &CStr = c"/lab";
const MESSAGE: &[u8] = b"close it";
const ROUNDS: usize = 24;

/// The line that others need.
const WORK: &str = "each-round-does-its-work";
const ITS_END: &str = "it-ends-with-its-input";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    whole_rounds(trial)?;
    rounds_without_an_object(trial)?;
    rounds_at_the_limit(trial)
}

/// All three are there, again and again; after each round nothing is held.
fn whole_rounds(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = start(trial)?;
    let mut worked = true;
    for n in 1..=ROUNDS {
        let round = Round::play(trial, &mut program, None, None)?;
        worked &= round.is_done();
        judge_round(trial, n, WORK, &found(round.is_done(), &round));
        let (seen, held) = (&round.seen, &round.after);
        let written = seen.memory == Memory::Message;
        for (id, used, left, what) in [
            ("no-descriptor-of-the-queue-is-left", seen.received, held.queues, "descriptors of the queue"),
            ("no-descriptor-of-the-memory-is-left", written, held.files, "descriptors of the memory"),
            ("no-mapping-of-the-memory-is-left", written, held.mappings, "mappings of the memory"),
            ("no-semaphore-is-left-open", seen.posts > 0, held.semaphores, "mappings of the semaphore"),
        ] {
            // What a program has not used it cannot have left open.
            if used && round.stuck.is_none() {
                judge_round(trial, n, id, &found(left == 0, format!("{what}: {left}")));
            } else {
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
    if worked {
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

/// One of the three is not there, and in the next round it is.
fn rounds_without_an_object(trial: &mut Trial) -> Result<(), Fault> {
    for missing in Kind::ALL {
        let mut program = start(trial)?;
        Round::play(trial, &mut program, None, None)?;
        let round = Round::play(trial, &mut program, Some(missing), None)?;
        let next = Round::play(trial, &mut program, None, None)?;
        let goes_on = round.goes_on(&next);
        for (id, finding) in [
            ("a-skipped-round-uses-nothing", found(round.seen.is_nothing(), &round)),
            ("a-skipped-round-leaves-nothing-open", round.leaves_nothing_open()),
        ] {
            let next = goes_on.as_ref().err().cloned().unwrap_or_default();
            let text = format!("without the {}: {}{next}", missing.noun(), observed(&finding));
            trial.judge(id, finding.is_ok() && goes_on.is_ok(), text);
        }
    }
    Ok(())
}

/// No descriptor more can be opened, or one. A program that needs one at a time does the work with one.
fn rounds_at_the_limit(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = start(trial)?;
    Round::play(trial, &mut program, None, None)?;
    for more in [0, 1] {
        let round = Round::play(trial, &mut program, None, Some(more))?;
        let next = Round::play(trial, &mut program, None, None)?;
        let whole = round.seen.is_nothing() || round.seen.is_done();
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

/// What the kernel shows of a round.
struct Round {
    before: Held,
    after: Held,
    seen: Seen,
    /// Why the next line is not waited for.
    stuck: Option<String>,
}

impl Round {
    /// Plays a round: perhaps without one of the objects, or with room for so many descriptors more.
    fn play(
        trial: &mut Trial,
        program: &mut Running,
        missing: Option<Kind>,
        more_descriptors: Option<u64>,
    ) -> Result<Self, Fault> {
        let before = trial.sandbox.holds("/lab")?;
        let Ok(objects) = Objects::make(missing) else {
            // Once it is gone, with all that it has started, they can be made; or else this machine is in the way.
            trial.renew()?;
            program.ended();
            let seen = Objects::make(missing)?.look(missing)?;
            let stuck = Some("it was in the way of objects that others make".into());
            return Ok(Round { before, after: trial.sandbox.holds("/lab")?, seen, stuck });
        };
        if more_descriptors.is_some() {
            program.limit_descriptors(more_descriptors)?;
        }
        program.write("\n");
        let waits = trial.waits_for_input(program)?;
        let after = trial.sandbox.holds("/lab")?;
        let stuck = if waits { None } else { Some(trial.end_now(program)?.to_string()) };
        program.limit_descriptors(None)?;
        Ok(Round { before, after, seen: objects.look(missing)?, stuck })
    }

    fn is_done(&self) -> bool {
        self.stuck.is_none() && self.seen.is_done()
    }

    /// Whether the next round does its work after this one; otherwise what it does instead.
    fn goes_on(&self, next: &Round) -> Result<(), String> {
        match &self.stuck {
            Some(_) => Err(String::new()),
            None if next.is_done() => Ok(()),
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
    queue: Mqd,
    semaphore: Sem,
    /// Not mapped: in a mapping of an object that the program has made shorter there is SIGBUS.
    memory: File,
}

impl Objects {
    /// Makes them anew. The name of the missing one is taken away.
    fn make(missing: Option<Kind>) -> Result<Self, Errno> {
        Kind::ALL.into_iter().try_for_each(unlink)?;
        let queue = create_queue(NAME, 2, 64)?;
        mq_send(&queue, MESSAGE, 0)?;
        let semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0o600, 0)?;
        let memory = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&memory, 4096)?;
        let memory = File::from(memory);
        memory.write_all_at(&[b'.'; 64], 0).map_err(|_| Errno::ENOSPC)?;
        missing.map_or(Ok(()), unlink)?;
        Ok(Objects { queue, semaphore, memory })
    }

    fn look(&self, missing: Option<Kind>) -> Result<Seen, Errno> {
        let mut bytes = [0; MESSAGE.len() + 2];
        // Of an object that is shorter now the rest stays 0.
        let _ = self.memory.read_at(&mut bytes, 0);
        let created = match missing {
            Some(kind) => ipc_workbook::observe::find(kind, NAME)?.is_some(),
            None => false,
        };
        let memory = if bytes == [MESSAGE, b"\0."].concat()[..] {
            Memory::Message
        } else if bytes == [b'.'; MESSAGE.len() + 2] {
            Memory::AsItWas
        } else {
            Memory::SomethingElse
        };
        let received = mq_getattr(&self.queue)?.mq_curmsgs == 0;
        Ok(Seen { received, memory, posts: sem_getvalue(&self.semaphore)?, created })
    }
}

fn unlink(kind: Kind) -> Result<(), Errno> {
    let unlinked = match kind {
        Kind::Queue => mq_unlink(NAME),
        Kind::Semaphore => sem_unlink(NAME),
        Kind::SharedMemory => shm_unlink(NAME),
    };
    unlinked.or_else(|errno| if errno == Errno::ENOENT { Ok(()) } else { Err(errno) })
}

/// What is in the shared memory.
#[derive(PartialEq, Eq)]
enum Memory {
    AsItWas,
    Message,
    SomethingElse,
}

/// What a round has done to the objects.
struct Seen {
    received: bool,
    memory: Memory,
    posts: i32,
    created: bool,
}

impl Seen {
    fn is_done(&self) -> bool {
        self.received && self.memory == Memory::Message && self.posts == 1
    }

    fn is_nothing(&self) -> bool {
        !self.received && self.memory == Memory::AsItWas && self.posts == 0 && !self.created
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = if self.received { "the message is taken" } else { "the message waits" };
        let memory = match self.memory {
            Memory::Message => "it is in the memory",
            Memory::SomethingElse => "the memory has something else",
            Memory::AsItWas => "the memory is as it was",
        };
        let posts = if self.posts == 1 { "one post".into() } else { format!("{} posts", self.posts) };
        write!(f, "{message}, {memory}, {posts}")?;
        f.write_str(if self.created { ", and the missing object was created" } else { "" })
    }
}
