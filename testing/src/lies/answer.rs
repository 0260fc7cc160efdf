//! What a kernel that lies answers.

use crate::calls::Call;
use crate::tracer::{After, Before, SystemCall};
use nix::errno::Errno;

/// What a call gave: its result, and what it put into the program's memory.
pub(super) struct Answer {
    result: i64,
    told: Vec<u8>,
}

/// What a call that has succeeded gave.
pub(super) fn answer(call: &SystemCall, name: &str, result: i64) -> Option<Answer> {
    if result < 0 {
        return None;
    }
    let told = told_by(call, name, result).map_or(Vec::new(), |(arg, length)| call.bytes(arg, length));
    Some(Answer { result, told })
}

/// Gives an earlier answer once more.
pub(super) fn repeat(call: &SystemCall, name: &str, earlier: &Answer) -> After {
    if let Some((arg, _)) = told_by(call, name, earlier.result) {
        let _ = call.put(arg, &earlier.told);
    }
    After::Answer(earlier.result)
}

/// Which argument leads to what a call tells, and how many bytes that is.
fn told_by(call: &SystemCall, name: &str, result: i64) -> Option<(usize, usize)> {
    let length = usize::try_from(result).unwrap_or(0);
    let is_stat = |command| call.int(command) & 0xff == libc::IPC_STAT;
    match name {
        "newfstatat" => Some((2, size_of::<libc::stat>())),
        "statx" => Some((4, size_of::<libc::statx>())),
        "mq_getsetattr" => Some((2, size_of::<libc::mq_attr>())),
        "read" | "pread64" | "getdents64" | "mq_timedreceive" => Some((1, length)),
        "wait4" => Some((1, size_of::<libc::c_int>())),
        "msgrcv" => Some((1, size_of::<libc::c_long>() + length)),
        "msgctl" if is_stat(1) => Some((2, size_of::<libc::msqid_ds>())),
        "shmctl" if is_stat(1) => Some((2, size_of::<libc::shmid_ds>())),
        // The first of the values.
        "semctl" if call.int(2) == libc::GETALL => Some((3, size_of::<u16>())),
        "semctl" if is_stat(2) => Some((3, size_of::<libc::semid_ds>())),
        _ => None,
    }
}

/// Whether a program touches what the call gives it.
pub(super) fn is_memory(call: &str) -> bool {
    matches!(call, "mmap" | "shmat")
}

/// What is done in place of a call that is not made: a program that asks for an object's memory
/// gets some that is nobody else's. Without any, a signal would end it at its first touch.
pub(super) fn instead_of(call: &SystemCall, name: &str) -> Before {
    let number = |flags: i32| u64::try_from(flags).unwrap_or(0);
    let nowhere = u64::MAX; // the descriptor -1
    match name {
        "mmap" => {
            let mut args = call.args;
            args[3] |= number(libc::MAP_ANONYMOUS);
            args[4] = nowhere;
            Before::MakeInstead(libc::SYS_mmap, args)
        }
        "shmat" => {
            const ENOUGH: u64 = 1 << 20;
            let protection = number(libc::PROT_READ | libc::PROT_WRITE);
            let flags = number(libc::MAP_SHARED | libc::MAP_ANONYMOUS);
            Before::MakeInstead(libc::SYS_mmap, [0, ENOUGH, protection, flags, nowhere, 0])
        }
        _ => Before::Skip,
    }
}

/// Memory that was given in place of an object's: it begins with a byte that nobody has written. A
/// semaphore there has that value, and no waiters.
pub(super) fn memory_of_nobody(call: &SystemCall, address: i64) -> After {
    const UNLIKELY_VALUE: u8 = 7;
    if address > 0 {
        // Memory that cannot be written to keeps its zero.
        let _ = call.put_at(address.cast_unsigned(), &[UNLIKELY_VALUE]);
    }
    After::Keep
}

/// What a byte is that nobody has written. (What a program has in its memory by chance may be the truth.)
const NOBODYS: u8 = 1;

/// The answer to a call that was not made: success, and where the call tells something, bytes that
/// nobody has written.
pub(super) fn success(call: &SystemCall, name: &str, honest: i64) -> After {
    let result = plausible(call, name, honest);
    if let Some((arg, length)) = told_by(call, name, result) {
        // A program that gave no place for it gets none.
        let _ = call.put(arg, &vec![NOBODYS; length]);
    }
    After::Answer(result)
}

/// The result of a call that was not made: as in an honest run, if that call succeeded; otherwise as
/// it would be if it had. Where the result itself is what the program wants to know, another one.
fn plausible(call: &SystemCall, name: &str, honest: i64) -> i64 {
    const AN_IDENTIFIER: i64 = 2_031_623; // of no object
    match name {
        "dup2" | "dup3" => call.int(1).into(),
        // The process that is waited for has another id in each run.
        "wait4" if call.int(0) > 0 => call.int(0).into(),
        _ if is_question(call, name, honest) => i64::from(honest <= 0),
        "msgget" | "semget" | "shmget" => AN_IDENTIFIER,
        _ if honest >= 0 => honest,
        "mq_open" | "openat" | "dup" | "socket" => call.next_descriptor(),
        _ => 0,
    }
}

/// Whether the result is the answer to a question: a flag, a value, a pid, a mask.
fn is_question(call: &SystemCall, name: &str, honest: i64) -> bool {
    let asks = |command, questions: &[i32]| questions.contains(&call.int(command));
    match name {
        "fcntl" => asks(1, &[libc::F_GETFD, libc::F_GETFL]),
        "semctl" => asks(2, &[libc::GETVAL, libc::GETPID, libc::GETNCNT, libc::GETZCNT]),
        "kcmp" | "umask" | "setfsuid" => true,
        "read" | "pread64" => honest == 0, // whether it is the end
        _ => false,
    }
}

/// An error that the call may give, and has not given: first that nothing is there, which a program
/// may take for an answer.
pub(super) fn error(known: &Call, result: i64) -> Option<i64> {
    // A claim is not seen when a limit was reached first; that is the weaker lie.
    const NO_ANSWER: [&str; 6] = ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EINTR", "ENOSYS"];
    let mut errnos: Vec<&str> = known.errnos.iter().copied().filter(|name| -number(name) != result).collect();
    errnos.sort_by_key(|name| (NO_ANSWER.contains(name), *name != "ENOENT"));
    errnos.first().map(|name| -number(name))
}

/// The number of an errno, by its name.
fn number(name: &str) -> i64 {
    const GREATEST: i32 = 133;
    let named = |errno: &i32| format!("{:?}", Errno::from_raw(*errno)) == name;
    (1..=GREATEST).find(named).unwrap_or_else(|| panic!("{name} is no errno")).into()
}
