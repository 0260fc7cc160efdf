//! Sends a message to a queue of the IPC namespace of a process, without entering it: PROGRAM PID /NAME TEXT

use ipc_workbook::call::{Errno, Result};
use ipc_workbook::fcntl::open;
use ipc_workbook::mqueue::{Mqd, mq_open, mq_send};
use libc::{O_NONBLOCK, O_WRONLY};
use std::ffi::CString;
use std::fs::{metadata, read_to_string};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::process::exit;

/// Whether the process is in this program's IPC namespace.
fn in_this_namespace(pid: u32) -> io::Result<bool> {
    let (own, theirs) = (metadata("/proc/self/ns/ipc")?, metadata(format!("/proc/{pid}/ns/ipc"))?);
    Ok((own.dev(), own.ino()) == (theirs.dev(), theirs.ino()))
}

/// Whether the process, which is in another namespace, has a `/dev/mqueue` that shows another one than ours.
fn has_a_mount(pid: u32) -> io::Result<bool> {
    let mounts = read_to_string(format!("/proc/{pid}/mounts"))?;
    // The last mount covers the others.
    let kind = mounts.lines().rev().find_map(|line| line.split_once(" /dev/mqueue "));
    if !kind.is_some_and(|(_, kind)| kind.starts_with("mqueue ")) {
        return Ok(false);
    }
    let theirs = metadata(format!("/proc/{pid}/root/dev/mqueue"))?;
    Ok(theirs.dev() != metadata("/dev/mqueue")?.dev())
}

fn open_queue(pid: u32, name: &str, same: bool) -> Result<Mqd> {
    const FLAGS: i32 = O_WRONLY | O_NONBLOCK;
    let c_string = |text: &str| CString::new(text).map_err(|_| Errno::EINVAL);
    if same {
        return mq_open(&c_string(name)?, FLAGS, 0, None);
    }
    let path = c_string(&format!("/proc/{pid}/root/dev/mqueue{name}"))?;
    open(&path, FLAGS, 0).map(Mqd::from_fd)
}

fn end(what: &str, error: impl std::fmt::Display, code: i32) -> ! {
    eprintln!("{what}: {error}");
    exit(code)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [pid, name, text] = &args[..] else { end("use", "PROGRAM PID /NAME TEXT", 2) };
    let Ok(pid @ 1..) = pid.parse() else { end(pid, "not a process", 2) };
    let same = in_this_namespace(pid).unwrap_or_else(|error| {
        let code = if error.kind() == io::ErrorKind::NotFound { 3 } else { 1 };
        end("the namespace of the process", error, code)
    });
    if !same {
        match has_a_mount(pid) {
            Ok(true) => {}
            Ok(false) => end("/dev/mqueue of the process", "shows another namespace", 6),
            Err(error) => end("/dev/mqueue of the process", error, 1),
        }
    }
    let queue = open_queue(pid, name, same)
        .unwrap_or_else(|errno| end(name, errno, if errno == Errno::ENOENT { 4 } else { 1 }));
    if let Err(errno) = mq_send(&queue, text.as_bytes(), 0) {
        end("mq_send", errno, if errno == Errno::EAGAIN { 5 } else { 1 });
    }
    println!("{}", if same { "same" } else { "other" });
}
