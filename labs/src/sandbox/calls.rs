//! The table of system calls, and what each may do to other programs.
//!
//! The table names the harmless calls. A call that is not in the table may change an object, so the scheduler
//! stops before it.

use Does::{Act, ActAt, ActOn, ActThenWait, Begin, Nothing, Only, Refused, Signal, Sleep, Timer};
use Limit::{Absolute, Millis, Moment, Timespec, Timeval};
use libc::{c_int, c_long};

/// A system call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) number: c_long,
    pub(crate) name: &'static str,
    pub(crate) does: Does,
}

/// What a call may do to other programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Nothing that another program notices. It may wait, but has no time limit.
    Nothing,
    /// Forbidden: it reaches outside the sandbox by ways other than files and processes, holds memory that
    /// cannot be counted, or escapes the scheduler. It fails with this errno, as on a kernel without the
    /// call, or for a caller without the privilege.
    Refused(c_int),
    /// Harmless if this argument is one of these numbers; otherwise it fails with this errno.
    Only(usize, &'static [c_int], c_int),
    /// It changes an object, waits for one, or lets others run.
    Act,
    /// It acts on the files at these paths.
    ActAt(&'static [Path]),
    /// It acts on the file behind this argument, a descriptor.
    ActOn(usize),
    /// It acts if this argument is one of these commands.
    ActIf(usize, &'static [u32]),
    /// It acts, and waits until this time limit at most.
    ActThenWait(Wait),
    /// It sends a signal to the process in this argument.
    Signal(usize),
    /// It waits until this time limit at most.
    Sleep(Wait),
    /// It sets a timer.
    Timer,
    /// Each program makes this call once at its start, before it reads a clock. The clock is set there.
    Begin,
}

/// The arguments that hold a path and the descriptor of the folder where the path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) folder: Option<usize>,
    pub(crate) path: usize,
}

/// A wait with a time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) limit: Limit,
    /// What the call returns when its time is over: 0, or a negative errno.
    pub(crate) over: c_int,
    /// What else may end the wait.
    pub(crate) until: Until,
}

/// The argument that holds the time limit, and its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Milliseconds. A negative number means no limit.
    Millis(usize),
    /// A `struct timespec` with a duration. Here and below, a null pointer means no limit.
    Timespec(usize),
    /// A `struct timeval` with a duration.
    Timeval(usize),
    /// A `struct timespec` with an absolute time of `CLOCK_REALTIME`.
    Moment(usize),
    /// A `struct timespec`; other arguments name its clock, and say whether the time is absolute.
    Absolute(usize),
}

/// What may end a wait before its time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Only a signal.
    Nothing,
    /// One of the descriptors. This argument is their number; with 0 the call is a sleep.
    Descriptors(usize),
    /// Something inside the same process, or a descriptor in a set.
    Event,
    /// Another process that uses an object.
    Object,
}

const fn at(path: usize) -> Path {
    Path { folder: None, path }
}

const fn in_folder(folder: usize, path: usize) -> Path {
    Path { folder: Some(folder), path }
}

const fn wait(limit: Limit, over: c_int, until: Until) -> Wait {
    Wait { limit, over, until }
}

/// Makes lines of the table. The call's name is taken from the name of its number, `SYS_name`.
macro_rules! table {
    ($($does:expr => $($number:ident)+;)+) => {
        &[$($(Call { number: libc::$number, name: stringify!($number).split_at(4).1, does: $does },)+)+]
    };
}

/// The calls of every architecture.
const EVERYWHERE: &[Call] = table! {
    // Memory.
    Nothing => SYS_brk SYS_mmap SYS_munmap SYS_mprotect SYS_mremap SYS_madvise SYS_msync SYS_mincore
        SYS_mlock SYS_mlock2 SYS_munlock SYS_mlockall SYS_munlockall SYS_membarrier
        SYS_pkey_alloc SYS_pkey_free SYS_pkey_mprotect SYS_get_mempolicy SYS_set_mempolicy SYS_mbind;
    // Reading and looking. (A thread that reads a `timerfd` waits for the timer, not for time.)
    Nothing => SYS_read SYS_pread64 SYS_readv SYS_preadv SYS_preadv2 SYS_lseek SYS_close SYS_close_range
        SYS_dup SYS_dup3 SYS_newfstatat SYS_fstat SYS_statx SYS_statfs SYS_fstatfs SYS_faccessat SYS_faccessat2
        SYS_readlinkat SYS_getdents64 SYS_getcwd SYS_chdir SYS_fchdir SYS_umask SYS_fsync SYS_fdatasync SYS_ioctl
        SYS_getxattr SYS_lgetxattr SYS_fgetxattr SYS_listxattr SYS_llistxattr SYS_flistxattr SYS_readahead
        SYS_fadvise64 SYS_inotify_init1 SYS_inotify_add_watch SYS_inotify_rm_watch;
    // Pipes, sockets and sets of descriptors: no lab is about one.
    Nothing => SYS_pipe2 SYS_eventfd2 SYS_signalfd4 SYS_epoll_create1 SYS_epoll_ctl SYS_timerfd_create
        SYS_timerfd_gettime SYS_connect SYS_accept SYS_accept4 SYS_listen SYS_shutdown
        SYS_getsockname SYS_getpeername SYS_getsockopt SYS_setsockopt SYS_sendto SYS_sendmsg SYS_sendmmsg
        SYS_recvfrom SYS_recvmsg SYS_recvmmsg;
    // Processes and threads, and their own attributes. Waking up is not a decision of the woken thread.
    Nothing => SYS_clone SYS_clone3 SYS_execve SYS_execveat SYS_wait4 SYS_waitid SYS_exit SYS_set_robust_list
        SYS_get_robust_list SYS_rseq SYS_prctl SYS_prlimit64 SYS_getrusage SYS_getpid
        SYS_getppid SYS_gettid SYS_getuid SYS_geteuid SYS_getgid SYS_getegid SYS_getresuid SYS_getresgid
        SYS_getgroups SYS_setuid SYS_setgid SYS_setresuid SYS_setresgid SYS_setreuid SYS_setregid SYS_setgroups
        SYS_setsid SYS_getsid SYS_setpgid SYS_getpgid SYS_getpriority SYS_setpriority SYS_capget SYS_capset
        SYS_sched_getaffinity SYS_sched_setaffinity SYS_sched_getparam SYS_sched_setparam SYS_sched_getscheduler
        SYS_sched_setscheduler SYS_sched_getattr SYS_sched_setattr SYS_sched_get_priority_max
        SYS_sched_get_priority_min SYS_pidfd_open SYS_getcpu SYS_restart_syscall;
    // The process's own signals, clocks, and the system.
    Nothing => SYS_rt_sigaction SYS_rt_sigprocmask SYS_rt_sigreturn SYS_rt_sigpending SYS_rt_sigsuspend
        SYS_sigaltstack SYS_clock_gettime SYS_clock_getres SYS_gettimeofday SYS_times SYS_timer_create
        SYS_timer_gettime SYS_timer_getoverrun SYS_getitimer SYS_getrandom SYS_uname SYS_sysinfo SYS_seccomp
        SYS_landlock_create_ruleset SYS_landlock_add_rule SYS_landlock_restrict_self;
    Refused(libc::EPERM) => SYS_keyctl SYS_add_key SYS_request_key SYS_perf_event_open SYS_bpf SYS_userfaultfd;
    // The calls of io_uring would escape the scheduler. Programs that get ENOSYS do without it.
    Refused(libc::ENOSYS) => SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register;
    // Sent through a socket, this memory is in no process and no file system. shm_open does the same work.
    Refused(libc::ENOSYS) => SYS_memfd_create SYS_memfd_secret;
    Only(0, &FAMILIES, libc::EAFNOSUPPORT) => SYS_socket SYS_socketpair;
    Act => SYS_mq_open SYS_mq_unlink SYS_mq_notify SYS_mq_getsetattr SYS_semget SYS_semop SYS_semctl SYS_msgget
        SYS_msgsnd SYS_msgrcv SYS_msgctl SYS_shmget SYS_shmat SYS_shmdt SYS_shmctl;
    // Names and locks in any folder: programs may use them to coordinate.
    Act => SYS_unlinkat SYS_linkat SYS_renameat2 SYS_flock;
    // Calls that let others run, and the end of a process, which releases everything.
    Act => SYS_sched_yield SYS_exit_group;
    Does::ActIf(1, &LOCKS) => SYS_fcntl;
    ActAt(&[in_folder(0, 1)]) => SYS_openat SYS_openat2 SYS_mknodat SYS_mkdirat SYS_fchmodat
        SYS_fchownat SYS_utimensat;
    ActAt(&[in_folder(1, 2)]) => SYS_symlinkat;
    ActAt(&[at(0)]) => SYS_truncate SYS_setxattr SYS_lsetxattr SYS_removexattr SYS_lremovexattr;
    ActOn(0) => SYS_write SYS_pwrite64 SYS_writev SYS_pwritev SYS_pwritev2 SYS_ftruncate SYS_fallocate SYS_fchmod
        SYS_fchown SYS_fsetxattr SYS_fremovexattr SYS_sendfile;
    ActOn(2) => SYS_splice SYS_copy_file_range;
    Signal(0) => SYS_kill SYS_tgkill SYS_rt_sigqueueinfo SYS_rt_tgsigqueueinfo SYS_tkill;
    ActThenWait(wait(Moment(4), -libc::ETIMEDOUT, Until::Object)) => SYS_mq_timedsend SYS_mq_timedreceive;
    ActThenWait(wait(Timespec(3), -libc::EAGAIN, Until::Object)) => SYS_semtimedop;
    Sleep(wait(Timespec(0), 0, Until::Nothing)) => SYS_nanosleep;
    Sleep(wait(Absolute(2), 0, Until::Nothing)) => SYS_clock_nanosleep;
    Sleep(wait(Timespec(2), 0, Until::Descriptors(1))) => SYS_ppoll;
    Sleep(wait(Timespec(4), 0, Until::Descriptors(0))) => SYS_pselect6;
    Sleep(wait(Millis(3), 0, Until::Event)) => SYS_epoll_pwait;
    Sleep(wait(Timespec(3), 0, Until::Event)) => SYS_epoll_pwait2;
    Sleep(wait(Timespec(2), -libc::EAGAIN, Until::Event)) => SYS_rt_sigtimedwait;
    Sleep(wait(Absolute(3), -libc::ETIMEDOUT, Until::Event)) => SYS_futex SYS_futex_waitv;
    Timer => SYS_setitimer SYS_timer_settime SYS_timer_delete SYS_timerfd_settime;
    Begin => SYS_set_tid_address;
};

/// The calls that only x86-64 has, or that only its headers name.
#[cfg(target_arch = "x86_64")]
const HERE: &[Call] = table! {
    Nothing => SYS_stat SYS_lstat SYS_access SYS_readlink SYS_getdents SYS_dup2 SYS_pipe SYS_eventfd SYS_signalfd
        SYS_epoll_create SYS_inotify_init SYS_fork SYS_vfork SYS_getpgrp SYS_getrlimit SYS_setrlimit SYS_arch_prctl
        SYS_time SYS_pause;
    Act => SYS_unlink SYS_link SYS_rename SYS_renameat;
    ActAt(&[at(0)]) => SYS_open SYS_creat SYS_mknod SYS_mkdir SYS_rmdir SYS_chmod SYS_chown SYS_lchown SYS_utime
        SYS_utimes;
    ActAt(&[at(1)]) => SYS_symlink;
    ActAt(&[in_folder(0, 1)]) => SYS_futimesat SYS_fchmodat2;
    Sleep(wait(Millis(2), 0, Until::Descriptors(1))) => SYS_poll;
    Sleep(wait(Timeval(4), 0, Until::Descriptors(0))) => SYS_select;
    Sleep(wait(Millis(3), 0, Until::Event)) => SYS_epoll_wait;
    Timer => SYS_alarm;
};

/// Other architectures have no older calls.
#[cfg(not(target_arch = "x86_64"))]
const HERE: &[Call] = &[];

/// The socket families that are allowed: local sockets, and AF_NETLINK, which glibc's mq_notify needs for
/// SIGEV_THREAD. Every other family may lead out of the sandbox; AF_VSOCK passes through any network
/// namespace.
const FAMILIES: [c_int; 2] = [libc::AF_UNIX, libc::AF_NETLINK];

/// The fcntl commands that lock, or wait for a lock.
const LOCKS: [u32; 4] = [
    libc::F_SETLK.cast_unsigned(),
    libc::F_SETLKW.cast_unsigned(),
    libc::F_OFD_SETLK.cast_unsigned(),
    libc::F_OFD_SETLKW.cast_unsigned(),
];

/// Returns all calls of the table.
pub(super) fn known() -> impl Iterator<Item = &'static Call> {
    EVERYWHERE.iter().chain(HERE)
}

/// Returns the call with this number.
pub(super) fn call(number: c_long) -> Option<&'static Call> {
    known().find(|call| call.number == number)
}

/// Returns an argument as an `int`: the lower half of the register.
pub(super) fn int(argument: u64) -> i32 {
    let [a, b, c, d, ..] = argument.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

/// Returns the name of a system call.
pub(crate) fn call_name(number: c_long) -> String {
    call(number).map_or_else(|| format!("system call {number}"), |call| call.name.into())
}
