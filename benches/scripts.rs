//! Measures how long list_ipc.sh takes, as the best of five runs, with more and more objects and with
//! more and more processes that hold objects. It runs in a private namespace, which has no other objects.
//!
//!     cargo bench --bench scripts
#![allow(unsafe_code)]

use ipc_workbook::private::Namespace;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const INSIDE: &str = "IPC_WORKBOOK_BENCH_INSIDE";

fn main() {
    if std::env::var_os(INSIDE).is_some() {
        return measure();
    }
    let mut inside = Command::new(std::env::current_exe().expect("this program"));
    inside.env(INSIDE, "1");
    Namespace::new().with_own_processes().before_exec(&mut inside);
    match inside.status() {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(error) => println!("not seen: there is no private namespace here: {error}"),
    }
}

fn measure() {
    println!("seconds of wall time     10 processes    100 processes");
    for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
        let mut rows = Vec::new();
        for objects in [1_000, 10_000] {
            let row = [10, 100].map(|processes| seconds(shell, objects, processes));
            println!("{:<10} {objects:>6} objects {:>12.3} {:>15.3}", shell[0], row[0], row[1]);
            rows.push(row);
        }
        let ratio = |column: usize| rows[1][column] / rows[0][column];
        println!("{:<10}   ten times as many {:>8.1} {:>15.1}", "", ratio(0), ratio(1));
    }
    for sets in [100, 1_000] {
        let made: Vec<i32> = (0..sets).map(|_| new_set()).collect();
        let (best, bare) = (best(&["dash"]), time(&["dash"], &["--name", "none"]));
        println!("{sets} System V semaphore sets: {best:.3}, of which {bare:.3} without them");
        for set in made {
            // SAFETY: numbers only.
            unsafe { libc::semctl(set, 0, libc::IPC_RMID) };
        }
    }
}

/// Returns the time for `objects` objects and `processes` processes, each of which holds one.
fn seconds(shell: &[&str], objects: usize, processes: usize) -> f64 {
    let name = |n: usize| format!("/dev/shm/object-{}", n % objects);
    (0..objects).for_each(|n| fs::write(name(n), "").expect("a file"));
    let hold = |n: usize| {
        let file = File::open(name(n)).expect("an object");
        Command::new("sleep").arg("600").stdin(file).spawn().expect("sleep")
    };
    let holders: Vec<Child> = (0..processes).map(hold).collect();
    let best = best(shell);
    for mut holder in holders {
        holder.kill().expect("killed");
        holder.wait().expect("waited");
    }
    (0..objects).for_each(|n| fs::remove_file(name(n)).expect("removed"));
    best
}

fn best(shell: &[&str]) -> f64 {
    (0..5).map(|_| time(shell, &[])).fold(f64::MAX, f64::min)
}

fn time(shell: &[&str], words: &[&str]) -> f64 {
    let start = Instant::now();
    let status = Command::new(shell[0])
        .args(&shell[1..])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/list_ipc.sh"))
        .args(words)
        .stdout(Stdio::null())
        .status();
    match status {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(_) => return f64::NAN, // this shell is not installed
    }
    start.elapsed().as_secs_f64()
}

fn new_set() -> i32 {
    // SAFETY: numbers only.
    let set = unsafe { libc::semget(libc::IPC_PRIVATE, 1, 0o600) };
    assert!(set >= 0, "semget: {}", std::io::Error::last_os_error());
    set
}
