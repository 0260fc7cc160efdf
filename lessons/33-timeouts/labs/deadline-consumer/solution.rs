//! Creates a queue: PROGRAM /NAME

use ipc_workbook::mqueue::{MqAttr, mq_close, mq_open};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CString;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(2);
    };
    let name = CString::new(name.as_str()).expect("no NUL");
    let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64))).expect("mq_open");
    mq_close(mq).expect("mq_close");
}
