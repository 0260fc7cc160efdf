//! Each errno of the queue calls has a cause, and most of them can be provoked.
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

/// The errno, a call that fails with it, and the cause.
const ROWS: [(&str, &str, &str); 11] = [
    ("ENOENT", "mq_unlink", "no queue has the name"),
    ("EEXIST", "mq_open", "O_CREAT|O_EXCL, and a queue has the name"),
    ("EACCES", "mq_open", "the mode does not allow this access"),
    ("EINVAL", "mq_send", "the priority is 32768 or more"),
    ("ENAMETOOLONG", "mq_open", "more than 255 bytes after the slash"),
    ("EMFILE", "mq_open", "RLIMIT_NOFILE or RLIMIT_MSGQUEUE is used up"),
    ("ENOSPC", "mq_open", "queues_max queues exist in the namespace; see queue_limits"),
    ("ENFILE", "mq_open", "too many files are open in the whole system; not provoked"),
    ("EMSGSIZE", "mq_send", "the message is longer than mq_msgsize"),
    ("EAGAIN", "mq_receive", "O_NONBLOCK is set, and the queue is empty"),
    ("EBADF", "mq_send", "the descriptor is not open for writing"),
];

fn main() -> ExitCode {
    let only = Arg::new("only").long("only").value_name("ERRNO").help("Provoke one errno only");
    lesson!([only.value_parser(ROWS.map(|(errno, ..)| errno))], |lesson| {
        let name = lesson.name(Kind::Queue, "/errno_demo")?;
        lesson.step("Create a queue with room for two messages of 64 bytes, and with mode 0400");
        let mq = create(&name)?;
        lesson.look(&mq)?;
        let mut table = Vec::new();
        let only = lesson.flag("only");
        for (errno, call, cause) in ROWS.into_iter().filter(|row| only.is_none_or(|only| only == row.0)) {
            lesson.step(&format!("{call}: {cause}"));
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

/// The owner may read it, so that after a killed run the next run can look at the queue that is left.
fn create(name: &Name) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o400, Some(&MqAttr::new(2, 64)))
}

fn provoke(lesson: &Lesson, errno: &str, name: &Name, mq: &Mqd) -> Outcome {
    match errno {
        "ENOENT" => {
            mq_unlink(name)?; // the queue stays: it is open
            let opened = mq_open(name, O_RDONLY, 0, None);
            lesson.claim("mq_open-fails-with-ENOENT-if-nothing-has-the-name", opened, ENOENT);
            lesson.claim("mq_unlink-fails-with-ENOENT-if-nothing-has-the-name", mq_unlink(name), ENOENT);
            create(name)?;
        }
        "EEXIST" => {
            lesson.claim("mq_open-with-O_EXCL-fails-with-EEXIST-if-the-name-is-taken", create(name), EEXIST);
        }
        // ANCHOR: eacces
        "EACCES" => lesson.in_process("B", |_| {
            capset(0)?; // root would not be refused; an ordinary user has nothing to give up
            let question = "The owner of a queue with mode 0400 opens it for writing. What is the result?";
            lesson.predict(question, &["EACCES", "success", "EPERM"]);
            let opened = mq_open(name, O_WRONLY, 0, None);
            lesson.claim("mq_open-fails-with-EACCES-if-the-mode-does-not-allow-it", opened, EACCES);
            Ok(())
        })?,
        // ANCHOR_END: eacces
        "EINVAL" => {
            let sent = mq_send(mq, b"x", 32768);
            lesson.claim("mq_send-fails-with-EINVAL-if-the-priority-is-too-high", sent, EINVAL);
            mq_unlink(name)?;
            let made = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(0, 64)));
            lesson.claim("mq_open-fails-with-EINVAL-if-an-attribute-is-out-of-range", made, EINVAL);
            create(name)?;
        }
        "ENAMETOOLONG" => {
            let open = |length| mq_open(&name.another_of(length), O_RDONLY, 0, None);
            lesson.claim("a-queue-name-of-256-bytes-fails-with-ENAMETOOLONG", open(256), ENAMETOOLONG);
            lesson.claim("a-queue-name-of-255-bytes-is-not-too-long", open(255), ENOENT);
        }
        "EMFILE" => {
            lesson.in_process("B", |_| {
                setrlimit(RLIMIT_NOFILE, 0)?;
                let opened = mq_open(name, O_RDONLY, 0, None);
                lesson.claim("mq_open-fails-with-EMFILE-if-no-descriptor-is-left", opened, EMFILE);
                Ok(())
            })?;
            lesson.note("The lesson queue_limits shows how RLIMIT_MSGQUEUE is used up.");
        }
        "ENOSPC" => lesson.note("This needs a namespace full of queues. The lesson queue_limits fills one."),
        "EMSGSIZE" => {
            let id = "mq_send-fails-with-EMSGSIZE-if-the-message-is-longer-than-mq_msgsize";
            lesson.claim(id, mq_send(mq, &[0; 65], 0), EMSGSIZE);
        }
        "EAGAIN" => {
            let got = mq_receive(mq, &mut [0; 64]);
            lesson.claim("mq_receive-with-O_NONBLOCK-fails-with-EAGAIN-if-the-queue-is-empty", got, EAGAIN);
        }
        "EBADF" => {
            let reader = mq_open(name, O_RDONLY, 0, None)?;
            let question = "The descriptor is open for reading only. What is the result of mq_send?";
            lesson.predict(question, &["EACCES", "EPERM", "EBADF"]);
            let sent = mq_send(&reader, b"x", 0);
            lesson.claim("mq_send-fails-with-EBADF-if-the-descriptor-is-not-open-for-writing", sent, EBADF);
        }
        _ => lesson.note(
            "To see ENFILE, a lesson must open all files that the system allows, and other programs fail.",
        ),
    }
    Ok(())
}
