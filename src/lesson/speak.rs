//! The lesson as a speaker: it begins steps, shows what the kernel shows, puts claims
//! to the test, and asks the reader.

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

/// What the body of a lesson returns, and whatever else in it may fail.
pub type Outcome<T = ()> = Result<T, Failure>;

/// Through this a lesson speaks and looks.
pub struct Lesson {
    pub(super) source: Source,
    pub(super) narrator: Narrator,
    pub(super) flags: Flags,
    /// What was looked at last, for `--pause` to say how to look at it again.
    pub(super) last_seen: RefCell<Option<Seen>>,
    /// What the reader predicted for the next claim.
    prediction: RefCell<Option<String>>,
    /// The names and keys that no other run may use meanwhile.
    pub(super) locks: Locks,
    /// What was last said about a name or key of this user's own.
    pub(super) said_of_own: RefCell<String>,
    /// Whether calls are muted: made, and not reported.
    pub(super) muted: Cell<bool>,
    /// The calls that are reported later.
    pub(super) deferred: RefCell<Option<Vec<Call>>>,
}

impl Lesson {
    /// A lesson that has not said anything yet.
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

    /// Begins the next step, with what it is about to do.
    pub fn step(&self, title: &str) {
        if self.narrator.steps() > 0
            && let Err(failure) = self.pause()
        {
            exit(failure.report(self.source.name()));
        }
        self.narrator.step(title);
        waits::begin_step(self.narrator.steps());
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
    pub(super) fn deferred<T>(&self, calls: impl FnOnce() -> T) -> (T, Vec<Call>) {
        *self.deferred.borrow_mut() = Some(Vec::new());
        let result = calls();
        (result, self.deferred.take().unwrap_or_default())
    }

    /// Shows what the kernel shows of an object now, and returns it.
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

    /// Shows the line that /proc/sysvipc has for a System V object now, and returns it.
    pub fn row(&self, table: Table, id: i32) -> Result<Row, Unseen> {
        let gone = || Unseen(format!("{} has no {id}", table.file()));
        let row = row(table, id)?.ok_or_else(gone)?;
        self.show_row(&row);
        self.last_seen.replace(Some(Seen::SystemV(table, id)));
        Ok(row)
    }

    pub(super) fn show_row(&self, row: &Row) {
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
            call: failed_call_behind(held, &got.shown()),
        };
        tally::count_claim(verdict.held);
        if let Some(predicted) = self.prediction.borrow_mut().take() {
            let right = predicted == verdict.got;
            tally::count_prediction(right);
            self.narrator.paragraph(&if right {
                format!("   as you predicted: {predicted}\n")
            } else {
                format!("   you predicted {predicted}; the kernel says {}\n", verdict.got)
            });
        }
        self.narrator.report(&Event::Claim(&verdict));
        if verdict.held == Some(false) {
            report_failed_claim(self.source.name(), &verdict);
        }
    }

    /// A question for the reader; the next claim answers it. Each option is
    /// what that claim's `got` might turn out to be.
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

    /// Whether something was claimed meanwhile, and all of it was seen and held.
    pub fn all_hold(&self, claims: impl FnOnce() -> Outcome) -> Outcome<bool> {
        let before = tally::claims();
        claims()?;
        let now = tally::claims();
        Ok(now.held > before.held && (now.failed, now.unseen) == (before.failed, before.unseen))
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
    pub(super) fn pause(&self) -> Result<(), Failure> {
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
                    .and_then(|seen| seen.command(self.flags.private))
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
}
