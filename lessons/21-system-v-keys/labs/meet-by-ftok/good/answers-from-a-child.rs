//! In Rust: the talking is done by a child after fork, and the parent passes its exit code on.

use libc::{IPC_CREAT, IPC_RMID, c_long};
use std::ffi::CString;
use std::io::Error;

#[repr(C)]
struct Message {
    mtype: c_long,
    mtext: [u8; 1000],
}

fn talk(queue: i32, text: Option<&str>) -> Result<(), Error> {
    let mut message = Message { mtype: 1, mtext: [0; 1000] };
    let check = |result: isize| if result == -1 { Err(Error::last_os_error()) } else { Ok(result as usize) };
    let pointer = (&raw mut message).cast();
    unsafe {
        if let Some(text) = text {
            message.mtext[..text.len()].copy_from_slice(text.as_bytes());
            check(libc::msgsnd(queue, pointer, text.len(), 0) as isize)?;
            check(libc::msgrcv(queue, pointer, 1000, 2, 0))?;
            check(libc::msgctl(queue, IPC_RMID, std::ptr::null_mut()) as isize)?;
        } else {
            let length = check(libc::msgrcv(queue, pointer, 1000, 1, 0))?;
            message.mtext[..length].make_ascii_uppercase();
            message.mtype = 2;
            check(libc::msgsnd(queue, pointer, length, 0) as isize)?;
        }
    }
    Ok(())
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (file, id, text) = match &args[..] {
        [role, file, id] if role == "server" => (file, id, None),
        [role, file, id, text] if role == "client" => (file, id, Some(text.as_str())),
        _ => std::process::exit(2),
    };
    let file = CString::new(file.as_str()).expect("a path without a NUL");
    let key = unsafe { libc::ftok(file.as_ptr(), id.parse().expect("a number")) };
    if key == -1 {
        std::process::exit(3);
    }
    let queue = unsafe { libc::msgget(key, IPC_CREAT | 0o600) };
    if queue == -1 {
        let refused = Error::last_os_error().raw_os_error() == Some(libc::EACCES);
        std::process::exit(if refused { 4 } else { 1 });
    }
    let child = unsafe { libc::fork() };
    if child == 0 {
        std::process::exit(if talk(queue, text).is_ok() { 0 } else { 1 });
    }
    let mut status = 0;
    while unsafe { libc::waitpid(child, &raw mut status, 0) } == -1 {}
    std::process::exit(libc::WEXITSTATUS(status));
}
