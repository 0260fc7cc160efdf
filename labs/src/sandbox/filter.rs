//! The seccomp filter of a submission: what it may not call at all, and at which calls it
//! waits for the schedule.

use super::refused::refusals;
use ipc_workbook::seccomp::{
    self, ARCHITECTURE, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, NUMBER, THIS_ARCHITECTURE, X32, answer, argument,
    load, number, refuse, skip_unless, sock_filter, statement,
};
use libc::{BPF_K, c_long};
use nix::errno::Errno;

/// The calls at which a schedule decides who goes on: each may change, or wait for, what
/// another process sees.
const SCHEDULED: &[c_long] = &[
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_mq_timedsend,
    libc::SYS_mq_timedreceive,
    libc::SYS_mq_notify,
    libc::SYS_mq_getsetattr,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmdt,
    libc::SYS_shmctl,
    libc::SYS_openat,
    libc::SYS_unlinkat,
    libc::SYS_linkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_flock,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fchmod,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_sched_yield,
    libc::SYS_kill,
    libc::SYS_exit_group,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_pause,
];

/// The filter as a program of the kernel's little machine.
pub(super) fn program(scheduled: bool) -> Vec<sock_filter> {
    let mut code = vec![
        load(ARCHITECTURE),
        skip_unless(BPF_JEQ, THIS_ARCHITECTURE, 1, 0),
        refuse(Errno::ENOSYS),
        load(NUMBER),
        skip_unless(BPF_JGE, X32, 0, 1),
        refuse(Errno::ENOSYS),
    ];
    code.extend(refusals());
    if scheduled {
        for call in SCHEDULED {
            code.extend([skip_unless(BPF_JEQ, number(*call), 0, 1), answer(libc::SECCOMP_RET_USER_NOTIF)]);
        }
        // Of futex, what waits: to be woken is no decision, and to wake is another's.
        code.extend([
            skip_unless(BPF_JEQ, number(libc::SYS_futex), 0, 5),
            load(argument(1)), // the operation
            statement(BPF_ALU | BPF_AND | BPF_K, 0x7f),
            skip_unless(BPF_JEQ, 0, 1, 0), // FUTEX_WAIT
            skip_unless(BPF_JEQ, libc::FUTEX_WAIT_BITSET.cast_unsigned(), 0, 1),
            answer(libc::SECCOMP_RET_USER_NOTIF),
        ]);
    }
    code.push(answer(libc::SECCOMP_RET_ALLOW));
    code
}

/// Puts the filter on the calling process. Returns the descriptor at which the calls of a
/// scheduled one are heard.
pub(super) fn install(code: &[sock_filter], scheduled: bool) -> Result<i32, Errno> {
    let flags = if scheduled {
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
    } else {
        0
    };
    seccomp::install(code, flags)
}
