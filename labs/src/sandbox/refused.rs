//! The calls that a submission may not make at all: what reaches beyond the sandbox by other ways
//! than files and processes, and what holds memory that nobody can count.

use ipc_workbook::seccomp::{BPF_JEQ, NUMBER, argument, load, number, refuse, skip_unless, sock_filter};
use libc::c_long;
use nix::errno::Errno;

/// Each with the errno that a kernel without the call, or a guest without the right, gives.
const REFUSED: [(c_long, Errno); 9] = [
    (libc::SYS_keyctl, Errno::EPERM),
    (libc::SYS_add_key, Errno::EPERM),
    (libc::SYS_request_key, Errno::EPERM),
    (libc::SYS_io_uring_setup, Errno::EPERM),
    (libc::SYS_perf_event_open, Errno::EPERM),
    (libc::SYS_bpf, Errno::EPERM),
    (libc::SYS_userfaultfd, Errno::EPERM),
    // Sent through a socket, its memory is in no process and in no file system. shm_open does the same.
    (libc::SYS_memfd_create, Errno::ENOSYS),
    (libc::SYS_memfd_secret, Errno::ENOSYS),
];

/// The families of sockets that there are: of the machine's own processes, and what glibc's
/// mq_notify takes for SIGEV_THREAD. All others may lead out, and AF_VSOCK does, through any
/// network namespace.
const FAMILIES: [i32; 2] = [libc::AF_UNIX, libc::AF_NETLINK];

/// The part of the filter that refuses; the number of the call is loaded before it and after it.
pub(super) fn refusals() -> Vec<sock_filter> {
    let mut code = Vec::new();
    for (call, errno) in REFUSED {
        code.extend([skip_unless(BPF_JEQ, number(call), 0, 1), refuse(errno)]);
    }
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        let [unix, netlink] = FAMILIES.map(i32::cast_unsigned);
        code.extend([
            skip_unless(BPF_JEQ, number(call), 0, 5),
            load(argument(0)), // the family
            skip_unless(BPF_JEQ, unix, 2, 0),
            skip_unless(BPF_JEQ, netlink, 1, 0),
            refuse(Errno::EAFNOSUPPORT),
            load(NUMBER),
        ]);
    }
    code
}
