//! Compares the cost of a wrapped call, when no listener is registered, with that of the plain libc call.
//!
//!     cargo bench
//!
//! It counts the instructions of a pair of `mq_send` and `mq_receive`, raw and wrapped. `perf stat`
//! counts all of them, also those of the kernel. On machines where `perf` cannot do this,
//! `valgrind --tool=callgrind` counts the program's own. It also measures the processor time of many
//! pairs, alternately raw and wrapped, and takes the best of each, because other programs disturb it.
#![allow(unsafe_code)]

use ipc_workbook::mqueue::{MqAttr, Mqd, mq_open, mq_receive, mq_send, mq_unlink};
use std::ffi::CString;
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("raw") => raw(&queue(), pairs(&args)),
        Some("wrapped") => wrapped(&queue(), pairs(&args)),
        _ => compare(),
    }
}

fn pairs(args: &[String]) -> u32 {
    args.get(2).and_then(|n| n.parse().ok()).unwrap_or(1000)
}

/// Creates a queue without a name, so that nothing is left behind, whatever happens.
fn queue() -> Mqd {
    let name = CString::new(format!("/ipc-workbook-bench.{}", std::process::id())).expect("no NUL");
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR;
    let mq = mq_open(&name, flags, 0o600, Some(&MqAttr::new(1, 64))).expect("a queue");
    mq_unlink(&name).expect("unlinked");
    mq
}

#[inline(never)]
fn raw(mq: &Mqd, pairs: u32) {
    let fd = mq.as_raw_fd();
    let mut buffer = [0u8; 64];
    for _ in 0..pairs {
        let mut prio = 0;
        // SAFETY: the lengths are those of the buffers, and the buffers outlive the calls.
        let ok = unsafe {
            libc::mq_send(fd, b"hello".as_ptr().cast(), 5, 0) == 0
                && libc::mq_receive(fd, buffer.as_mut_ptr().cast(), buffer.len(), &raw mut prio) == 5
        };
        assert!(ok && prio == 0);
    }
}

#[inline(never)]
fn wrapped(mq: &Mqd, pairs: u32) {
    let mut buffer = [0u8; 64];
    for _ in 0..pairs {
        let ok = mq_send(mq, b"hello", 0).is_ok() && mq_receive(mq, &mut buffer) == Ok((5, 0));
        assert!(ok);
    }
}

fn compare() {
    if let Some(raw) = per_pair(instructions_of_all, "raw") {
        let wrapped = per_pair(instructions_of_all, "wrapped").unwrap_or(f64::NAN);
        println!("instructions a pair, kernel included: {}", ratio(raw, wrapped));
    } else if let Some(raw) = per_pair(instructions_of_ours, "raw") {
        let wrapped = per_pair(instructions_of_ours, "wrapped").unwrap_or(f64::NAN);
        println!("instructions a pair, outside the kernel: {}", ratio(raw, wrapped));
        println!("(this machine cannot count those of the kernel, which are by far the most)");
    } else {
        println!("instructions: not seen; neither perf nor valgrind can count them here");
    }
    let mq = queue();
    let (mut best_raw, mut best_wrapped) = (f64::MAX, f64::MAX);
    for _ in 0..40 {
        best_raw = best_raw.min(nanoseconds(|| raw(&mq, 5000)) / 5000.0);
        best_wrapped = best_wrapped.min(nanoseconds(|| wrapped(&mq, 5000)) / 5000.0);
    }
    println!("processor time a pair, ns: {}", ratio(best_raw, best_wrapped));
}

fn ratio(raw: f64, wrapped: f64) -> String {
    format!("raw {raw:.1}, wrapped {wrapped:.1}, {:+.2} %", (wrapped / raw - 1.0) * 100.0)
}

/// Returns the cost of a pair, from two runs of different lengths, so that the start cancels out.
fn per_pair(count: fn(&str, u32) -> Option<f64>, which: &str) -> Option<f64> {
    Some((count(which, 11_000)? - count(which, 1000)?) / 10_000.0)
}

fn instructions_of_all(which: &str, pairs: u32) -> Option<f64> {
    let me = std::env::current_exe().ok()?;
    let events = "instructions:u,instructions:k";
    let perf = Command::new("perf")
        .args(["stat", "-x,", "-e", events])
        .arg(me)
        .args([which, &pairs.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&perf.stderr).into_owned();
    let counts: Vec<f64> = text.lines().filter_map(|line| line.split(',').next()?.parse().ok()).collect();
    (counts.len() == 2).then(|| counts.iter().sum())
}

fn instructions_of_ours(which: &str, pairs: u32) -> Option<f64> {
    let me = std::env::current_exe().ok()?;
    let valgrind = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(me)
        .args([which, &pairs.to_string()])
        .stdout(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&valgrind.stderr).into_owned();
    text.lines().find_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok())
}

/// Returns the processor time that `work` takes in this process.
fn nanoseconds(work: impl FnOnce()) -> f64 {
    let now = || nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("the clock");
    let before = std::time::Duration::from(now());
    work();
    #[allow(clippy::cast_precision_loss)]
    let spent = std::time::Duration::from(now()).saturating_sub(before).as_nanos() as f64;
    spent
}
