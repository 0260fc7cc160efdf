//! What a schedule is like, step by step: who was stopped before which call, who went on, where
//! all are then, and what the kernel shows. `lab check LAB --seed N --trace` prints it.

use super::{Choice, Pending, Scheduler};
use crate::sandbox::{Does, Fault, Objects, Step, Thread};
use ipc_workbook::mqueue::{mq_getattr, mq_open};
use ipc_workbook::observe::sysvipc::{Row, Table};
use ipc_workbook::observe::{Kind, memory_of};
use ipc_workbook::sysv::sem::{GETALL, semctl};
use libc::{O_NONBLOCK, O_RDONLY};
use std::ffi::CString;

/// More of a message or a name would fill the line.
const SHOWN_BYTES: usize = 24;

impl Scheduler<'_> {
    /// A program was started, and has stopped before its first call.
    pub(super) fn record_start(&mut self, program: usize) -> Result<(), Fault> {
        self.record(Step {
            who: letter(program),
            call: None,
            what: "starts".into(),
            intervenes: false,
            now: Vec::new(),
            shows: None,
        })
    }

    /// What a grader has done as the programs' peer is seen before the next of them goes on.
    pub(super) fn record_peer(&mut self) -> Result<(), Fault> {
        let recorder = self.sandbox.recorder();
        if !recorder.traces() || recorder.shown() == Some(shown(&self.sandbox.objects()?)) {
            return Ok(());
        }
        self.record(Step {
            who: "the grader".into(),
            call: None,
            what: "has acted meanwhile".into(),
            intervenes: false,
            now: Vec::new(),
            shows: None,
        })
    }

    /// What a program is about to do. It is put into words before it goes on: then its memory is another.
    pub(super) fn about_to(&self, pending: &Pending, choice: Choice) -> Step {
        let call = if self.sandbox.recorder().traces() { describe(pending) } else { String::new() };
        let what = match choice {
            Choice::Go if pending.sleeps_for().is_some() => format!("sleeps: {call}"),
            Choice::Go => format!("makes {call}"),
            Choice::Fail(errno) => format!("has {call} fail with {errno:?}"),
            Choice::Kill => format!("is killed before {call}"),
            Choice::Signal(signal) => format!("gets {signal} before {call}"),
            Choice::SignalAfter(signal) => format!("gets {signal} at the return of {call}"),
        };
        Step {
            who: letter(pending.program),
            call: Some(pending.name.clone()),
            what,
            intervenes: choice != Choice::Go,
            now: Vec::new(),
            shows: None,
        }
    }

    /// Records what has happened, and, where somebody wants to read it, what it has led to.
    pub(super) fn record(&mut self, mut step: Step) -> Result<(), Fault> {
        let recorder = self.sandbox.recorder();
        if recorder.traces() {
            step.now = self.where_they_are()?;
            step.shows = Some(shown(&self.sandbox.objects()?));
        }
        recorder.add(step);
        Ok(())
    }

    /// Where each program is: before a call, in one, or at its end.
    fn where_they_are(&mut self) -> Result<Vec<String>, Fault> {
        let processes = self.sandbox.processes()?;
        let mut places = Vec::new();
        for (n, program) in self.programs.iter_mut().enumerate() {
            let before: Vec<&str> =
                self.pending.iter().filter(|next| next.program == n).map(|next| next.name.as_str()).collect();
            let pid = program.pid();
            let place = if let Some(end) = program.ended() {
                format!("ended: {end}")
            } else if !before.is_empty() {
                format!("before {}", before.join(" and "))
            } else {
                let process = processes.iter().find(|process| process.pid == pid);
                let threads = process.into_iter().flat_map(|process| &process.threads);
                let mut calls: Vec<String> = threads.filter_map(Thread::call_name).collect();
                calls.dedup();
                if calls.is_empty() { "running".into() } else { format!("waits in {}", calls.join(" and ")) }
            };
            places.push(format!("{} {place}", letter(n)));
        }
        Ok(places)
    }
}

/// `A` for the program that was started first.
pub(super) fn letter(program: usize) -> String {
    let letter = u8::try_from(program).ok().and_then(|n| b'A'.checked_add(n));
    letter.map_or("?".into(), |letter| char::from(letter).to_string())
}

/// A call with the arguments by which a reader knows it.
fn describe(pending: &Pending) -> String {
    let name = pending.name.as_str();
    let number = |at: usize| pending.args[at].cast_signed();
    let text = |address: u64, length: u64| text_of(pending.pid, address, length);
    let flags =
        pending.notice().open_flags().map(|flags| format!(" {}", flags_of(flags))).unwrap_or_default();
    let arguments = match name {
        // The C library leaves out the slash of a queue's name.
        "mq_open" | "mq_unlink" => format!("{:?}{flags}", format!("/{}", path(pending, 0))),
        // Keys are written in hexadecimal, as ipcs shows them.
        "msgget" | "semget" | "shmget" => format!("{:#x}", pending.args[0] & u64::from(u32::MAX)),
        "mq_timedsend" => format!("{} \"{}\"", number(0), text(pending.args[1], pending.args[2])),
        // A message begins with its type.
        "msgsnd" => format!("{} \"{}\"", number(0), text(pending.args[1] + 8, pending.args[2])),
        "semctl" => format!("{} {} command {}", number(0), number(1), number(2)),
        "sched_yield" => String::new(),
        _ if pending.sleeps_for().is_some() => {
            pending.sleeps_for().map(|time| format!("{} ms", time.as_millis())).unwrap_or_default()
        }
        _ => match path_argument(pending) {
            Some(at) => format!("{:?}{flags}", path(pending, at)),
            None => number(0).to_string(),
        },
    };
    format!("{name} {arguments}").trim_end().into()
}

/// Which argument is the path that the call is about, if it takes one.
fn path_argument(pending: &Pending) -> Option<usize> {
    match (pending.notice().does(), pending.name.as_str()) {
        (Does::ActAt(paths), _) => paths.first().map(|path| path.path),
        (_, "unlinkat" | "linkat" | "renameat" | "renameat2") => Some(1),
        (_, "unlink" | "link" | "rename") => Some(0),
        _ => None,
    }
}

fn path(pending: &Pending, at: usize) -> String {
    String::from_utf8_lossy(&pending.notice().string(at)).into_owned()
}

/// The flags of an opening.
fn flags_of(bits: i32) -> String {
    let access = match bits & libc::O_ACCMODE {
        libc::O_RDONLY => "O_RDONLY",
        libc::O_WRONLY => "O_WRONLY",
        _ => "O_RDWR",
    };
    let known = [
        (libc::O_CREAT, "O_CREAT"),
        (libc::O_EXCL, "O_EXCL"),
        (libc::O_TRUNC, "O_TRUNC"),
        (libc::O_NONBLOCK, "O_NONBLOCK"),
    ];
    let set = known.into_iter().filter(|(bit, _)| bits & bit != 0);
    let names: Vec<&str> = std::iter::once(access).chain(set.map(|(_, name)| name)).collect();
    names.join("|")
}

/// So many bytes of a program's memory, but not very many.
fn text_of(pid: i32, address: u64, length: u64) -> String {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0).min(SHOWN_BYTES)];
    let n = memory_of(pid, address, &mut bytes);
    let rest = if length > SHOWN_BYTES as u64 { "…" } else { "" };
    format!("{}{rest}", bytes[..n].escape_ascii())
}

/// The objects in words, with what can be seen of them without touching them.
fn shown(objects: &Objects) -> String {
    let posix = objects.posix().map(|object| match object.kind {
        Kind::Queue => format!("{object}{}", messages(&object.name)),
        Kind::Semaphore | Kind::SharedMemory => format!("{object}, {} bytes", object.size),
    });
    let rows = Table::ALL.into_iter().flat_map(|table| objects.rows(table)).map(describe_row);
    let all: Vec<String> = posix.chain(rows).collect();
    if all.is_empty() { "no object".into() } else { all.join("; ") }
}

fn messages(name: &str) -> String {
    let queue = CString::new(name).ok().and_then(|name| mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None).ok());
    let attr = queue.and_then(|queue| mq_getattr(&queue).ok());
    attr.map(|attr| format!(", {} messages", attr.mq_curmsgs)).unwrap_or_default()
}

fn describe_row(row: &Row) -> String {
    let fact = |name| row.fact(name).map_or("?".into(), |fact| fact.to_string());
    let what = match row.table {
        Table::Msg => format!("{} messages", fact("qnum")),
        Table::Sem => semctl(row.id, 0, GETALL)
            .map_or("values not to be read".into(), |values| format!("values {values:?}")),
        Table::Shm => format!("{} bytes, attached {} times", fact("size"), fact("nattch")),
    };
    format!("{} {} ({what})", row.table.noun(), row.id)
}
