//! The sandbox: where a submission runs, and what its grader sees of it.
//!
//! ```text
//! lab                               the machine
//!  └ the supervisor                 user, IPC, mount and PID namespace of its own (a Namespace of
//!     │                             the workbook's library), with all capabilities in them
//!     ├ process 1 of the sandbox    a PID and network namespace inside the supervisor's
//!     └ the submission              the same, in a file tree of its own, without capabilities
//! ```
//!
//! So the supervisor sees the submission's processes, in its /proc, and shares its IPC objects;
//! the submission sees neither the supervisor nor anything of the machine that is not in its
//! [`tree`]. Whatever it leaves running ends with process 1 of its sandbox, and everything
//! with the supervisor.
//!
//! Where there are no namespaces, and the user says so, the sandbox is [`shared`]: the same
//! programs, limits and schedules in the machine's own namespaces. There the objects of the sandbox
//! are those that were not there before.

mod child;
mod filter;
mod pending;
mod private;
mod running;
mod schedule;
mod scheduler;
mod shared;
mod snapshot;
mod tree;

pub(crate) use child::Limits;
pub(crate) use pending::Pending;
pub(crate) use running::{End, Running};
pub(crate) use schedule::Schedule;
pub(crate) use scheduler::{Choice, Scheduler};
pub(crate) use snapshot::{Object, Process, describe};

use child::Start;
use nix::errno::Errno;
use private::Private;
use shared::Shared;
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// This machine cannot do what grading takes: no verdict on the submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Fault(what.into())
    }

    pub(crate) fn call(call: &str, errno: Errno) -> Self {
        Fault(format!("{call}: {errno}"))
    }

    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        Fault(format!("{what}: {error}"))
    }
}

/// A call of the grader's own that failed: on objects that the grader has made itself.
impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Fault(format!("a call of the grader's own failed: {errno}"))
    }
}

/// The sandbox. One at a time, in a supervisor.
#[derive(Debug)]
pub(crate) struct Sandbox {
    place: Place,
    /// How many programs have not ended in time.
    timeouts: std::cell::Cell<u32>,
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
        Ok(Sandbox { place, timeouts: 0.into() })
    }

    /// Ends every process of the sandbox, removes every object, and begins anew.
    pub(crate) fn renew(&mut self) -> Result<(), Fault> {
        match &mut self.place {
            Place::Private(private) => private.renew()?,
            Place::Shared(shared) => shared.renew()?,
        }
        for folder in tree::WRITABLE {
            empty(&self.path(folder))?;
        }
        Ok(())
    }

    /// Ends every process of the sandbox, and leaves objects and files. Process ids begin anew, so
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
    fn count_timeout(&self) {
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
    pub(crate) fn program(&self, args: &[&str]) -> Launch<'_> {
        self.tool(&self.named(PROGRAM), args)
    }

    /// Another program of the system.
    pub(crate) fn tool(&self, path: &str, args: &[&str]) -> Launch<'_> {
        let args = [path].into_iter().chain(args.iter().copied()).map(c_string).collect();
        let env = [
            "PATH=/usr/local/bin:/usr/bin:/bin".into(),
            "LC_ALL=C".into(),
            format!("HOME={}", self.named("/work")),
            format!("TMPDIR={}", self.named("/tmp")),
        ];
        let (root, more_processes) = match &self.place {
            Place::Private(_) => (Some(c_string(tree::ROOT)), 0),
            Place::Shared(shared) => (None, shared.processes_of_the_user()),
        };
        Launch {
            sandbox: self,
            start: Start {
                root,
                path: c_string(path),
                args,
                env: env.iter().map(|variable| c_string(variable)).collect(),
                folder: c_string(&self.named("/work")),
                umask: 0o022,
                limits: Limits::RUN,
                more_processes,
                input: false,
                scheduled: false,
            },
        }
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

    fn pids(&self) -> Result<Vec<i32>, Fault> {
        match &self.place {
            Place::Private(private) => private.pids(),
            Place::Shared(_) => shared::descendants(),
        }
    }

    /// Every IPC object that there is.
    pub(crate) fn objects(&self) -> Result<Vec<Object>, Fault> {
        match &self.place {
            Place::Private(_) => snapshot::objects(),
            Place::Shared(shared) => shared.objects(),
        }
    }
}

/// A program of the sandbox about to start.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    sandbox: &'a Sandbox,
    start: Start,
}

impl Launch<'_> {
    /// The file mode creation mask; 0022 unless told.
    pub(crate) fn umask(mut self, umask: u32) -> Self {
        self.start.umask = umask;
        self
    }

    /// Keeps its standard input open, to be written to; otherwise it is at its end.
    pub(crate) fn with_input(mut self) -> Self {
        self.start.input = true;
        self
    }

    pub(crate) fn limits(mut self, limits: Limits) -> Self {
        self.start.limits = limits;
        self
    }

    /// Where a [`Schedule`] decides when it goes on.
    pub(crate) fn scheduled(mut self) -> Self {
        self.start.scheduled = true;
        self
    }

    /// Starts it. What cannot be executed has ended already; and so has what came to no end too often.
    pub(crate) fn start(self) -> Result<Running, Fault> {
        if self.sandbox.timeouts() >= MOST_TIMEOUTS {
            return Ok(Running::never(End::NotStarted));
        }
        Ok(match child::start(&self.start)? {
            Ok(ends) => Running::new(ends),
            Err(errno) => Running::never(End::NotExecuted(errno)),
        })
    }

    /// Starts it, and waits for its end.
    pub(crate) fn run(self, within: Duration) -> Result<Running, Fault> {
        let sandbox = self.sandbox;
        let mut running = self.start()?;
        running.wait(sandbox, within)?;
        Ok(running)
    }
}

fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

fn empty(folder: &Path) -> Result<(), Fault> {
    let fault = |error: std::io::Error| Fault::io(&folder.display().to_string(), &error);
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let removed = match entry.file_type() {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path()),
            _ => fs::remove_file(entry.path()),
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fault(error)),
            _ => {}
        }
    }
    Ok(())
}
