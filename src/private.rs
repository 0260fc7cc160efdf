//! A private IPC namespace: queues, semaphores, shared memory and System V
//! objects of one's own, which vanish with the last process inside.
//!
//! `CLONE_NEWIPC` separates queues and System V objects. POSIX semaphores and
//! shared memory are files in /dev/shm, so a mount namespace and a fresh tmpfs
//! over it separate those. `CLONE_NEWUSER` lets an ordinary user do all this,
//! and gives root, too, an account of its own for `RLIMIT_MSGQUEUE`.
//!
//! Everything in [`Namespace::enter`] may run between fork and exec of a process with
//! several threads, so it allocates nothing: what needs memory is prepared by
//! [`Namespace::new`].
#![allow(unsafe_code)]

use crate::call::{Errno, Result, errno_text};
use crate::capability::capset_none;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid, getegid, geteuid, getpid};
use std::ffi::CStr;
use std::fmt;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Why there is no private namespace: the call that was refused, and its errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The call, such as `unshare(CLONE_NEWUSER)`.
    pub call: &'static str,
    /// Its errno.
    pub errno: Errno,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, errno_text(self.errno))
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for std::io::Error {
    fn from(refused: Refused) -> Self {
        refused.errno.into()
    }
}

/// What becomes of the capabilities that an ordinary user has in a namespace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Capabilities {
    Dropped,
    Kept,
}

/// A private namespace that one process is about to enter.
#[derive(Debug)]
pub struct Namespace {
    uid_map: Vec<u8>,
    gid_map: Vec<u8>,
    root: bool,
    mqueue: bool,
    processes: bool,
    capabilities: Capabilities,
}

impl Namespace {
    /// Prepares a namespace for the user that calls. (The ids have to be read
    /// now: inside, until they are mapped, they read as the overflow uid.)
    #[must_use]
    pub fn new() -> Self {
        Namespace::of(geteuid(), getegid())
    }

    /// Prepares a namespace for a process that will be this user when it enters.
    #[must_use]
    pub fn of(uid: Uid, gid: Gid) -> Self {
        let root = uid.is_root();
        // Root keeps all users it has, so that it can still become another. An
        // ordinary user may map itself alone.
        let map = |file: &str, id: u32| {
            if root { all_ids(file) } else { format!("{id} {id} 1\n").into_bytes() }
        };
        Namespace {
            uid_map: map("/proc/self/uid_map", uid.as_raw()),
            gid_map: map("/proc/self/gid_map", gid.as_raw()),
            root,
            mqueue: true,
            processes: false,
            capabilities: Capabilities::Dropped,
        }
    }

    /// A namespace in which nothing is mounted on /dev/mqueue.
    #[must_use]
    pub fn without_mqueue(mut self) -> Self {
        self.mqueue = false;
        self
    }

    /// A namespace with processes of its own too, and a /proc that shows no others.
    /// The process that enters is a child of the one that calls [`Namespace::enter`],
    /// which waits for it and ends as it did.
    #[must_use]
    pub fn with_own_processes(mut self) -> Self {
        self.processes = true;
        self
    }

    /// A namespace whose first process keeps every capability over what is inside, so
    /// that it can look into each process there, and divide the namespace further.
    #[must_use]
    pub fn with_capabilities(mut self) -> Self {
        self.capabilities = Capabilities::Kept;
        self
    }

    /// Moves the calling process, which must have one thread, into the namespace.
    pub fn enter(&self) -> std::result::Result<(), Refused> {
        self.separate()?;
        mount_private_file_systems(self.mqueue)?;
        if self.processes {
            enter_process_namespace(self.keeps_capabilities())?;
        }
        if !self.keeps_capabilities() {
            // Inside, even an ordinary user would have every capability over
            // what is inside, and no permission check would ever refuse.
            // They are lost at exec; a process that goes on loses them here.
            capset_none().map_err(refused("capset"))?;
        }
        Ok(())
    }

    /// Makes the command enter the namespace before it runs its program. Where the
    /// namespace is refused, the command does not start, and the error says so.
    pub fn before_exec(self, command: &mut Command) {
        // SAFETY: between fork and exec, `enter` makes system calls only and allocates nothing.
        unsafe { command.pre_exec(move || Ok(self.enter()?)) };
    }

    /// Root is to stay what it is.
    fn keeps_capabilities(&self) -> bool {
        self.root || self.capabilities == Capabilities::Kept
    }

    fn separate(&self) -> std::result::Result<(), Refused> {
        let ipc_and_mounts = CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWNS;
        if !self.root {
            // A process that changed its uid is not dumpable, and the files in
            // /proc/self then belong to root.
            nix::sys::prctl::set_dumpable(true).map_err(refused("prctl(PR_SET_DUMPABLE)"))?;
            unshare(CloneFlags::CLONE_NEWUSER | ipc_and_mounts)
                .map_err(refused("unshare(CLONE_NEWUSER|CLONE_NEWIPC|CLONE_NEWNS)"))?;
            // Without this an unprivileged process may not write gid_map.
            put(c"/proc/self/setgroups", b"deny").map_err(refused("write to /proc/self/setgroups"))?;
            put(c"/proc/self/uid_map", &self.uid_map).map_err(refused("write to /proc/self/uid_map"))?;
            return put(c"/proc/self/gid_map", &self.gid_map).map_err(refused("write to /proc/self/gid_map"));
        }
        // More than one uid can be mapped only from outside, so a child stays there to do it.
        let mut ends = [0; 2];
        // SAFETY: `ends` has namespace for the two descriptors.
        Errno::result(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })
            .map_err(refused("pipe2"))?;
        let inside = getpid().as_raw();
        // SAFETY: the child makes system calls only, and leaves by _exit.
        let mapper = Errno::result(unsafe { libc::fork() }).map_err(refused("fork"))?;
        if mapper == 0 {
            let mut go = [0u8];
            // SAFETY: `go` has namespace for the one byte; the descriptors are this child's own copies.
            unsafe {
                libc::close(ends[1]);
                let told = libc::read(ends[0], go.as_mut_ptr().cast(), 1) == 1;
                let mapped = told
                    && put_of(inside, "uid_map", &self.uid_map).is_ok()
                    && put_of(inside, "gid_map", &self.gid_map).is_ok();
                libc::_exit(i32::from(!mapped));
            }
        }
        let separated = unshare(CloneFlags::CLONE_NEWUSER | ipc_and_mounts);
        let mut status = 0;
        // SAFETY: plain calls on descriptors and a child of this function's own.
        unsafe {
            if separated.is_ok() {
                libc::write(ends[1], b"!".as_ptr().cast(), 1);
            }
            libc::close(ends[0]);
            libc::close(ends[1]);
            libc::waitpid(mapper, &raw mut status, 0);
        }
        match separated {
            Ok(()) if status == 0 => Ok(()),
            Ok(()) => Err(Refused { call: "write to uid_map", errno: Errno::EPERM }),
            // No user namespaces here; root can do without.
            Err(_) => unshare(ipc_and_mounts).map_err(refused("unshare(CLONE_NEWIPC|CLONE_NEWNS)")),
        }
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether this machine lets this user have a private namespace; tried in a child.
pub fn available() -> std::result::Result<(), Refused> {
    let namespace = Namespace::new();
    let mut ends = [0; 2];
    // SAFETY: `ends` has namespace for the two descriptors.
    Errno::result(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }).map_err(refused("pipe2"))?;
    // SAFETY: the child calls `enter`, which allocates nothing, and leaves by _exit.
    let child = Errno::result(unsafe { libc::fork() }).map_err(refused("fork"))?;
    if child == 0 {
        let answer = namespace.enter();
        // SAFETY: Refused is a pointer to a constant and an integer; both mean
        // the same in the parent, which is the same program.
        unsafe {
            if let Err(refused) = answer {
                libc::write(ends[1], (&raw const refused).cast(), size_of::<Refused>());
            }
            libc::_exit(0);
        }
    }
    let mut refused = std::mem::MaybeUninit::<Refused>::uninit();
    // SAFETY: as many bytes are read as the child wrote of the same type, or none.
    unsafe {
        libc::close(ends[1]);
        let n = libc::read(ends[0], refused.as_mut_ptr().cast(), size_of::<Refused>());
        libc::close(ends[0]);
        libc::waitpid(child, std::ptr::null_mut(), 0);
        if n > 0 { Err(refused.assume_init()) } else { Ok(()) }
    }
}

fn refused(call: &'static str) -> impl Fn(Errno) -> Refused {
    move |errno| Refused { call, errno }
}

/// `0 0 4294967295`: every id that exists here, mapped to itself.
fn all_ids(file: &str) -> Vec<u8> {
    let mine = std::fs::read_to_string(file).unwrap_or_default();
    let mut map = Vec::new();
    for line in mine.lines() {
        let mut fields = line.split_whitespace();
        if let (Some(inside), Some(_), Some(count)) = (fields.next(), fields.next(), fields.next()) {
            let _ = writeln!(map, "{inside} {inside} {count}");
        }
    }
    map
}

/// /dev/shm and /dev/mqueue of our own. Where /dev/mqueue does not exist it must
/// not be made in the shared /dev, so a private /dev is built first.
fn mount_private_file_systems(mqueue: bool) -> std::result::Result<(), Refused> {
    let none: Option<&CStr> = None;
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let size = Some(c"size=64m,mode=1777");
    // Nothing mounted here may show outside.
    mount(none, c"/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(refused("mount(MS_PRIVATE)"))?;
    mount(Some(c"shm"), c"/dev/shm", Some(c"tmpfs"), safe, size)
        .map_err(refused("mount tmpfs on /dev/shm"))?;
    // SAFETY: the path ends in a NUL.
    let exists = unsafe { libc::access(c"/dev/mqueue".as_ptr(), libc::F_OK) } == 0;
    if !mqueue {
        let empty =
            if exists { mount(Some(c"none"), c"/dev/mqueue", Some(c"tmpfs"), safe, size) } else { Ok(()) };
        return empty.map_err(refused("mount tmpfs on /dev/mqueue"));
    }
    if exists {
        return mount(Some(c"mqueue"), c"/dev/mqueue", Some(c"mqueue"), safe | MsFlags::MS_NOEXEC, none)
            .map_err(refused("mount mqueue on /dev/mqueue"));
    }
    build_private_dev().map_err(refused("mount of a private /dev"))
}

/// Builds a /dev in the fresh /dev/shm, with devices bound from the shared one,
/// and then puts it over /dev.
fn build_private_dev() -> Result<()> {
    const DEVICES: [(&CStr, &CStr); 6] = [
        (c"/dev/null", c"/dev/shm/null"),
        (c"/dev/zero", c"/dev/shm/zero"),
        (c"/dev/full", c"/dev/shm/full"),
        (c"/dev/random", c"/dev/shm/random"),
        (c"/dev/urandom", c"/dev/shm/urandom"),
        (c"/dev/tty", c"/dev/shm/tty"),
    ];
    const LINKS: [(&CStr, &CStr); 5] = [
        (c"/proc/self/fd", c"/dev/shm/fd"),
        (c"/proc/self/fd/0", c"/dev/shm/stdin"),
        (c"/proc/self/fd/1", c"/dev/shm/stdout"),
        (c"/proc/self/fd/2", c"/dev/shm/stderr"),
        (c"pts/ptmx", c"/dev/shm/ptmx"),
    ];
    let none: Option<&CStr> = None;
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    for (device, here) in DEVICES {
        make_file(here)?;
        // A container may lack some; only the lessons' own needs are needs here.
        let _ = mount(Some(device), here, none, MsFlags::MS_BIND, none);
    }
    for (target, link) in LINKS {
        // SAFETY: both paths end in a NUL.
        Errno::result(unsafe { libc::symlink(target.as_ptr(), link.as_ptr()) })?;
    }
    for directory in [c"/dev/shm/pts", c"/dev/shm/shm", c"/dev/shm/mqueue"] {
        // SAFETY: the path ends in a NUL.
        Errno::result(unsafe { libc::mkdir(directory.as_ptr(), 0o755) })?;
    }
    let _ = mount(Some(c"/dev/pts"), c"/dev/shm/pts", none, MsFlags::MS_BIND, none);
    mount(Some(c"shm"), c"/dev/shm/shm", Some(c"tmpfs"), safe, Some(c"size=64m,mode=1777"))?;
    mount(Some(c"mqueue"), c"/dev/shm/mqueue", Some(c"mqueue"), safe | MsFlags::MS_NOEXEC, none)?;
    // In a directory that all may write, and that is sticky, open(2) with O_CREAT
    // refuses files of others, and a shell's >/dev/null opens so.
    // SAFETY: the path ends in a NUL.
    Errno::result(unsafe { libc::chmod(c"/dev/shm".as_ptr(), 0o755) })?;
    mount(Some(c"/dev/shm"), c"/dev", none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
}

fn make_file(path: &CStr) -> Result<()> {
    // SAFETY: the path ends in a NUL; the descriptor is closed at once.
    unsafe {
        let fd = Errno::result(libc::open(
            path.as_ptr(),
            libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC,
            0o600,
        ))?;
        libc::close(fd);
    }
    Ok(())
}

/// Goes on as a grandchild in a new PID namespace. Between them stands a small
/// init: process 1 ignores every signal it has no handler for, and has to reap orphans.
fn enter_process_namespace(capable: bool) -> std::result::Result<(), Refused> {
    unshare(CloneFlags::CLONE_NEWPID).map_err(refused("unshare(CLONE_NEWPID)"))?;
    if fork_and_wait().map_err(refused("fork"))? {
        // Here is process 1.
        let none: Option<&CStr> = None;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        mount(Some(c"proc"), c"/proc", Some(c"proc"), flags, none).map_err(refused("mount proc on /proc"))?;
        if !capable {
            // Who has no capability may not look into a process that has.
            capset_none().map_err(refused("capset"))?;
        }
        fork_and_wait().map_err(refused("fork"))?;
    }
    Ok(())
}

/// Returns in the child, with true. The parent waits for it, and ends as it did.
fn fork_and_wait() -> Result<bool> {
    // SAFETY: both processes make system calls only.
    let child = Errno::result(unsafe { libc::fork() })?;
    // SAFETY: plain calls; the parent closes what it does not use, so that whoever
    // waits for the end of a pipe does not wait for this process.
    unsafe {
        // Whoever waits for this process must not leave it behind.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if child == 0 {
            return Ok(true);
        }
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
        loop {
            let mut status = 0;
            let ended = libc::wait(&raw mut status);
            if ended == child {
                let code = if libc::WIFEXITED(status) {
                    libc::WEXITSTATUS(status)
                } else {
                    128 + libc::WTERMSIG(status)
                };
                libc::_exit(code);
            }
            if ended == -1 && Errno::last() != Errno::EINTR {
                libc::_exit(125);
            }
        }
    }
}

/// Writes a file in one call, as the id maps demand.
fn put(path: &CStr, text: &[u8]) -> Result<()> {
    // SAFETY: the path ends in a NUL, and `text` outlives the call.
    unsafe {
        let fd = Errno::result(libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC))?;
        let written = Errno::result(libc::write(fd, text.as_ptr().cast(), text.len()));
        libc::close(fd);
        written.map(drop)
    }
}

/// Writes /proc/PID/FILE, with the path made on the stack.
fn put_of(pid: libc::pid_t, file: &str, text: &[u8]) -> Result<()> {
    let mut path = [0u8; 64];
    // The last byte stays 0, whatever is written.
    let _ = write!(&mut path[..63], "/proc/{pid}/{file}");
    put(CStr::from_bytes_until_nul(&path).map_err(|_| Errno::ENAMETOOLONG)?, text)
}
