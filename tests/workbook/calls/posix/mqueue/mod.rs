//! `<mqueue.h>`.

mod attributes;
mod close;
mod listener;
mod messages;
mod notify;
mod open;
mod system_calls;
mod timeouts;

use super::*;
use ipc_workbook::mqueue::*;
use ipc_workbook::signal::{SigEvent, SigVal};
use libc::{O_NONBLOCK, O_RDONLY, O_WRONLY};
use std::ffi::CStr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const Q: &CStr = c"/q";
const FILE: &str = "/dev/mqueue/q";
const SENDING: &[c_long] = &[libc::SYS_mq_timedsend];
const RECEIVING: &[c_long] = &[libc::SYS_mq_timedreceive];

/// Creates a queue of two messages of eight bytes.
fn queue(flags: c_int) -> Mqd {
    mq_open(Q, O_CREAT | O_EXCL | O_RDWR | flags, 0o600, Some(&MqAttr::new(2, 8))).expect("mq_open")
}

/// Creates such a queue, with two messages of one byte in it.
fn full(flags: c_int) -> Mqd {
    let mq = queue(flags);
    mq_send(&mq, b"1", 0).expect("mq_send");
    mq_send(&mq, b"2", 0).expect("mq_send");
    mq
}

fn unlink() {
    mq_unlink(Q).expect("mq_unlink");
}

/// Returns a handle whose descriptor is not a queue.
fn no_queue() -> Mqd {
    Mqd::from_fd(std::fs::File::open("/dev/null").expect("/dev/null").into())
}

/// Returns the kernel's line about the queue, such as `QSIZE:5 NOTIFY:0 SIGNO:0 NOTIFY_PID:0`. Reads it
/// through the descriptor, because closing another one would remove a registration.
fn status(mq: &Mqd) -> String {
    let mut line = [0; 128];
    let length = nix::sys::uio::pread(mq, &mut line, 0).expect("the status line");
    let line = String::from_utf8_lossy(&line[..length]).into_owned();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn bytes_queued(mq: &Mqd) -> String {
    status(mq).split_once(' ').expect("fields").0.replace("QSIZE:", "")
}

fn notified_pid(mq: &Mqd) -> String {
    status(mq).rsplit_once("NOTIFY_PID:").expect("fields").1.into()
}

fn my_pid() -> String {
    std::process::id().to_string()
}

fn limit(name: &str) -> c_long {
    let text = std::fs::read_to_string(format!("/proc/sys/fs/mqueue/{name}")).expect("a limit");
    text.trim().parse().expect("a number")
}

fn signal_event(signal: Signal) -> SigEvent {
    SigEvent::Signal { sigev_signo: signal as c_int, sigev_value: SigVal::new(0) }
}
