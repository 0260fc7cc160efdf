//! The seccomp filter of a submission: which calls are forbidden, and which are announced before they are
//! made. It is built from the table of calls.

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
    /// No calls: the program is a tool of the system.
    Nothing,
    /// Calls that wait for time, so that nobody need really wait.
    Waits,
    /// All but the harmless calls: a schedule decides when each is made.
    AllButHarmless,
}

/// Returns the filter as a BPF program.
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
            Does::Only(which, numbers, errno) => refuse_others(which, numbers, Errno::from_raw(errno)),
            _ if announced == Announced::Nothing => continue,
            _ => announce(call, announced),
        };
        let length = u8::try_from(then.len()).expect("a few instructions");
        code.push(skip_unless(BPF_JEQ, number(call.number), 0, length));
        code.extend(then);
    }
    // A call that is not in the table may change an object.
    code.push(if announced == Announced::AllButHarmless { notify() } else { allow() });
    code
}

/// Allows the call if an argument is one of these numbers, and refuses it otherwise.
fn refuse_others(which: usize, numbers: &[i32], errno: Errno) -> Vec<sock_filter> {
    let mut code = vec![load(argument(which))];
    for (at, number) in numbers.iter().enumerate() {
        let to_allow = u8::try_from(numbers.len() - at).expect("a few numbers");
        code.push(skip_unless(BPF_JEQ, number.cast_unsigned(), to_allow, 0));
    }
    code.extend([refuse(errno), allow()]);
    code
}

/// Returns the instructions for a call of the table.
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

/// Announces a wait if it has a time limit that is not zero.
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
            // This argument of futex is a time limit only in operations that wait.
            if call.number == libc::SYS_futex { if_one_of(1, 0x7f, &FUTEX_WAITS, given) } else { given }
        }
    }
}

/// The futex operations that wait.
const FUTEX_WAITS: [u32; 5] = [
    libc::FUTEX_WAIT.cast_unsigned(),
    libc::FUTEX_WAIT_BITSET.cast_unsigned(),
    libc::FUTEX_LOCK_PI.cast_unsigned(),
    libc::FUTEX_LOCK_PI2.cast_unsigned(),
    libc::FUTEX_WAIT_REQUEUE_PI.cast_unsigned(),
];

/// Runs `then` if an argument, under the mask, is one of these numbers; otherwise allows the call.
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

/// Installs the filter in the calling process. Returns the descriptor where its calls are announced, if any
/// are.
pub(super) fn install(code: &[sock_filter], announced: Announced) -> Result<i32, Errno> {
    let flags = if announced == Announced::Nothing {
        0
    } else {
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
    };
    seccomp::install(code, flags)
}
