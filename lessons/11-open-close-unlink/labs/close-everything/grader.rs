//! Close everything in a long-running loop.
//!
//! Each round has objects made anew, so that what a round leaves open is one more each time.

use crate::sandbox::{Fault, Running};
use crate::trial::Trial;
use ipc_workbook::mman::{Mapping, ftruncate, mmap, shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_open, mq_send, mq_unlink};
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::{Sem, sem_getvalue, sem_open, sem_unlink};
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE};
use nix::errno::Errno;
use std::ffi::CStr;
use std::fmt;
use std::fs;
use std::time::Duration;

const NAME: &CStr = c"/lab";
const SIZE: u16 = 4096;
const ROUNDS: usize = 24;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    whole_rounds(trial)?;
    rounds_without_an_object(trial)?;
    rounds_at_the_limit(trial)
}

/// All three are there, again and again; after each round nothing is held.
fn whole_rounds(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = begin(trial)?;
    let mut worked = true;
    for n in 1..=ROUNDS {
        let round = play(trial, &mut program, &Case::Whole)?;
        worked &= round.done();
        // A line that is passed has this said of all rounds.
        let told = |passed: bool, what: String| {
            if passed {
                format!("{what}, in each of {ROUNDS} rounds")
            } else {
                format!("in round {n}: {what}")
            }
        };
        trial.judge("each-round-does-its-work", round.done(), told(round.done(), round.told()));
        let (seen, held) = (&round.seen, &round.after);
        let written = seen.memory == Memory::Message;
        for (id, used, left, what) in [
            ("no-descriptor-of-the-queue-is-left", seen.received, held.queues, "descriptors of the queue"),
            ("no-descriptor-of-the-memory-is-left", written, held.files, "descriptors of the memory"),
            ("no-mapping-of-the-memory-is-left", written, held.mappings, "mappings of the memory"),
            ("no-semaphore-is-left-open", seen.posts > 0, held.semaphores, "mappings of the semaphore"),
        ] {
            let used = used && round.stuck.is_none();
            let observed = if used { format!("{what}: {left}") } else { round.told() };
            trial.judge(id, used && left == 0, told(used && left == 0, observed));
        }
        if round.stuck.is_some() {
            return Ok(());
        }
    }
    program.close_input();
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    trial.judge("it-ends-with-its-input", worked && program.exited(0), end);
    Ok(())
}

/// One of the three is not there, and in the next round it is.
fn rounds_without_an_object(trial: &mut Trial) -> Result<(), Fault> {
    for missing in Kind::ALL {
        let mut program = begin(trial)?;
        play(trial, &mut program, &Case::Whole)?;
        let round = play(trial, &mut program, &Case::Without(missing))?;
        let next = play(trial, &mut program, &Case::Whole)?;
        let works = round.stuck.is_none() && next.done();
        let told = |what: String| {
            let next = if works || round.stuck.is_some() {
                String::new()
            } else {
                format!("; in the next round: {}", next.told())
            };
            format!("without the {}: {what}{next}", missing.noun())
        };
        let idle = round.seen.nothing();
        trial.judge("a-skipped-round-uses-nothing", works && idle, told(round.told()));
        let (kept, change) = (round.after == round.before, round.change());
        trial.judge("a-skipped-round-leaves-nothing-open", works && kept, told(change));
    }
    Ok(())
}

/// No descriptor more is to be had, or one. Who needs one at a time does the work with one.
fn rounds_at_the_limit(trial: &mut Trial) -> Result<(), Fault> {
    let mut program = begin(trial)?;
    play(trial, &mut program, &Case::Whole)?;
    for room in [0, 1] {
        let round = play(trial, &mut program, &Case::Room(room))?;
        let next = play(trial, &mut program, &Case::Whole)?;
        let works = round.stuck.is_none() && next.done();
        let whole = round.seen.nothing() || round.seen.done();
        let observed = match () {
            () if !works => format!("{}; in the next round: {}", round.told(), next.told()),
            () if !whole => round.told(),
            () => round.change(),
        };
        let passed = works && whole && round.after == round.before;
        let observed = format!("with room for {room} descriptors more: {observed}");
        trial.judge("at-the-descriptor-limit-nothing-is-left-open", passed, observed);
    }
    Ok(())
}

fn begin(trial: &mut Trial) -> Result<Running, Fault> {
    trial.sandbox.renew()?;
    let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
    program.waits_for_input(&trial.sandbox, trial.limit())?;
    Ok(program)
}

/// Under what circumstances a round is played.
enum Case {
    Whole,
    Without(Kind),
    /// So many descriptors may be opened.
    Room(u64),
}

/// What the kernel shows of a round.
struct Round {
    before: Held,
    after: Held,
    seen: Seen,
    /// Why the next line is not waited for.
    stuck: Option<String>,
}

fn play(trial: &mut Trial, program: &mut Running, case: &Case) -> Result<Round, Fault> {
    let missing = if let Case::Without(kind) = case { Some(*kind) } else { None };
    let before = Held::by(program);
    let Ok(objects) = Objects::make(missing) else {
        // Once it is gone, with all that it has started, they can be made; or else this machine is in the way.
        trial.sandbox.renew()?;
        program.ended();
        let seen = Objects::make(missing)?.look(missing)?;
        let stuck = Some("it was in the way of objects that others make".into());
        return Ok(Round { before, after: Held::by(program), seen, stuck });
    };
    let (sandbox, limit) = (&trial.sandbox, trial.limit());
    if let Case::Room(room) = case {
        limit_descriptors(program, Some(*room))?;
    }
    program.write("\n");
    let waits = program.waits_for_input(sandbox, limit)?;
    let after = Held::by(program);
    let stuck = if waits { None } else { Some(program.wait(sandbox, Duration::ZERO)?.to_string()) };
    if waits {
        limit_descriptors(program, None)?;
    }
    let seen = objects.look(missing)?;
    Ok(Round { before, after, seen, stuck })
}

impl Round {
    fn done(&self) -> bool {
        self.stuck.is_none() && self.seen.done()
    }

    fn told(&self) -> String {
        self.stuck.as_ref().map_or(self.seen.to_string(), |stuck| format!("{}, and then {stuck}", self.seen))
    }

    fn change(&self) -> String {
        if self.after == self.before {
            "nothing is left open".into()
        } else {
            format!("left open: {}", self.after)
        }
    }
}

/// The three objects, as the grader has made them for a round.
struct Objects {
    queue: Mqd,
    semaphore: Sem,
    memory: Mapping,
}

const MESSAGE: &[u8] = b"close it";

impl Objects {
    /// Makes them anew. The name of the missing one is taken away.
    fn make(missing: Option<Kind>) -> Result<Self, Errno> {
        for kind in Kind::ALL {
            remove(kind)?;
        }
        let queue = mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        mq_send(&queue, MESSAGE, 0)?;
        let semaphore = sem_open(NAME, O_CREAT | O_EXCL, 0o600, 0)?;
        let fd = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&fd, SIZE.into())?;
        let memory = mmap(None, SIZE.into(), PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        memory.write(0, &[b'.'; 64])?;
        missing.map_or(Ok(()), remove)?;
        Ok(Objects { queue, semaphore, memory })
    }

    fn look(&self, missing: Option<Kind>) -> Result<Seen, Errno> {
        let mut bytes = [0; MESSAGE.len() + 2];
        self.memory.read(0, &mut bytes)?;
        let created = match missing {
            Some(kind) => ipc_workbook::observe::find(kind, NAME)?.is_some(),
            None => false,
        };
        Ok(Seen {
            received: mq_getattr(&self.queue)?.mq_curmsgs == 0,
            memory: if bytes == [MESSAGE, b"\0."].concat()[..] {
                Memory::Message
            } else if bytes == [b'.'; MESSAGE.len() + 2] {
                Memory::AsItWas
            } else {
                Memory::SomethingElse
            },
            posts: sem_getvalue(&self.semaphore)?,
            created,
        })
    }
}

fn remove(kind: Kind) -> Result<(), Errno> {
    let removed = match kind {
        Kind::Queue => mq_unlink(NAME),
        Kind::Semaphore => sem_unlink(NAME),
        Kind::SharedMemory => shm_unlink(NAME),
    };
    removed.or_else(|errno| if errno == Errno::ENOENT { Ok(()) } else { Err(errno) })
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
    fn done(&self) -> bool {
        self.received && self.memory == Memory::Message && self.posts == 1
    }

    fn nothing(&self) -> bool {
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

/// What a process holds of the three, each as often as it holds it.
#[derive(PartialEq, Eq)]
struct Held {
    queues: usize,
    files: usize,
    mappings: usize,
    semaphores: usize,
}

impl Held {
    /// What has ended holds nothing.
    fn by(program: &Running) -> Self {
        let links = fs::read_dir(format!("/proc/{}/fd", program.pid())).into_iter().flatten();
        let links = links.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        let links: Vec<String> = links.map(|target| target.to_string_lossy().into_owned()).collect();
        let maps = fs::read_to_string(format!("/proc/{}/maps", program.pid())).unwrap_or_default();
        // What was unlinked meanwhile has this behind its name.
        let names = |line: &str, name: &str| line.trim_end_matches(" (deleted)").ends_with(name);
        let mapped = |name: &str| maps.lines().filter(|line| names(line, name)).count();
        let memory = "/dev/shm/lab";
        Held {
            // The link of a queue is its name, as if it lay in the root directory.
            queues: links.iter().filter(|link| names(link, "/lab") && !names(link, memory)).count(),
            files: links.iter().filter(|link| names(link, memory)).count(),
            mappings: mapped(memory),
            semaphores: mapped("/dev/shm/sem.lab"),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { queues, files, mappings, semaphores } = self;
        write!(f, "descriptors of the queue: {queues}, of the memory: {files}; ")?;
        write!(f, "mappings of the memory: {mappings}, of the semaphore: {semaphores}")
    }
}

/// Leaves the program room for so many descriptors more, or takes the limit away.
#[allow(unsafe_code)]
fn limit_descriptors(program: &mut Running, room: Option<u64>) -> Result<(), Errno> {
    if program.ended().is_some() {
        return Ok(());
    }
    let program = &*program;
    let is_free = |fd: &u64| fs::symlink_metadata(format!("/proc/{}/fd/{fd}", program.pid())).is_err();
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure outlives both calls; one writes it, one reads it.
    unsafe {
        let none = std::ptr::null();
        Errno::result(libc::prlimit(program.pid(), libc::RLIMIT_NOFILE, none, &raw mut limit))?;
        let first = (0..limit.rlim_max).find(is_free).unwrap_or(0);
        limit.rlim_cur = room.map_or(limit.rlim_max, |room| first + room);
        let none = std::ptr::null_mut();
        Errno::result(libc::prlimit(program.pid(), libc::RLIMIT_NOFILE, &raw const limit, none)).map(drop)
    }
}
