//! Creates a queue, and reports whether this process was the one that created it: PROGRAM /NAME

use ipc_workbook::call::Errno;
use ipc_workbook::mqueue::{MqAttr, mq_open};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1).and_then(|name| CString::new(name).ok()) else {
        eprintln!("use: PROGRAM /NAME");
        return ExitCode::from(2);
    };
    // One call looks and creates, so that nobody comes between.
    match mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64))) {
        Ok(_mq) => ExitCode::SUCCESS,
        Err(Errno::EEXIST) => ExitCode::from(1),
        Err(errno) => {
            eprintln!("mq_open: {errno}");
            ExitCode::from(2)
        }
    }
}
