//! The sandbox: where a submission runs, and what its grader sees of it.
//!
//! ```text
//! lab                               the machine
//!  └ the worker                     user, IPC, mount and PID namespace of its own (a Namespace of
//!     │                             the workbook's library), with all capabilities in them
//!     ├ process 1 of the sandbox    a PID and network namespace inside the worker's
//!     └ the submission              the same, in a file tree of its own, without capabilities
//! ```
//!
//! The worker therefore sees the submission's processes, in its /proc, and shares its IPC objects;
//! the submission sees neither the worker nor anything of the machine that is not in its
//! [`tree`]. Whatever it leaves running ends with process 1 of its sandbox, and everything
//! with the worker.
//!
//! Where there are no namespaces, and the user says so, the sandbox is [`shared`]: the same
//! programs, limits and schedules in the machine's own namespaces. There the objects of the sandbox
//! are those that were not there before.

mod calls;
mod child;
mod clear;
mod contents;
mod end;
mod fault;
mod filter;
mod held;
mod launch;
mod objects;
mod open;
mod private;
mod process;
mod running;
mod shared;
mod tree;
mod whose;

pub(crate) use calls::call_name;
pub(crate) use child::Limits;
pub(crate) use contents::Contents;
pub(crate) use end::{End, Ends};
pub(crate) use fault::Fault;
pub(crate) use held::Held;
pub(crate) use launch::Launch;
pub(crate) use objects::Objects;
pub(crate) use process::{Descriptor, Process, describe};
pub(crate) use running::Running;

use clear::clear;
use private::Private;
use shared::Shared;
use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The sandbox. One at a time, in a worker.
#[derive(Debug)]
pub(crate) struct Sandbox {
    place: Place,
    /// How many programs have not ended in time.
    timeouts: Cell<u32>,
    /// Whether a program of the submission has run since the sandbox was made or renewed.
    has_run: Cell<bool>,
}

#[derive(Debug)]
enum Place {
    Private(Private),
    Shared(Shared),
}

/// Where the program under test lies in the tree.
const PROGRAM: &str = "/program/program";

/// What has come to no end so often is not started again: nothing more is to be learnt, and the
/// next submission waits.
const MOST_TIMEOUTS: u32 = 10;

impl Sandbox {
    /// Makes the sandbox, in namespaces or without. Each of `mounts` is seen in it read-only, under
    /// its own path or another.
    pub(crate) fn new(mounts: &[(PathBuf, PathBuf)], shared: bool) -> Result<Self, Fault> {
        let place =
            if shared { Place::Shared(Shared::new(mounts)?) } else { Place::Private(Private::new(mounts)?) };
        Ok(Sandbox { place, timeouts: Cell::default(), has_run: Cell::default() })
    }

    /// Ends every process of the sandbox, removes every object, and starts again from nothing.
    pub(crate) fn renew(&mut self) -> Result<(), Fault> {
        match &mut self.place {
            Place::Private(private) => private.renew()?,
            Place::Shared(shared) => shared.renew()?,
        }
        for folder in tree::WRITABLE {
            let path = self.path(folder);
            clear(&path).map_err(|error| Fault::io(&path.display().to_string(), &error))?;
        }
        self.has_run.set(false);
        Ok(())
    }

    /// Ends every process of the sandbox, and leaves objects and files. Process ids start again, so
    /// the next program has that of the one before: so it is when a container starts again. (In a
    /// shared sandbox they go on.)
    pub(crate) fn restart(&mut self) -> Result<(), Fault> {
        match &mut self.place {
            Place::Private(private) => private.restart(),
            Place::Shared(_) => shared::end_processes(),
        }
    }

    /// How many programs have not ended in time, in this sandbox and before it was renewed.
    pub(crate) fn timeouts(&self) -> u32 {
        self.timeouts.get()
    }

    /// Whether it is in the machine's own namespaces, where nothing may be set for all.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared(_))
    }

    /// How long to wait for something that may take so long. Once something has taken longer,
    /// everything else gets a second, so that a program that hangs does so for a few seconds in all.
    pub(crate) fn timeout(&self, full: Duration) -> Duration {
        if self.timeouts() > 0 { full.min(Duration::from_secs(1)) } else { full }
    }

    /// Something has not ended, or not come to rest, in time.
    pub(crate) fn count_timeout(&self) {
        self.timeouts.set(self.timeouts.get() + 1);
    }

    /// A path of the tree, as this process has to write it.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        let root = match &self.place {
            Place::Private(_) => Path::new(tree::ROOT),
            Place::Shared(shared) => shared.root(),
        };
        root.join(inside.trim_start_matches('/'))
    }

    /// A path of the tree, as a program of the sandbox has to write it.
    pub(crate) fn named(&self, inside: &str) -> String {
        match &self.place {
            Place::Private(_) => inside.into(),
            Place::Shared(_) => self.path(inside).to_string_lossy().into_owned(),
        }
    }

    /// Makes a file of the tree the program under test: a copy, which the submission cannot write to.
    pub(crate) fn take_program(&mut self, inside: &str) -> Result<(), Fault> {
        let copy = self.path(PROGRAM);
        fs::copy(self.path(inside), &copy).map_err(|error| Fault::io(&format!("copy {inside}"), &error))?;
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o555))
            .map_err(|error| Fault::io(PROGRAM, &error))?;
        match &self.place {
            Place::Private(_) => tree::seal(PROGRAM),
            Place::Shared(_) => Ok(()),
        }
    }

    /// The program under test, with these arguments.
    pub(crate) fn program(&self, args: &[&str]) -> Launch {
        self.tool(&self.named(PROGRAM), args)
    }

    /// Another program of the system.
    pub(crate) fn tool(&self, path: &str, args: &[&str]) -> Launch {
        self.has_run.set(true);
        let launch = self.launch(path, args);
        if self.timeouts() < MOST_TIMEOUTS { launch } else { launch.in_vain() }
    }

    fn launch(&self, path: &str, args: &[&str]) -> Launch {
        let [work, tmp] = ["/work", "/tmp"].map(|folder| self.named(folder));
        let launch = Launch::new(path, args, &work, &tmp);
        match &self.place {
            Place::Private(_) => launch.in_tree(tree::ROOT),
            Place::Shared(shared) => launch.beside_processes(shared.processes_of_the_user()),
        }
    }

    /// Starts a program, and waits for its end.
    pub(crate) fn run(&self, launch: Launch, within: Duration) -> Result<Running, Fault> {
        let mut program = launch.start()?;
        self.wait(&mut program, within)?;
        Ok(program)
    }

    /// Waits for a program's end. What has not ended in this time is looked at, and killed.
    pub(crate) fn wait(&self, program: &mut Running, within: Duration) -> Result<End, Fault> {
        let until = Instant::now() + within;
        while program.ended().is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let waiting = self.processes()?;
                self.count_timeout();
                program.give_up(waiting);
                break;
            }
            program.listen(left)?;
        }
        program.read();
        Ok(program.end())
    }

    /// Waits until a program has read all that was written to its standard input, and it, or a process
    /// that it has started, waits for more while the others sleep; false if that did not come about
    /// within that time, or it has ended.
    pub(crate) fn waits_for_input(&self, program: &mut Running, within: Duration) -> Result<bool, Fault> {
        const WAITING: [&str; 6] = ["read", "poll", "ppoll", "select", "pselect6", "epoll_pwait"];
        let until = Instant::now() + within;
        while program.ended().is_none() && Instant::now() < until {
            // What they sleep in is looked at after the pipe was seen empty: a line that was taken
            // out is dealt with before the next one is waited for.
            let has_read = program.has_read_its_input();
            let processes = self.processes()?;
            let all_sleep = processes.iter().all(|process| process.call.is_some() || process.state == 'Z');
            if has_read && all_sleep && processes.iter().any(|process| process.sleeps_in(&WAITING)) {
                return Ok(true);
            }
            program.listen(Duration::from_millis(1))?;
        }
        Ok(false)
    }

    /// The processes of the sandbox, without its process 1.
    pub(crate) fn processes(&self) -> Result<Vec<Process>, Fault> {
        Ok(self.pids()?.into_iter().filter_map(Process::of).collect())
    }

    /// Waits until no process of the sandbox comes to run any more, and returns them as they sleep
    /// then; `None` if they were not all at rest within that time. Whoever looks again and again,
    /// however seldom, is not at rest; whoever sleeps for a time is, in `clock_nanosleep`.
    pub(crate) fn at_rest(&self, within: Duration) -> Result<Option<Vec<Process>>, Fault> {
        const LOOKS: u32 = 5;
        const BETWEEN: Duration = Duration::from_millis(5);
        let until = Instant::now() + within;
        let (mut same, mut last) = (0, self.processes()?);
        while same < LOOKS {
            if Instant::now() >= until {
                return Ok(None);
            }
            std::thread::sleep(BETWEEN);
            let now = self.processes()?;
            let quiet = now.iter().all(|process| matches!(process.state, 'S' | 'Z'));
            same = if quiet && now == last { same + 1 } else { 0 };
            last = now;
        }
        Ok(Some(last))
    }

    /// Their ids.
    pub(crate) fn pids(&self) -> Result<Vec<i32>, Fault> {
        match &self.place {
            Place::Private(private) => private.pids(),
            Place::Shared(_) => shared::descendants(),
        }
    }

    /// The inodes of all files in /dev/shm that have these contents, with a name or without: what a
    /// process has open has none, perhaps, but may get one.
    pub(crate) fn complete_inodes(&self, wanted: &str) -> Result<Vec<u64>, Fault> {
        Ok(contents::complete_inodes(&self.processes()?, wanted))
    }

    /// How often the processes hold each of the POSIX objects of this name, whichever process it is.
    pub(crate) fn holds(&self, name: &str) -> Result<Held, Fault> {
        Ok(Held::by(&self.pids()?, name))
    }

    /// Whether a process holds this object: `queue /lab`.
    pub(crate) fn is_held(&self, object: &str) -> Result<bool, Fault> {
        Ok(self.processes()?.iter().any(|process| process.held.iter().any(|held| held == object)))
    }

    /// Every IPC object that there is.
    pub(crate) fn objects(&self) -> Result<Objects, Fault> {
        match &self.place {
            Place::Private(_) => Objects::now(),
            Place::Shared(shared) => shared.objects(),
        }
    }
}
