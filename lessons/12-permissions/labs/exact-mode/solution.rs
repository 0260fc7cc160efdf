//! Creates a queue with exactly the requested mode: PROGRAM /NAME MODE

use ipc_workbook::mqueue::{MqAttr, mq_close, mq_open};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CString;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, mode] = &args[..] else {
        eprintln!("use: {} /NAME MODE", args[0]);
        std::process::exit(2);
    };
    let name = CString::new(name.as_str()).expect("no NUL");
    let mode = u32::from_str_radix(mode, 8).expect("an octal mode");
    // Nothing else is created here, so nobody misses it.
    nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, mode, Some(&MqAttr::new(4, 64))).expect("mq_open");
    mq_close(mq).expect("mq_close");
}
