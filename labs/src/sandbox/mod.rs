//! The sandbox: a submission runs in it, and the grader looks at it from outside.
//!
//! ```text
//! lab                               the machine
//!  └ the worker                     user, IPC, mount and PID namespace of its own (a Namespace of
//!     │                             the workbook's library), with all capabilities in them
//!     ├ process 1 of the sandbox    a PID and network namespace inside the worker's
//!     └ the submission              the same, in a file tree of its own, without capabilities
//! ```
//!
//! The worker therefore sees the submission's processes in its /proc, and shares its IPC objects. The
//! submission sees neither the worker nor anything of the machine outside its [`tree`]. Everything that it
//! leaves running ends with process 1 of its sandbox, and the whole sandbox ends with the worker.
//!
//! On a machine without namespaces the user can ask for a [`shared`] sandbox: the same programs, limits and
//! schedules in the machine's own namespaces. There, every object that did not exist before belongs to the
//! sandbox.

mod budget;
mod calls;
mod child;
mod clear;
mod clock;
mod contents;
mod end;
mod fault;
mod filter;
mod guard;
mod held;
mod interrupt;
mod launch;
mod notice;
mod objects;
mod open;
mod private;
mod process;
mod reach;
mod record;
mod rest;
mod running;
mod shared;
mod short;
mod timer;
mod tree;
mod vdso;
mod whose;

pub(crate) use budget::Deadline;
pub(crate) use calls::Does;
pub(crate) use child::Limits;
pub(crate) use clock::{Clock, Pass, is_sleep};
pub(crate) use contents::Contents;
pub(crate) use end::{End, Ends};
pub(crate) use fault::Fault;
pub(crate) use held::Held;
pub(crate) use launch::Launch;
pub(crate) use notice::{Notice, has_hung_up};
pub(crate) use objects::Objects;
pub(crate) use process::{Descriptor, Process, Thread, describe};
pub(crate) use reach::{Meeting, Reach};
pub(crate) use record::{Intervention, Record, Recorder, Run, Step};
pub(crate) use rest::{Motion, Patience};
pub(crate) use running::Running;
pub(crate) use short::survive_short_mappings;
pub(crate) use whose::{QUEUE_BYTES, QUEUES};

use budget::Budget;
use clear::clear;
use private::Private;
use shared::Shared;
use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// The sandbox. A worker has one at a time.
#[derive(Debug)]
pub(crate) struct Sandbox {
    place: Place,
    /// The clock that its programs see.
    clock: Rc<Clock>,
    /// The file systems through which its programs can communicate.
    meeting: Meeting,
    budget: Budget,
    /// How many programs did not end in time.
    timeouts: Cell<u32>,
    /// How many programs the grader killed, whether their time was over or not.
    given_up: Cell<u32>,
    /// Whether a program has run since the sandbox was made or renewed.
    has_run: Cell<bool>,
    recorder: Recorder,
}

#[derive(Debug)]
enum Place {
    Private(Private),
    Shared(Shared),
}

/// The path of the program under test in the tree.
const PROGRAM: &str = "/program/program";

/// After this many timeouts the program is not started again: more runs would show nothing new, and the next
/// submission is waiting.
const MOST_TIMEOUTS: u32 = 10;

impl Sandbox {
    /// Makes the sandbox, with namespaces or without. Each of `mounts` appears in it read-only, under its own
    /// path or another.
    pub(crate) fn new(mounts: &[(PathBuf, PathBuf)], shared: bool) -> Result<Self, Fault> {
        let place =
            if shared { Place::Shared(Shared::new(mounts)?) } else { Place::Private(Private::new(mounts)?) };
        let (clock, meeting, budget) = (Rc::default(), Meeting::default(), Budget::default());
        let (timeouts, given_up, has_run) = (Cell::default(), Cell::default(), Cell::default());
        let recorder = Recorder::default();
        let mut sandbox = Sandbox { place, clock, meeting, budget, timeouts, given_up, has_run, recorder };
        let objects = ["/dev/shm", "/dev/mqueue"].map(PathBuf::from);
        // In a shared sandbox these folders are on the machine's /tmp, where much else happens.
        let files = if shared { &[][..] } else { &tree::WRITABLE[..] };
        let files: Vec<PathBuf> = files.iter().map(|folder| sandbox.path(folder)).collect();
        sandbox.meeting = Meeting::at(&objects, &files);
        Ok(sandbox)
    }

    /// Ends every process of the sandbox, and removes every object and file.
    pub(crate) fn renew(&mut self) -> Result<(), Fault> {
        self.recorder.forget();
        self.clock.forget();
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

    /// Ends every process of the sandbox, and keeps objects and files. Process ids start again, so the next
    /// program gets the same id as the one before, as when a container restarts. (In a shared sandbox process
    /// ids continue.)
    pub(crate) fn restart(&mut self) -> Result<(), Fault> {
        self.clock.forget();
        match &mut self.place {
            Place::Private(private) => private.restart(),
            Place::Shared(_) => shared::end_processes(),
        }
    }

    /// Returns how many programs did not end in time, also before the sandbox was renewed.
    pub(crate) fn timeouts(&self) -> u32 {
        self.timeouts.get()
    }

    /// Returns how many programs the grader killed.
    pub(crate) fn given_up(&self) -> u32 {
        self.given_up.get()
    }

    /// Whether it uses the machine's own namespaces, where the grader must not change settings.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared(_))
    }

    /// Returns how long to wait for something that may take `full`. After the first timeout everything gets
    /// one second at most, so a program that hangs costs a few seconds in all. Nothing gets more than the
    /// time left for the check.
    pub(crate) fn timeout(&self, full: Duration) -> Duration {
        let full = if self.timeouts() > 0 { full.min(Duration::from_secs(1)) } else { full };
        full.min(self.budget.left())
    }

    /// Starts the check with this time limit.
    pub(crate) fn begin_check(&mut self, limit: Duration) {
        self.budget.begin(limit);
    }

    /// Returns the time left for the check.
    pub(crate) fn time_left(&self) -> Duration {
        self.budget.left()
    }

    /// Returns a message if the check's time is over. It names the processes that took too long.
    pub(crate) fn out_of_time(&self) -> Option<String> {
        self.budget.over()
    }

    /// Counts a timeout: something did not end, or did not come to rest, in time.
    pub(crate) fn count_timeout(&self) {
        self.timeouts.set(self.timeouts.get() + 1);
    }

    /// Returns the clock that its programs see.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns the file systems through which its programs can communicate.
    pub(crate) fn meeting(&self) -> &Meeting {
        &self.meeting
    }

    /// Returns a path of the tree as this process sees it.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        let root = match &self.place {
            Place::Private(_) => Path::new(tree::ROOT),
            Place::Shared(shared) => shared.root(),
        };
        root.join(inside.trim_start_matches('/'))
    }

    /// Returns a path of the tree as a program of the sandbox sees it.
    pub(crate) fn named(&self, inside: &str) -> String {
        match &self.place {
            Place::Private(_) => inside.into(),
            Place::Shared(_) => self.path(inside).to_string_lossy().into_owned(),
        }
    }

    /// Makes a file of the tree the program under test. It is copied, and the submission cannot write to the
    /// copy.
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

    /// Returns the program under test, with these arguments, ready to start.
    pub(crate) fn program(&self, args: &[&str]) -> Launch {
        let launch = self.tool(&self.named(PROGRAM), args).on_the_clock();
        self.recorder.begin(launch.record());
        launch
    }

    /// Returns the recorder of its programs.
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Returns another program of the system, with these arguments, ready to start.
    pub(crate) fn tool(&self, path: &str, args: &[&str]) -> Launch {
        self.has_run.set(true);
        let launch = self.launch(path, args);
        if self.out_of_time().is_some() {
            launch.in_vain(End::OutOfTime)
        } else if self.timeouts() >= MOST_TIMEOUTS {
            launch.in_vain(End::NotStarted)
        } else {
            launch
        }
    }

    fn launch(&self, path: &str, args: &[&str]) -> Launch {
        let [work, tmp] = ["/work", "/tmp"].map(|folder| self.named(folder));
        let launch = Launch::new(path, args, &work, &tmp, self.clock.clone());
        match &self.place {
            Place::Private(private) => launch.in_tree(tree::ROOT, private.guard()),
            Place::Shared(shared) => launch.in_the_open(shared.processes_of_the_user()),
        }
    }

    /// Starts a program, and waits until it ends.
    pub(crate) fn run(&self, launch: Launch, within: Duration) -> Result<Running, Fault> {
        let mut program = launch.start()?;
        self.wait(&mut program, within)?;
        Ok(program)
    }

    /// Returns the processes of the sandbox, without its process 1.
    pub(crate) fn processes(&self) -> Result<Vec<Process>, Fault> {
        Ok(self.pids()?.into_iter().filter_map(Process::of).collect())
    }

    /// Returns the ids of these processes.
    pub(crate) fn pids(&self) -> Result<Vec<i32>, Fault> {
        match &self.place {
            Place::Private(private) => private.pids(),
            Place::Shared(_) => shared::descendants(),
        }
    }

    /// Returns the inodes of all files in /dev/shm with these contents. A file that a process has open counts
    /// even if it has no name, because it may get one.
    pub(crate) fn complete_inodes(&self, wanted: &str) -> Result<Vec<u64>, Fault> {
        Ok(contents::complete_inodes(&self.processes()?, wanted))
    }

    /// Counts the descriptors and mappings that all processes together hold of the POSIX objects of this
    /// name.
    pub(crate) fn holds(&self, name: &str) -> Result<Held, Fault> {
        Ok(Held::by(&self.pids()?, name))
    }

    /// Whether a process holds this object, such as `queue /lab`.
    pub(crate) fn is_held(&self, object: &str) -> Result<bool, Fault> {
        Ok(self.processes()?.iter().any(|process| process.held.iter().any(|held| held == object)))
    }

    /// Returns all IPC objects of the sandbox.
    pub(crate) fn objects(&self) -> Result<Objects, Fault> {
        match &self.place {
            Place::Private(_) => Objects::now(),
            Place::Shared(shared) => shared.objects(),
        }
    }
}
