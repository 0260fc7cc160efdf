//! The guard of a sandbox. It checks again and again how much memory and how many open files all processes
//! of the sandbox hold together, and kills them when that is too much.
//!
//! No kernel limit does this for an ordinary user. RLIMIT_AS is a limit for one process. It counts addresses
//! and not memory, and sanitizers and virtual machines reserve terabytes of addresses. It does not count a
//! System V segment that nobody has attached. The guard is process 1 of the sandbox.
//!
//! A program may hold more for a moment, until the next check.

use super::child::Limits;
use super::tree;
use ipc_workbook::observe::sysvipc::{Table, rows};
use ipc_workbook::observe::text_of;
use nix::sys::signal::{Signal, kill};
use nix::sys::statvfs::statvfs;
use nix::unistd::Pid;
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the guard waits between two checks.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The worker's end of the guard's reports.
#[derive(Debug)]
pub(super) struct Report {
    pipe: File,
    said: RefCell<String>,
}

impl Report {
    /// Takes a pipe in non-blocking mode.
    pub(super) fn new(pipe: File) -> Self {
        Report { pipe, said: RefCell::default() }
    }

    /// Returns why the guard killed all processes of the sandbox, if it did.
    pub(super) fn read(&self) -> Option<String> {
        let mut said = self.said.borrow_mut();
        // An error means that there is nothing new.
        let _ = (&self.pipe).read_to_string(&mut said);
        said.lines().next().map(String::from)
    }
}

/// The guard, which runs in process 1.
#[derive(Debug)]
pub(super) struct Guard {
    limits: Limits,
    last_look: Instant,
    /// The pipe to the worker. It is written once, because a full pipe would block.
    report: Option<File>,
}

impl Guard {
    pub(super) fn new(limits: Limits, report: File) -> Self {
        Guard { limits, last_look: Instant::now(), report: Some(report) }
    }

    /// Checks if it is time to. Kills all other processes of its PID namespace if they hold too much.
    pub(super) fn look(&mut self) {
        if self.last_look.elapsed() < BETWEEN_LOOKS {
            return;
        }
        self.last_look = Instant::now();
        if let Some(too_much) = too_much(self.limits) {
            if let Some(mut report) = self.report.take() {
                let _ = writeln!(report, "{too_much}");
            }
            let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
        }
    }
}

/// Describes the limit that is exceeded, if one is.
fn too_much(limits: Limits) -> Option<String> {
    let processes = processes();
    let files: u64 = processes.iter().map(|process| open_files(process)).sum();
    if files > limits.files {
        return Some(format!("all processes together had more than {} files open", limits.files));
    }
    let shared = segments() + sets_and_messages() + file_systems();
    let quick: u64 = processes.iter().map(|process| at_most(process)).sum();
    // The quick sum counts memory that processes share, as after fork, once for each of them.
    if shared + quick > limits.memory
        && shared + processes.iter().map(|process| exactly(process)).sum::<u64>() > limits.memory
    {
        let limit = limits.memory >> 20;
        return Some(format!("all processes and objects together took more than {limit} MiB of memory"));
    }
    None
}

/// Returns the folders in /proc of all processes of the sandbox but this one.
fn processes() -> Vec<PathBuf> {
    let entries =
        fs::read_dir(Path::new(tree::ROOT).join("proc")).into_iter().flatten().filter_map(Result::ok);
    let pid = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    entries.map(|entry| entry.path()).filter(|path| pid(path).is_some_and(|pid| pid > 1)).collect()
}

fn open_files(process: &Path) -> u64 {
    fs::read_dir(process.join("fd")).map_or(0, |entries| entries.count() as u64)
}

/// Returns an upper bound for the bytes of a process and of its page tables.
fn at_most(process: &Path) -> u64 {
    sum(&process.join("status"), &["RssAnon:", "RssShmem:", "VmSwap:", "VmPTE:"])
}

/// Returns the same, with shared memory divided among the processes that share it.
fn exactly(process: &Path) -> u64 {
    sum(&process.join("smaps_rollup"), &["Pss_Anon:", "Pss_Shmem:", "SwapPss:"])
        + sum(&process.join("status"), &["VmPTE:"])
}

/// Returns the sum of these lines of a file, which are in KiB, in bytes.
fn sum(file: &Path, names: &[&str]) -> u64 {
    let text = text_of(file).unwrap_or_default();
    let values = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        names.contains(&name).then(|| words.next()?.parse::<u64>().ok())?
    });
    values.sum::<u64>() << 10
}

/// Returns the bytes of all System V segments, attached or not.
fn segments() -> u64 {
    table(Table::Shm, &["rss", "swap"])
}

/// Returns the bytes of sets and messages. Each semaphore occupies a whole cache line.
fn sets_and_messages() -> u64 {
    table(Table::Sem, &["nsems"]) * 64 + table(Table::Msg, &["cbytes"])
}

fn table(table: Table, columns: &[&str]) -> u64 {
    let rows = rows(table).unwrap_or_default();
    let values = rows.iter().flat_map(|row| columns.iter().filter_map(|column| row.fact(column).ok()));
    values.filter_map(|value| u64::try_from(value).ok()).sum()
}

/// Returns the bytes in the folders that a program may write to.
fn file_systems() -> u64 {
    let root = Path::new(tree::ROOT);
    let folders =
        tree::WRITABLE.into_iter().map(|folder| root.join(folder)).chain([PathBuf::from("/dev/shm")]);
    folders
        .filter_map(|folder| statvfs(&folder).ok())
        .map(|stat| (stat.blocks() - stat.blocks_free()) * stat.fragment_size())
        .sum()
}
