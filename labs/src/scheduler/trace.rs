//! Records a schedule step by step: before which call each program was stopped, which program continued,
//! where all programs are then, and what the kernel shows. `lab check LAB --seed N --trace` prints it.

use super::{Choice, Pending, Scheduler};
use crate::sandbox::{Does, Fault, Objects, Step, Thread};
use ipc_workbook::mqueue::{mq_getattr, mq_open};
use ipc_workbook::observe::sysvipc::{Row, Table};
use ipc_workbook::observe::{Kind, memory_of};
use ipc_workbook::sysv::sem::{GETALL, semctl};
use libc::{O_NONBLOCK, O_RDONLY};
use std::ffi::CString;

/// The most bytes of a message that are shown, so that a step fits on one line.
const SHOWN_BYTES: usize = 24;

impl Scheduler<'_> {
    /// Records that a program was started and has stopped before its first call.
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

    /// Records a change that the grader made as the programs' peer, before the next program continues.
    pub(super) fn record_peer(&mut self) -> Result<(), Fault> {
        let recorder = self.sandbox.recorder();
        if !recorder.traces() || recorder.shown() == Some(shown(&self.sandbox.objects()?)) {
            return Ok(());
        }
        self.record(Step {
            who: "the grader".into(),
            call: None,
            what: "acted in between".into(),
            intervenes: false,
            now: Vec::new(),
            shows: None,
        })
    }

    /// Describes what a program is about to do. This is done before it continues, because its memory changes
    /// then.
    pub(super) fn about_to(&self, pending: &Pending, choice: Choice) -> Step {
        let call = if self.sandbox.recorder().traces() { describe(pending) } else { String::new() };
        let what = match choice {
            Choice::Go if pending.sleeps_for().is_some() => format!("sleeps: {call}"),
            Choice::Go => format!("makes {call}"),
            Choice::Fail(errno) => format!("calls {call}, which fails with {errno:?}"),
            Choice::Kill => format!("is killed before {call}"),
            Choice::Signal(signal) => format!("gets {signal} before {call}"),
            Choice::SignalAfter(signal) => format!("gets {signal} when {call} returns"),
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

    /// Records a step and, if a trace was asked for, the state after it.
    pub(super) fn record(&mut self, mut step: Step) -> Result<(), Fault> {
        let recorder = self.sandbox.recorder();
        if recorder.traces() {
            step.now = self.where_they_are()?;
            step.shows = Some(shown(&self.sandbox.objects()?));
        }
        recorder.add(step);
        Ok(())
    }

    /// Describes where each program is: before a call, in a call, or ended.
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

/// Returns `A` for the program that started first, `B` for the next one.
pub(super) fn letter(program: usize) -> String {
    let letter = u8::try_from(program).ok().and_then(|n| b'A'.checked_add(n));
    letter.map_or("?".into(), |letter| char::from(letter).to_string())
}

/// Describes a call with the arguments that help a reader to recognise it.
fn describe(pending: &Pending) -> String {
    let name = pending.name.as_str();
    let number = |at: usize| pending.args[at].cast_signed();
    let text = |address: u64, length: u64| text_of(pending.pid, address, length);
    let flags =
        pending.notice().open_flags().map(|flags| format!(" {}", flags_of(flags))).unwrap_or_default();
    let arguments = match name {
        // The C library removes the slash from a queue's name.
        "mq_open" | "mq_unlink" => format!("{:?}{flags}", format!("/{}", path(pending, 0))),
        // Keys are shown in hexadecimal, as ipcs does.
        "msgget" | "semget" | "shmget" => format!("{:#x}", pending.args[0] & u64::from(u32::MAX)),
        "mq_timedsend" => format!("{} \"{}\"", number(0), text(pending.args[1], pending.args[2])),
        // The text of a message follows its type.
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

/// Returns which argument holds the path of the call, if it takes a path.
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

/// Describes the flags of an open call.
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

/// Returns the first bytes of a program's memory at an address, as text.
fn text_of(pid: i32, address: u64, length: u64) -> String {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0).min(SHOWN_BYTES)];
    let n = memory_of(pid, address, &mut bytes);
    let rest = if length > SHOWN_BYTES as u64 { "…" } else { "" };
    format!("{}{rest}", bytes[..n].escape_ascii())
}

/// Describes the objects, with details that can be read without changing them.
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
            .map_or("values cannot be read".into(), |values| format!("values {values:?}")),
        Table::Shm => format!("{} bytes, attached {} times", fact("size"), fact("nattch")),
    };
    format!("{} {} ({what})", row.table.noun(), row.id)
}
