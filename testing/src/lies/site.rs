//! Decides which of a lesson's system calls the kernel may lie about, and finds such a call again in the
//! next run.

use crate::calls::{CALLS, Call};
use crate::tracer::SystemCall;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;

/// A place in a lesson's run. Without races it is the same in each run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Site {
    /// The number of the process in the run.
    pub(super) process: usize,
    pub(super) call: &'static str,
    /// Whether the call looks at files such as those in /proc, which are not the lesson's objects.
    pub(super) is_look: bool,
    /// The number of the call among the calls like it in that process, from 1.
    pub(super) n: u32,
}

/// Prints the site as `mq_open, number 2 of process 1`.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let look = if self.is_look { " that looks" } else { "" };
        write!(f, "{}{look}, number {} of process {}", self.call, self.n, self.process)
    }
}

/// Counts the calls of a run.
#[derive(Default)]
pub(super) struct Sites {
    /// Whether the lesson's first line was printed. The calls before it belong to the loader and the runtime.
    has_begun: bool,
    counts: HashMap<(usize, &'static str, bool), u32>,
    /// The files that the run has created outside /dev.
    pub(super) files: Vec<String>,
}

impl Sites {
    /// Returns the place of a call, if the kernel may lie about it.
    pub(super) fn site(&mut self, call: &SystemCall) -> Option<(Site, &'static Call)> {
        self.has_begun |= is_narration(call);
        let known = CALLS.iter().find(|known| known.number == call.number).filter(|_| self.has_begun)?;
        let is_look = is_about_something_else(call, known.name);
        if is_look && !LOOKS.contains(&known.name) {
            return None;
        }
        let creates = match known.name {
            "openat" => call.int(2) & libc::O_CREAT != 0,
            name => matches!(name, "rename" | "link"),
        };
        if creates {
            self.files.extend(Some(call.string(1)).filter(|path| !path.starts_with("/dev/")));
        }
        let n = self.counts.entry((call.process, known.name, is_look)).or_default();
        *n += 1;
        Some((Site { process: call.process, call: known.name, is_look, n: *n }, known))
    }
}

/// Whether the call prints a line of the lesson.
pub(super) fn is_narration(call: &SystemCall) -> bool {
    call.number == libc::SYS_write && call.int(0) == 1
}

/// The calls with which the workbook looks at what the kernel shows.
const LOOKS: [&str; 7] = ["openat", "read", "pread64", "newfstatat", "statx", "getdents64", "statfs"];

/// Whether a lesson cannot report the call: it looks at /proc, prints, sleeps, or is made by a library for
/// itself.
fn is_about_something_else(call: &SystemCall, name: &str) -> bool {
    let leads_elsewhere = |arg| call.descriptor(arg).is_some_and(|path| is_elsewhere(&path));
    match name {
        "nanosleep" | "getdents64" | "statx" | "prctl" => true,
        "write" => (0..=2).contains(&call.int(0)) || leads_elsewhere(0),
        "openat" => call.int(2) & libc::O_DIRECTORY != 0 || is_elsewhere(Path::new(&call.string(1))),
        "newfstatat" => match call.string(1) {
            empty if empty.is_empty() => leads_elsewhere(0),
            path => is_elsewhere(Path::new(&path)),
        },
        "statfs" => is_elsewhere(Path::new(&call.string(0))),
        "close" | "read" | "pread64" | "fcntl" | "dup" | "dup2" | "dup3" => leads_elsewhere(0),
        "mmap" => call.int(3) & libc::MAP_ANONYMOUS != 0 || leads_elsewhere(4),
        "munmap" => call.mapped_file(0).is_none_or(|file| is_elsewhere(Path::new(&file))),
        // A futex that only one process uses has this flag.
        "futex" => call.int(1) & libc::FUTEX_PRIVATE_FLAG != 0,
        _ => false,
    }
}

/// Whether a path is not that of a lesson's object.
fn is_elsewhere(path: &Path) -> bool {
    let folders = ["/proc", "/sys", "/etc", "/usr", "/lib", "/lib64", "/dev/null", "/dev/tty", "/dev/pts"];
    let itself = ["/dev/shm", "/dev/mqueue", "/dev", "/"];
    folders.iter().any(|folder| path.starts_with(folder))
        || itself.iter().any(|folder| path.as_os_str() == *folder)
}
