//! A mock interview: questions of all topics and kinds against the clock, with follow-ups, and
//! nothing discussed until the end. Each answer is stored as it is given.

use crate::report::{Outcome, Report, Turn};
use crate::schedule::{seed, shuffled};
use crate::screen::{paragraph, show, show_json};
use crate::sheet::{Heard, Sheet};
use crate::state::{Review, Store, now};
use interview_questions::bank::{Bank, Entry, Facets};
use interview_questions::question::Question;
use ipc_workbook::lesson::Stop;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// How the interview is held.
pub(crate) struct Plan {
    pub(crate) json: bool,
    pub(crate) minutes: f64,
    pub(crate) level: Option<String>,
    /// The same seed asks the same questions in the same order.
    pub(crate) seed: u64,
}

/// Holds it, and reports, also where it ends before its time.
pub(crate) fn mock(bank: &Bank, store: &Store, plan: &Plan) -> Result<u8, Stop> {
    store.check()?;
    store.load()?.warn_of_the_clock();
    let mut agenda = Agenda::new(bank, plan)?;
    // Not the clock on the wall, which somebody may set.
    let clock = Clock { begun: Instant::now(), length: Duration::from_secs_f64(plan.minutes * 60.0) };
    if plan.json {
        let Plan { minutes, level, seed, .. } = plan;
        show_json(&json!({ "event": "interview", "minutes": minutes, "level": level, "seed": seed }))?;
    } else {
        let what = "Nothing is discussed until the end. s passes a question, q ends the interview.";
        show(&format!("\nAn interview of {} minutes, number {}. {what}\n", plan.minutes, plan.seed))?;
    }
    let mut report = Report::default();
    let ended = interview(bank, store, plan, &clock, &mut agenda, &mut report);
    report.show(clock.begun.elapsed(), plan.json)?;
    ended.map(|()| 0)
}

/// Asks until the time is over; what has been said by then stands in the report.
fn interview<'a>(
    bank: &'a Bank,
    store: &Store,
    plan: &Plan,
    clock: &Clock,
    agenda: &mut Agenda<'a>,
    report: &mut Report,
) -> Result<(), Stop> {
    let mut lead_in: Option<String> = None;
    let mut next = agenda.next()?;
    while let Some(question) = next {
        if clock.left().is_zero() {
            return Ok(());
        }
        let n = report.turns.len() + 1;
        let Some(turn) = ask(question, store, plan, clock, n, lead_in.as_deref())? else { return Ok(()) };
        report.turns.push(turn);
        // One follow-up, and then another subject: there is more to find out.
        next = None;
        if lead_in.take().is_none()
            && let Some(turn) = report.turns.last()
        {
            for then in &turn.sheet.question.then {
                next = agenda.follow_up(bank.follow_up(&turn.sheet.question, then)?)?;
                if next.is_some() {
                    lead_in = Some(then.asks.clone());
                    break;
                }
            }
        }
        if next.is_none() {
            next = agenda.next()?;
        }
    }
    Ok(())
}

/// One question; `None` if the reader ends the interview there.
fn ask(
    question: Question,
    store: &Store,
    plan: &Plan,
    clock: &Clock,
    n: usize,
    lead_in: Option<&str>,
) -> Result<Option<Turn>, Stop> {
    let order = seed(&question.id, 0) ^ plan.seed;
    let mut sheet = Sheet::shuffled(question, order);
    if let (Some(lead_in), false) = (lead_in, plan.json) {
        show(&format!("\n{}", paragraph("", lead_in)))?;
    }
    let left = clock.left().as_secs();
    let head = format!("question {n} · {} left", minutes(left));
    sheet.pose(&head, &json!({ "n": n, "seconds_left": left, "follow_up": lead_in }), plan.json)?;
    let posed = Instant::now();
    let heard = sheet.hear(plan.json)?;
    let took = posed.elapsed();
    let given = match heard {
        Heard::Quit => return Ok(None),
        Heard::Skip => None,
        Heard::Answer(given) => Some(given),
    };
    let outcome = match sheet.key() {
        Ok(key) => {
            if let Some(given) = &given {
                store.add(&sheet.question.id, Review(now(), given.grade(&key)))?;
            }
            Outcome::Counts { given, key }
        }
        Err(why) => Outcome::Unaskable(why),
    };
    if plan.json {
        show_json(&json!({ "event": "answered", "id": sheet.question.id, "seconds": took.as_secs_f64() }))?;
    }
    Ok(Some(Turn { sheet, outcome, took }))
}

/// How long the interview lasts.
struct Clock {
    begun: Instant,
    length: Duration,
}

impl Clock {
    fn left(&self) -> Duration {
        self.length.saturating_sub(self.begun.elapsed())
    }
}

/// `3 min 20 s`
pub(crate) fn minutes(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// What there is to ask.
struct Agenda<'a> {
    /// In an order that the seed decides.
    left: Vec<(&'a Entry, Facets)>,
    asked: HashSet<&'a str>,
    /// How often each topic, and each kind, has been asked about.
    topics: HashMap<String, usize>,
    kinds: HashMap<String, usize>,
}

impl<'a> Agenda<'a> {
    fn new(bank: &'a Bank, plan: &Plan) -> Result<Self, Stop> {
        let entries = bank.entries();
        let mut left = Vec::new();
        for n in shuffled(entries.len(), plan.seed) {
            let facets = entries[n].facets()?;
            if plan.level.as_ref().is_none_or(|level| *level == facets.level) {
                left.push((&entries[n], facets));
            }
        }
        if left.is_empty() {
            let what = "no question has that level; interview list shows what there is";
            return Err(Stop::Usage(what.into()));
        }
        Ok(Agenda { left, asked: HashSet::new(), topics: HashMap::new(), kinds: HashMap::new() })
    }

    /// The first of those whose topic and kind have been asked about least.
    fn next(&mut self) -> Result<Option<Question>, Stop> {
        let often =
            |counts: &HashMap<String, usize>, word: &str| counts.get(word).copied().unwrap_or_default();
        let weight = |facets: &Facets| often(&self.topics, &facets.topic) + often(&self.kinds, &facets.kind);
        let Some(least) = (0..self.left.len()).min_by_key(|n| weight(&self.left[*n].1)) else {
            return Ok(None);
        };
        let (entry, _) = self.left.remove(least);
        self.noted(entry).map(Some)
    }

    /// A follow-up, which may be of another level; `None` if it has been asked.
    fn follow_up(&mut self, entry: &'a Entry) -> Result<Option<Question>, Stop> {
        if self.asked.contains(&*entry.id) {
            return Ok(None);
        }
        self.left.retain(|(other, _)| other.id != entry.id);
        self.noted(entry).map(Some)
    }

    fn noted(&mut self, entry: &'a Entry) -> Result<Question, Stop> {
        let question = entry.parse()?;
        self.asked.insert(&entry.id);
        *self.topics.entry(question.topic.clone()).or_default() += 1;
        *self.kinds.entry(question.task.kind().into()).or_default() += 1;
        Ok(question)
    }
}
