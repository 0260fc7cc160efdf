//! Each errno of a queue has a cause that can be made on purpose, and a limit that gives it.
//!
//!     cargo run --bin errno_demo
//!     cargo run --bin errno_demo -- --only EMFILE
//!
//! Chapter: lessons/16-errors. Manual pages: mq_open(3), mq_send(3), mq_receive(3),
//! getrlimit(2), mq_overview(7), errno(3).
#![allow(clippy::unnecessary_wraps)] // the experiments have one shape, whether they can stop or not

use clap::Arg;
use ipc_workbook::call::{Errno, unreported};
use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::charge_of;
use ipc_workbook::lesson::{Lesson, Name, Outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, queues_max};
use ipc_workbook::private::Namespace;
use ipc_workbook::resource::setrlimit;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::{
    EACCES, EAGAIN, EBADF, EEXIST, EINVAL, EMFILE, EMSGSIZE, ENAMETOOLONG, ENOENT, ENOSPC,
};
use nix::sys::resource::Resource;
use std::ffi::CString;
use std::process::ExitCode;

/// The errno, the call that gives it here, the cause, and the experiment.
type Row = (&'static str, &'static str, &'static str, fn(&Lesson, &Name, &Mqd) -> Outcome);

const ROWS: [Row; 11] = [
    ("ENOENT", "mq_unlink", "nothing has the name", enoent),
    ("EEXIST", "mq_open", "O_CREAT|O_EXCL, and something has the name", eexist),
    ("EACCES", "mq_open", "the mode does not grant it", eacces),
    ("EINVAL", "mq_send", "the priority is 32768 or more", einval),
    ("ENAMETOOLONG", "mq_open", "more than 255 bytes after the slash", enametoolong),
    ("EMFILE", "mq_open", "RLIMIT_NOFILE, or the bytes of RLIMIT_MSGQUEUE", emfile),
    ("ENOSPC", "mq_open", "queues_max queues exist in the namespace", enospc),
    ("ENFILE", "mq_open", "the whole system's open files; not provoked", enfile),
    ("EMSGSIZE", "mq_send", "the message is longer than mq_msgsize", emsgsize),
    ("EAGAIN", "mq_receive", "O_NONBLOCK, and the queue is empty", eagain),
    ("EBADF", "mq_send", "the descriptor is not open for writing", ebadf),
];

fn main() -> ExitCode {
    let only = Arg::new("only").long("only").value_name("ERRNO").help("Provoke one errno only");
    lesson!([only.value_parser(ROWS.map(|(errno, ..)| errno))], |lesson| {
        let name = lesson.name(Kind::Queue, "/errno_demo")?;
        lesson.step("A queue of two messages of 64 bytes, which its mode lets nobody write to");
        let mq = create(&name)?;
        lesson.look(&mq)?;
        let mut table = Vec::new();
        for (errno, call, cause, provoke) in ROWS {
            if lesson.flag("only").is_none_or(|only| only == errno) {
                lesson.step(&format!("{errno}: {cause}"));
                let before = lesson.tally();
                provoke(lesson, &name, &mq)?;
                let now = lesson.tally();
                let seen =
                    now.held > before.held && (now.failed, now.unseen) == (before.failed, before.unseen);
                table.push(format!(
                    "{errno:<13} {call:<11} {:<9} {cause}",
                    if seen { "seen" } else { "not seen" }
                ));
            }
        }
        lesson.step("What this run has seen");
        lesson.note(&table.join("\n"));
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

fn create(name: &Name) -> Result<Mqd, Errno> {
    // Its owner may read it, or a run that is killed would leave what the next cannot look at.
    mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o400, Some(&MqAttr::new(2, 64)))
}

fn enoent(lesson: &Lesson, name: &Name, _: &Mqd) -> Outcome {
    mq_unlink(name)?; // the queue stays, as it is open
    lesson.claim("ENOENT-says-that-nothing-has-the-name", mq_open(name, O_RDONLY, 0, None), ENOENT);
    lesson.claim("ENOENT-also-when-unlinking", mq_unlink(name), ENOENT);
    create(name).map(drop).map_err(Into::into)
}

fn eexist(lesson: &Lesson, name: &Name, _: &Mqd) -> Outcome {
    lesson.claim("EEXIST-says-that-the-name-is-taken", create(name), EEXIST);
    Ok(())
}

// ANCHOR: eacces
fn eacces(lesson: &Lesson, name: &Name, _: &Mqd) -> Outcome {
    let b = lesson.process("B", |_| {
        capset(0)?; // root would never be refused; an ordinary user has none to lay down
        lesson.predict(
            "What does the owner of a queue of mode 0400 get who opens it to write?",
            &["EACCES", "success", "EPERM"],
        );
        lesson.claim("EACCES-says-that-the-mode-does-not-grant-it", mq_open(name, O_WRONLY, 0, None), EACCES);
        Ok(())
    })?;
    b.finish()
}
// ANCHOR_END: eacces

fn einval(lesson: &Lesson, name: &Name, mq: &Mqd) -> Outcome {
    lesson.claim("EINVAL-says-that-a-priority-is-too-high", mq_send(mq, b"x", 32768), EINVAL);
    mq_unlink(name)?;
    let none = MqAttr::new(0, 64);
    let made = mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&none));
    lesson.claim("EINVAL-says-that-an-attribute-is-out-of-range", made, EINVAL);
    create(name).map(drop).map_err(Into::into)
}

fn enametoolong(lesson: &Lesson, name: &Name, _: &Mqd) -> Outcome {
    let mut long = name.to_bytes().to_vec();
    long.resize(257, b'n'); // the slash, and 256
    let long = CString::new(long).unwrap_or_default();
    lesson.claim("ENAMETOOLONG-from-256-bytes-on", mq_open(&long, O_RDONLY, 0, None), ENAMETOOLONG);
    let mut longest = long.into_bytes();
    longest.truncate(256);
    longest[255] = b'm'; // not the lesson's own name, should that be as long
    let longest = CString::new(longest).unwrap_or_default();
    lesson.claim("255-bytes-are-not-too-many", mq_open(&longest, O_RDONLY, 0, None), ENOENT);
    Ok(())
}

// ANCHOR: emfile
fn emfile(lesson: &Lesson, name: &Name, _: &Mqd) -> Outcome {
    let b = lesson.process("B", |_| {
        setrlimit(Resource::RLIMIT_NOFILE, 0)?;
        lesson.claim("EMFILE-says-that-descriptors-are-used-up", mq_open(name, O_RDONLY, 0, None), EMFILE);
        Ok(())
    })?;
    b.finish()?;
    emfile_by_bytes(lesson, name)
}

fn emfile_by_bytes(lesson: &Lesson, name: &Name) -> Outcome {
    // C's user has no other queues in a fresh namespace, so all that is charged is what C makes.
    // (Without O_EXCL it is not recorded for the cleanup: A's queue has the same name.)
    let c = lesson.process("C", |_| {
        let ids = [
            "EMFILE-also-says-that-bytes-of-queues-are-used-up",
            "maxmsg-times-msgsize-plus-96-is-charged",
            "a-queue-with-default-attributes-is-charged-82880-bytes",
        ];
        if let Err(unseen) = enter_with_an_account_of_its_own() {
            for id in ids {
                lesson.claim(id, Err::<bool, _>(unseen.clone()), true);
            }
            return Ok(());
        }
        let [refused, exact, default] = ids;
        let charge = charge_of(2, 64).unsigned_abs();
        let make = |attr| mq_open(name, O_CREAT | O_RDWR, 0o600, attr);
        let attr = Some(&MqAttr::new(2, 64));
        setrlimit(Resource::RLIMIT_MSGQUEUE, charge - 1)?;
        lesson.predict(
            "C has free descriptors, and a byte too few. What does mq_open say?",
            &["ENOSPC", "EMFILE", "ENOMEM"],
        );
        lesson.claim(refused, make(attr), EMFILE);
        setrlimit(Resource::RLIMIT_MSGQUEUE, charge)?;
        let made = make(attr);
        lesson.claim(exact, made.is_ok(), true);
        mq_close(made?)?;
        let unlink = || unreported(|| mq_unlink(name)); // A has recorded a queue of this name, which stays
        let _ = unlink();
        setrlimit(Resource::RLIMIT_MSGQUEUE, 82879)?;
        let refused = make(None);
        setrlimit(Resource::RLIMIT_MSGQUEUE, 82880)?;
        lesson.claim(default, refused.err() == Some(EMFILE) && make(None).is_ok(), true);
        // A namespace is taken apart some time after its end, and until then the queue is charged.
        let _ = unlink();
        Ok(())
    })?;
    c.finish()
}
// ANCHOR_END: emfile

/// Root can have an IPC namespace without a user namespace, and then its queues
/// of before are still charged.
fn enter_with_an_account_of_its_own() -> Result<(), Unseen> {
    let user = || std::fs::read_link("/proc/self/ns/user").ok();
    let before = user();
    Namespace::new().enter().map_err(|refused| Unseen(refused.to_string()))?;
    if user() == before { Err(Unseen("there is no user namespace to be had here".into())) } else { Ok(()) }
}

// ANCHOR: enospc
fn enospc(lesson: &Lesson, _: &Name, _: &Mqd) -> Outcome {
    let d = lesson.process("D", |_| {
        let id = "ENOSPC-says-that-queues_max-queues-exist";
        let entered = Namespace::new().enter().map_err(|refused| Unseen(refused.to_string()));
        let max = match entered.and_then(|()| queues_max()) {
            Ok(max) => i64::from(max),
            unseen => {
                lesson.claim(id, unseen, 0);
                return Ok(());
            }
        };
        lesson.note(&format!("D is in a namespace of its own, where queues_max is {max}, and makes queues."));
        lesson.predict(
            "Memory is there for more. How many can it make?",
            &["1024", &max.to_string(), "any number"],
        );
        lesson.claim(id, make_until(ENOSPC, Some(&MqAttr::new(1, 1))), max);
        Ok(())
    })?;
    d.finish()
}
// ANCHOR_END: enospc

/// Makes queues until one is refused with `errno`: how many there were. Only the
/// refusal is told; none is left.
fn make_until(errno: Errno, attr: Option<&MqAttr>) -> Result<i64, Unseen> {
    let name = |n| CString::new(format!("/{n}")).unwrap_or_default();
    let make = |n| mq_open(&name(n), O_CREAT | O_RDWR, 0o600, attr).map(drop);
    let mut made = 0;
    while unreported(|| make(made)).is_ok() {
        made += 1;
    }
    let refused = make(made);
    for n in 0..=made {
        let _ = unreported(|| mq_unlink(&name(n))); // else it goes with the namespace
    }
    match refused {
        Err(refused) if refused == errno => Ok(made),
        other => Err(Unseen(format!("mq_open: {other:?}"))),
    }
}

fn enfile(lesson: &Lesson, _: &Name, _: &Mqd) -> Outcome {
    lesson
        .note("To see it one would have to open every file that the system allows, and fail other programs.");
    Ok(())
}

fn emsgsize(lesson: &Lesson, _: &Name, mq: &Mqd) -> Outcome {
    lesson.claim(
        "EMSGSIZE-says-that-a-message-is-longer-than-mq_msgsize",
        mq_send(mq, &[0; 65], 0),
        EMSGSIZE,
    );
    Ok(())
}

fn eagain(lesson: &Lesson, _: &Name, mq: &Mqd) -> Outcome {
    lesson.claim("EAGAIN-says-that-the-call-would-wait", mq_receive(mq, &mut [0; 64]), EAGAIN);
    Ok(())
}

fn ebadf(lesson: &Lesson, name: &Name, _: &Mqd) -> Outcome {
    let reader = mq_open(name, O_RDONLY, 0, None)?;
    lesson.predict(
        "What does mq_send say to a descriptor that is open for reading?",
        &["EACCES", "EPERM", "EBADF"],
    );
    lesson.claim("EBADF-says-that-the-descriptor-is-not-open-for-writing", mq_send(&reader, b"x", 0), EBADF);
    Ok(())
}
