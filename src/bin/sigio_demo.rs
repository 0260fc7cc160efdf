//! O_ASYNC makes a socket send SIGIO; fcntl accepts the flag for a queue and ignores it.
//!
//!     cargo run --bin sigio_demo
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: fcntl(2), signal(7), mq_notify(3).
//! Previous: busy_queue. Next: sysv_forwarder.

use ipc_workbook::fcntl::fcntl;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::{SigEvent, SigVal, sigprocmask};
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use ipc_workbook::socket::socketpair;
use ipc_workbook::unistd::write;
use libc::{
    F_GETFL, F_SETFL, F_SETOWN, O_ACCMODE, O_ASYNC, O_CREAT, O_EXCL, O_RDWR, SFD_CLOEXEC, SFD_NONBLOCK,
    SI_KERNEL, SI_MESGQ, SIGIO,
};
use nix::errno::Errno::EAGAIN;
use nix::sys::signal::Signal;
use std::process::{ExitCode, id};

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/sigio_demo")?;
        sigprocmask(Signal::SIGIO)?;
        let signals = signalfd(&[Signal::SIGIO], SFD_CLOEXEC | SFD_NONBLOCK)?;

        lesson.step("O_ASYNC on a socket");
        let (end, other) = socketpair()?;
        fcntl(&end, F_SETOWN, id().cast_signed())?;
        fcntl(&end, F_SETFL, O_ASYNC)?;
        lesson.claim("fcntl-sets-O_ASYNC-on-a-socket", fcntl(&end, F_GETFL, 0)? & O_ASYNC != 0, true);
        write(&other, b"x")?;
        let info = read_signal(&signals)?;
        lesson.claim("a-byte-at-a-socket-with-O_ASYNC-causes-SIGIO", info.ssi_signo, SIGIO as u32);
        lesson.claim("the-SIGIO-of-a-socket-has-the-code-SI_KERNEL", info.ssi_code, SI_KERNEL);

        // ANCHOR: queue
        lesson.step("O_ASYNC on a queue");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        fcntl(&mq, F_SETOWN, id().cast_signed())?;
        lesson.predict("What does fcntl return for O_ASYNC on a queue?", &["success", "EINVAL", "EPERM"]);
        lesson.claim(
            "fcntl-with-O_ASYNC-on-a-queue-succeeds",
            &fcntl(&mq, F_SETFL, O_ASYNC).map(drop),
            "success",
        );
        let flags = fcntl(&mq, F_GETFL, 0)?;
        lesson.claim("fcntl-does-not-set-O_ASYNC-on-a-queue", flags & (O_ACCMODE | O_ASYNC), O_RDWR);
        mq_send(&mq, b"hello", 0)?;
        lesson.predict("A message has arrived. What does read find?", &["SIGIO", "EAGAIN", "EINTR"]);
        lesson.claim("a-message-at-a-queue-causes-no-SIGIO", read_signal(&signals), EAGAIN);
        // ANCHOR_END: queue

        lesson.step("mq_notify asks for the signal, and says where it comes from");
        mq_receive(&mq, &mut [0; 64])?;
        let by_signal = SigEvent::Signal { sigev_signo: SIGIO, sigev_value: SigVal::new(0) };
        mq_notify(&mq, Some(&by_signal))?;
        mq_send(&mq, b"hello", 0)?;
        let info = read_signal(&signals)?;
        lesson.claim("mq_notify-causes-the-SIGIO-that-O_ASYNC-does-not-cause", info.ssi_code, SI_MESGQ);
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}
