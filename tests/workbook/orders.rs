//! Two processes initialise a semaphore, and then take it. This test makes their calls on the real kernel in
//! every order that is possible. The book's picture of the race shows what was recorded here, so it does not
//! have to know how the kernel behaves.

use ipc_workbook::sysv::sem::*;
use ipc_workbook_testing::prelude::*;
use nix::errno::Errno;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

const FILE: &str = "lessons/21-system-v-keys/output/orders.json";
const KEY: i32 = 0x6f72_6465;

/// What a process knows while it makes its three calls.
#[derive(Default)]
struct Program {
    semid: i32,
    /// Whether this process created the set.
    created: bool,
    /// Whether it has seen that the set is ready.
    ready: bool,
}

/// Makes a call, and returns it with its result. The number of the call is from 0 to 2.
type Protocol = fn(&mut Program, usize) -> String;

#[test]
fn the_recorded_orders_match_the_kernel() {
    private(|| {
        let protocols: [(&str, Protocol); 2] = [
            ("Each process sets the value", each_sets_the_value),
            (
                "The creator sets the value with semop, and the other process looks at sem_otime",
                waits_for_otime,
            ),
        ];
        let recorded: Vec<Value> = protocols
            .iter()
            .map(|(name, protocol)| {
                let runs: Vec<Value> = orders().iter().map(|order| run_in(order, *protocol)).collect();
                json!({ "name": name, "runs": runs })
            })
            .collect();
        compare(&root().join(FILE), &(serde_json::to_string_pretty(&recorded).expect("JSON") + "\n"));
    });
}

fn compare(file: &Path, now: &str) {
    if std::env::var("RECORD").is_ok() {
        std::fs::write(file, now).expect("the recording");
    }
    let recorded = std::fs::read_to_string(file).unwrap_or_default();
    assert!(recorded == now, "{FILE} is out of date; run scripts/record. Now:\n{now}");
}

/// Returns all orders of three calls of A and three calls of B: AAABBB, AABABB, and so on.
fn orders() -> Vec<String> {
    let all = (0..64_u32).map(|bits| -> String {
        (0..6).map(|place| if bits & (32 >> place) == 0 { 'A' } else { 'B' }).collect()
    });
    all.filter(|order| order.matches('A').count() == 3).collect()
}

/// Makes the calls of two processes in this order. Returns the calls with their results, and who has taken
/// the semaphore in the end.
fn run_in(order: &str, protocol: Protocol) -> Value {
    let mut processes = ["A", "B"].map(|label| {
        let (mine, theirs) = UnixStream::pair().expect("a socket pair");
        let process = Forked::start(|| {
            follow(&theirs, protocol);
            Ok(())
        });
        (label, process, mine)
    });
    let (mut calls, mut holders) = (Vec::new(), Vec::new());
    for (label, place) in order.chars().map(String::from).zip(0..) {
        let (_, _, socket) = processes.iter_mut().find(|(other, ..)| *other == label).expect("A or B");
        socket.write_all(b"\n").expect("a process that waits");
        let mut call = String::new();
        BufReader::new(&*socket).read_line(&mut call).expect("a call");
        let call = call.trim_end();
        let is_the_last = !order[place + 1..].contains(&label);
        if is_the_last && call.ends_with(") = 0") {
            holders.push(label);
        }
        calls.push(call.to_string());
    }
    let semid = semget(KEY, 0, 0).expect("the set");
    let value = semctl(semid, 0, GETVAL).expect("its value");
    semctl(semid, 0, IPC_RMID).expect("removed");
    for (_, process, socket) in processes {
        drop(socket);
        process.result().expect("a process that ends");
    }
    holders.sort();
    json!({ "order": order, "calls": calls, "holders": holders, "value": value })
}

/// A process makes its next call each time that it is told to.
fn follow(socket: &UnixStream, protocol: Protocol) {
    let (mut program, mut turns) = (Program::default(), BufReader::new(socket).lines());
    for n in 0..3 {
        turns.next().expect("a turn").expect("a line");
        let call = protocol(&mut program, n);
        writeln!(&mut &*socket, "{call}").expect("a reader");
    }
}

/// What sem_init_race shows: the value is set by everybody, to be on the safe side.
fn each_sets_the_value(program: &mut Program, n: usize) -> String {
    match n {
        0 => {
            let made = semget(KEY, 1, IPC_CREAT | 0o600);
            program.semid = made.unwrap_or(-1);
            format!("semget(KEY, 1, IPC_CREAT|0600) = {}", result(made.map(|_| "semid")))
        }
        1 => {
            let set = semctl(program.semid, 0, SETVAL(1));
            format!("semctl(semid, 0, SETVAL, 1) = {}", result(set.map(|()| "0")))
        }
        _ => take(program),
    }
}

/// What sem_init_otime shows: only the creator gives the value, and its `semop` marks the set as ready.
fn waits_for_otime(program: &mut Program, n: usize) -> String {
    match (n, program.created) {
        (0, _) => {
            let made = semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0o600);
            program.created = made.is_ok();
            program.semid = made.or_else(|_| semget(KEY, 1, 0o600)).unwrap_or(-1);
            format!("semget(KEY, 1, IPC_CREAT|IPC_EXCL|0600) = {}", result(made.map(|_| "semid")))
        }
        (1, true) => {
            program.ready = true;
            let given = semop(program.semid, &[Sembuf::new(0, 1, 0)]);
            format!("semop(semid, [{{0, 1, 0}}], 1) = {}", result(given.map(|()| "0")))
        }
        (1, false) => {
            let otime = semctl(program.semid, 0, IPC_STAT).expect("the set").sem_otime;
            program.ready = otime > 0;
            let seen = if program.ready { "a time: ready" } else { "0: not ready" };
            format!("semctl(semid, 0, IPC_STAT), sem_otime is {seen}")
        }
        _ if program.ready => take(program),
        _ => "no semop: it must look at sem_otime again".into(),
    }
}

fn take(program: &Program) -> String {
    let taken = semop(program.semid, &[Sembuf::new(0, -1, IPC_NOWAIT)]);
    format!("semop(semid, [{{0, -1, IPC_NOWAIT}}], 1) = {}", result(taken.map(|()| "0")))
}

fn result(result: Result<&str, Errno>) -> String {
    result.map_or_else(|errno| format!("-1 {errno:?}"), String::from)
}
