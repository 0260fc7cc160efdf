//! Each errno of a queue has a cause that can be made on purpose, and a limit that gives it.
//!
//!     cargo run --bin errno_demo
//!     cargo run --bin errno_demo -- --only EMFILE
//!
//! Chapter: lessons/16-errors. Manual pages: mq_open(3), mq_send(3), mq_receive(3),
//! getrlimit(2), mq_overview(7), errno(3). Next: queue_limits.

use clap::Arg;
use ipc_workbook::lesson::{Lesson, Name, Outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::{call::Result, capability::capset, lesson, observe::Kind, resource::setrlimit};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::{EACCES, EAGAIN, EBADF, EEXIST, EINVAL, EMFILE, EMSGSIZE, ENAMETOOLONG, ENOENT};
use nix::sys::resource::Resource::RLIMIT_NOFILE;
use std::process::ExitCode;

/// The errno, a call that gives it, and the cause.
const ROWS: [(&str, &str, &str); 11] = [
    ("ENOENT", "mq_unlink", "nothing has the name"),
    ("EEXIST", "mq_open", "O_CREAT|O_EXCL, and something has the name"),
    ("EACCES", "mq_open", "the mode does not grant it"),
    ("EINVAL", "mq_send", "the priority is 32768 or more"),
    ("ENAMETOOLONG", "mq_open", "more than 255 bytes after the slash"),
    ("EMFILE", "mq_open", "RLIMIT_NOFILE, or the bytes of RLIMIT_MSGQUEUE"),
    ("ENOSPC", "mq_open", "queues_max queues exist in the namespace; see queue_limits"),
    ("ENFILE", "mq_open", "the whole system's open files; not provoked"),
    ("EMSGSIZE", "mq_send", "the message is longer than mq_msgsize"),
    ("EAGAIN", "mq_receive", "O_NONBLOCK, and the queue is empty"),
    ("EBADF", "mq_send", "the descriptor is not open for writing"),
];

fn main() -> ExitCode {
    let only = Arg::new("only").long("only").value_name("ERRNO").help("Provoke one errno only");
    lesson!([only.value_parser(ROWS.map(|(errno, ..)| errno))], |lesson| {
        let name = lesson.name(Kind::Queue, "/errno_demo")?;
        lesson.step("A queue of two messages of 64 bytes, which its mode lets nobody write to");
        let mq = create(&name)?;
        lesson.look(&mq)?;
        let mut table = Vec::new();
        let only = lesson.flag("only");
        for (errno, call, cause) in ROWS.into_iter().filter(|row| only.is_none_or(|only| only == row.0)) {
            lesson.step(&format!("{errno}: {cause}"));
            let seen =
                if lesson.all_hold(|| provoke(lesson, errno, &name, &mq))? { "seen" } else { "not seen" };
            table.push(format!("{errno:<13} {call:<11} {seen:<9} {cause}"));
        }
        lesson.step("What this run has seen");
        lesson.note(&table.join("\n"));
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Its owner may read it, or a run that is killed would leave what the next cannot look at.
fn create(name: &Name) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o400, Some(&MqAttr::new(2, 64)))
}

fn provoke(lesson: &Lesson, errno: &str, name: &Name, mq: &Mqd) -> Outcome {
    match errno {
        "ENOENT" => {
            mq_unlink(name)?; // the queue stays, as it is open
            lesson.claim("ENOENT-says-that-nothing-has-the-name", mq_open(name, O_RDONLY, 0, None), ENOENT);
            lesson.claim("ENOENT-also-when-unlinking", mq_unlink(name), ENOENT);
            create(name)?;
        }
        "EEXIST" => lesson.claim("EEXIST-says-that-the-name-is-taken", create(name), EEXIST),
        // ANCHOR: eacces
        "EACCES" => lesson.in_process("B", |_| {
            capset(0)?; // root would never be refused; an ordinary user has none to lay down
            let question = "What does the owner of a queue of mode 0400 get who opens it to write?";
            lesson.predict(question, &["EACCES", "success", "EPERM"]);
            let opened = mq_open(name, O_WRONLY, 0, None);
            lesson.claim("EACCES-says-that-the-mode-does-not-grant-it", opened, EACCES);
            Ok(())
        })?,
        // ANCHOR_END: eacces
        "EINVAL" => {
            lesson.claim("EINVAL-says-that-a-priority-is-too-high", mq_send(mq, b"x", 32768), EINVAL);
            mq_unlink(name)?;
            let made = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(0, 64)));
            lesson.claim("EINVAL-says-that-an-attribute-is-out-of-range", made, EINVAL);
            create(name)?;
        }
        "ENAMETOOLONG" => {
            let open = |length| mq_open(&name.another_of(length), O_RDONLY, 0, None);
            lesson.claim("ENAMETOOLONG-from-256-bytes-on", open(256), ENAMETOOLONG);
            lesson.claim("255-bytes-are-not-too-many", open(255), ENOENT);
        }
        "EMFILE" => {
            lesson.in_process("B", |_| {
                setrlimit(RLIMIT_NOFILE, 0)?;
                let opened = mq_open(name, O_RDONLY, 0, None);
                lesson.claim("EMFILE-says-that-descriptors-are-used-up", opened, EMFILE);
                Ok(())
            })?;
            lesson.note("The bytes of RLIMIT_MSGQUEUE are counted by queue_limits.");
        }
        "ENOSPC" => lesson.note("It takes a namespace full of queues: queue_limits fills one."),
        "EMSGSIZE" => {
            let sent = mq_send(mq, &[0; 65], 0);
            lesson.claim("EMSGSIZE-says-that-a-message-is-longer-than-mq_msgsize", sent, EMSGSIZE);
        }
        "EAGAIN" => {
            lesson.claim("EAGAIN-says-that-the-call-would-wait", mq_receive(mq, &mut [0; 64]), EAGAIN);
        }
        "EBADF" => {
            let reader = mq_open(name, O_RDONLY, 0, None)?;
            let question = "What does mq_send say to a descriptor that is open for reading?";
            lesson.predict(question, &["EACCES", "EPERM", "EBADF"]);
            let sent = mq_send(&reader, b"x", 0);
            lesson.claim("EBADF-says-that-the-descriptor-is-not-open-for-writing", sent, EBADF);
        }
        _ => lesson.note(
            "To see it one would have to open every file that the system allows, and fail other programs.",
        ),
    }
    Ok(())
}
