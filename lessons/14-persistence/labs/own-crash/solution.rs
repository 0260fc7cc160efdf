//! Puts the orders 1 to COUNT on a queue, each once, however often it is killed: PROGRAM /NAME COUNT

use ipc_workbook::mqueue::{MqAttr, mq_getattr, mq_open, mq_send};
use libc::{O_CREAT, O_RDWR};
use std::ffi::CString;
use std::fs::File;
use std::os::fd::AsFd;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, count] = &args[..] else {
        eprintln!("use: {} /NAME COUNT", args[0]);
        std::process::exit(2);
    };
    let name = CString::new(name.as_str()).expect("no NUL");
    let count = count.parse().expect("a number");
    // Without O_EXCL: a leftover is as good as a new queue.
    let mq = mq_open(&name, O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(count, 16))).expect("mq_open");
    // On Linux the descriptor of a queue is one of a file, and the kernel takes a lock back from the dead.
    // It belongs to the open queue, which both descriptors share.
    let file = File::from(mq.as_fd().try_clone_to_owned().expect("dup"));
    if file.try_lock().is_err() {
        eprintln!("another instance is at work");
        std::process::exit(3);
    }
    // The messages on the queue are the only record of what is done. A second one could disagree.
    let done = mq_getattr(&mq).expect("mq_getattr").mq_curmsgs;
    for order in done + 1..=count {
        mq_send(&mq, order.to_string().as_bytes(), 0).expect("mq_send");
    }
}
