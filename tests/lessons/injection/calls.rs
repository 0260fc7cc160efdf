//! The system calls that lessons make, and the errnos that each can be given.

/// A system call, and how it may fail.
pub(super) struct Call {
    pub(super) name: &'static str,
    /// What its manual page lists (what can be asked of the kernel at all).
    pub(super) errnos: &'static [&'static str],
    /// The C names by which a lesson may call it.
    pub(super) c_names: &'static [&'static str],
    /// Whether only calls on the lesson's objects are meant. The others of these
    /// look at /proc, and there are as many as there are processes.
    pub(super) on_objects: bool,
}

const fn call(name: &'static str, errnos: &'static [&'static str], c_names: &'static [&'static str]) -> Call {
    Call { name, errnos, c_names, on_objects: false }
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

pub(super) const CALLS: &[Call] = &[
    // POSIX message queues
    call(
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
    call("mq_unlink", &["EACCES", "ENAMETOOLONG", "ENOENT", "EPERM"], &["mq_unlink"]),
    call(
        "mq_timedsend",
        &["EAGAIN", "EBADF", "EINTR", "EINVAL", "EMSGSIZE", "ETIMEDOUT"],
        &["mq_send", "mq_timedsend"],
    ),
    call(
        "mq_timedreceive",
        &["EAGAIN", "EBADF", "EINTR", "EINVAL", "EMSGSIZE", "ETIMEDOUT"],
        &["mq_receive", "mq_timedreceive"],
    ),
    call("mq_getsetattr", &["EBADF", "EINVAL"], &["mq_getattr", "mq_setattr"]),
    call("mq_notify", &["EBADF", "EBUSY", "EINVAL", "ENOMEM"], &["mq_notify"]),
    // POSIX semaphores and shared memory
    on_objects(call("openat", FILES, &["shm_open", "sem_open", "open"])),
    call(
        "link",
        &["EACCES", "EDQUOT", "EEXIST", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
        &["sem_open", "link"],
    ),
    on_objects(call(
        "unlink",
        &["EACCES", "EBUSY", "EIO", "ENOENT", "ENOMEM", "EPERM", "EROFS"],
        &["sem_unlink", "shm_unlink"],
    )),
    call("rename", &["EACCES", "EEXIST", "ENOENT", "ENOMEM", "ENOSPC", "EPERM", "EROFS"], &["rename"]),
    call("ftruncate", &["EFBIG", "EINTR", "EINVAL", "EIO", "EPERM"], &["ftruncate"]),
    call(
        "mmap",
        &["EACCES", "EAGAIN", "EINVAL", "ENFILE", "ENODEV", "ENOMEM", "EPERM"],
        &["mmap", "sem_open"],
    ),
    // sem_open unmaps what it has prepared, where the semaphore is there already,
    // and gives the errno of that.
    call("munmap", &["EINVAL", "ENOMEM"], &["munmap", "sem_close", "sem_open"]),
    call("futex", &["EAGAIN", "EINTR", "EINVAL", "ETIMEDOUT"], &["sem_wait", "sem_timedwait", "sem_post"]),
    // System V
    call("msgget", &["EACCES", "EEXIST", "ENOENT", "ENOMEM", "ENOSPC"], &["msgget"]),
    call("msgsnd", &["EACCES", "EAGAIN", "EIDRM", "EINTR", "EINVAL", "ENOMEM"], &["msgsnd"]),
    call("msgrcv", &["E2BIG", "EACCES", "EIDRM", "EINTR", "EINVAL", "ENOMSG", "ENOSYS"], &["msgrcv"]),
    call("msgctl", &["EACCES", "EIDRM", "EINVAL", "EPERM"], &["msgctl"]),
    call("semget", &["EACCES", "EEXIST", "EINVAL", "ENOENT", "ENOMEM", "ENOSPC"], &["semget"]),
    call(
        "semop",
        &["E2BIG", "EACCES", "EAGAIN", "EFBIG", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"],
        &["semop"],
    ),
    call("semtimedop", &["EAGAIN", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"], &["semtimedop", "semop"]),
    call("semctl", &["EACCES", "EIDRM", "EINVAL", "EPERM", "ERANGE"], &["semctl"]),
    call(
        "shmget",
        &["EACCES", "EEXIST", "EINVAL", "ENFILE", "ENOENT", "ENOMEM", "ENOSPC", "EPERM"],
        &["shmget"],
    ),
    call("shmat", &["EACCES", "EIDRM", "EINVAL", "ENOMEM"], &["shmat"]),
    call("shmdt", &["EINVAL"], &["shmdt"]),
    // shmat asks how long the segment is.
    call("shmctl", &["EACCES", "EIDRM", "EINVAL", "ENOMEM", "EOVERFLOW", "EPERM"], &["shmctl", "shmat"]),
    // Descriptors, sockets and processes
    on_objects(call("close", &["EDQUOT", "EINTR", "EIO", "ENOSPC"], &["close", "mq_close"])),
    call("dup", &["EBADF", "EMFILE"], &["dup"]),
    call("dup2", &["EBADF", "EBUSY", "EINTR", "EMFILE"], &["dup2"]),
    call("dup3", &["EBADF", "EBUSY", "EINTR", "EINVAL", "EMFILE"], &["dup3"]),
    call("fcntl", &["EINVAL", "EMFILE"], &["fcntl"]),
    call("pipe2", &["EMFILE", "ENFILE"], &["pipe", "pipe2"]),
    call("socket", &["EACCES", "EAFNOSUPPORT", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"], &["socket"]),
    call("bind", &["EACCES", "EINVAL", "ENOMEM"], &["bind"]),
    call(
        "socketpair",
        &["EAFNOSUPPORT", "EMFILE", "ENFILE", "EOPNOTSUPP", "EPROTONOSUPPORT"],
        &["socketpair"],
    ),
    call(
        "sendmsg",
        &["EAGAIN", "ECONNRESET", "EINTR", "ENOBUFS", "ENOMEM", "EPIPE", "ETOOMANYREFS"],
        &["sendmsg"],
    ),
    call("recvmsg", &["EAGAIN", "ECONNREFUSED", "EINTR", "ENOMEM"], &["recvmsg"]),
    call("sendto", &["EAGAIN", "ECONNRESET", "EINTR", "ENOBUFS", "ENOMEM"], &["send"]),
    call("recvfrom", &["EAGAIN", "ECONNREFUSED", "EINTR", "ENOMEM"], &["recv"]),
    call("clone", &["EAGAIN", "ENOMEM", "ENOSYS"], &["fork"]),
    call("prctl", &["EINVAL"], &["prctl"]),
    call(
        "execve",
        &[
            "E2BIG", "EACCES", "EIO", "ELOOP", "EMFILE", "ENFILE", "ENOENT", "ENOEXEC", "ENOMEM", "EPERM",
            "ETXTBSY",
        ],
        &["execv", "execve"],
    ),
    call("kill", &["EINVAL", "EPERM", "ESRCH"], &["kill"]),
    call("wait4", &["ECHILD", "EINTR", "EINVAL"], &["waitpid"]),
    call("nanosleep", &["EINTR", "EINVAL"], &["nanosleep"]),
    call("prlimit64", &["EINVAL", "EPERM"], &["getrlimit", "setrlimit", "mq_open"]),
    // Who a process is, and what it may
    call("fchmod", &["EPERM", "EROFS"], &["fchmod"]),
    call("fchown", &["EPERM", "EROFS"], &["fchown"]),
    call("fsetxattr", &["ENOSPC", "EOPNOTSUPP", "EPERM", "EROFS"], &["fsetxattr"]),
    call("setxattr", &["ENOSPC", "EOPNOTSUPP", "EPERM", "EROFS"], &["setxattr"]),
    call("setgroups", &["EINVAL", "EPERM"], &["setgroups"]),
    call("setresgid", &["EINVAL", "EPERM"], &["setresgid"]),
    call("setresuid", &["EAGAIN", "EINVAL", "EPERM"], &["setresuid"]),
    call("capset", &["EPERM"], &["capset"]),
    call("unshare", &["ENOMEM", "ENOSPC", "EPERM"], &["unshare"]),
    // Looking
    call("kcmp", &["EBADF", "EINVAL", "ENOSYS", "EPERM", "ESRCH"], &["kcmp"]),
    call("statfs", &["EACCES", "EINTR", "EIO", "ENOENT", "ENOMEM", "ENOSYS"], &["statvfs", "statfs"]),
    call("pread64", &["EINTR", "EIO"], &["read"]),
    call("newfstatat", &["ENOMEM"], &["fstat", "stat", "lstat", "sem_open", "ftok"]),
    call("statx", &["ENOMEM"], &["/proc", "stat"]),
    call("getdents64", &["ENOMEM"], &["/proc"]),
    call("read", &["EINTR", "EIO"], &["/proc", "read"]),
    // Speaking
    call("write", &["EDQUOT", "EFBIG", "EIO", "ENOSPC", "EPIPE"], &["write", "standard output", "sem_open"]),
];
