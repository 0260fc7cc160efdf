//! The cell: where a submission runs, and what its grader sees of it.
//!
//! ```text
//! lab                            the machine
//!  └ the warden                  user, IPC, mount and PID namespace of its own (a Room of
//!     │                          the workbook's library), with all capabilities in them
//!     ├ process 1 of the cell    a PID and network namespace inside the warden's
//!     └ the submission           the same, in a file tree of its own, without capabilities
//! ```
//!
//! So the warden sees the submission's processes, in its /proc, and shares its IPC objects;
//! the submission sees neither the warden nor anything of the machine that is not in its
//! [`tree`]. Whatever it leaves running ends with process 1 of its cell, and everything
//! with the warden.

mod child;
mod filter;
mod look;
mod running;
mod schedule;
mod tree;

pub(crate) use child::Limits;
pub(crate) use look::{Object, Process, describe};
pub(crate) use running::{End, Running};
pub(crate) use schedule::{Choice, Pending, Schedule, Stage};

use child::Start;
use ipc_workbook::observe::sysvipc::{Table, rows};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use std::ffi::CString;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tree::Shown;

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

/// The cell. One at a time, in a warden.
#[derive(Debug)]
pub(crate) struct Cell {
    /// Process 1 of the cell's PID namespace.
    init: Option<Pid>,
    /// The warden's own PID namespace, from which each new one of the cell is made.
    own_pids: File,
    /// The processes that were here before the cell: the warden and those above it.
    outside: Vec<i32>,
    /// How many programs have not ended in time.
    time_outs: std::cell::Cell<u32>,
}

/// Where the program under test lies in the tree.
const PROGRAM: &str = "/program/program";

impl Cell {
    /// Makes the cell. Each of `shown` is seen in it read-only, under its own path or another.
    pub(crate) fn new(shown: &[(PathBuf, PathBuf)]) -> Result<Self, Fault> {
        let outside = look::processes()?;
        let mut all = Vec::new();
        for (source, at) in shown {
            all.push(Shown::new(source, at)?);
        }
        // Inside another user namespace a process would have every capability again.
        let _ = fs::write("/proc/sys/user/max_user_namespaces", "0");
        unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| Fault::call("unshare(CLONE_NEWNET)", errno))?;
        tree::build(&all)?;
        let own_pids =
            File::open("/proc/self/ns/pid").map_err(|error| Fault::io("/proc/self/ns/pid", &error))?;
        let mut cell = Cell { init: None, own_pids, outside, time_outs: 0.into() };
        cell.renew()?;
        Ok(cell)
    }

    /// Ends every process of the cell, removes every object, and begins anew.
    pub(crate) fn renew(&mut self) -> Result<(), Fault> {
        self.end_processes()?;
        remove_objects()?;
        for folder in tree::WRITABLE {
            empty(&self.path(folder))?;
        }
        self.restart()
    }

    /// Ends every process of the cell, and leaves objects and files. Process ids begin anew, so
    /// the next program has that of the one before: so it is when a container starts again.
    pub(crate) fn restart(&mut self) -> Result<(), Fault> {
        self.end_processes()?;
        setns(&self.own_pids, CloneFlags::CLONE_NEWPID).map_err(|errno| Fault::call("setns", errno))?;
        unshare(CloneFlags::CLONE_NEWPID).map_err(|errno| Fault::call("unshare(CLONE_NEWPID)", errno))?;
        self.init = Some(first_process()?);
        Ok(())
    }

    /// Kills process 1 of the cell, and so all of them, at one time: nothing can fork away.
    fn end_processes(&mut self) -> Result<(), Fault> {
        let Some(init) = self.init.take() else { return Ok(()) };
        let _ = kill(init, Signal::SIGKILL);
        // Process 1 is not gone before all others have been waited for.
        while waitpid(None, None).map_err(|errno| Fault::call("waitpid", errno))?.pid() != Some(init) {}
        Ok(())
    }

    /// How many programs have not ended in time, in this cell and before it was renewed.
    pub(crate) fn time_outs(&self) -> u32 {
        self.time_outs.get()
    }

    /// A path of the tree, as this process has to write it.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        Path::new(tree::ROOT).join(inside.trim_start_matches('/'))
    }

    /// Makes a file of the tree the program under test: a copy, which the submission cannot write to.
    pub(crate) fn take_program(&mut self, inside: &str) -> Result<(), Fault> {
        let copy = self.path(PROGRAM);
        fs::copy(self.path(inside), &copy).map_err(|error| Fault::io(&format!("copy {inside}"), &error))?;
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o555))
            .map_err(|error| Fault::io(PROGRAM, &error))?;
        tree::seal(PROGRAM)
    }

    /// The program under test, with these arguments.
    pub(crate) fn program(&self, args: &[&str]) -> Launch<'_> {
        self.tool(PROGRAM, args)
    }

    /// Another program of the tree.
    pub(crate) fn tool(&self, path: &str, args: &[&str]) -> Launch<'_> {
        let args = [path].into_iter().chain(args.iter().copied()).map(c_string).collect();
        let env =
            ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/work", "LC_ALL=C", "TMPDIR=/tmp"].map(c_string);
        Launch {
            cell: self,
            start: Start {
                path: c_string(path),
                args,
                env: env.into(),
                folder: c_string("/work"),
                umask: 0o022,
                limits: Limits::RUN,
                input: false,
                scheduled: false,
            },
        }
    }

    /// The processes of the cell, without its process 1.
    pub(crate) fn processes(&self) -> Result<Vec<Process>, Fault> {
        Ok(self.pids()?.into_iter().filter_map(Process::of).collect())
    }

    /// Waits until no process of the cell comes to run any more, and returns them as they sleep
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
        let init = self.init.map(Pid::as_raw);
        let mut pids = look::processes()?;
        pids.retain(|pid| !self.outside.contains(pid) && Some(*pid) != init);
        Ok(pids)
    }

    /// Every IPC object that there is.
    pub(crate) fn objects(&self) -> Result<Vec<Object>, Fault> {
        look::objects()
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        let _ = self.end_processes();
        let _ = remove_objects();
    }
}

/// A program of the cell about to start.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    cell: &'a Cell,
    start: Start,
}

impl Launch<'_> {
    /// The file mode creation mask; 0022 unless told.
    pub(crate) fn umask(mut self, umask: u32) -> Self {
        self.start.umask = umask;
        self
    }

    /// One more variable, `NAME=value`.
    pub(crate) fn env(mut self, variable: &str) -> Self {
        self.start.env.push(c_string(variable));
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

    /// Starts it. What cannot be executed has ended already.
    pub(crate) fn start(self) -> Result<Running, Fault> {
        Ok(match child::start(&self.start)? {
            Ok(ends) => Running::new(ends),
            Err(errno) => Running::never(errno),
        })
    }

    /// Starts it, and waits for its end.
    pub(crate) fn run(self, within: Duration) -> Result<Running, Fault> {
        let cell = self.cell;
        let mut running = self.start()?;
        running.wait(cell, within)?;
        Ok(running)
    }
}

fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// Process 1: it mounts the cell's /proc, and takes over orphans until it is killed.
#[allow(unsafe_code)]
fn first_process() -> Result<Pid, Fault> {
    let (ready, told) =
        nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(|errno| Fault::call("pipe2", errno))?;
    // SAFETY: this process has one thread, so the child may do what its parent may.
    match unsafe { fork() }.map_err(|errno| Fault::call("fork", errno))? {
        ForkResult::Parent { child } => {
            drop(told);
            let mut byte = [0];
            match nix::unistd::read(&ready, &mut byte) {
                Ok(1) if byte[0] == 0 => Ok(child),
                Ok(1) => Err(Fault::call("mount proc in the cell", Errno::from_raw(i32::from(byte[0])))),
                _ => Err(Fault::new("process 1 of the cell has ended at once")),
            }
        }
        ForkResult::Child => {
            // SAFETY: the warden's end must be this process's end.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            let errno = tree::mount_proc().map_or_else(|errno| errno as i32, |()| 0);
            let _ = nix::unistd::write(&told, &[u8::try_from(errno).unwrap_or(u8::MAX)]);
            let mut child_ends = SigSet::empty();
            child_ends.add(Signal::SIGCHLD);
            let _ = child_ends.thread_block();
            loop {
                while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {}
                let _ = child_ends.wait();
            }
        }
    }
}

/// Removes all objects of this IPC namespace and of its /dev/shm.
fn remove_objects() -> Result<(), Fault> {
    for folder in ["/dev/shm", "/dev/mqueue"] {
        empty(Path::new(folder))?;
    }
    for table in Table::ALL {
        for row in rows(table).map_err(|unseen| Fault(unseen.0))? {
            remove_sysv(table, row.id);
        }
    }
    Ok(())
}

#[allow(unsafe_code)]
fn remove_sysv(table: Table, id: i32) {
    // SAFETY: IPC_RMID takes no buffer.
    unsafe {
        match table {
            Table::Msg => libc::msgctl(id, libc::IPC_RMID, std::ptr::null_mut()),
            Table::Sem => libc::semctl(id, 0, libc::IPC_RMID),
            Table::Shm => libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()),
        };
    }
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
