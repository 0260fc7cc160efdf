//! The system calls that lessons make, and the errnos that each of them can fail with.

use libc::*;
use std::ffi::c_long;

/// A system call, and the ways in which it can fail.
#[derive(Debug)]
pub struct Call {
    pub number: c_long,
    pub name: &'static str,
    /// The errnos in its manual page, as far as the kernel can return them.
    pub errnos: &'static [&'static str],
    /// The C functions through which a lesson may make the call.
    pub c_names: &'static [&'static str],
    /// Whether only calls on the lesson's objects count. The other calls of this name read /proc,
    /// and their number depends on how many processes there are.
    pub on_objects: bool,
}

const fn call(
    number: c_long,
    name: &'static str,
    errnos: &'static [&'static str],
    c_names: &'static [&'static str],
) -> Call {
    Call { number, name, errnos, c_names, on_objects: false }
}

const fn on_objects(mut call: Call) -> Call {
    call.on_objects = true;
    call
}

const FILES: &[&str] = &[
    "EACCES",
    "EINTR",
    "ELOOP",
    "EMFILE",
    "ENAMETOOLONG",
    "ENFILE",
    "ENOENT",
    "ENOMEM",
    "ENOSPC",
    "EPERM",
    "EROFS",
];

/// All system calls that lessons make.
pub const CALLS: &[Call] = &[
    // POSIX message queues
    call(
        SYS_mq_open,
        "mq_open",
        &[
            "EACCES",
            "EEXIST",
            "EINVAL",
            "EMFILE",
            "ENAMETOOLONG",
            "ENFILE",
            "ENOENT",
            "ENOMEM",
            "ENOSPC",
            "ENOSYS",
        ],
        &["mq_open"],
    ),
    call(SYS_mq_unlink, "mq_unlink", &["EACCES", "ENAMETOOLONG", "ENOENT", "EPERM"], &["mq_unlink"]),
    call(
        SYS_mq_timedsend,
        "mq_timedsend",
        &["EAGAIN", "EBADF", "EINTR", "EINVAL", "EMSGSIZE", "ETIMEDOUT"],
        &["mq_send", "mq_timedsend"],
    ),
    call(
        SYS_mq_timedreceive,
        "mq_timedreceive",
        &["EAGAIN", "EBADF", "EINTR", "EINVAL", "EMSGSIZE", "ETIMEDOUT"],
        &["mq_receive", "mq_timedreceive"],
    ),
    call(SYS_mq_getsetattr, "mq_getsetattr", &["EBADF", "EINVAL"], &["mq_getattr", "mq_setattr"]),
    call(SYS_mq_notify, "mq_notify", &["EBADF", "EBUSY", "EINVAL", "ENOMEM"], &["mq_notify"]),
    // POSIX semaphores and shared memory
    on_objects(call(SYS_openat, "openat", FILES, &["shm_open", "sem_open", "open"])),
    #[cfg(target_arch = "x86_64")]
    call(
        SYS_link,
        "link",
        &["EACCES", "EDQUOT", "EEXIST", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
        &["sem_open", "link"],
    ),
    #[cfg(target_arch = "x86_64")]
    on_objects(call(
        SYS_unlink,
        "unlink",
        &["EACCES", "EBUSY", "EIO", "ENOENT", "ENOMEM", "EPERM", "EROFS"],
        &["sem_unlink", "shm_unlink"],
    )),
    #[cfg(target_arch = "x86_64")]
    call(
        SYS_rename,
        "rename",
        &["EACCES", "EEXIST", "ENOENT", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
        &["rename"],
    ),
    call(SYS_ftruncate, "ftruncate", &["EFBIG", "EINTR", "EINVAL", "EIO", "EPERM"], &["ftruncate"]),
    call(
        SYS_mmap,
        "mmap",
        &["EACCES", "EAGAIN", "EINVAL", "ENFILE", "ENODEV", "ENOMEM", "EPERM"],
        &["mmap", "sem_open"],
    ),
    // If the semaphore exists already, sem_open unmaps the new file that it has prepared,
    // and reports the errno of munmap.
    call(SYS_munmap, "munmap", &["EINVAL", "ENOMEM"], &["munmap", "sem_close", "sem_open"]),
    call(
        SYS_futex,
        "futex",
        &["EAGAIN", "EINTR", "EINVAL", "ETIMEDOUT"],
        &["sem_wait", "sem_timedwait", "sem_post"],
    ),
    // System V
    call(SYS_msgget, "msgget", &["EACCES", "EEXIST", "ENOENT", "ENOMEM", "ENOSPC"], &["msgget"]),
    call(SYS_msgsnd, "msgsnd", &["EACCES", "EAGAIN", "EIDRM", "EINTR", "EINVAL", "ENOMEM"], &["msgsnd"]),
    call(
        SYS_msgrcv,
        "msgrcv",
        &["E2BIG", "EACCES", "EIDRM", "EINTR", "EINVAL", "ENOMSG", "ENOSYS"],
        &["msgrcv"],
    ),
    call(SYS_msgctl, "msgctl", &["EACCES", "EIDRM", "EINVAL", "EPERM"], &["msgctl"]),
    call(SYS_semget, "semget", &["EACCES", "EEXIST", "EINVAL", "ENOENT", "ENOMEM", "ENOSPC"], &["semget"]),
    call(
        SYS_semop,
        "semop",
        &["E2BIG", "EACCES", "EAGAIN", "EFBIG", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"],
        &["semop"],
    ),
    call(
        SYS_semtimedop,
        "semtimedop",
        &["EAGAIN", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"],
        &["semtimedop", "semop"],
    ),
    call(SYS_semctl, "semctl", &["EACCES", "EIDRM", "EINVAL", "EPERM", "ERANGE"], &["semctl"]),
    call(
        SYS_shmget,
        "shmget",
        &["EACCES", "EEXIST", "EINVAL", "ENFILE", "ENOENT", "ENOMEM", "ENOSPC", "EPERM"],
        &["shmget"],
    ),
    call(SYS_shmat, "shmat", &["EACCES", "EIDRM", "EINVAL", "ENOMEM"], &["shmat"]),
    call(SYS_shmdt, "shmdt", &["EINVAL"], &["shmdt"]),
    // shmat calls shmctl to find the length of the segment.
    call(
        SYS_shmctl,
        "shmctl",
        &["EACCES", "EIDRM", "EINVAL", "ENOMEM", "EOVERFLOW", "EPERM"],
        &["shmctl", "shmat"],
    ),
    // Descriptors, sockets and processes
    on_objects(call(SYS_close, "close", &["EDQUOT", "EINTR", "EIO", "ENOSPC"], &["close", "mq_close"])),
    call(SYS_dup, "dup", &["EBADF", "EMFILE"], &["dup"]),
    #[cfg(target_arch = "x86_64")]
    call(SYS_dup2, "dup2", &["EBADF", "EBUSY", "EINTR", "EMFILE"], &["dup2"]),
    call(SYS_dup3, "dup3", &["EBADF", "EBUSY", "EINTR", "EINVAL", "EMFILE"], &["dup3"]),
    call(SYS_fcntl, "fcntl", &["EINVAL", "EMFILE"], &["fcntl"]),
    call(SYS_pipe2, "pipe2", &["EMFILE", "ENFILE"], &["pipe", "pipe2"]),
    call(
        SYS_socket,
        "socket",
        &["EACCES", "EAFNOSUPPORT", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"],
        &["socket", "mq_notify"],
    ),
    call(SYS_bind, "bind", &["EACCES", "EINVAL", "ENOMEM"], &["bind"]),
    call(
        SYS_socketpair,
        "socketpair",
        &["EAFNOSUPPORT", "EMFILE", "ENFILE", "EOPNOTSUPP", "EPROTONOSUPPORT"],
        &["socketpair"],
    ),
    call(
        SYS_sendmsg,
        "sendmsg",
        &["EAGAIN", "ECONNRESET", "EINTR", "ENOBUFS", "ENOMEM", "EPIPE", "ETOOMANYREFS"],
        &["sendmsg"],
    ),
    call(SYS_recvmsg, "recvmsg", &["EAGAIN", "ECONNREFUSED", "EINTR", "ENOMEM"], &["recvmsg"]),
    call(SYS_sendto, "sendto", &["EAGAIN", "ECONNRESET", "EINTR", "ENOBUFS", "ENOMEM"], &["send"]),
    call(SYS_recvfrom, "recvfrom", &["EAGAIN", "ECONNREFUSED", "EINTR", "ENOMEM"], &["recv"]),
    call(SYS_clone, "clone", &["EAGAIN", "ENOMEM", "ENOSYS"], &["fork", "clone"]),
    call(SYS_prctl, "prctl", &["EINVAL"], &["prctl"]),
    call(
        SYS_execve,
        "execve",
        &[
            "E2BIG", "EACCES", "EIO", "ELOOP", "EMFILE", "ENFILE", "ENOENT", "ENOEXEC", "ENOMEM", "EPERM",
            "ETXTBSY",
        ],
        &["execv", "execve"],
    ),
    call(SYS_kill, "kill", &["EINVAL", "EPERM", "ESRCH"], &["kill"]),
    call(SYS_rt_sigaction, "rt_sigaction", &[], &["signal", "sigaction"]),
    call(SYS_rt_sigprocmask, "rt_sigprocmask", &[], &["sigprocmask"]),
    call(SYS_rt_sigtimedwait, "rt_sigtimedwait", &[], &["sigwait", "sigwaitinfo", "sigtimedwait"]),
    call(SYS_signalfd4, "signalfd4", &["EINVAL", "EMFILE", "ENFILE", "ENOMEM"], &["signalfd"]),
    call(SYS_wait4, "wait4", &["ECHILD", "EINTR", "EINVAL"], &["waitpid"]),
    call(SYS_nanosleep, "nanosleep", &["EINTR", "EINVAL"], &["nanosleep"]),
    call(SYS_prlimit64, "prlimit64", &["EINVAL", "EPERM"], &["getrlimit", "setrlimit", "mq_open"]),
    // Waiting for several descriptors
    #[cfg(target_arch = "x86_64")]
    call(SYS_poll, "poll", &["EINTR", "EINVAL", "ENOMEM"], &["poll"]),
    // Since glibc 2.34, select makes this call.
    call(SYS_pselect6, "pselect6", &["EINTR", "EINVAL", "ENOMEM"], &["select"]),
    call(SYS_epoll_create1, "epoll_create1", &["EINVAL", "EMFILE", "ENFILE", "ENOMEM"], &["epoll_create1"]),
    call(
        SYS_epoll_ctl,
        "epoll_ctl",
        &["EEXIST", "EINVAL", "ELOOP", "ENOENT", "ENOMEM", "ENOSPC", "EPERM"],
        &["epoll_ctl"],
    ),
    #[cfg(target_arch = "x86_64")]
    call(SYS_epoll_wait, "epoll_wait", &["EINTR", "EINVAL"], &["epoll_wait"]),
    call(
        SYS_timerfd_create,
        "timerfd_create",
        &["EINVAL", "EMFILE", "ENFILE", "ENODEV", "ENOMEM", "EPERM"],
        &["timerfd_create"],
    ),
    call(SYS_timerfd_settime, "timerfd_settime", &["ECANCELED", "EINVAL"], &["timerfd_settime"]),
    call(SYS_clock_settime, "clock_settime", &["EINVAL", "EPERM"], &["clock_settime"]),
    // Credentials and permissions
    call(SYS_fchmod, "fchmod", &["EPERM", "EROFS"], &["fchmod"]),
    call(SYS_fchown, "fchown", &["EPERM", "EROFS"], &["fchown"]),
    call(SYS_fsetxattr, "fsetxattr", &["ENOSPC", "EOPNOTSUPP", "EPERM", "EROFS"], &["fsetxattr"]),
    call(SYS_setxattr, "setxattr", &["ENOSPC", "EOPNOTSUPP", "EPERM", "EROFS"], &["setxattr"]),
    call(SYS_setgroups, "setgroups", &["EINVAL", "EPERM"], &["setgroups"]),
    call(SYS_setresgid, "setresgid", &["EINVAL", "EPERM"], &["setresgid"]),
    call(SYS_setresuid, "setresuid", &["EAGAIN", "EINVAL", "EPERM"], &["setresuid"]),
    call(SYS_setfsuid, "setfsuid", &[], &["setfsuid"]),
    call(SYS_umask, "umask", &[], &["umask"]),
    call(SYS_capset, "capset", &["EPERM"], &["capset"]),
    call(SYS_unshare, "unshare", &["ENOMEM", "ENOSPC", "EPERM"], &["unshare"]),
    call(SYS_setns, "setns", &["EINVAL", "ENOMEM", "EPERM"], &["setns"]),
    call(
        SYS_mount,
        "mount",
        &["EACCES", "EBUSY", "EINVAL", "ENODEV", "ENOENT", "ENOMEM", "ENOTDIR", "EPERM"],
        &["mount"],
    ),
    call(SYS_umount2, "umount2", &["EBUSY", "EINVAL", "ENOENT", "ENOMEM", "EPERM"], &["umount"]),
    // Looking at other processes and files
    call(SYS_kcmp, "kcmp", &["EBADF", "EINVAL", "ENOSYS", "EPERM", "ESRCH"], &["kcmp"]),
    call(
        SYS_statfs,
        "statfs",
        &["EACCES", "EINTR", "EIO", "ENOENT", "ENOMEM", "ENOSYS"],
        &["statvfs", "statfs"],
    ),
    call(SYS_pread64, "pread64", &["EINTR", "EIO"], &["read"]),
    call(SYS_newfstatat, "newfstatat", &["ENOMEM"], &["fstat", "stat", "lstat", "sem_open", "ftok"]),
    call(SYS_statx, "statx", &["ENOMEM"], &["/proc", "stat"]),
    call(SYS_getdents64, "getdents64", &["ENOMEM"], &["/proc"]),
    call(SYS_read, "read", &["EINTR", "EIO"], &["/proc", "read"]),
    // Printing
    call(
        SYS_write,
        "write",
        &["EDQUOT", "EFBIG", "EIO", "ENOSPC", "EPIPE"],
        &["write", "standard output", "sem_open"],
    ),
];
