//! Receives messages until a deadline: PROGRAM /NAME MILLISECONDS

use ipc_workbook::mqueue::{mq_getattr, mq_open, mq_timedreceive};
use ipc_workbook::time::clock_gettime;
use libc::{CLOCK_REALTIME, O_RDONLY};
use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use std::ffi::CString;
use std::io::Write;
use std::process::exit;
use std::time::Duration;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let milliseconds = args.get(2).and_then(|text| text.parse().ok()).filter(|n| *n > 0);
    let (3, Some(milliseconds)) = (args.len(), milliseconds) else {
        eprintln!("use: {} /NAME MILLISECONDS", args[0]);
        exit(2);
    };
    let now = || clock_gettime(CLOCK_REALTIME).expect("the clock");
    let deadline = now() + TimeSpec::from(Duration::from_millis(milliseconds));
    let name = CString::new(args[1].as_str()).expect("an argument has no NUL");
    let mq = mq_open(&name, O_RDONLY, 0, None).unwrap_or_else(|errno| {
        eprintln!("{}: {errno}", args[1]);
        exit(if errno == Errno::ENOENT { 3 } else { 1 });
    });
    let size = mq_getattr(&mq).expect("the size of a message").mq_msgsize;
    let mut message = vec![0; usize::try_from(size).expect("a size")];
    let mut out = std::io::stdout();
    // While messages are there, mq_timedreceive does not look at the deadline.
    while now() < deadline {
        match mq_timedreceive(&mq, &mut message, &deadline) {
            Ok((length, _)) if &message[..length] == b"end" => return,
            Ok((length, _)) => {
                let line = [&message[..length], b"\n"].concat();
                out.write_all(&line).and_then(|()| out.flush()).expect("standard output");
            }
            Err(Errno::EINTR) => {} // until the same deadline
            Err(Errno::ETIMEDOUT) => break,
            Err(errno) => {
                eprintln!("mq_timedreceive: {errno}");
                exit(1);
            }
        }
    }
    exit(4);
}
