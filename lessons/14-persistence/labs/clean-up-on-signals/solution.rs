//! A server that leaves nothing behind, no matter how it ends: PROGRAM [--anew] /NAME

use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_open, mq_receive, mq_unlink};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, raise};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::stat::fstat;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

/// What it has made, and removes when it lets go of it: on the way out of `serve`, whichever it is.
struct Made<'a, T: AsFd> {
    name: &'a CStr,
    object: T,
    unlink: fn(&CStr) -> Result<(), Errno>,
}

impl<T: AsFd> Drop for Made<'_, T> {
    fn drop(&mut self) {
        // No name leads to it any more: what has the name now is somebody else's. (Between this
        // question and the unlink somebody may take it; no call of Linux does both in one step.)
        if fstat(&self.object).is_ok_and(|stat| stat.st_nlink > 0) {
            let _ = (self.unlink)(self.name);
        }
    }
}

/// Returns the signal that has ended it; none after an empty message.
fn serve(name: &CStr, signals: &SigSet) -> Result<Option<Signal>, Errno> {
    let come = SignalFd::with_flags(signals, SfdFlags::SFD_NONBLOCK)?;
    let flags = O_CREAT | O_EXCL | O_RDONLY | O_NONBLOCK;
    let mq: Mqd = mq_open(name, flags, 0o600, Some(&MqAttr::new(4, 64)))?;
    let queue = Made { name, object: mq, unlink: mq_unlink };
    let fd: OwnedFd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
    let memory = Made { name, object: fd, unlink: shm_unlink };
    ftruncate(&memory.object, 4096)?;
    loop {
        let readable = |fd| PollFd::new(fd, PollFlags::POLLIN);
        match poll(&mut [readable(queue.object.as_fd()), readable(come.as_fd())], PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
        if let Some(signal) = come.read_signal()? {
            return Ok(Signal::try_from(signal.ssi_signo as i32).ok());
        }
        match mq_receive(&queue.object, &mut [0; 64]) {
            Ok((0, _)) => return Ok(None),
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let (anew, name) = match &args[1..] {
        [flag, name] if flag == "--anew" => (true, name),
        [name] => (false, name),
        _ => {
            eprintln!("use: {} [--anew] /NAME", args[0]);
            return ExitCode::from(2);
        }
    };
    let name = CString::new(name.as_str()).expect("no NUL");
    // Before anything is made: from here on these signals wait until they are asked for.
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    signals.thread_block().expect("sigprocmask");
    if anew {
        let _ = (mq_unlink(&name), shm_unlink(&name));
    }
    match serve(&name, &signals) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(signal)) => {
            // As the signal would have ended it, had nobody held it back.
            let _ = raise(signal);
            let _ = signals.thread_unblock();
            ExitCode::from(128 + signal as u8)
        }
        Err(errno) => {
            eprintln!("{name:?}: {errno}");
            ExitCode::from(1)
        }
    }
}
