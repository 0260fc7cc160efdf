//! Receives one message and handles every answer of the queue: PROGRAM /NAME SECONDS

use nix::errno::Errno;
use nix::mqueue::{MQ_OFlag, MqdT, mq_close, mq_getattr, mq_open, mq_timedreceive};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::stat::Mode;
use nix::sys::time::{TimeSpec, TimeValLike};
use nix::time::{ClockId, clock_gettime};
use std::io::Write;

fn receive(mq: &MqdT, seconds: i64) -> nix::Result<Vec<u8>> {
    let size = usize::try_from(mq_getattr(mq)?.msgsize()).expect("a size");
    let mut message = vec![0; size];
    // A moment, and not a duration: once more with the same one is not longer.
    let deadline = clock_gettime(ClockId::CLOCK_REALTIME)? + TimeSpec::seconds(seconds);
    let mut priority = 0;
    let length = loop {
        match mq_timedreceive(mq, &mut message, &mut priority, &deadline) {
            Err(Errno::EINTR) => {}
            answer => break answer?,
        }
    };
    message.truncate(length);
    Ok(message)
}

fn open_and_receive(name: &str, seconds: i64) -> nix::Result<Vec<u8>> {
    let mq = mq_open(name, MQ_OFlag::O_RDONLY, Mode::empty(), None)?;
    let answer = receive(&mq, seconds);
    mq_close(mq)?;
    answer
}

extern "C" fn wake(_: i32) {}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name, seconds] = &args[..] else {
        eprintln!("use: {} /NAME SECONDS", args[0]);
        std::process::exit(2);
    };
    let seconds = seconds.parse().expect("a number of seconds");
    // Without SA_RESTART: a signal is seen as EINTR, and the loop is put to use.
    let action = SigAction::new(SigHandler::Handler(wake), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("sigaction");
    let message = open_and_receive(name, seconds).unwrap_or_else(|errno| {
        eprintln!("{name}: {}", errno.desc());
        std::process::exit(match errno {
            Errno::ENOENT => 3,
            Errno::EACCES => 4,
            Errno::ETIMEDOUT | Errno::EAGAIN => 5,
            _ => 1,
        })
    });
    let mut stdout = std::io::stdout();
    stdout.write_all(&message).and_then(|()| stdout.flush()).expect("standard output");
}
