//! Sends a number to a child through a queue that has no name: PROGRAM /NAME

use ipc_workbook::fcntl::fcntl;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_open, mq_receive, mq_send, mq_unlink};
use libc::{F_SETFD, O_CREAT, O_EXCL, O_RDWR};
use std::error::Error;
use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::process::{Command, exit};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let code = match &args[1..] {
        [flag, fd] if flag == "--receive" => receive(fd),
        [name] => send(name),
        _ => {
            eprintln!("use: {} /NAME", args[0]);
            exit(2);
        }
    };
    exit(code.unwrap_or_else(|error| {
        eprintln!("{error}");
        1
    }));
}

/// The child: it has a descriptor, and knows no name.
fn receive(fd: &str) -> Result<i32, Box<dyn Error>> {
    // SAFETY: the parent says that this descriptor is the child's.
    let mq = Mqd::from_fd(unsafe { OwnedFd::from_raw_fd(fd.parse()?) });
    let mut message = [0; 64];
    let (n, _) = mq_receive(&mq, &mut message)?;
    Ok(str::from_utf8(&message[..n])?.parse()?)
}

fn send(name: &str) -> Result<i32, Box<dyn Error>> {
    let name = CString::new(name)?;
    let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)))?;
    mq_unlink(&name)?;

    // execve closes queue descriptors, unless it is told to leave this one.
    fcntl(&mq, F_SETFD, 0)?;
    let number = mq.as_fd().as_raw_fd().to_string();
    let mut child = Command::new("/proc/self/exe").args(["--receive", &number]).spawn()?;

    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    mq_send(&mq, line.trim().as_bytes(), 0)?;
    Ok(child.wait()?.code().unwrap_or(1))
}
