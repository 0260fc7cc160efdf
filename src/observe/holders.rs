//! Who holds an object: the descriptors and mappings that lead to its inode,
//! in every process that may be looked into.

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
    /// How many processes could not be looked into.
    pub invisible: usize,
    /// The names of the programs that the holders run, by pid.
    commands: Vec<(i32, String)>,
    /// Why descriptions could not be distinguished.
    refused: Option<Unseen>,
    /// Why not all was looked at: then a count of what was found says nothing.
    blind: Option<Unseen>,
}

impl Holders {
    /// Looks into every process.
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
            // Kernel threads hold nothing, and what is gone holds nothing any more.
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

    /// The processes that hold it, once for each descriptor and mapping.
    pub fn pids(&self) -> impl Iterator<Item = i32> {
        let descriptors = self.descriptors.iter().map(|held| held.pid);
        descriptors.chain(self.mappings.iter().map(|held| held.pid))
    }

    /// The name of the program that the holder `pid` runs.
    #[must_use]
    pub fn command_of(&self, pid: i32) -> Option<&str> {
        self.commands.iter().find(|(holder, _)| *holder == pid).map(|(_, command)| command.as_str())
    }

    /// Nothing, if every process that may be looked into was; else why not.
    pub fn looked_everywhere(&self) -> Result<(), Unseen> {
        self.blind.clone().map_or(Ok(()), Err)
    }

    /// How many open file descriptions the descriptors reach.
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

    /// Numbers the descriptions: `kcmp(2)` says whether two descriptors share one.
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

/// Whether two descriptors, each a (pid, fd), are of one open file description.
fn same_description(a: (i32, i32), b: (i32, i32)) -> Result<bool, Errno> {
    // KCMP_FILE, from <linux/kcmp.h>; libc has no name for it.
    const KCMP_FILE: i32 = 0;
    // SAFETY: kcmp reads five integers and writes nothing.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, a.0, b.0, KCMP_FILE, a.1, b.1) };
    Errno::result(order).map(|order| order == 0)
}

/// Whether a process or descriptor has ended meanwhile, or is another user's.
/// Any other error is a fault here, such as too few descriptors to look with.
fn is_gone_or_not_ours(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH | libc::EACCES | libc::EPERM))
}

/// An open file of some process.
struct OpenFile {
    fd: i32,
    dev: u64,
    ino: u64,
}

/// The open files of a process; `None` if it is gone, or may not be looked into.
fn files_of(pid: i32) -> Result<Option<Vec<OpenFile>>, Unseen> {
    let folder = format!("/proc/{pid}/fd");
    let entries = match fs::read_dir(&folder) {
        Err(error) if is_gone_or_not_ours(&error) => return Ok(None),
        entries => entries.map_err(|error| Unseen::io(&folder, &error))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        // The link leads to the very inode, also when its name is gone.
        match entry.and_then(|entry| Ok((entry.file_name(), fs::metadata(entry.path())?))) {
            Ok((name, meta)) => {
                let fd = name.to_str().and_then(|name| name.parse().ok()).unwrap_or(-1);
                files.push(OpenFile { fd, dev: meta.dev(), ino: meta.ino() });
            }
            // Some processes let root list their descriptors, but not follow them.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
            // Closed meanwhile.
            Err(error) if is_gone_or_not_ours(&error) => {}
            Err(error) => return Err(Unseen::io(&folder, &error)),
        }
    }
    Ok(Some(files))
}

/// Whether a process that may be looked into has a queue of this name open, of
/// which nothing else is known. In doubt it has.
#[must_use]
pub fn queue_is_held(name: &CStr) -> bool {
    let Ok(pids) = processes() else { return true };
    let root = fs::metadata("/").map(|meta| meta.dev());
    pids.into_iter().any(|pid| {
        files_of(pid).map_or(true, |files| {
            files.into_iter().flatten().any(|file| {
                // The link of a queue is its name, as if it lay in the root directory.
                let link = fs::read_link(format!("/proc/{pid}/fd/{}", file.fd));
                link.is_ok_and(|link| link.as_os_str().as_bytes() == name.to_bytes())
                    && root.as_ref().is_ok_and(|root| *root != file.dev)
            })
        })
    })
}
