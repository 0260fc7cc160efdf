//! A time namespace can move CLOCK_MONOTONIC, but not CLOCK_REALTIME, the clock of a queue's timeouts.
//!
//!     cargo run --bin time_namespace
//!
//! Chapter: lessons/33-timeouts. Manual pages: time_namespaces(7), clock_gettime(2).
//! Previous: realtime_step. Next: monotonic_wait.

use ipc_workbook::call::{Errno, Result as CallResult};
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Seen};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, text_of};
use ipc_workbook::sched::{setns, unshare};
use ipc_workbook::time::clock_gettime;
use ipc_workbook::unistd::write;
use libc::{CLOCK_MONOTONIC, CLOCK_REALTIME, CLONE_NEWTIME, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::EINVAL;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

const HOUR: TimeSpec = TimeSpec::new(3600, 0);
const DAY: TimeSpec = TimeSpec::new(86400, 0);

/// The claims, which not every machine permits to test.
const CLAIMS: [&str; 4] = [
    "a-time-namespace-has-offsets-for-CLOCK_MONOTONIC-and-CLOCK_BOOTTIME",
    "a-time-namespace-refuses-an-offset-for-CLOCK_REALTIME",
    "in-a-time-namespace-CLOCK_MONOTONIC-can-be-a-day-ahead",
    "a-time-namespace-does-not-move-the-date-of-mq_timedreceive",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/time_namespace")?;
        lesson.step("Create a queue, and compute a date: an hour from now");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;
        let date = clock_gettime(CLOCK_REALTIME)? + HOUR;

        // ANCHOR: apart
        lesson.step("B enters a time namespace in which CLOCK_MONOTONIC is a day ahead");
        let mut b = lesson.process("B", |turn| {
            let before = clock_gettime(CLOCK_MONOTONIC)?;
            let made = new_time_namespace(lesson);
            turn.answer(&made)?;
            if made.is_err() {
                return Ok(());
            }
            lesson.claim(CLAIMS[0], clocks(), "monotonic boottime");
            lesson.claim(CLAIMS[1], set_offset(b"realtime 86400 0"), EINVAL);
            set_offset(b"monotonic 86400 0")?;
            setns(open(c"/proc/self/ns/time_for_children", O_RDONLY, 0)?, CLONE_NEWTIME)?;
            let ahead = clock_gettime(CLOCK_MONOTONIC)? - before >= DAY;
            lesson.claim(CLAIMS[2], ahead, true);
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &date))?;
            turn.report(&waited)
        })?;
        if let Err(unseen) = b.answer()? {
            lesson.not_seen(&CLAIMS, &unseen)?;
        } else {
            let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
            mq_send(&mq, b"for B", 0)?;
            lesson.claim(CLAIMS[3], waiting.resume()?, "success");
        }
        // ANCHOR_END: apart
        b.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Makes a time namespace, whose clocks can be moved until a process is in it.
fn new_time_namespace(lesson: &Lesson) -> Seen {
    lesson.rule_apart()?;
    let unseen = |errno: Errno| Unseen(format!("no time namespace can be made here: unshare: {errno:?}"));
    unshare(CLONE_NEWTIME).map(|()| String::new()).map_err(unseen)
}

fn set_offset(offset: &[u8]) -> CallResult<usize> {
    write(open(c"/proc/self/timens_offsets", O_WRONLY, 0)?, offset)
}

/// Returns the names of the clocks that have an offset in a time namespace.
fn clocks() -> Seen {
    let file = "/proc/self/timens_offsets";
    let text = text_of(file).map_err(|error| Unseen(format!("{file}: {error}")))?;
    let names: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    Ok(names.join(" "))
}
