//! Moves messages from several queues into one: PROGRAM /OUT /IN...

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_open, mq_receive, mq_send};
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::signal::sigprocmask;
use ipc_workbook::signalfd::signalfd;
use libc::{EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLLIN, POLLIN, POLLOUT, SFD_CLOEXEC};
use libc::{O_NONBLOCK, O_RDONLY, O_WRONLY};
use nix::sys::signal::Signal::SIGTERM;
use std::ffi::CString;
use std::os::fd::AsFd;
use std::process::ExitCode;

/// The number of the signal's entry. The inputs have the numbers from 0 on.
const SIGNAL: u64 = u64::MAX;

/// Another receiver may have been faster. Then there is nothing to send.
fn move_one(input: &Mqd, out: &Mqd) -> Result<()> {
    let size = usize::try_from(mq_getattr(input)?.mq_msgsize).unwrap_or(0);
    let mut message = vec![0; size];
    match mq_receive(input, &mut message) {
        Ok((length, priority)) => mq_send(out, &message[..length], priority),
        Err(_) => Ok(()),
    }
}

fn serve(names: &[CString]) -> Result<()> {
    // SIGTERM stays pending until the loop looks, so it never comes between receive and send.
    sigprocmask(SIGTERM)?;
    let signals = signalfd(&[SIGTERM], SFD_CLOEXEC)?;
    let set = epoll_create1(EPOLL_CLOEXEC)?;
    epoll_ctl(&set, EPOLL_CTL_ADD, &signals, Some(EpollEvent::new(EPOLLIN, SIGNAL)))?;
    let out = mq_open(&names[0], O_WRONLY | O_NONBLOCK, 0, None)?;
    let inputs: Vec<Mqd> =
        names[1..].iter().map(|name| mq_open(name, O_RDONLY | O_NONBLOCK, 0, None)).collect::<Result<_>>()?;
    for (number, input) in (0..).zip(&inputs) {
        epoll_ctl(&set, EPOLL_CTL_ADD, input, Some(EpollEvent::new(EPOLLIN, number)))?;
    }
    loop {
        // First room, then a message: what has been received cannot be put back.
        let mut room = [PollFd::new(out.as_fd(), POLLOUT), PollFd::new(signals.as_fd(), POLLIN)];
        poll(&mut room, -1)?;
        if room[1].revents() != 0 {
            return Ok(());
        }
        // One event at a time: epoll reports the ready inputs in turn.
        let mut event = [EpollEvent::NONE];
        epoll_wait(&set, &mut event, -1)?;
        match usize::try_from(event[0].data()).ok().and_then(|number| inputs.get(number)) {
            Some(input) => move_one(input, &out)?,
            None => return Ok(()),
        }
    }
}

fn main() -> ExitCode {
    let names: Vec<CString> =
        std::env::args().skip(1).map(|arg| CString::new(arg).expect("a name")).collect();
    if names.len() < 2 {
        eprintln!("use: PROGRAM /OUT /IN...");
        return ExitCode::from(2);
    }
    match serve(&names) {
        Ok(()) => ExitCode::SUCCESS,
        Err(errno) => {
            eprintln!("{errno}");
            ExitCode::from(1)
        }
    }
}
