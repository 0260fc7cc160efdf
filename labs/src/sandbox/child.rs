//! Starts a program in the sandbox: as a child of this process, in the sandbox's PID namespace and file tree,
//! without capabilities, with three descriptors, and with resource limits.

use super::fault::Fault;
use super::filter::{self, Announced};
use ipc_workbook::capability::capset_none;
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{ForkResult, Pid, fork};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The most that one process, or all processes of a submission together, may use. The page
/// `lessons/grading-a-course.md` lists the same limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of memory of all processes and objects together; the guard enforces it.
    pub(crate) memory: u64,
    /// Bytes of address space of a process. Sanitizers and virtual machines reserve terabytes and use little
    /// of it, so a submission has no such limit where there is a guard.
    pub(crate) addresses: Option<u64>,
    /// Number of processes and threads at one time.
    pub(crate) processes: u64,
    /// Open files of all processes together; the guard enforces it.
    pub(crate) files: u64,
    /// Bytes of one file.
    pub(crate) file: u64,
    /// Bytes of message queues. The grader and the submission share the usual limit of 819,200 bytes; the
    /// grader keeps a quarter.
    pub(crate) queues: u64,
    /// Seconds of processor time of one process.
    pub(crate) cpu: u64,
}

impl Limits {
    /// The limits of a submission that is graded.
    pub(crate) const RUN: Limits = Limits {
        memory: 1 << 30,
        addresses: None,
        processes: 256,
        files: 1024,
        file: 64 << 20,
        queues: 614_400,
        cpu: 60,
    };
    /// The limits of a compiler.
    pub(crate) const BUILD: Limits = Limits {
        memory: 8 << 30,
        addresses: Some(8 << 30),
        processes: 256,
        files: 8192,
        file: 256 << 20,
        queues: 0,
        cpu: 120,
    };
}

/// A program about to start.
#[derive(Debug)]
pub(crate) struct Start {
    /// The root of the file tree that it sees; `None` for the machine's own.
    pub(super) root: Option<CString>,
    pub(super) path: CString,
    pub(super) args: Vec<CString>,
    pub(super) env: Vec<CString>,
    pub(super) folder: CString,
    pub(super) umask: u32,
    pub(super) limits: Limits,
    /// How many processes the user has besides those of the submission; RLIMIT_NPROC counts them as well.
    pub(super) more_processes: u64,
    pub(super) input: bool,
    /// The calls that are announced before they are made.
    pub(super) announced: Announced,
}

/// A started program, and this process's ends of its pipes.
pub(super) struct Ends {
    pub(super) pid: Pid,
    pub(super) stdin: Option<File>,
    pub(super) stdout: File,
    pub(super) stderr: File,
    /// The descriptor where its calls are announced.
    pub(super) listener: Option<OwnedFd>,
}

/// Starts the program. The inner error means that it cannot be executed, which is the submission's fault.
/// Every other error is a fault of this machine.
#[allow(unsafe_code)]
pub(super) fn start(start: &Start) -> Result<Result<Ends, Errno>, Fault> {
    let pipe = || pipe().map_err(|errno| Fault::call("pipe2", errno));
    let (stdin_theirs, stdin_ours) = pipe()?;
    let (stdout_ours, stdout_theirs) = pipe()?;
    let (stderr_ours, stderr_theirs) = pipe()?;
    let channel = || channel().map_err(|errno| Fault::call("socketpair", errno));
    let (report_ours, report_theirs) = channel()?;
    let (go_theirs, go_ours) = channel()?;
    let argv = pointers(&start.args);
    let envp = pointers(&start.env);
    let mut code = filter::program(start.announced);
    // SAFETY: this process has one thread, so the child may make any call after fork.
    let fork = unsafe { fork() }.map_err(|errno| Fault::call("fork", errno))?;
    let ForkResult::Parent { child } = fork else {
        let stdio = [&stdin_theirs, &stdout_theirs, &stderr_theirs].map(AsRawFd::as_raw_fd);
        let report = report_theirs.as_raw_fd();
        match enter(start, stdio, &mut code) {
            Ok(listener) => {
                send_progress(report, Progress::Ready, listener);
                // Wait here until the parent has fetched the listener, because exec closes it.
                receive_progress(go_theirs.as_raw_fd());
                // SAFETY: both arrays end with a null pointer, and their strings with a NUL byte.
                unsafe { libc::execve(start.path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
                send_progress(report, Progress::NotExecuted, Errno::last_raw());
            }
            Err(errno) => send_progress(report, Progress::NotReady, errno as i32),
        }
        // SAFETY: the child must not flush or drop anything that belongs to the parent.
        unsafe { libc::_exit(127) }
    };
    drop((stdin_theirs, stdout_theirs, stderr_theirs, report_theirs, go_theirs));
    let listener = match receive_progress(report_ours.as_raw_fd()) {
        Some((Progress::Ready, fd)) if start.announced != Announced::Nothing => Some(take(child, fd)?),
        Some((Progress::Ready, _)) => None,
        other => {
            let _ = nix::sys::wait::waitpid(child, None);
            let errno = other.map_or(Errno::UnknownErrno, |(_, errno)| Errno::from_raw(errno));
            return Err(Fault::call("cannot start a process in the sandbox", errno));
        }
    };
    send_progress(go_ours.as_raw_fd(), Progress::Ready, 0);
    if let Some((_, errno)) = receive_progress(report_ours.as_raw_fd()) {
        // With a scheduler, _exit would wait for an answer that nobody gives.
        let _ = nix::sys::signal::kill(child, nix::sys::signal::Signal::SIGKILL);
        let _ = nix::sys::wait::waitpid(child, None);
        return Ok(Err(Errno::from_raw(errno)));
    }
    let stdin = start.input.then(|| File::from(stdin_ours));
    for fd in
        [stdin.as_ref().map(AsRawFd::as_raw_fd), Some(stdout_ours.as_raw_fd()), Some(stderr_ours.as_raw_fd())]
            .into_iter()
            .flatten()
    {
        // SAFETY: this sets a flag of an open descriptor.
        unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
    }
    Ok(Ok(Ends { pid: child, stdin, stdout: stdout_ours.into(), stderr: stderr_ours.into(), listener }))
}

/// Runs in the child: sets up its limits, root directory and filter. Returns its listener, or 0.
#[allow(unsafe_code)]
fn enter(start: &Start, stdio: [RawFd; 3], code: &mut [libc::sock_filter]) -> Result<i32, Errno> {
    for (wanted, fd) in stdio.iter().enumerate() {
        // SAFETY: descriptors 0 to 2 belong to this child; the pipes have higher numbers.
        Errno::result(unsafe { libc::dup2(*fd, i32::try_from(wanted).unwrap_or(2)) })?;
    }
    nix::unistd::setsid()?;
    // The caller of `lab` may ignore or block signals, as nohup does, and exec keeps both settings.
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: no handler is installed. Signals that cannot be changed, such as SIGKILL, have the default.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    nix::sys::signal::SigSet::empty().thread_set_mask()?;
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(start.umask));
    for (resource, limit) in [
        (Resource::RLIMIT_NPROC, start.limits.processes + start.more_processes),
        (Resource::RLIMIT_FSIZE, start.limits.file),
        (Resource::RLIMIT_CPU, start.limits.cpu),
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NOFILE, 256),
    ] {
        setrlimit(resource, limit, limit)?;
    }
    let (_, most) = getrlimit(Resource::RLIMIT_MSGQUEUE)?;
    let queues = start.limits.queues.min(most / 4 * 3);
    setrlimit(Resource::RLIMIT_MSGQUEUE, queues, queues)?;
    if let Some(addresses) = start.limits.addresses {
        setrlimit(Resource::RLIMIT_AS, addresses, addresses)?;
    }
    // If the machine runs out of memory before the guard acts, the kernel kills this process first.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    match &start.root {
        Some(root) => nix::unistd::chroot(root.as_c_str())?,
        // Without a PID namespace it would outlive the worker.
        None => nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?,
    }
    nix::unistd::chdir(start.folder.as_c_str())?;
    // SAFETY: these calls change flags of this process only.
    unsafe {
        // Ambient capabilities would survive exec.
        libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        Errno::result(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
    }
    capset_none()?;
    // Descriptors inherited from the caller of `lab` may lack the close-on-exec flag.
    // SAFETY: this sets a flag of this process's own descriptors.
    Errno::result(unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC)
    })?;
    filter::install(code, start.announced)
}

/// Duplicates a descriptor of the child into this process.
#[allow(unsafe_code)]
fn take(child: Pid, fd: i32) -> Result<OwnedFd, Fault> {
    // SAFETY: both calls take numbers and return new descriptors.
    unsafe {
        let pidfd = Errno::result(libc::syscall(libc::SYS_pidfd_open, child.as_raw(), 0))
            .map_err(|errno| Fault::call("pidfd_open", errno))?;
        let pidfd = OwnedFd::from_raw_fd(i32::try_from(pidfd).unwrap_or(-1));
        let taken = Errno::result(libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), fd, 0))
            .map_err(|errno| Fault::call("pidfd_getfd", errno))?;
        Ok(OwnedFd::from_raw_fd(i32::try_from(taken).unwrap_or(-1)))
    }
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)
}

/// Returns a pair of connected sockets. With the filter, write is announced before it is made; send is not.
fn channel() -> Result<(OwnedFd, OwnedFd), Errno> {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
    socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC)
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|string| CStr::as_ptr(string)).chain([std::ptr::null()]).collect()
}

/// How far the start of a program has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// The child is set up; the number is the listener.
    Ready,
    /// The setup failed; the number is the errno.
    NotReady,
    /// execve failed; the number is the errno.
    NotExecuted,
}

/// Sends a progress and a number in one call.
#[allow(unsafe_code)]
fn send_progress(fd: RawFd, progress: Progress, number: i32) {
    let message = [progress as i32, number];
    let length = size_of_val(&message);
    // SAFETY: the length is that of the message.
    unsafe { libc::send(fd, message.as_ptr().cast(), length, libc::MSG_NOSIGNAL) };
}

/// Reads a progress and a number; returns `None` when the other end is closed.
#[allow(unsafe_code)]
fn receive_progress(fd: RawFd) -> Option<(Progress, i32)> {
    let mut message = [0i32; 2];
    loop {
        // SAFETY: the buffer has room for the message.
        let n = unsafe { libc::read(fd, message.as_mut_ptr().cast(), size_of_val(&message)) };
        match n {
            -1 if Errno::last() == Errno::EINTR => {}
            8 => {
                let progress = [Progress::Ready, Progress::NotReady, Progress::NotExecuted];
                return progress
                    .into_iter()
                    .find(|progress| *progress as i32 == message[0])
                    .map(|progress| (progress, message[1]));
            }
            _ => return None,
        }
    }
}
