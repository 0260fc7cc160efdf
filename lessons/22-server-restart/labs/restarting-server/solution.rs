//! A server that comes back: PROGRAM KEY

use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::Relaxed};

static OVER: AtomicBool = AtomicBool::new(false);
static MSQID: AtomicI32 = AtomicI32::new(-1);

/// A flag would not do: the signal may come after the look at it, and before `msgrcv` waits. The
/// queue goes here, so no `msgrcv` waits for it any longer.
extern "C" fn end(_: i32) {
    OVER.store(true, Relaxed);
    // A system call and no more; by its identifier, so never that of a successor.
    unsafe { libc::msgctl(MSQID.load(Relaxed), libc::IPC_RMID, std::ptr::null_mut()) };
}

/// A queue of its own: whatever is in the old one goes with it. Somebody else who starts
/// may come between any two of these calls, so each surprise means: look again.
fn take_over(key: key_t) -> Result<i32, Errno> {
    loop {
        match msgget(key, IPC_CREAT | IPC_EXCL | 0o600) {
            Err(Errno::EEXIST) => {}
            other => return other,
        }
        match msgget(key, 0).and_then(|old| msgctl(old, IPC_RMID)) {
            Err(Errno::EPERM) => return Err(Errno::EPERM), // another user's
            _ => {}
        }
    }
}

/// Answers a request. The answer to `7 hello` is a message of type 7.
fn answer(msqid: i32, request: &[u8]) {
    let request = String::from_utf8_lossy(request);
    let Some((client, words)) = request.split_once(' ') else { return };
    let Some(client) = client.parse().ok().filter(|client| *client > 1) else { return };
    // Any other error comes back with the next msgrcv.
    while msgsnd(msqid, client, words.to_ascii_uppercase().as_bytes(), 0) == Err(Errno::EINTR) {}
}

fn main() -> Result<(), Errno> {
    let args: Vec<String> = std::env::args().collect();
    let [_, key] = &args[..] else {
        eprintln!("use: {} KEY", args[0]);
        std::process::exit(2);
    };
    let key = key_t::from_str_radix(key.trim_start_matches("0x"), 16).expect("a key in hexadecimal");
    // Before there is anything to remove.
    let action = SigAction::new(SigHandler::Handler(end), SaFlags::empty(), SigSet::empty());
    unsafe { sigaction(Signal::SIGTERM, &action)? };
    let msqid = take_over(key)?;
    MSQID.store(msqid, Relaxed);
    while !OVER.load(Relaxed) {
        let mut text = [0; 64];
        match msgrcv(msqid, &mut text, 1, MSG_NOERROR) {
            Ok((length, _)) => answer(msqid, &text[..length]),
            Err(Errno::EINTR) => {}
            Err(_) if OVER.load(Relaxed) => break,
            Err(errno) => return Err(errno), // somebody else has taken over
        }
    }
    let _ = msgctl(msqid, IPC_RMID); // for a signal that came before MSQID was known
    Ok(())
}
