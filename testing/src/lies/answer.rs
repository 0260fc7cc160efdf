//! The answers of a kernel that lies.

use crate::calls::Call;
use crate::tracer::{After, Before, SystemCall};
use nix::errno::Errno;

/// The answer to a call: its result, and the data that it wrote to the program's memory.
pub(super) struct Answer {
    result: i64,
    told: Vec<u8>,
}

/// Returns the answer of a call that has succeeded.
pub(super) fn answer(call: &SystemCall, name: &str, result: i64) -> Option<Answer> {
    if result < 0 {
        return None;
    }
    let told = told_by(call, name, result).map_or(Vec::new(), |(arg, length)| call.bytes(arg, length));
    Some(Answer { result, told })
}

/// Gives an earlier answer again.
pub(super) fn repeat(call: &SystemCall, name: &str, earlier: &Answer) -> After {
    if let Some((arg, _)) = told_by(call, name, earlier.result) {
        let _ = call.put(arg, &earlier.told);
    }
    After::Answer(earlier.result)
}

/// Returns which argument points to the data that a call returns, and the size of the data.
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
        // Only the first of the values.
        "semctl" if call.int(2) == libc::GETALL => Some((3, size_of::<u16>())),
        "semctl" if is_stat(2) => Some((3, size_of::<libc::semid_ds>())),
        _ => None,
    }
}

/// Whether the program uses the memory that the call returns.
pub(super) fn is_memory(call: &str) -> bool {
    matches!(call, "mmap" | "shmat")
}

/// Decides what to do in place of a call that is skipped. A program that asks for an object's memory gets
/// private memory instead, because without any, SIGSEGV would end it at the first access.
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

/// Marks memory that was given in place of an object's: its first byte gets a value that the program has
/// not written. A semaphore there has that value, and no waiters.
pub(super) fn memory_of_nobody(call: &SystemCall, address: i64) -> After {
    const UNLIKELY_VALUE: u8 = 7;
    if address > 0 {
        // Read-only memory keeps its zero.
        let _ = call.put_at(address.cast_unsigned(), &[UNLIKELY_VALUE]);
    }
    After::Keep
}

/// A byte that the program has not written. The old contents of its buffer might be the right answer.
const NOBODYS: u8 = 1;

/// Returns the answer to a call that was skipped: success, and for data, bytes that nobody has written.
pub(super) fn success(call: &SystemCall, name: &str, honest: i64) -> After {
    let result = plausible(call, name, honest);
    if let Some((arg, length)) = told_by(call, name, result) {
        // A program that passed no address gets no data.
        let _ = call.put(arg, &vec![NOBODYS; length]);
    }
    After::Answer(result)
}

/// Returns the result for a call that was skipped: that of the honest run if the call succeeded there,
/// otherwise a plausible one. If the program wants to know the result itself, it gets another one.
fn plausible(call: &SystemCall, name: &str, honest: i64) -> i64 {
    const AN_IDENTIFIER: i64 = 2_031_623; // no object has it
    match name {
        "dup2" | "dup3" => call.int(1).into(),
        // The child that the program waits for has another pid in each run.
        "wait4" if call.int(0) > 0 => call.int(0).into(),
        _ if is_question(call, name, honest) => i64::from(honest <= 0),
        "msgget" | "semget" | "shmget" => AN_IDENTIFIER,
        _ if honest >= 0 => honest,
        "mq_open" | "openat" | "dup" | "socket" => call.next_descriptor(),
        _ => 0,
    }
}

/// Whether the program makes the call only for its result: a flag, a value, a pid or a mask.
fn is_question(call: &SystemCall, name: &str, honest: i64) -> bool {
    let asks = |command, questions: &[i32]| questions.contains(&call.int(command));
    match name {
        "fcntl" => asks(1, &[libc::F_GETFD, libc::F_GETFL]),
        "semctl" => asks(2, &[libc::GETVAL, libc::GETPID, libc::GETNCNT, libc::GETZCNT]),
        "kcmp" | "umask" | "setfsuid" => true,
        "read" | "pread64" => honest == 0, // the program learns whether it is the end
        _ => false,
    }
}

/// Returns an error that the call can fail with and did not. An error such as ENOENT, which a program may
/// take for an answer, comes first.
pub(super) fn error(known: &Call, result: i64) -> Option<i64> {
    // These errors come last: after them a claim is often only not seen, which shows less.
    const NO_ANSWER: [&str; 6] = ["EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EINTR", "ENOSYS"];
    let mut errnos: Vec<&str> = known.errnos.iter().copied().filter(|name| -number(name) != result).collect();
    errnos.sort_by_key(|name| (NO_ANSWER.contains(name), *name != "ENOENT"));
    errnos.first().map(|name| -number(name))
}

/// Returns the number of an errno.
fn number(name: &str) -> i64 {
    const GREATEST: i32 = 133;
    let named = |errno: &i32| format!("{:?}", Errno::from_raw(*errno)) == name;
    (1..=GREATEST).find(named).unwrap_or_else(|| panic!("{name} is not an errno")).into()
}
