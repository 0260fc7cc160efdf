//! The seccomp filter of a submission: what it may not call at all, and at which calls it
//! waits for the schedule.

use libc::{
    BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, c_long, sock_filter,
};
use nix::errno::Errno;
use std::mem::offset_of;

/// What reaches beyond the sandbox by other ways than files and processes.
const REFUSED: [c_long; 7] = [
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_io_uring_setup,
    libc::SYS_perf_event_open,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
];

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

#[cfg(target_arch = "x86_64")]
const ARCH: u32 = 0xc000_003e; // AUDIT_ARCH_X86_64, from <linux/audit.h>
#[cfg(target_arch = "aarch64")]
const ARCH: u32 = 0xc000_00b7; // AUDIT_ARCH_AARCH64

/// x86-64 has a second set of the same calls, with this bit in their numbers.
const X32: u32 = 0x4000_0000;

/// The filter as a program of the kernel's little machine.
pub(super) fn program(scheduled: bool) -> Vec<sock_filter> {
    let refused = |errno: i32| libc::SECCOMP_RET_ERRNO | errno.cast_unsigned();
    let mut code = vec![
        load(offset_of!(libc::seccomp_data, arch)),
        skip_unless(BPF_JEQ, ARCH, 1, 0),
        answer(refused(libc::ENOSYS)),
        load(offset_of!(libc::seccomp_data, nr)),
        skip_unless(BPF_JGE, X32, 0, 1),
        answer(refused(libc::ENOSYS)),
    ];
    for call in REFUSED {
        code.extend([skip_unless(BPF_JEQ, number(call), 0, 1), answer(refused(libc::EPERM))]);
    }
    if scheduled {
        for call in SCHEDULED {
            code.extend([skip_unless(BPF_JEQ, number(*call), 0, 1), answer(libc::SECCOMP_RET_USER_NOTIF)]);
        }
        // Of futex, what waits: to be woken is no decision, and to wake is another's.
        let operation = offset_of!(libc::seccomp_data, args) + size_of::<u64>();
        code.extend([
            skip_unless(BPF_JEQ, number(libc::SYS_futex), 0, 5),
            load(operation),
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
#[allow(unsafe_code)]
pub(super) fn install(code: &mut [sock_filter], scheduled: bool) -> Result<i32, Errno> {
    let len = u16::try_from(code.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len, filter: code.as_mut_ptr() };
    let flags = if scheduled {
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
    } else {
        0
    };
    // SAFETY: the program outlives the call, and its length is the slice's.
    let fd =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    Errno::result(fd).map(|fd| i32::try_from(fd).unwrap_or(-1))
}

fn number(call: c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

fn statement(code: u32, k: u32) -> sock_filter {
    sock_filter { code: u16::try_from(code).unwrap_or(0), jt: 0, jf: 0, k }
}

fn load(offset: usize) -> sock_filter {
    statement(BPF_LD | BPF_W | BPF_ABS, u32::try_from(offset).unwrap_or(0))
}

fn skip_unless(test: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { jt, jf, ..statement(BPF_JMP | test | BPF_K, k) }
}

fn answer(k: u32) -> sock_filter {
    statement(BPF_RET | BPF_K, k)
}
