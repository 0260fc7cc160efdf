//! Moves messages from two queues to a third one: PROGRAM /URGENT /BULK /OUT

use ipc_workbook::call::{Errno, Result};
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_open, mq_receive, mq_send};
use ipc_workbook::poll::{PollFd, poll};
use libc::{O_NONBLOCK, O_RDONLY, O_WRONLY, POLLIN};
use std::ffi::CString;
use std::os::fd::AsFd;
use std::process::exit;

const URGENT: usize = 0;
const BULK: usize = 1;
const ROW: usize = 4;

/// Makes the call again if a signal has interrupted it.
fn again<T>(mut call: impl FnMut() -> Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}

/// Takes a message from the first of these queues that has one. Returns the queue and the length.
fn take(queues: &[Option<Mqd>; 2], order: [usize; 2], buffer: &mut [u8]) -> Result<Option<(usize, usize)>> {
    for from in order {
        let Some(queue) = &queues[from] else { continue };
        match again(|| mq_receive(queue, buffer)) {
            Err(Errno::EAGAIN) => {}
            received => return Ok(Some((from, received?.0))),
        }
    }
    Ok(None)
}

fn run(names: &[CString]) -> Result<()> {
    let open = |name: &CString| mq_open(name, O_RDONLY | O_NONBLOCK, 0, None);
    // A queue that has ended is None.
    let mut queues = [Some(open(&names[URGENT])?), Some(open(&names[BULK])?)];
    let out = mq_open(&names[2], O_WRONLY, 0, None)?;
    let mut size = 0;
    for queue in queues.iter().flatten() {
        size = size.max(usize::try_from(mq_getattr(queue)?.mq_msgsize).unwrap_or(0));
    }
    let mut buffer = vec![0; size];
    let mut row = 0; // of urgent messages
    while queues.iter().any(Option::is_some) {
        let order = if row >= ROW { [BULK, URGENT] } else { [URGENT, BULK] };
        match take(&queues, order, &mut buffer)? {
            None => {
                let mut open: Vec<PollFd> =
                    queues.iter().flatten().map(|queue| PollFd::new(queue.as_fd(), POLLIN)).collect();
                again(|| poll(&mut open, -1))?;
            }
            Some((from, 0)) => queues[from] = None,
            Some((from, length)) => {
                again(|| mq_send(&out, &buffer[..length], 0))?;
                row = if from == URGENT { row + 1 } else { 0 };
            }
        }
    }
    Ok(())
}

fn main() {
    let names: Vec<CString> = std::env::args().skip(1).filter_map(|name| CString::new(name).ok()).collect();
    if names.len() != 3 {
        eprintln!("use: PROGRAM /URGENT /BULK /OUT");
        exit(2);
    }
    if let Err(errno) = run(&names) {
        eprintln!("{errno}");
        exit(1);
    }
}
