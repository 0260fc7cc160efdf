//! Receives the messages of a queue by notification: PROGRAM /NAME

use ipc_workbook::call::Errno;
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_notify, mq_open, mq_receive};
use ipc_workbook::signal::{SigEvent, SigVal, sigprocmask, sigwaitinfo};
use libc::{O_NONBLOCK, O_RDONLY};
use nix::sys::signal::Signal;
use std::ffi::CString;
use std::io::{Write, stdout};
use std::process::exit;

/// Writes each message until the queue is empty. Returns whether an empty message came.
fn drain(mq: &Mqd, buffer: &mut [u8]) -> Result<bool, Errno> {
    loop {
        match mq_receive(mq, buffer) {
            Ok((0, _)) => return Ok(true),
            Ok((length, _)) => {
                let line = [&buffer[..length], b"\n"].concat();
                stdout().write_all(&line).and_then(|()| stdout().flush()).expect("standard output");
            }
            Err(Errno::EAGAIN) => return Ok(false),
            Err(errno) => return Err(errno),
        }
    }
}

fn serve(name: &str) -> Result<(), Errno> {
    let signals = [Signal::SIGTERM, Signal::SIGUSR1];
    // Blocked signals stay pending until sigwaitinfo takes them, so none of them comes too early.
    for signal in signals {
        sigprocmask(signal)?;
    }
    let name = CString::new(name).expect("no NUL");
    let mq = mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None)?;
    let msgsize = mq_getattr(&mq)?.mq_msgsize;
    let mut buffer = vec![0; usize::try_from(msgsize).expect("a size")];
    let event = SigEvent::Signal { sigev_signo: libc::SIGUSR1, sigev_value: SigVal::new(0) };
    loop {
        // First the registration: a message that came before it is still in the queue.
        mq_notify(&mq, Some(&event))?;
        if drain(&mq, &mut buffer)? {
            return Ok(());
        }
        // EINTR is no notification: the registration is still there.
        let info = loop {
            match sigwaitinfo(&signals) {
                Err(Errno::EINTR) => {}
                taken => break taken?,
            }
        };
        if info.si_signo == libc::SIGTERM {
            return Ok(()); // the registration ends with the descriptor
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        exit(2);
    };
    if let Err(errno) = serve(name) {
        eprintln!("{name}: {errno}");
        exit(if errno == Errno::EBUSY { 3 } else { 1 });
    }
}
