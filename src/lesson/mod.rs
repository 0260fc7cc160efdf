//! What every lesson is: a program that narrates, claims, keeps its promises
//! about flags and exit codes, and leaves nothing behind.
//!
//! | file | what |
//! | --- | --- |
//! | this one | [`run`], and [`Lesson`], through which a lesson speaks |
//! | [`flags`] | the flags, and what they say when they are wrong |
//! | `run_lock` | what only one run may do at a time |
//! | [`name`](mod@name) | names: the rules, and what to do with one that is taken |
//! | [`key`] | System V keys, and what to do with one that is taken |
//! | `key_file` | the files that ftok makes keys of |
//! | [`process`] | the lesson's other processes, who take turns |
//! | [`other_user`] | those of them that are another user |
//! | [`charge`] | what queues are charged for, found by experiment |
//! | [`shm_account`] | what the lesson's own calls take of /dev/shm |
//! | `limits` | limits of an IPC namespace, set in one of the lesson's own |
//! | [`cleanup`] | what exists because of this lesson, and its removal |
//! | [`exit`] | the ways out: the end, an error, a signal, a closed pipe |
//! | `source` | what the lesson's source says of it: title and chapter |
//! | `refusal` | a call was refused: which, and what the reader can do about it |
#![allow(unsafe_code)]

pub mod charge;
pub mod cleanup;
pub mod exit;
pub mod flags;
pub mod key;
mod key_file;
mod limits;
pub mod name;
pub mod other_user;
pub mod process;
mod refusal;
mod run_lock;
pub mod shm_account;
mod source;

pub use name::Name;
pub use other_user::OtherUser;
pub use process::{Process, Turn};
pub use source::{Source, chapter_of, title_of};

use crate::call::{self, Call, Listener, Object};
use crate::cli::{Failure, complain};
use crate::narrate::{Event, Evidence, Format, Narrator, Tally, Value, Verdict, ask};
use crate::observe::sysvipc::{Row, Table, row};
use crate::observe::{Inode, Observe, Snapshot, Unseen};
use crate::private::Namespace;
use flags::Flags;
use run_lock::RunLock;
use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// What the body of a lesson returns.
pub type Outcome = Result<(), Failure>;

/// The body of `main`: runs the lesson, which is a closure that is given a [`Lesson`].
/// A lesson with flags of its own passes them first.
#[macro_export]
macro_rules! lesson {
    ($body:expr) => {
        $crate::lesson!([], $body)
    };
    ($flags:expr, $body:expr) => {
        $crate::lesson::run(
            $crate::lesson::Source {
                file: file!(),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
            },
            $flags,
            $body,
        )
    };
}

/// Runs a lesson and returns its exit code; `lesson!` is the way to call it.
pub fn run<const N: usize>(
    source: Source,
    own_flags: [clap::Arg; N],
    body: impl FnOnce(&Lesson) -> Outcome,
) -> ExitCode {
    let flags = match Flags::parse(&source, own_flags) {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    exit::prepare(source.name());
    ExitCode::from(match begin(source, flags) {
        Ok(lesson) => lesson.play(body),
        Err(failure) => failure.report(source.name()),
    })
}

fn begin(source: Source, flags: Flags) -> Result<&'static Lesson, Failure> {
    exit::check_standard_streams(&flags)?;
    if flags.private {
        Namespace::new().enter().map_err(|refused| refusal::no_namespace(&refused))?;
    }
    cleanup::open()?;
    // One for the life of the process: the call modules keep a reference to it.
    let lesson: &'static Lesson = Box::leak(Box::new(Lesson {
        source,
        narrator: Narrator::new(flags.format, exit::standard_output_broke),
        flags,
        last_seen: RefCell::new(None),
        prediction: RefCell::new(None),
        locks: RefCell::new(Vec::new()),
        muted: Cell::new(false),
        deferred: RefCell::new(None),
    }));
    call::listen(lesson);
    Ok(lesson)
}

/// Something that was looked at, or might be.
enum Seen {
    Posix(Inode),
    SystemV(Table, i32),
    File(String),
}

/// Through this a lesson speaks and looks.
pub struct Lesson {
    source: Source,
    narrator: Narrator,
    flags: Flags,
    /// What was looked at last, for `--pause` to say how to look at it again.
    last_seen: RefCell<Option<Seen>>,
    /// What the reader predicted for the next claim.
    prediction: RefCell<Option<String>>,
    /// The names that no other run may use meanwhile.
    locks: RefCell<Vec<(String, RunLock)>>,
    /// Whether calls are muted: made, and not reported.
    muted: Cell<bool>,
    /// The calls that are reported later.
    deferred: RefCell<Option<Vec<Call>>>,
}

impl Lesson {
    fn play(&'static self, body: impl FnOnce(&Lesson) -> Outcome) -> u8 {
        self.narrator.report(&Event::Lesson {
            name: self.source.name(),
            chapter: self.source.chapter(),
            title: self.source.title(),
            kernel: &kernel_release(),
            libc: &libc_version(),
            private: self.flags.private,
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            body(self)?;
            self.pause()
        }));
        exit::end_processes();
        let not_removed = cleanup::remove_all();
        let tally = cleanup::tally();
        let exit = match outcome {
            Ok(Ok(())) => u8::from(tally.failed > 0),
            Ok(Err(failure)) => failure.report(self.source.name()),
            Err(_) => 1, // the panic hook has spoken
        };
        for object in not_removed {
            complain(&format!("{}: could not remove {object}; remove it yourself", self.source.name()));
        }
        self.print_score();
        self.narrator.report(&Event::End { tally, exit });
        exit
    }

    /// Begins the next step, with what it is about to do.
    pub fn step(&self, title: &str) {
        if self.narrator.steps() > 0
            && let Err(failure) = self.pause()
        {
            exit::exit(failure.report(self.source.name()));
        }
        self.narrator.step(title);
    }

    /// A remark that is neither call nor fact nor claim.
    pub fn note(&self, text: &str) {
        self.narrator.report(&Event::Note { text });
    }

    /// Makes calls that are not reported, since their order is not the story's: a
    /// race; and what is shown meanwhile is not reported either. What they create is recorded as ever.
    pub fn muted<T>(&self, calls: impl FnOnce() -> T) -> T {
        let before = self.muted.replace(true);
        let result = calls();
        self.muted.set(before);
        result
    }

    /// Makes calls that are not reported yet, and returns them for when they are.
    fn deferred<T>(&self, calls: impl FnOnce() -> T) -> (T, Vec<Call>) {
        *self.deferred.borrow_mut() = Some(Vec::new());
        let result = calls();
        (result, self.deferred.take().unwrap_or_default())
    }

    /// Shows what the kernel shows of an object now, and returns it.
    pub fn look(&self, object: impl Observe) -> Result<Snapshot, Failure> {
        let snapshot = call::unreported(|| object.snapshot())?;
        self.show_snapshot(&snapshot);
        self.last_seen.replace(Some(Seen::Posix(snapshot.inode)));
        Ok(snapshot)
    }

    fn show_snapshot(&self, snapshot: &Snapshot) {
        self.narrator.kernel(snapshot.inode.kind.noun(), &snapshot.facts, Some(&snapshot.holders));
    }

    /// Shows the line that /proc/sysvipc has for a System V object now, and returns it.
    pub fn row(&self, table: Table, id: i32) -> Result<Row, Unseen> {
        let gone = || Unseen(format!("{} has no {id}", table.file()));
        let row = row(table, id)?.ok_or_else(gone)?;
        self.show_row(&row);
        self.last_seen.replace(Some(Seen::SystemV(table, id)));
        Ok(row)
    }

    fn show_row(&self, row: &Row) {
        self.narrator.kernel(row.table.noun(), &row.facts(), None);
    }

    /// Shows a number that the kernel gave, under its name, and returns it.
    pub fn show(&self, what: &str, name: &'static str, value: Result<i64, Unseen>) -> Result<i64, Unseen> {
        if !self.muted.get() {
            self.narrator.kernel(what, &[(name, value.clone())], None);
        }
        value
    }

    /// Puts a claim to the test. The identifier is its sentence, with hyphens:
    /// `unlink-removes-the-name-at-once`. `got` is what the kernel did (a value,
    /// a value that may not have been seen, or the outcome of a call that
    /// should fail), `want` what the lesson says it does.
    #[allow(clippy::needless_pass_by_value)] // a lesson reads better without the &
    pub fn claim<W: Value>(&self, id: &str, got: impl Evidence<W>, want: W) {
        let chapter = self.source.chapter().split_once('-').map_or("", |(_, name)| name);
        let held = got.agrees_with(&want);
        let verdict = Verdict {
            id: format!("{chapter}/{id}"),
            held,
            got: got.shown(),
            want: want.text(),
            // EMFILE says nothing, unless it is what was claimed.
            why: if held.is_none() { got.why() } else { None },
        };
        cleanup::count(verdict.held);
        if let Some(predicted) = self.prediction.borrow_mut().take() {
            let right = predicted == verdict.got;
            cleanup::count_prediction(right);
            self.narrator.print(&if right {
                format!("   as you predicted: {predicted}\n")
            } else {
                format!("   you predicted {predicted}; the kernel says {}\n", verdict.got)
            });
        }
        self.narrator.report(&Event::Claim(&verdict));
        if verdict.held == Some(false) {
            refusal::report_failed_claim(self.source.name(), &verdict);
        }
    }

    /// A question for the reader; the next claim answers it. Each option is
    /// what that claim's `got` might turn out to be.
    pub fn predict(&self, question: &str, options: &[&str]) {
        self.narrator.report(&Event::Question { text: question, options });
        if !self.flags.predict {
            return;
        }
        self.narrator.print(&format!("   {question}\n"));
        for (n, option) in options.iter().enumerate() {
            self.narrator.print(&format!("     {}  {option}\n", n + 1));
        }
        match ask::choose(options, |text| self.narrator.print(text)) {
            Ok(Some(n)) => *self.prediction.borrow_mut() = Some(options[n].into()),
            _ => exit::exit(Failure::input_ended("--predict").report(self.source.name())),
        }
    }

    /// How the claims of all processes have fared so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        cleanup::tally()
    }

    /// The value of a flag of the lesson's own.
    pub fn flag(&self, id: &str) -> Option<&str> {
        self.flags.own(id)
    }

    /// Whether a flag of the lesson's own that takes no value is set.
    pub fn is_set(&self, id: &str) -> bool {
        self.flags.is_set(id)
    }

    /// The prompt of `--pause`.
    fn pause(&self) -> Result<(), Failure> {
        if !self.flags.pause {
            return Ok(());
        }
        let prompt = match self.flags.format {
            // JSON goes to standard output alone, so the prompt may not.
            Format::Json => String::new(),
            Format::Text => {
                let look = self
                    .last_seen
                    .borrow()
                    .as_ref()
                    .and_then(|seen| self.command(seen))
                    .map_or(String::new(), |command| {
                        format!("   to look from another terminal: {command}\n")
                    });
                format!("{look}   Enter goes on ")
            }
        };
        self.narrator.print(&prompt);
        match ask::enter() {
            Ok(true) => Ok(()),
            _ => Err(Failure::input_ended("--pause")),
        }
    }

    /// What shows it from another terminal, if it is there still; whoever held it
    /// may have let go since.
    fn command(&self, seen: &Seen) -> Option<String> {
        match seen {
            Seen::Posix(inode) => inode.snapshot().ok()?.command(),
            Seen::SystemV(table, id) => {
                let me = nix::unistd::getpid().as_raw();
                Some(row(*table, *id).ok()??.command(self.flags.private.then_some(me)))
            }
            Seen::File(path) => std::fs::exists(path).ok()?.then(|| format!("stat {path}")),
        }
    }

    fn print_score(&self) {
        let (right, all) = cleanup::predictions();
        if all > 0 {
            self.narrator.print(&format!("\npredictions: {right} of {all} right\n"));
        }
    }
}

impl Listener for Lesson {
    fn called(&self, call: Call) {
        if let Some(deferred) = self.deferred.borrow_mut().as_mut() {
            return deferred.push(call);
        }
        if !self.muted.get() {
            self.narrator.call(&call);
        }
        refusal::remember(call);
    }
    fn creating(&self) {
        exit::hold_signals();
    }
    fn created(&self, object: Object<'_>) {
        cleanup::created(object);
        let mut last = self.last_seen.borrow_mut();
        // What is there can be looked at, whether the lesson does so or not.
        match object {
            Object::Msg(id) => *last = Some(Seen::SystemV(Table::Msg, id)),
            Object::Sem(id) => *last = Some(Seen::SystemV(Table::Sem, id)),
            Object::Shm(id) => *last = Some(Seen::SystemV(Table::Shm, id)),
            Object::File(path) if last.is_none() => *last = Some(Seen::File(path.to_string_lossy().into())),
            _ => {}
        }
    }
    fn settled(&self) {
        exit::let_signals_in();
    }
    fn removed(&self, object: Object<'_>) {
        cleanup::removed(object);
    }
}

/// `6.18.44`
#[must_use]
pub fn kernel_release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim_end().to_string()
}

/// `glibc 2.36`
#[must_use]
pub fn libc_version() -> String {
    // SAFETY: it returns a constant string.
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("glibc {}", version.to_string_lossy())
}
