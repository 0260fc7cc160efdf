//! The processes of the sandbox, as /proc shows them at one moment.

use super::calls::call_name;
use super::open;
use ipc_workbook::observe::{Inode, Kind, text_of};
use std::ffi::{CString, c_long};
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// A process of the sandbox, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) name: String,
    /// `S` sleeps until something happens, `R` runs, `D` is deep in the kernel, `Z` is dead.
    pub(crate) state: char,
    /// The call that it sleeps in.
    pub(crate) call: Option<c_long>,
    /// The kernel's function that it sleeps in, where the kernel tells.
    pub(crate) wchan: String,
    /// How often it has come to run, or been taken from the processor.
    pub(crate) switches: u64,
    /// The IPC objects that it has open, mapped or attached.
    pub(crate) held: Vec<String>,
}

impl Process {
    /// `None` once it is gone.
    pub(super) fn of(pid: i32) -> Option<Self> {
        let read = |file: &str| text_of(format!("/proc/{pid}/{file}")).ok();
        let stat = read("stat")?;
        let (head, rest) = stat.rsplit_once(')')?;
        let status = read("status")?;
        let switches = status.lines().filter_map(|line| line.split_once("ctxt_switches:"));
        let call = read("syscall").unwrap_or_default();
        Some(Process {
            pid,
            name: head.split_once('(')?.1.into(),
            state: rest.trim_start().chars().next()?,
            call: call.split(' ').next().and_then(|number| number.trim().parse().ok()),
            wchan: read("wchan").filter(|name| name != "0").unwrap_or_default(),
            switches: switches.filter_map(|(_, n)| n.trim().parse::<u64>().ok()).sum(),
            held: held(pid),
        })
    }

    /// The name of the call that it sleeps in.
    pub(crate) fn call_name(&self) -> Option<String> {
        self.call.filter(|_| self.state == 'S').map(call_name)
    }

    /// The descriptor that is the first argument of the call that it sleeps in: of mq_receive, the queue.
    pub(crate) fn waits_at(&self) -> Option<Descriptor> {
        let call = fs::read_to_string(format!("/proc/{}/syscall", self.pid)).ok()?;
        // The call's number, and then its arguments.
        let fd = i32::from_str_radix(call.split(' ').nth(1)?.trim_start_matches("0x"), 16).ok()?;
        Descriptor::of(self.pid, fd)
    }

    /// Its arguments, and of the first one the file's name.
    pub(crate) fn command_line(&self) -> String {
        let bytes = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).trim_end_matches('\0').replace('\0', " ");
        let (program, args) = text.split_once(' ').unwrap_or((&text, ""));
        format!("{} {args}", program.rsplit('/').next().unwrap_or(program))
    }

    /// Whether it sleeps in one of these calls.
    pub(crate) fn sleeps_in(&self, calls: &[&str]) -> bool {
        self.call_name().is_some_and(|name| calls.contains(&name.as_str()))
    }
}

/// An open descriptor of a process, as /proc shows it.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor {
    /// The object behind it, name or no name.
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

    /// A path at which whoever may look into the process can open the object, even without a name.
    pub(crate) fn path(&self) -> CString {
        CString::new(self.link.as_str()).unwrap_or_default()
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name)?;
        match (self.call_name(), self.state) {
            (Some(call), _) => write!(f, "waits in {call}")?,
            (None, 'Z') => f.write_str("is dead, and nobody waits for it")?,
            (None, 'R') => f.write_str("runs")?,
            (None, state) => write!(f, "is in state {state}")?,
        }
        if !self.wchan.is_empty() && self.state == 'S' {
            write!(f, " (wchan {})", self.wchan)?;
        }
        if !self.held.is_empty() {
            write!(f, ", holding {}", self.held.join(" and "))?;
        }
        Ok(())
    }
}

/// Several processes in a few words.
pub(crate) fn describe(processes: &[Process]) -> String {
    const SHOWN: usize = 3;
    let mut text: Vec<String> = processes.iter().take(SHOWN).map(ToString::to_string).collect();
    if processes.len() > SHOWN {
        text.push(format!("and {} processes more", processes.len() - SHOWN));
    }
    if text.is_empty() { "no process was left".into() } else { text.join("; ") }
}

/// The IPC objects that a process holds, each once.
fn held(pid: i32) -> Vec<String> {
    let mut found = Vec::new();
    for open in open::all_of(pid) {
        if open.is_queue() {
            found.push(format!("queue {}", open.target));
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
