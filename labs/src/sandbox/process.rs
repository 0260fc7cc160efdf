//! Snapshots of the sandbox's processes, from /proc.

use super::calls::{Does, call, call_name, int};
use super::open;
use ipc_workbook::observe::{Inode, Kind, memory_of, text_of};
use std::ffi::{CString, c_long};
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// A snapshot of a process of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) name: String,
    /// `S` is sleeping, `R` is running, `D` is in an uninterruptible wait, `Z` is a zombie. If one thread is
    /// not at rest, this is the state of that thread.
    pub(crate) state: char,
    /// The call that the first thread sleeps in, if all threads sleep.
    pub(crate) call: Option<c_long>,
    /// Its threads that have not ended.
    pub(crate) threads: Vec<Thread>,
    /// The IPC objects that it has open, mapped or attached.
    pub(crate) held: Vec<String>,
}

/// A snapshot of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) tid: i32,
    pub(crate) state: char,
    /// The call that it sleeps in, and the call's first argument.
    pub(crate) call: Option<(c_long, u64)>,
    /// The kernel function that it sleeps in, if the kernel shows it.
    wchan: String,
    /// The number of its context switches.
    switches: u64,
}

impl Thread {
    fn of(pid: i32, tid: i32) -> Option<Self> {
        let read = |file: &str| text_of(format!("/proc/{pid}/task/{tid}/{file}")).ok();
        let stat = read("stat")?;
        let status = read("status")?;
        let switches = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
        let call = read("syscall").unwrap_or_default();
        // The line has the call's number, and then its arguments.
        let mut words = call.split(' ');
        let number = words.next().and_then(|number| number.trim().parse().ok());
        let argument = words.next().and_then(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok());
        Some(Thread {
            tid,
            state: stat.rsplit_once(')')?.1.trim_start().chars().next()?,
            call: number.map(|number| (number, argument.unwrap_or(0))),
            wchan: read("wchan").filter(|name| name != "0").unwrap_or_default(),
            switches: switches.filter_map(|(_, n)| n.trim().parse::<u64>().ok()).sum(),
        })
    }

    /// Returns the name of the call that it sleeps in.
    pub(crate) fn call_name(&self) -> Option<String> {
        self.call.filter(|_| self.state == 'S').map(|(number, _)| call_name(number))
    }
}

/// Returns the threads of a process, and the state of each. A thread that has been woken, and now looks whether
/// its wait is over, is still in state S. It runs, so its state is R here.
pub(super) fn states(pid: i32) -> impl Iterator<Item = (i32, char)> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    tasks.filter_map(|task| {
        let task = task.ok()?.path();
        let stat = text_of(task.join("stat")).ok()?;
        let state = stat.rsplit_once(')')?.1.trim_start().chars().next()?;
        // The kernel shows the call of a thread only if the thread is on no processor.
        let runs =
            state == 'S' && text_of(task.join("syscall")).is_ok_and(|call| call.trim_end() == "running");
        Some((task.file_name()?.to_str()?.parse().ok()?, if runs { 'R' } else { state }))
    })
}

/// Whether a thread is in a call that creates a process and waits until this process has executed its program.
pub(super) fn is_in_vfork(tid: i32) -> bool {
    let Ok(call) = fs::read_to_string(format!("/proc/{tid}/syscall")) else { return false };
    let mut words = call.split(' ');
    let number = words.next().and_then(|number| number.parse().ok());
    let flags = words.next().and_then(|word| i32::from_str_radix(word.strip_prefix("0x")?, 16).ok());
    match number.map(call_name).as_deref() {
        Some("vfork" | "clone3") => true, // the flags of clone3 are in a structure
        Some("clone") => flags.is_some_and(|flags| flags & libc::CLONE_VFORK != 0),
        _ => false,
    }
}

/// Whether a thread of this process is in a call that may wait for an object, or is about to make one.
pub(super) fn waits_for_an_object(pid: i32) -> bool {
    threads(pid).any(|thread| {
        let does = thread.call.and_then(|(number, _)| call(number)).map(|call| call.does);
        match does {
            Some(Does::Act | Does::ActThenWait(_)) => true,
            Some(Does::Sleep(_)) => {
                arguments(thread.tid).is_some_and(|[fds, count]| polls_a_queue(thread.tid, fds, count))
            }
            _ => false,
        }
    })
}

/// Returns the first two arguments of the call that this thread sleeps in.
fn arguments(tid: i32) -> Option<[u64; 2]> {
    let call = text_of(format!("/proc/{tid}/syscall")).ok()?;
    let mut words = call.split(' ').skip(1);
    let mut next = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    Some([next()?, next()?])
}

/// Whether a message queue is among these `count` descriptors, which a thread passes to `poll`. Then it waits
/// for another process.
pub(super) fn polls_a_queue(tid: i32, fds: u64, count: u64) -> bool {
    const POLLFD: usize = size_of::<libc::pollfd>();
    let Ok(queues) = fs::metadata("/dev/mqueue") else { return false };
    let mut bytes = vec![0; usize::try_from(count).unwrap_or(0).min(16) * POLLFD];
    let read = memory_of(tid, fds, &mut bytes);
    let fds = bytes[..read].chunks_exact(POLLFD).map(|fd| i32::from_ne_bytes([fd[0], fd[1], fd[2], fd[3]]));
    let mut files = fds.filter_map(|fd| fs::metadata(format!("/proc/{tid}/fd/{fd}")).ok());
    files.any(|file| file.dev() == queues.dev())
}

/// Whether a thread in this state sleeps, is stopped or has ended.
pub(super) fn is_at_rest(state: char) -> bool {
    matches!(state, 'S' | 'T' | 't' | 'Z' | 'X')
}

/// Returns the threads of a process.
fn threads(pid: i32) -> impl Iterator<Item = Thread> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    let tids = tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok());
    tids.filter_map(move |tid| Thread::of(pid, tid))
}

impl Process {
    /// Takes a snapshot; `None` if the process has ended.
    pub(super) fn of(pid: i32) -> Option<Self> {
        let stat = text_of(format!("/proc/{pid}/stat")).ok()?;
        let (head, _) = stat.rsplit_once(')')?;
        let mut threads: Vec<Thread> = threads(pid).collect();
        // The first thread may have ended while the process continues.
        if threads.iter().any(|thread| thread.state != 'Z') {
            threads.retain(|thread| thread.state != 'Z');
        }
        let awake = threads.iter().find(|thread| !is_at_rest(thread.state));
        let state = awake.or(threads.first())?.state;
        Some(Process {
            pid,
            name: head.split_once('(')?.1.into(),
            state,
            call: threads.first()?.call.filter(|_| awake.is_none()).map(|(number, _)| number),
            threads,
            held: held(pid),
        })
    }

    /// Returns the queue that one of its threads waits for: the first argument of mq_receive.
    pub(crate) fn waits_at(&self) -> Option<Descriptor> {
        let queues = fs::metadata("/dev/mqueue").ok()?.dev();
        let fds = self.threads.iter().filter_map(|thread| Some(int(thread.call?.1)));
        let mut descriptors = fds.filter_map(|fd| Descriptor::of(self.pid, fd));
        descriptors.find(|descriptor| descriptor.inode.dev == queues)
    }

    /// Whether one of its threads waits in read for input from this pipe.
    pub(super) fn reads(&self, pipe: &str) -> bool {
        let is_it = |fd: u64| {
            let link = fs::read_link(format!("/proc/{}/fd/{fd}", self.pid));
            link.is_ok_and(|target| target.as_os_str() == pipe)
        };
        self.threads.iter().any(|thread| match thread.call {
            Some((libc::SYS_read | libc::SYS_readv, fd)) => is_it(fd),
            _ => false,
        })
    }

    /// Returns its command line, with the program's file name in place of its path.
    pub(crate) fn command_line(&self) -> String {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).trim_end_matches('\0').replace('\0', " ");
        let (program, args) = text.split_once(' ').unwrap_or((&text, ""));
        format!("{} {args}", program.rsplit('/').next().unwrap_or(program))
    }

    /// Whether one of its threads sleeps in one of these calls.
    pub(crate) fn sleeps_in(&self, calls: &[&str]) -> bool {
        let mut names = self.threads.iter().filter_map(Thread::call_name);
        names.any(|name| calls.contains(&name.as_str()))
    }
}

/// An open descriptor of a process, from /proc.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor {
    /// The object that it refers to, whether it still has a name or not.
    pub(crate) inode: Inode,
    /// How many names the object has.
    pub(crate) links: u64,
    /// Its flags, in octal.
    pub(crate) flags: String,
    link: String,
}

impl Descriptor {
    fn of(pid: i32, fd: i32) -> Option<Self> {
        let link = format!("/proc/{pid}/fd/{fd}");
        let meta = fs::metadata(&link).ok()?;
        let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim().to_string();
        let inode = Inode { kind: Kind::Queue, dev: meta.dev(), ino: meta.ino() };
        Some(Descriptor { inode, links: meta.nlink(), flags, link })
    }

    pub(crate) fn closes_on_exec(&self) -> bool {
        i32::from_str_radix(&self.flags, 8).is_ok_and(|flags| flags & libc::O_CLOEXEC != 0)
    }

    /// Returns a path through which the object can be opened even without a name, with permission to look
    /// into the process.
    pub(crate) fn path(&self) -> CString {
        CString::new(self.link.as_str()).unwrap_or_default()
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        write!(f, "{} ", self.name)?;
        for (at, thread) in self.threads.iter().take(SHOWN).enumerate() {
            if at > 0 {
                f.write_str("; another thread ")?;
            }
            write!(f, "{thread}")?;
        }
        if self.threads.len() > SHOWN {
            write!(f, "; and {} more threads", self.threads.len() - SHOWN)?;
        }
        if !self.held.is_empty() {
            write!(f, ", holding {}", self.held.join(" and "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.call_name(), self.state) {
            (Some(call), _) => write!(f, "waits in {call}")?,
            (None, 'Z') => f.write_str("has ended (a zombie), and its parent has not called wait")?,
            (None, 'R') => f.write_str("is running")?,
            (None, state) => write!(f, "is in state {state}")?,
        }
        if !self.wchan.is_empty() && self.state == 'S' {
            write!(f, " (wchan {})", self.wchan)?;
        }
        Ok(())
    }
}

/// Describes several processes briefly.
pub(crate) fn describe(processes: &[Process]) -> String {
    const SHOWN: usize = 3;
    let mut text: Vec<String> = processes.iter().take(SHOWN).map(ToString::to_string).collect();
    if processes.len() > SHOWN {
        text.push(format!("and {} more processes", processes.len() - SHOWN));
    }
    if text.is_empty() { "no process was left".into() } else { text.join("; ") }
}

/// Returns the IPC objects that a process holds, each once.
fn held(pid: i32) -> Vec<String> {
    let mut found = Vec::new();
    for open in open::all_of(pid) {
        if open.is_queue() {
            // A queue that was opened as a file is shown with the path that opened it.
            let path = open.target.rsplit_once("/dev/mqueue").map_or(&*open.target, |(_, name)| name);
            found.push(format!("queue {path}"));
        } else if let Some(at) = open.target.find("/dev/shm/").or_else(|| open.target.find("/dev/mqueue/")) {
            found.push(open.target[at..].into());
        }
    }
    let maps = text_of(format!("/proc/{pid}/maps")).unwrap_or_default();
    for line in maps.lines() {
        if let Some(at) = line.find("/dev/shm/").or_else(|| line.find("/SYSV")) {
            found.push(format!("a mapping of {}", &line[at..]));
        }
    }
    found.sort();
    found.dedup();
    found
}
