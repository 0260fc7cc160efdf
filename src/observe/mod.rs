//! What the kernel shows of an object: its inode, its names, its state, and
//! who holds it. This module only looks; it changes nothing.
//!
//! POSIX IPC objects are files of two file systems, mqueue and tmpfs, so
//! `fstat(2)` and /proc answer for all three kinds. Where something cannot be
//! seen, the answer is [`Unseen`] with the reason, never a guess.
#![allow(unsafe_code)]

mod blocked;
mod holders;
mod limits;
mod one_key;
pub mod sysvipc;

pub use blocked::wait_until_blocked_in;
pub use holders::{
    Descriptor, HeldMapping, Holders, command_of, is_alive, is_exiting, queue_is_held, queues_of_others,
};
pub use limits::limit;
pub use one_key::two_files_of_one_key;

use crate::call::{Errno, unreported};
use crate::mman::Mapping;
use crate::mqueue::{Mqd, mq_getattr};
use crate::semaphore::{Sem, sem_getvalue};
use nix::sys::stat::{FileStat, fstat, lstat};
use std::ffi::CStr;
use std::fmt;
use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Why something could not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen(pub String);

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Unseen {
    /// `fstat: EBADF`.
    fn because(call: &str, errno: Errno) -> Self {
        Unseen(format!("{call}: {errno:?}"))
    }

    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        let reason =
            error.raw_os_error().map_or_else(|| error.to_string(), |n| format!("{:?}", Errno::from_raw(n)));
        Unseen(format!("{what}: {reason}"))
    }
}

/// The three kinds of POSIX IPC object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message queue.
    Queue,
    /// A named semaphore.
    Semaphore,
    /// A shared memory object.
    SharedMemory,
}

impl Kind {
    /// All three.
    pub const ALL: [Kind; 3] = [Kind::Queue, Kind::Semaphore, Kind::SharedMemory];

    /// What people call it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Semaphore => "semaphore",
            Kind::SharedMemory => "shared memory object",
        }
    }

    /// As a word: for flags and claims.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Semaphore => "semaphore",
            Kind::SharedMemory => "shared-memory",
        }
    }

    /// The file that this kind of object has under `name`, as glibc lays it out.
    #[must_use]
    pub fn path(self, name: &CStr) -> PathBuf {
        let name = std::ffi::OsStr::from_bytes(
            name.to_bytes().trim_ascii_start().strip_prefix(b"/").unwrap_or(name.to_bytes()),
        );
        match self {
            Kind::Queue => Path::new("/dev/mqueue").join(name),
            Kind::SharedMemory => Path::new("/dev/shm").join(name),
            Kind::Semaphore => {
                let mut file = std::ffi::OsString::from("sem.");
                file.push(name);
                Path::new("/dev/shm").join(file)
            }
        }
    }
}

/// A number under the kernel's own name for it, or why it was not seen.
pub type Fact = (&'static str, Result<i64, Unseen>);

/// One object, whatever its names: the file system and the inode in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inode {
    /// What it is.
    pub kind: Kind,
    /// `st_dev`.
    pub dev: u64,
    /// `st_ino`.
    pub ino: u64,
}

impl Inode {
    fn of(kind: Kind, stat: &FileStat) -> Self {
        Inode { kind, dev: stat.st_dev, ino: stat.st_ino }
    }
}

/// What the kernel showed of one object at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Which object it is.
    pub inode: Inode,
    /// Facts under the kernel's own names.
    pub facts: Vec<Fact>,
    /// Who holds it.
    pub holders: Holders,
}

impl Snapshot {
    fn new(inode: Inode) -> Self {
        let ino = i64::try_from(inode.ino).unwrap_or(i64::MAX);
        Snapshot { inode, facts: vec![("st_ino", Ok(ino))], holders: Holders::of(inode) }
    }

    fn with(mut self, name: &'static str, value: Result<i64, Unseen>) -> Self {
        self.facts.push((name, value));
        self
    }

    /// The fact of that name.
    pub fn fact(&self, name: &str) -> Result<i64, Unseen> {
        let missing = || Err(Unseen(format!("a {} shows no {name}", self.inode.kind.noun())));
        self.facts.iter().find(|(known, _)| *known == name).map_or_else(missing, |(_, value)| value.clone())
    }

    /// How many names lead to it.
    pub fn st_nlink(&self) -> Result<i64, Unseen> {
        self.fact("st_nlink")
    }

    /// How many open file descriptions were found in /proc, of all processes
    /// that could be looked into.
    pub fn descriptions(&self) -> Result<usize, Unseen> {
        self.holders.descriptions()
    }

    /// How many descriptors were found.
    pub fn descriptors(&self) -> Result<usize, Unseen> {
        self.holders.looked_everywhere().map(|()| self.holders.descriptors.len())
    }

    /// How many mappings were found.
    pub fn mappings(&self) -> Result<usize, Unseen> {
        self.holders.looked_everywhere().map(|()| self.holders.mappings.len())
    }
}

/// Something the kernel can be asked about.
pub trait Observe {
    /// What the kernel shows of it now.
    fn snapshot(&self) -> Result<Snapshot, Unseen>;
}

impl<T: Observe + ?Sized> Observe for &T {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        (*self).snapshot()
    }
}

impl Observe for Mqd {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let stat = fstat(self).map_err(|errno| Unseen::because("fstat", errno))?;
        let attr = unreported(|| mq_getattr(self)).map_err(|errno| Unseen::because("mq_getattr", errno));
        let status = status_line(self);
        let field = |name| status.as_ref().map_err(Clone::clone).and_then(|line| status_field(line, name));
        Ok(Snapshot::new(Inode::of(Kind::Queue, &stat))
            .with("st_nlink", Ok(signed(stat.st_nlink)))
            .with("mq_curmsgs", attr.map(|attr| attr.mq_curmsgs))
            .with("QSIZE", field("QSIZE"))
            .with("NOTIFY_PID", field("NOTIFY_PID")))
    }
}

/// What `read(2)` on a queue descriptor gives: not a message, but a line on its state.
fn status_line(mq: &Mqd) -> Result<String, Unseen> {
    let mut line = [0; 256];
    // pread leaves the descriptor's offset where it was, at the start of the line.
    let n = nix::sys::uio::pread(mq, &mut line, 0).map_err(|errno| match errno {
        Errno::EBADF => Unseen("the descriptor is not open for reading".into()),
        errno => Unseen::because("read", errno),
    })?;
    Ok(String::from_utf8_lossy(&line[..n]).into_owned())
}

/// `QSIZE:5          NOTIFY:0     …` has the fields by name.
fn status_field(line: &str, name: &str) -> Result<i64, Unseen> {
    let mut fields = line.split_whitespace().filter_map(|field| field.split_once(':'));
    let value = fields.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok());
    value.ok_or_else(|| Unseen(format!("the status line has no {name}")))
}

impl Observe for OwnedFd {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let stat = fstat(self).map_err(|errno| Unseen::because("fstat", errno))?;
        Ok(memory(&stat))
    }
}

impl Observe for Mapping {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let (inode, stat) = mapped_at(Kind::SharedMemory, self.address())?;
        Ok(match stat {
            Ok(stat) => memory(&stat),
            Err(unseen) => Snapshot::new(inode).with("st_nlink", names_of(inode, unseen)),
        })
    }
}

fn memory(stat: &FileStat) -> Snapshot {
    Snapshot::new(Inode::of(Kind::SharedMemory, stat))
        .with("st_nlink", Ok(signed(stat.st_nlink)))
        .with("st_size", Ok(stat.st_size))
        .with("st_blocks", Ok(stat.st_blocks))
}

impl Observe for Sem {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let (inode, stat) = mapped_at(Kind::Semaphore, self.as_ptr() as usize)?;
        let links = match stat {
            Ok(stat) => Ok(signed(stat.st_nlink)),
            Err(unseen) => names_of(inode, unseen),
        };
        let value = unreported(|| sem_getvalue(self)).map_err(|errno| Unseen::because("sem_getvalue", errno));
        Ok(Snapshot::new(inode).with("st_nlink", links).with("value", value.map(i64::from)))
    }
}

/// An object that this process no longer holds can still be looked for by its inode.
impl Observe for Inode {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        Ok(Snapshot::new(*self))
    }
}

/// The object mapped at `address` of this process: its inode from
/// /proc/self/maps, and its stat through /proc/self/map_files, which only
/// `CAP_CHECKPOINT_RESTORE` may follow.
fn mapped_at(kind: Kind, address: usize) -> Result<(Inode, Result<FileStat, Unseen>), Unseen> {
    let maps =
        fs::read_to_string("/proc/self/maps").map_err(|error| Unseen::io("/proc/self/maps", &error))?;
    let line = maps.lines().filter_map(holders::MapsLine::parse).find(|line| line.start == address);
    let line = line.ok_or_else(|| Unseen(format!("nothing is mapped at {address:#x}")))?;
    let inode = Inode { kind, dev: line.dev, ino: line.ino };
    let file = format!("/proc/self/map_files/{:x}-{:x}", line.start, line.end);
    let stat = nix::sys::stat::stat(file.as_str())
        .map_err(|errno| Unseen::because("stat of /proc/self/map_files", errno));
    Ok((inode, stat))
}

/// The path that /proc/self/maps shows for a semaphore.
pub fn mapped_path(sem: &Sem) -> Result<String, Unseen> {
    maps_entry(sem.as_ptr() as usize).map(|(_, path)| path)
}

/// The inode and the path that /proc/self/maps shows for what is mapped at the address.
pub fn maps_entry(address: usize) -> Result<(i64, String), Unseen> {
    let maps =
        fs::read_to_string("/proc/self/maps").map_err(|error| Unseen::io("/proc/self/maps", &error))?;
    let line = maps.lines().find(|line| line.starts_with(&format!("{address:x}-")));
    let entry = line.and_then(|line| {
        let path = line[line.find('/')?..].to_string();
        Some((signed(holders::MapsLine::parse(line)?.ino), path))
    });
    entry.ok_or_else(|| Unseen(format!("/proc/self/maps shows no file at {address:#x}")))
}

/// The link count of an inode of /dev/shm, found by looking at every name there.
fn names_of(inode: Inode, unseen: Unseen) -> Result<i64, Unseen> {
    let mut links = 0;
    for entry in fs::read_dir("/dev/shm").map_err(|_| unseen)? {
        match entry.and_then(|entry| fs::symlink_metadata(entry.path())) {
            Ok(meta) if meta.dev() == inode.dev && meta.ino() == inode.ino => links = signed(meta.nlink()),
            Ok(_) => {}
            // Another's, and gone meanwhile.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {}
            Err(error) => return Err(Unseen::io("/dev/shm", &error)),
        }
    }
    Ok(links)
}

/// The permission bits of an open object, as `ls` and the manual write them: `0600`.
pub fn st_mode(object: impl std::os::fd::AsFd) -> Result<String, Unseen> {
    let stat = fstat(object).map_err(|errno| Unseen::because("fstat", errno))?;
    Ok(format!("{:04o}", stat.st_mode & 0o7777))
}

/// The file name of the library that holds a C function, `libc.so.6` for
/// instance; `none` if no library of this program does.
pub fn library_of(function: &CStr) -> Result<String, Unseen> {
    // SAFETY: dlsym reads a name that ends in a NUL; nothing is called through what it finds.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, function.as_ptr()) };
    if address.is_null() {
        return Ok("none".into());
    }
    // SAFETY: Dl_info is pointers and numbers, for which zero is a value.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: dladdr compares the address with what is loaded, and fills `info`.
    let found = unsafe { libc::dladdr(address, &raw mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return Err(Unseen("dladdr knows no library at the function's address".into()));
    }
    // SAFETY: the loader keeps the name, which ends in a NUL, while the library is loaded.
    let path = unsafe { CStr::from_ptr(info.dli_fname) }.to_string_lossy();
    Ok(path.rsplit('/').next().unwrap_or(&path).to_string())
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// An object found under a name.
#[derive(Debug)]
pub struct Found {
    /// Which object it is.
    pub inode: Inode,
    /// Its owner.
    pub uid: u32,
}

/// The object of that kind and name, if there is one.
pub fn find(kind: Kind, name: &CStr) -> Result<Option<Found>, Errno> {
    let stat = match kind {
        // /dev/mqueue may not be mounted, or show another namespace; the name
        // itself leads to the right one.
        Kind::Queue => {
            // SAFETY: `name` ends in a NUL.
            let fd = unsafe { libc::mq_open(name.as_ptr(), libc::O_RDONLY | libc::O_NONBLOCK) };
            Errno::result(fd).and_then(|fd| {
                // SAFETY: the call has just made this descriptor.
                let fd = unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) };
                fstat(&fd)
            })
        }
        _ => lstat(&kind.path(name)),
    };
    match stat {
        Ok(stat) => Ok(Some(Found { inode: Inode::of(kind, &stat), uid: stat.st_uid })),
        Err(Errno::ENOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// The bytes in use on /dev/shm, as `statvfs(3)` counts them.
pub fn shm_used() -> Result<i64, Unseen> {
    let stat = nix::sys::statvfs::statvfs("/dev/shm")
        .map_err(|errno| Unseen::because("statvfs(/dev/shm)", errno))?;
    Ok(signed((stat.blocks() - stat.blocks_free()) * stat.fragment_size()))
}

/// How many descriptors lie in flight in the Unix socket `socket`, as the
/// kernel shows in its fdinfo (`scm_fds`, since Linux 5.7).
pub fn in_flight(socket: &OwnedFd) -> Result<i64, Unseen> {
    let file = format!("/proc/self/fdinfo/{}", socket.as_raw_fd());
    let info = fs::read_to_string(&file).map_err(|error| Unseen::io(&file, &error))?;
    let value =
        info.lines().find_map(|line| line.strip_prefix("scm_fds:")).and_then(|n| n.trim().parse().ok());
    value.ok_or_else(|| Unseen(format!("{file} has no scm_fds")))
}

/// How many queues this IPC namespace may have, `fs.mqueue.queues_max`.
pub fn queues_max() -> Result<u32, Unseen> {
    limit("fs/mqueue/queues_max")?.parse().map_err(|_| Unseen("fs/mqueue/queues_max holds no number".into()))
}

/// Whether file systems of that type keep their bytes on no device, `nodev`, as
/// the kernel lists them.
pub fn is_without_device(system: &str) -> Result<bool, Unseen> {
    let list =
        fs::read_to_string("/proc/filesystems").map_err(|error| Unseen::io("/proc/filesystems", &error))?;
    let mut types = list.lines().filter_map(|line| line.split_once('\t'));
    let found = types.find(|(_, name)| *name == system).map(|(nodev, _)| nodev == "nodev");
    found.ok_or_else(|| Unseen(format!("/proc/filesystems has no {system}")))
}

/// Whether files on the file system at `path` may be executed at all.
pub fn may_execute_from(path: &str) -> Result<(), Unseen> {
    let stat = nix::sys::statvfs::statvfs(path)
        .map_err(|errno| Unseen::because(&format!("statvfs({path})"), errno))?;
    if stat.flags().contains(nix::sys::statvfs::FsFlags::ST_NOEXEC) {
        return Err(Unseen(format!("{path} is mounted noexec")));
    }
    Ok(())
}

/// Whether capabilities of this process's user namespace reach its IPC namespace,
/// which may belong to a user namespace above.
pub fn reaches_ipc_namespace() -> Result<(), Unseen> {
    const NS_GET_USERNS: libc::c_ulong = 0xb701; // <linux/nsfs.h>
    let open = |file: &str| fs::File::open(file).map_err(|error| Unseen::io(file, &error));
    let (ipc, user) = (open("/proc/self/ns/ipc")?, open("/proc/self/ns/user")?);
    // SAFETY: the request takes no argument.
    let owner = Errno::result(unsafe { libc::ioctl(ipc.as_raw_fd(), NS_GET_USERNS) }).map(|fd| {
        // SAFETY: the call has just made this descriptor.
        fs::File::from(unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) })
    });
    let inode = |file: &fs::File| file.metadata().map(|meta| meta.ino()).ok();
    match owner {
        Ok(owner) if inode(&owner) == inode(&user) => Ok(()),
        Ok(_) | Err(Errno::EPERM) => {
            Err(Unseen("it takes root's capabilities, and they do not reach this IPC namespace".into()))
        }
        Err(errno) => Err(Unseen::because("ioctl(NS_GET_USERNS)", errno)),
    }
}

impl Snapshot {
    /// What to type in another terminal to see the same. /proc/PID/root leads
    /// into a private namespace too.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        match (self.holders.descriptors.first(), self.holders.mappings.first()) {
            // To open the descriptor's link is to open the queue, and its mode is asked.
            (Some(held), _) if self.inode.kind == Kind::Queue => {
                let link = format!("/proc/{}/fd/{}", held.pid, held.fd);
                let readable = nix::unistd::access(link.as_str(), nix::unistd::AccessFlags::R_OK).is_ok();
                Some(format!("{} {link}", if readable { "cat" } else { "stat -L" }))
            }
            (Some(held), _) => Some(format!("stat -L /proc/{}/fd/{}", held.pid, held.fd)),
            (None, Some(held)) => Some(format!("grep ' {} ' /proc/{}/maps", self.inode.ino, held.pid)),
            (None, None) => None,
        }
    }
}
