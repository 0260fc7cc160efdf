//! Finds who holds an object: the descriptors and mappings that refer to its inode,
//! in each process that this process may look into.

use super::maps::MapsLine;
use super::object::{Inode, Kind};
use super::processes::{command_of, is_kernel_thread_or_gone, processes, text_of};
use super::unseen::Unseen;
use crate::call::Errno;
use std::ffi::CStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

/// A descriptor that refers to the object.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// The process that has it.
    pub pid: i32,
    /// Its number in that process.
    pub fd: i32,
    /// The number of its open file description: two descriptors with the same number share
    /// one. `None` if the kernel did not tell.
    pub description: Option<usize>,
}

/// A mapping of the object.
#[derive(Clone, Debug)]
pub struct HeldMapping {
    /// The process that has it.
    pub pid: i32,
    /// The address at which it begins.
    pub address: u64,
}

/// All holders of one object.
#[derive(Clone, Debug)]
pub struct Holders {
    /// Every descriptor found.
    pub descriptors: Vec<Descriptor>,
    /// Every mapping found.
    pub mappings: Vec<HeldMapping>,
    /// Whether objects of this kind can be mapped.
    pub mappable: bool,
    /// How many processes could not be looked into.
    pub invisible: usize,
    /// The names of the holders' programs, by pid.
    commands: Vec<(i32, String)>,
    /// Why open file descriptions could not be told apart.
    refused: Option<Unseen>,
    /// Why the search stopped early. The counts are then meaningless.
    blind: Option<Unseen>,
}

impl Holders {
    /// Looks into each process, and returns the holders of the object.
    #[must_use]
    pub fn of(inode: Inode) -> Self {
        let mappable = inode.kind != Kind::Queue;
        let mut holders = Holders {
            descriptors: Vec::new(),
            mappings: Vec::new(),
            mappable,
            invisible: 0,
            commands: Vec::new(),
            refused: None,
            blind: None,
        };
        let seen =
            processes().and_then(|pids| pids.into_iter().try_for_each(|pid| holders.look_into(pid, inode)));
        holders.blind = seen.err();
        holders.number_descriptions();
        holders.commands = holders.pids().filter_map(|pid| Some((pid, command_of(pid)?))).collect();
        holders
    }

    fn look_into(&mut self, pid: i32, inode: Inode) -> Result<(), Unseen> {
        let Some(files) = files_of(pid)? else {
            // Neither a kernel thread nor a process that has ended holds an object.
            self.invisible += usize::from(!is_kernel_thread_or_gone(pid));
            return Ok(());
        };
        let ours = files.into_iter().filter(|file| file.ino == inode.ino && file.dev == inode.dev);
        self.descriptors.extend(ours.map(|file| Descriptor { pid, fd: file.fd, description: None }));
        if self.mappable {
            let file = format!("/proc/{pid}/maps");
            let maps = match text_of(&file) {
                Err(error) if is_gone_or_not_ours(&error) => return Ok(()),
                maps => maps.map_err(|error| Unseen::io(&file, &error))?,
            };
            let lines = maps.lines().filter_map(MapsLine::parse);
            let ours = lines.filter(|line| line.ino == inode.ino && line.dev == inode.dev);
            self.mappings.extend(ours.map(|line| HeldMapping { pid, address: line.start as u64 }));
        }
        Ok(())
    }

    /// Returns the processes that hold the object, once for each descriptor and mapping.
    pub fn pids(&self) -> impl Iterator<Item = i32> {
        let descriptors = self.descriptors.iter().map(|held| held.pid);
        descriptors.chain(self.mappings.iter().map(|held| held.pid))
    }

    /// Returns the name of the program that the holder `pid` runs.
    #[must_use]
    pub fn command_of(&self, pid: i32) -> Option<&str> {
        self.commands.iter().find(|(holder, _)| *holder == pid).map(|(_, command)| command.as_str())
    }

    /// Returns `Ok` if the search has reached each process that may be looked into, and otherwise why not.
    pub fn looked_everywhere(&self) -> Result<(), Unseen> {
        self.blind.clone().map_or(Ok(()), Err)
    }

    /// Returns how many open file descriptions the descriptors refer to.
    pub fn descriptions(&self) -> Result<usize, Unseen> {
        self.looked_everywhere()?;
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

    /// Numbers the open file descriptions. `kcmp(2)` tells whether two descriptors share one.
    fn number_descriptions(&mut self) {
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

/// Returns whether two descriptors, each given as (pid, fd), share an open file description.
fn same_description(a: (i32, i32), b: (i32, i32)) -> Result<bool, Errno> {
    // KCMP_FILE, from <linux/kcmp.h>; libc has no name for it.
    const KCMP_FILE: i32 = 0;
    // SAFETY: kcmp reads five integers and writes nothing.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, a.0, b.0, KCMP_FILE, a.1, b.1) };
    Errno::result(order).map(|order| order == 0)
}

/// Returns whether the error means that a process or descriptor no longer exists, or that this user may not
/// look at it. Other errors are problems of this process, such as no free descriptor.
fn is_gone_or_not_ours(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH | libc::EACCES | libc::EPERM))
}

/// An open file of some process.
struct OpenFile {
    fd: i32,
    dev: u64,
    ino: u64,
}

/// Returns the open files of a process; `None` if it has ended, or if this user may not look into it.
fn files_of(pid: i32) -> Result<Option<Vec<OpenFile>>, Unseen> {
    let folder = format!("/proc/{pid}/fd");
    let entries = match fs::read_dir(&folder) {
        Err(error) if is_gone_or_not_ours(&error) => return Ok(None),
        entries => entries.map_err(|error| Unseen::io(&folder, &error))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        // The link leads to the inode itself, even if the inode has no name any more.
        match entry.and_then(|entry| Ok((entry.file_name(), fs::metadata(entry.path())?))) {
            Ok((name, meta)) => {
                let fd = name.to_str().and_then(|name| name.parse().ok()).unwrap_or(-1);
                files.push(OpenFile { fd, dev: meta.dev(), ino: meta.ino() });
            }
            // For some processes root may list the descriptors, but not follow the links.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
            // It was closed in the meantime.
            Err(error) if is_gone_or_not_ours(&error) => {}
            Err(error) => return Err(Unseen::io(&folder, &error)),
        }
    }
    Ok(Some(files))
}

/// Returns whether a process has a queue open whose link in /proc shows this name. The queue's inode
/// is not known. If /proc cannot be read, the answer is true.
#[must_use]
pub fn queue_is_held(name: &CStr) -> bool {
    let Ok(pids) = processes() else { return true };
    let root = fs::metadata("/").map(|meta| meta.dev());
    pids.into_iter().any(|pid| {
        files_of(pid).map_or(true, |files| {
            files.into_iter().flatten().any(|file| {
                // The link of a queue shows its name, like a file in the root directory.
                let link = fs::read_link(format!("/proc/{pid}/fd/{}", file.fd));
                link.is_ok_and(|link| link.as_os_str().as_bytes() == name.to_bytes())
                    && root.as_ref().is_ok_and(|root| *root != file.dev)
            })
        })
    })
}
