//! The guard of a sandbox: it looks again and again how much all processes of the sandbox hold
//! together, and kills them when that is too much.
//!
//! No limit of the kernel does that for an ordinary user. RLIMIT_AS is of one process, counts
//! addresses instead of memory, of which sanitizers and virtual machines reserve terabytes, and
//! does not count a System V segment that nobody has attached. The guard is process 1 of the sandbox.
//!
//! A program may hold more for one moment, until the next look.

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

/// How long the guard waits between two looks.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// What the guard has said, as the worker reads it.
#[derive(Debug)]
pub(super) struct Report {
    pipe: File,
    said: RefCell<String>,
}

impl Report {
    /// From a pipe that does not wait.
    pub(super) fn new(pipe: File) -> Self {
        Report { pipe, said: RefCell::default() }
    }

    /// Why it has killed all processes of the sandbox, if it has.
    pub(super) fn read(&self) -> Option<String> {
        let mut said = self.said.borrow_mut();
        // An error is that there is nothing new.
        let _ = (&self.pipe).read_to_string(&mut said);
        said.lines().next().map(String::from)
    }
}

/// The guard, in process 1.
#[derive(Debug)]
pub(super) struct Guard {
    limits: Limits,
    last_look: Instant,
    /// Where it says why; once, since a pipe may be full.
    report: Option<File>,
}

impl Guard {
    pub(super) fn new(limits: Limits, report: File) -> Self {
        Guard { limits, last_look: Instant::now(), report: Some(report) }
    }

    /// Looks if it is time to, and kills all other processes of its PID namespace if they hold too much.
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

/// What is too much, in words.
fn too_much(limits: Limits) -> Option<String> {
    let processes = processes();
    let files: u64 = processes.iter().map(|process| open_files(process)).sum();
    if files > limits.files {
        return Some(format!("all processes together had more than {} files open", limits.files));
    }
    let shared = segments() + sets_and_messages() + file_systems();
    let quick: u64 = processes.iter().map(|process| at_most(process)).sum();
    // What several processes share, as after fork, is counted for each of them at first.
    if shared + quick > limits.memory
        && shared + processes.iter().map(|process| exactly(process)).sum::<u64>() > limits.memory
    {
        let limit = limits.memory >> 20;
        return Some(format!("all processes and objects together took more than {limit} MiB of memory"));
    }
    None
}

/// The folders in /proc of all processes of the sandbox but this one.
fn processes() -> Vec<PathBuf> {
    let entries =
        fs::read_dir(Path::new(tree::ROOT).join("proc")).into_iter().flatten().filter_map(Result::ok);
    let pid = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    entries.map(|entry| entry.path()).filter(|path| pid(path).is_some_and(|pid| pid > 1)).collect()
}

fn open_files(process: &Path) -> u64 {
    fs::read_dir(process.join("fd")).map_or(0, |entries| entries.count() as u64)
}

/// The bytes of a process and of its page tables: more than these it has not.
fn at_most(process: &Path) -> u64 {
    sum(&process.join("status"), &["RssAnon:", "RssShmem:", "VmSwap:", "VmPTE:"])
}

/// The same, where each of those that share memory has its part of it.
fn exactly(process: &Path) -> u64 {
    sum(&process.join("smaps_rollup"), &["Pss_Anon:", "Pss_Shmem:", "SwapPss:"])
        + sum(&process.join("status"), &["VmPTE:"])
}

/// The sum of these lines of a file, which tell KiB, in bytes.
fn sum(file: &Path, names: &[&str]) -> u64 {
    let text = text_of(file).unwrap_or_default();
    let values = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        names.contains(&name).then(|| words.next()?.parse::<u64>().ok())?
    });
    values.sum::<u64>() << 10
}

/// System V segments, attached or not.
fn segments() -> u64 {
    table(Table::Shm, &["rss", "swap"])
}

/// Each semaphore has a line of the processor's cache to itself.
fn sets_and_messages() -> u64 {
    table(Table::Sem, &["nsems"]) * 64 + table(Table::Msg, &["cbytes"])
}

fn table(table: Table, columns: &[&str]) -> u64 {
    let rows = rows(table).unwrap_or_default();
    let values = rows.iter().flat_map(|row| columns.iter().filter_map(|column| row.fact(column).ok()));
    values.filter_map(|value| u64::try_from(value).ok()).sum()
}

/// What is in the folders that a program may write to.
fn file_systems() -> u64 {
    let root = Path::new(tree::ROOT);
    let folders =
        tree::WRITABLE.into_iter().map(|folder| root.join(folder)).chain([PathBuf::from("/dev/shm")]);
    folders
        .filter_map(|folder| statvfs(&folder).ok())
        .map(|stat| (stat.blocks() - stat.blocks_free()) * stat.fragment_size())
        .sum()
}
