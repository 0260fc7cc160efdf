//! The lesson's narration: it begins steps, shows what the kernel shows, checks claims, and asks the
//! reader questions.

use super::exit::{exit, standard_output_broke};
use super::flags::Flags;
use super::refusal::{failed_call_behind, report_failed_claim};
use super::run_lock::Locks;
use super::seen::Seen;
use super::source::Source;
use super::{tally, waits};
use crate::call::{Call, unreported};
use crate::cli::{Failure, terminal_width};
use crate::narrate::{Event, Evidence, Format, Narrator, Value, Verdict, ask};
use crate::observe::sysvipc::{Row, Table, row};
use crate::observe::{Observe, Snapshot, Unseen};
use std::cell::{Cell, RefCell};

/// The result of a lesson's body, and of other functions that may fail in it.
pub type Outcome<T = ()> = Result<T, Failure>;

/// A running lesson: its methods narrate, look at objects and check claims.
pub struct Lesson {
    pub(super) source: Source,
    pub(super) narrator: Narrator,
    pub(super) flags: Flags,
    /// What was looked at last. `--pause` prints a command that shows it.
    pub(super) last_seen: RefCell<Option<Seen>>,
    /// The reader's prediction for the next claim.
    prediction: RefCell<Option<String>>,
    /// The names and keys that this run has locked.
    pub(super) locks: Locks,
    /// The last note about a name or key of this user's own.
    pub(super) said_of_own: RefCell<String>,
    /// Whether calls are muted: they are made but not reported.
    pub(super) muted: Cell<bool>,
    /// The calls to report later, if reports are deferred.
    pub(super) deferred: RefCell<Option<Vec<Call>>>,
}

impl Lesson {
    /// Makes a lesson that has printed nothing yet.
    pub(super) fn new(source: Source, flags: Flags) -> Self {
        Lesson {
            source,
            narrator: Narrator::new(
                flags.format,
                flags.brief,
                nix::unistd::getpid().as_raw(),
                terminal_width,
                standard_output_broke,
            ),
            flags,
            last_seen: RefCell::new(None),
            prediction: RefCell::new(None),
            locks: Locks::default(),
            said_of_own: RefCell::default(),
            muted: Cell::new(false),
            deferred: RefCell::new(None),
        }
    }

    /// Begins the next step. `title` says what the step does.
    pub fn step(&self, title: &str) {
        if self.narrator.steps() > 0
            && let Err(failure) = self.pause()
        {
            exit(failure.report(self.source.name()));
        }
        self.narrator.step(title);
        waits::begin_step(self.narrator.steps());
    }

    /// Prints a remark that is neither a call nor a fact nor a claim.
    pub fn note(&self, text: &str) {
        self.narrator.report(&Event::Note { text });
    }

    /// Makes calls without reporting them, because their order is random, as in a race. Facts shown
    /// meanwhile are not reported either. Objects that the calls create are recorded for the cleanup.
    pub fn muted<T>(&self, calls: impl FnOnce() -> T) -> T {
        let before = self.muted.replace(true);
        let result = calls();
        self.muted.set(before);
        result
    }

    /// Makes calls without reporting them, and returns them, so that they can be reported later.
    pub(super) fn deferred<T>(&self, calls: impl FnOnce() -> T) -> (T, Vec<Call>) {
        *self.deferred.borrow_mut() = Some(Vec::new());
        let result = calls();
        (result, self.deferred.take().unwrap_or_default())
    }

    /// Prints what the kernel shows about an object now, and returns it.
    pub fn look(&self, object: impl Observe) -> Result<Snapshot, Failure> {
        let snapshot = unreported(|| object.snapshot())?;
        self.show_snapshot(&snapshot);
        self.last_seen.replace(Some(Seen::Posix(snapshot.inode)));
        Ok(snapshot)
    }

    pub(super) fn show_snapshot(&self, snapshot: &Snapshot) {
        tally::count_invisible(snapshot.holders.invisible);
        self.narrator.kernel(snapshot.inode.kind.noun(), &snapshot.facts, Some(&snapshot.holders));
    }

    /// Prints the line that /proc/sysvipc has for a System V object now, and returns it.
    pub fn row(&self, table: Table, id: i32) -> Result<Row, Unseen> {
        let gone = || Unseen(format!("{} has no line for {id}", table.file()));
        let row = row(table, id)?.ok_or_else(gone)?;
        self.show_row(&row);
        self.last_seen.replace(Some(Seen::SystemV(table, id)));
        Ok(row)
    }

    pub(super) fn show_row(&self, row: &Row) {
        self.narrator.kernel(row.table.noun(), &row.facts(), None);
    }

    /// Prints a number from the kernel under its name, and returns it.
    pub fn show(&self, what: &str, name: &'static str, value: Result<i64, Unseen>) -> Result<i64, Unseen> {
        if !self.muted.get() {
            self.narrator.kernel(what, &[(name, value.clone())], None);
        }
        value
    }

    /// Checks a claim and reports the verdict. The identifier is the claim's sentence with hyphens:
    /// `unlink-removes-the-name-at-once`. `got` is what the kernel did: a value,
    /// a value that may not have been seen, or the outcome of a call that
    /// should fail. `want` is what it does according to the lesson.
    #[allow(clippy::needless_pass_by_value)] // a lesson reads better without the &
    pub fn claim<W: Value>(&self, id: &str, got: impl Evidence<W>, want: W) {
        let chapter = self.source.chapter().split_once('-').map_or("", |(_, name)| name);
        let held = got.agrees_with(&want);
        let verdict = Verdict {
            id: format!("{chapter}/{id}"),
            held,
            got: got.shown(),
            want: want.text(),
            // An errno such as EMFILE decides nothing, unless the claim is about that errno.
            why: if held.is_none() { got.why() } else { None },
            call: failed_call_behind(held, &got.shown()),
        };
        tally::count_claim(verdict.held);
        if let Some(predicted) = self.prediction.borrow_mut().take() {
            let right = predicted == verdict.got;
            tally::count_prediction(right);
            self.narrator.paragraph(&if right {
                format!("   as you predicted: {predicted}\n")
            } else {
                format!("   you predicted {predicted}; the result is {}\n", verdict.got)
            });
        }
        self.narrator.report(&Event::Claim(&verdict));
        if verdict.held == Some(false) {
            report_failed_claim(self.source.name(), &verdict);
        }
    }

    /// Asks the reader for a prediction (with `--predict`); the next claim gives the answer. Each option is
    /// a possible `got` of that claim.
    pub fn predict(&self, question: &str, options: &[&str]) {
        self.narrator.report(&Event::Question { text: question, options });
        if !self.flags.predict {
            return;
        }
        self.narrator.paragraph(&format!("   {question}\n"));
        for (n, option) in options.iter().enumerate() {
            self.narrator.paragraph(&format!("     {}  {option}\n", n + 1));
        }
        match waits::asking(|| ask::choose(options, |text| self.narrator.print(text))) {
            Ok(Some(n)) => *self.prediction.borrow_mut() = Some(options[n].into()),
            _ => exit(Failure::input_ended("--predict").report(self.source.name())),
        }
    }

    /// Runs `claims`, and returns whether it made at least one claim and all of them held.
    pub fn all_hold(&self, claims: impl FnOnce() -> Outcome) -> Outcome<bool> {
        let before = tally::claims();
        claims()?;
        let now = tally::claims();
        Ok(now.held > before.held && (now.failed, now.unseen) == (before.failed, before.unseen))
    }

    /// Returns the value of one of the lesson's own flags.
    pub fn flag(&self, id: &str) -> Option<&str> {
        self.flags.own(id)
    }

    /// Returns whether one of the lesson's own flags is set. The flag takes no value.
    pub fn is_set(&self, id: &str) -> bool {
        self.flags.is_set(id)
    }

    /// Shows the prompt of `--pause`, and waits for Enter.
    pub(super) fn pause(&self) -> Result<(), Failure> {
        if !self.flags.pause {
            return Ok(());
        }
        let prompt = match self.flags.format {
            // With JSON, standard output contains JSON only, so there is no prompt.
            Format::Json => String::new(),
            Format::Text => {
                let look = self
                    .last_seen
                    .borrow()
                    .as_ref()
                    .and_then(|seen| seen.command(self.flags.private))
                    .map_or(String::new(), |command| {
                        format!("   to look from another terminal: {command}\n")
                    });
                format!("{look}   press Enter to continue ")
            }
        };
        self.narrator.print(&prompt);
        match ask::enter() {
            Ok(true) => Ok(()),
            _ => Err(Failure::input_ended("--pause")),
        }
    }
}
