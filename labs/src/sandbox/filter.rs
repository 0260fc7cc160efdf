//! The seccomp filter of a submission: what it may not call at all, and which calls are announced before
//! they are made. It is made from the table of calls.

use super::calls::{Call, Does, Limit, Wait, known};
use ipc_workbook::seccomp::{
    self, ARCHITECTURE, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, NUMBER, THIS_ARCHITECTURE, X32, answer, argument,
    load, number, refuse, skip_unless, sock_filter, statement,
};
use libc::BPF_K;
use nix::errno::Errno;

/// Which calls of a program are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Announced {
    /// None: it is a tool of the system.
    Nothing,
    /// Those that wait for time, so that no time need pass.
    Waits,
    /// All but the harmless ones: a schedule decides when each is made.
    AllButHarmless,
}

/// The filter as a program of the kernel's little machine.
pub(super) fn program(announced: Announced) -> Vec<sock_filter> {
    let mut code = vec![
        load(ARCHITECTURE),
        skip_unless(BPF_JEQ, THIS_ARCHITECTURE, 1, 0),
        refuse(Errno::ENOSYS),
        load(NUMBER),
        skip_unless(BPF_JGE, X32, 0, 1),
        refuse(Errno::ENOSYS),
    ];
    for call in known() {
        let then = match call.does {
            Does::Refused(errno) => vec![refuse(Errno::from_raw(errno))],
            _ if announced == Announced::Nothing => continue,
            _ => announce(call, announced),
        };
        let length = u8::try_from(then.len()).expect("a few instructions");
        code.push(skip_unless(BPF_JEQ, number(call.number), 0, length));
        code.extend(then);
    }
    // What the table does not know may change an object.
    code.push(if announced == Announced::AllButHarmless { notify() } else { allow() });
    code
}

/// What is done with a call of the table.
fn announce(call: &Call, announced: Announced) -> Vec<sock_filter> {
    match call.does {
        Does::Begin | Does::Timer => vec![notify()],
        Does::Sleep(wait) => if_limited(call, wait),
        Does::ActThenWait(wait) if announced == Announced::Waits => if_limited(call, wait),
        Does::Nothing => vec![allow()],
        _ if announced == Announced::Waits => vec![allow()],
        Does::ActIf(which, commands) => if_one_of(which, u32::MAX, commands, vec![notify()]),
        _ => vec![notify()],
    }
}

/// A wait is announced if it has a time limit, and one that is not over at once.
fn if_limited(call: &Call, wait: Wait) -> Vec<sock_filter> {
    match wait.limit {
        Limit::Millis(which) => vec![
            load(argument(which)),
            skip_unless(BPF_JEQ, 0, 2, 0),
            skip_unless(BPF_JGE, 1 << 31, 1, 0), // below 0
            notify(),
            allow(),
        ],
        Limit::Timespec(which) | Limit::Timeval(which) | Limit::Moment(which) | Limit::Absolute(which) => {
            let given = vec![
                load(argument(which)),
                skip_unless(BPF_JEQ, 0, 0, 2),
                load(argument(which) + size_of::<u32>()),
                skip_unless(BPF_JEQ, 0, 1, 0),
                notify(),
                allow(),
            ];
            // Only in calls that wait is this argument of futex a time limit.
            if call.number == libc::SYS_futex { if_one_of(1, 0x7f, &FUTEX_WAITS, given) } else { given }
        }
    }
}

/// Of futex, what waits.
const FUTEX_WAITS: [u32; 5] = [
    libc::FUTEX_WAIT.cast_unsigned(),
    libc::FUTEX_WAIT_BITSET.cast_unsigned(),
    libc::FUTEX_LOCK_PI.cast_unsigned(),
    libc::FUTEX_LOCK_PI2.cast_unsigned(),
    libc::FUTEX_WAIT_REQUEUE_PI.cast_unsigned(),
];

/// Does this if an argument, as far as the mask goes, is one of these numbers; otherwise allows the call.
fn if_one_of(which: usize, mask: u32, numbers: &[u32], then: Vec<sock_filter>) -> Vec<sock_filter> {
    let mut code = vec![load(argument(which)), statement(BPF_ALU | BPF_AND | BPF_K, mask)];
    for (at, number) in numbers.iter().enumerate() {
        let others = u8::try_from(numbers.len() - at).expect("a few numbers");
        code.push(skip_unless(BPF_JEQ, *number, others, 0));
    }
    code.push(allow());
    code.extend(then);
    code
}

fn notify() -> sock_filter {
    answer(libc::SECCOMP_RET_USER_NOTIF)
}

fn allow() -> sock_filter {
    answer(libc::SECCOMP_RET_ALLOW)
}

/// Puts the filter on the calling process. Returns the descriptor at which its calls are announced, if
/// any are.
pub(super) fn install(code: &[sock_filter], announced: Announced) -> Result<i32, Errno> {
    let flags = if announced == Announced::Nothing {
        0
    } else {
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
    };
    seccomp::install(code, flags)
}
