//! The open files of a process: the descriptors of each of its threads, and descriptors in flight, which were
//! sent through one of its sockets and not received yet.

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use std::fs;
use std::io::IoSliceMut;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// An open descriptor, or one in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    fd: RawFd,
    /// The target of its link in /proc. A queue looks like a file in the root directory.
    pub(super) target: String,
    pub(super) dev: u64,
    pub(super) ino: u64,
    mode: u32,
}

impl Open {
    /// Reads the descriptor that this link in /proc belongs to.
    fn at(link: &Path) -> Option<Self> {
        let meta = fs::metadata(link).ok()?;
        let target = fs::read_link(link).ok()?.to_string_lossy().into_owned();
        let fd = link.file_name()?.to_str()?.parse().ok()?;
        Some(Open { fd, target, dev: meta.dev(), ino: meta.ino(), mode: meta.mode() })
    }

    fn is(&self, kind: libc::mode_t) -> bool {
        self.mode & libc::S_IFMT == kind
    }

    /// Whether it is a descriptor of a queue.
    pub(super) fn is_queue(&self) -> bool {
        self.is(libc::S_IFREG) && fs::metadata("/dev/mqueue").map(|meta| meta.dev()).ok() == Some(self.dev)
    }
}

/// Returns everything that a process keeps open.
pub(super) fn all_of(pid: i32) -> Vec<Open> {
    // Threads share one table of descriptors, unless one has called unshare(CLONE_FILES).
    let mut tables: Vec<Vec<Open>> = Vec::new();
    let mut in_flight = Vec::new();
    for task in entries(&format!("/proc/{pid}/task")) {
        let table: Vec<Open> =
            entries(&task.join("fd").to_string_lossy()).filter_map(|link| Open::at(&link)).collect();
        if !tables.contains(&table) {
            for socket in table.iter().filter(|open| open.is(libc::S_IFSOCK)) {
                let scm_fds = format!("fdinfo/{}", socket.fd);
                let waiting = fs::read_to_string(task.join(scm_fds)).unwrap_or_default();
                if !waiting.lines().any(|line| line.replace(['\t', ' '], "") == "scm_fds:0")
                    && let Ok(socket) = copy(pid, &task, socket.fd)
                {
                    add_in_flight(&socket, &mut in_flight);
                }
            }
            tables.push(table);
        }
    }
    tables.into_iter().flatten().chain(in_flight).collect()
}

fn entries(folder: &str) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

/// Duplicates a descriptor of that thread into this process.
#[allow(unsafe_code)]
fn copy(pid: i32, task: &Path, fd: RawFd) -> Result<OwnedFd, Errno> {
    let tid = task.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(pid);
    // Every kernel with pidfd_getfd can open the first thread; another thread needs PIDFD_THREAD.
    let flags = if tid == pid { 0 } else { libc::PIDFD_THREAD };
    // SAFETY: both calls take numbers and return new descriptors.
    unsafe {
        let pidfd = Errno::result(libc::syscall(libc::SYS_pidfd_open, tid, flags))?;
        let pidfd = OwnedFd::from_raw_fd(i32::try_from(pidfd).unwrap_or(-1));
        let copied = Errno::result(libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0))?;
        Ok(OwnedFd::from_raw_fd(i32::try_from(copied).unwrap_or(-1)))
    }
}

/// Adds the descriptors in flight in this socket, and in sockets among those. They remain in flight
/// afterwards.
#[allow(unsafe_code)]
fn add_in_flight(socket: &OwnedFd, found: &mut Vec<Open>) {
    let from = |at: libc::c_int| {
        // SAFETY: the option is one int.
        unsafe {
            let size = libc::socklen_t::try_from(size_of_val(&at)).unwrap_or(0);
            let fd = socket.as_raw_fd();
            libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_PEEK_OFF, (&raw const at).cast(), size) == 0
        }
    };
    // With this option each peek starts where the last one ended.
    if !from(0) {
        return;
    }
    while let Some(descriptors) = peek(socket) {
        for descriptor in descriptors {
            let link = PathBuf::from(format!("/proc/self/fd/{}", descriptor.as_raw_fd()));
            let Some(open) = Open::at(&link) else { continue };
            let is_known = found.iter().any(|known| (known.dev, known.ino) == (open.dev, open.ino));
            let is_new_socket = open.is(libc::S_IFSOCK) && !is_known;
            found.push(open);
            if is_new_socket {
                add_in_flight(&descriptor, found);
            }
        }
    }
    from(-1);
}

/// Returns the descriptors that come with the next data in the socket, perhaps none. Returns
/// `None` if the socket has nothing left to read.
#[allow(unsafe_code)]
fn peek(socket: &OwnedFd) -> Option<Vec<OwnedFd>> {
    /// Larger than any message: a message that is peeked in two parts would count its descriptors twice.
    const LONGEST: usize = 1 << 20;
    const MOST_DESCRIPTORS: usize = 253; // SCM_MAX_FD
    let mut bytes = vec![0; LONGEST];
    let mut control = nix::cmsg_space!([RawFd; MOST_DESCRIPTORS]);
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
    let mut buffers = [IoSliceMut::new(&mut bytes)];
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut buffers, Some(&mut control), flags).ok()?;
    let mut descriptors = Vec::new();
    for control in message.cmsgs().ok()? {
        if let ControlMessageOwned::ScmRights(fds) = control {
            // SAFETY: each descriptor was just created for this process.
            descriptors.extend(fds.into_iter().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }));
        }
    }
    (message.bytes > 0 || !descriptors.is_empty()).then_some(descriptors)
}
