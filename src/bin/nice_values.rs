//! Of several processes that wait, the one with the lower nice value is served first.
//!
//!     cargo run --bin nice_values
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_receive(3), setpriority(2), sched(7).
//! Previous: waiting_senders. Next: interrupted_waits.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Turn, higher_nice_value};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::resource::setpriority;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/nice_values")?;
        // The calls of A never wait: its descriptor has O_NONBLOCK. The other processes have one that waits.
        let attr = MqAttr::new(2, 64);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        let theirs = mq_open(&name, O_RDWR, 0, None)?;
        lesson.look(&mq)?;
        let receiver = |turn: &mut Turn| turn.receive(lesson, &theirs);
        let higher = higher_nice_value();
        // The value depends on that of the shell, so the note shows the difference and not the call.
        let raise = |label: &str, pid: i32| {
            lesson.note(&format!("A raises the nice value of {label} by 5."));
            lesson.muted(|| setpriority(pid, higher.clone().unwrap_or(19)))
        };

        // ANCHOR: nice
        lesson.step("B gets a higher nice value and waits; C waits second");
        let (mut nicer, mut other) = (lesson.process("B", receiver)?, lesson.process("C", receiver)?);
        raise("B", nicer.pid())?;
        let nicer = nicer.until_blocked_in(lesson, "mq_receive")?;
        let other = other.until_blocked_in(lesson, "mq_receive")?;
        lesson
            .predict("A sends two messages. Which one does C receive?", &["message 1", "message 2", "none"]);
        mq_send(&mq, b"message 1", 0)?;
        mq_send(&mq, b"message 2", 0)?;
        let _ = nicer.answer()?;
        let to_c = higher.clone().and(other.answer()?);
        lesson.claim("a-receiver-with-a-lower-nice-value-overtakes-one-that-waits", to_c, "message 1");
        // ANCHOR_END: nice

        // ANCHOR: later
        lesson.step("D and E wait; then A raises the nice value of D");
        let (mut nicer, mut other) = (lesson.process("D", receiver)?, lesson.process("E", receiver)?);
        let pid = nicer.pid();
        let nicer = nicer.until_blocked_in(lesson, "mq_receive")?;
        let other = other.until_blocked_in(lesson, "mq_receive")?;
        raise("D", pid)?;
        mq_send(&mq, b"message 1", 0)?;
        mq_send(&mq, b"message 2", 0)?;
        let to_d = higher.clone().and(nicer.answer()?);
        lesson.claim("a-new-nice-value-does-not-move-a-receiver-that-waits", to_d, "message 1");
        let _ = other.answer()?;

        lesson.step("F waits, A raises its nice value, and then G begins to wait");
        let (mut nicer, mut other) = (lesson.process("F", receiver)?, lesson.process("G", receiver)?);
        let pid = nicer.pid();
        let nicer = nicer.until_blocked_in(lesson, "mq_receive")?;
        raise("F", pid)?;
        let other = other.until_blocked_in(lesson, "mq_receive")?;
        mq_send(&mq, b"message 1", 0)?;
        mq_send(&mq, b"message 2", 0)?;
        let _ = nicer.answer()?;
        let to_g = higher.clone().and(other.answer()?);
        lesson.claim(
            "a-receiver-that-begins-to-wait-overtakes-one-with-a-raised-nice-value",
            to_g,
            "message 1",
        );
        // ANCHOR_END: later

        lesson.step("H gets a higher nice value and waits to send; then the process I waits");
        mq_send(&mq, b"1st of A", 0)?;
        mq_send(&mq, b"2nd of A", 0)?;
        let mut nicer = lesson.process("H", |turn| turn.send(lesson, &theirs, b"of H", 0))?;
        let mut other = lesson.process("I", |turn| turn.send(lesson, &theirs, b"of I", 0))?;
        raise("H", nicer.pid())?;
        let nicer = nicer.until_blocked_in(lesson, "mq_send")?;
        let other = other.until_blocked_in(lesson, "mq_send")?;
        let mut buffer = [0; 64];
        mq_receive(&mq, &mut buffer)?;
        mq_receive(&mq, &mut buffer)?;
        let sent = other.answer()?;
        let _ = nicer.answer()?;
        let (length, _) = mq_receive(&mq, &mut buffer)?;
        let next = higher.and(sent).map(|_| String::from_utf8_lossy(&buffer[..length]).into_owned());
        lesson.claim("a-sender-with-a-lower-nice-value-overtakes-one-that-waits", next, "of I");
        mq_close(mq)?;
        mq_close(theirs)?;
        Ok(mq_unlink(&name)?)
    })
}
