//! A mock interview: questions of all topics and kinds against the clock, with follow-ups, and
//! nothing discussed until the end. Each answer is stored as it is given.

use crate::agenda::Agenda;
use crate::report::{Outcome, Report, Turn};
use crate::schedule::seed;
use crate::screen::{paragraph, show, show_json};
use crate::sheet::{Heard, Sheet};
use crate::state::{Review, Store, now};
use interview_questions::bank::Bank;
use interview_questions::question::Question;
use ipc_workbook::cli::Failure;
use serde_json::json;
use std::time::{Duration, Instant};

/// How the interview is held.
pub(crate) struct Plan {
    pub(crate) json: bool,
    pub(crate) minutes: f64,
    pub(crate) level: Option<String>,
    /// The same seed asks the same questions in the same order.
    pub(crate) seed: u64,
}

/// An interview that has begun.
struct Interview<'a> {
    bank: &'a Bank,
    store: &'a Store,
    plan: &'a Plan,
    /// Not by the clock on the wall, which somebody may set.
    begun: Instant,
}

/// Holds it, and reports, also where it ends before its time.
pub(crate) fn mock(bank: &Bank, store: &Store, plan: &Plan) -> Result<u8, Failure> {
    store.check()?;
    store.load()?.warn_of_the_clock();
    let mut agenda = Agenda::new(bank, plan.level.as_deref(), plan.seed)?;
    let Plan { minutes, level, seed, .. } = plan;
    if plan.json {
        show_json(&json!({ "event": "interview", "minutes": minutes, "level": level, "seed": seed }))?;
    } else {
        let what = "s passes a question, q ends the interview; nothing is discussed before. --seed";
        show(&format!("\nAn interview of {minutes} minutes. {what} {seed} holds it again.\n"))?;
    }
    let interview = Interview { bank, store, plan, begun: Instant::now() };
    let mut report = Report::default();
    let ended = interview.hold(&mut agenda, &mut report);
    report.show(interview.begun.elapsed(), plan.json)?;
    ended.map(|()| 0)
}

impl<'a> Interview<'a> {
    /// Asks until the time is over; what has been said by then stands in the report.
    fn hold(&self, agenda: &mut Agenda<'a>, report: &mut Report) -> Result<(), Failure> {
        let mut lead_in: Option<String> = None;
        let mut next = agenda.next()?;
        while let Some(question) = next
            && !self.left().is_zero()
            && let Some(turn) = self.ask(question, report.turns.len() + 1, lead_in.as_deref())?
        {
            // One follow-up, and then another subject: there is more to find out.
            let follow_up = match lead_in {
                None => self.follow_up(agenda, &turn.sheet.question),
                Some(_) => Ok(None),
            };
            report.turns.push(turn);
            (lead_in, next) = match follow_up? {
                Some((asks, question)) => (Some(asks), Some(question)),
                None => (None, agenda.next()?),
            };
        }
        Ok(())
    }

    /// What follows a question that has not been asked yet, and how the interviewer comes to it.
    fn follow_up(
        &self,
        agenda: &mut Agenda<'a>,
        question: &Question,
    ) -> Result<Option<(String, Question)>, Failure> {
        for then in &question.then {
            if let Some(next) = agenda.follow_up(self.bank.follow_up(question, then)?)? {
                return Ok(Some((then.asks.clone(), next)));
            }
        }
        Ok(None)
    }

    fn left(&self) -> Duration {
        Duration::from_secs_f64(self.plan.minutes * 60.0).saturating_sub(self.begun.elapsed())
    }

    /// One question; `None` if the reader ends the interview there.
    fn ask(&self, question: Question, n: usize, lead_in: Option<&str>) -> Result<Option<Turn>, Failure> {
        let json = self.plan.json;
        let order = seed(&question.id, 0) ^ self.plan.seed;
        let mut sheet = Sheet::shuffled(question, order);
        if let (Some(lead_in), false) = (lead_in, json) {
            show(&format!("\n{}", paragraph("", lead_in)))?;
        }
        let left = self.left().as_secs();
        let head = format!("question {n} · {} left", minutes(left));
        sheet.pose(&head, &json!({ "n": n, "seconds_left": left, "follow_up": lead_in }), json)?;
        let posed = Instant::now();
        let heard = sheet.hear(json)?;
        let took = posed.elapsed();
        let given = match heard {
            Heard::Quit => return Ok(None),
            Heard::Skip => None,
            Heard::Answer(given) => Some(given),
        };
        let outcome = match sheet.key() {
            Ok(key) => {
                if let Some(given) = &given {
                    self.store.add(&sheet.question.id, Review(now(), given.grade(&key)))?;
                }
                Outcome::Counts { given, key }
            }
            Err(why) => Outcome::Unaskable(why),
        };
        if json {
            let seconds = took.as_secs_f64();
            show_json(&json!({ "event": "answered", "id": sheet.question.id, "seconds": seconds }))?;
        }
        Ok(Some(Turn { sheet, outcome, took }))
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
