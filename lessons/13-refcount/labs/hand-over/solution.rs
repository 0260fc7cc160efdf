//! Hands over a queue without a name: PROGRAM give /NAME SOCKET, and PROGRAM take SOCKET

use ipc_workbook::mqueue::{MqAttr, Mqd, mq_open, mq_receive, mq_send, mq_unlink};
use ipc_workbook::socket::{recvmsg, sendmsg};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::error::Error;
use std::ffi::CString;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::exit;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (result, otherwise) = match args[1..] {
        ["give", name, socket] => (give(name, socket), 1),
        ["take", socket] => (take(socket), 255),
        _ => {
            eprintln!("use: {0} give /NAME SOCKET, or {0} take SOCKET", args[0]);
            exit(2);
        }
    };
    exit(result.unwrap_or_else(|error| {
        eprintln!("{error}");
        otherwise
    }));
}

fn give(name: &str, socket: &str) -> Result<i32, Box<dyn Error>> {
    let name = CString::new(name)?;
    let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)))?;
    mq_unlink(&name)?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    mq_send(&mq, line.trim_end_matches('\n').as_bytes(), 0)?;
    sendmsg(UnixStream::connect(socket)?, b"q", &[mq.as_fd()])?;
    Ok(0)
}

fn take(socket: &str) -> Result<i32, Box<dyn Error>> {
    // All that came are handles. The first is kept; the others close when they are dropped, here.
    let (_, descriptors) = recvmsg(UnixStream::connect(socket)?, &mut [0])?;
    let first = descriptors.into_iter().next().ok_or("no descriptor came")?;
    let mut message = [0; 64];
    let (n, _) = mq_receive(&Mqd::from_fd(first), &mut message)?;
    Ok(str::from_utf8(&message[..n])?.parse()?)
}
