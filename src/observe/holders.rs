//! Who holds an object: the descriptors and mappings that lead to its inode,
//! in every process that may be looked into.

use super::{Inode, Kind, Unseen};
use crate::call::Errno;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// A descriptor that leads to the object.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Whose.
    pub pid: i32,
    /// Its number there.
    pub fd: i32,
    /// Which open file description it reaches: equal numbers are one and the
    /// same. `None` if the kernel would not tell.
    pub description: Option<usize>,
}

/// A mapping of the object.
#[derive(Clone, Debug)]
pub struct HeldMapping {
    /// Whose.
    pub pid: i32,
    /// Where it begins.
    pub address: u64,
}

/// All who hold one object.
#[derive(Clone, Debug)]
pub struct Holders {
    /// Every descriptor found.
    pub descriptors: Vec<Descriptor>,
    /// Every mapping found.
    pub mappings: Vec<HeldMapping>,
    /// Whether this kind of object can be mapped at all.
    pub mappable: bool,
    /// How many processes of other users could not be looked into.
    pub invisible: usize,
    /// Why descriptions could not be told apart.
    refused: Option<Unseen>,
}

impl Holders {
    /// Looks into every process.
    #[must_use]
    pub fn of(inode: Inode) -> Self {
        let mappable = inode.kind != Kind::Queue;
        let mut holders =
            Holders { descriptors: Vec::new(), mappings: Vec::new(), mappable, invisible: 0, refused: None };
        for pid in processes() {
            let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
                // Gone meanwhile, or another user's; kernel threads hold nothing.
                if !is_kernel_thread(pid) {
                    holders.invisible += 1;
                }
                continue;
            };
            for entry in entries.filter_map(Result::ok) {
                // The link leads to the very inode, also when its name is gone.
                let Ok(meta) = fs::metadata(entry.path()) else { continue };
                if meta.ino() == inode.ino && meta.dev() == inode.dev {
                    let fd = entry.file_name().to_str().and_then(|name| name.parse().ok()).unwrap_or(-1);
                    holders.descriptors.push(Descriptor { pid, fd, description: None });
                }
            }
            if mappable {
                let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
                let lines = maps.lines().filter_map(MapsLine::parse);
                let ours = lines.filter(|line| line.ino == inode.ino && line.dev == inode.dev);
                holders.mappings.extend(ours.map(|line| HeldMapping { pid, address: line.start as u64 }));
            }
        }
        holders.tell_descriptions_apart();
        holders
    }

    /// How many open file descriptions the descriptors reach.
    pub fn descriptions(&self) -> Result<usize, Unseen> {
        match &self.refused {
            Some(unseen) => Err(unseen.clone()),
            None => Ok(self
                .descriptors
                .iter()
                .filter_map(|held| held.description)
                .max()
                .map_or(0, |last| last + 1)),
        }
    }

    /// Numbers the descriptions: `kcmp(2)` says whether two descriptors share one.
    fn tell_descriptions_apart(&mut self) {
        let mut known: Vec<(i32, i32)> = Vec::new();
        for held in &mut self.descriptors {
            let mut number = None;
            for (n, first) in known.iter().enumerate() {
                match same_description(*first, (held.pid, held.fd)) {
                    Ok(true) => number = Some(n),
                    Ok(false) => {}
                    Err(errno) => {
                        self.refused = Some(Unseen(format!("kcmp: {errno:?}")));
                        return;
                    }
                }
            }
            if number.is_none() {
                known.push((held.pid, held.fd));
            }
            held.description = number.or(Some(known.len() - 1));
        }
    }
}

/// Whether two descriptors, each a (pid, fd), are of one open file description.
fn same_description(a: (i32, i32), b: (i32, i32)) -> Result<bool, Errno> {
    // KCMP_FILE, from <linux/kcmp.h>; libc has no name for it.
    const KCMP_FILE: i32 = 0;
    // SAFETY: kcmp reads five integers and writes nothing.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, a.0, b.0, KCMP_FILE, a.1, b.1) };
    Errno::result(order).map(|order| order == 0)
}

/// The ids of all processes that /proc lists.
fn processes() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Whether `pid` is a kernel thread, or no more.
fn is_kernel_thread(pid: i32) -> bool {
    // PF_KTHREAD, from the kernel's <linux/sched.h>; the flags are field 9, and
    // the name in field 2 may itself hold spaces and brackets.
    const PF_KTHREAD: u64 = 0x0020_0000;
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return true };
    let flags = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.split_whitespace().nth(6))
        .and_then(|n| n.parse::<u64>().ok());
    flags.is_some_and(|flags| flags & PF_KTHREAD != 0)
}

/// The name of the program that `pid` runs.
#[must_use]
pub fn command_of(pid: i32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_string())
}

/// The fields of a line of /proc/PID/maps that lead to a file.
pub(super) struct MapsLine {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) dev: u64,
    pub(super) ino: u64,
}

impl MapsLine {
    /// `7fe07ca00000-7fe07ca01000 rw-s 00000000 00:1b 2    /dev/shm/sem.x`
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let (major, minor) = fields.nth(2)?.split_once(':')?;
        let ino = fields.next()?.parse().ok()?;
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        Some(MapsLine {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            dev: libc::makedev(hex(major)?, hex(minor)?),
            ino,
        })
    }
}
