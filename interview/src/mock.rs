//! A mock interview: questions of all topics and kinds within a time limit, with follow-ups. Answers are
//! discussed at the end. Each answer is stored when it is given.

use crate::agenda::Agenda;
use crate::history::Histories;
use crate::prompt::{Prompt, Reply};
use crate::random::seed;
use crate::report::{Asked, Outcome, Report};
use crate::review::Review;
use crate::screen::minutes;
use ipc_workbook_tools::cli::{Failure, paragraph, show, show_json};
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::store::Store;
use ipc_workbook_tools::workbook::questions::{Bank, Question};
use serde_json::json;
use std::time::{Duration, Instant};

/// The settings of an interview.
pub(crate) struct InterviewSettings {
    pub(crate) json: bool,
    pub(crate) minutes: f64,
    pub(crate) level: Option<String>,
    /// The same seed asks the same questions in the same order.
    pub(crate) seed: u64,
}

/// An interview that has started.
struct Interview<'a> {
    bank: &'a Bank,
    store: &'a Store<Histories>,
    settings: &'a InterviewSettings,
    /// On the monotonic clock, because the system clock can be set.
    begun: Instant,
}

/// Holds an interview. Prints the report even if the interview ends early.
pub(crate) fn mock(
    bank: &Bank,
    store: &Store<Histories>,
    settings: &InterviewSettings,
) -> Result<u8, Failure> {
    store.check()?;
    store.load()?.warn_of_the_clock();
    let mut agenda = Agenda::new(bank, settings.level.as_deref(), settings.seed)?;
    let InterviewSettings { minutes, level, seed, .. } = settings;
    if settings.json {
        show_json(&json!({ "event": "interview", "minutes": minutes, "level": level, "seed": seed }))?;
    } else {
        let what = "s passes a question, q ends the interview. The answers are discussed at the end. To repeat it, use --seed";
        show(&format!("\nAn interview of {minutes} minutes. {what} {seed}.\n"))?;
    }
    let interview = Interview { bank, store, settings, begun: Instant::now() };
    let mut report = Report::default();
    let ended = interview.hold(&mut agenda, &mut report);
    report.show(interview.begun.elapsed(), settings.json)?;
    ended.map(|()| 0)
}

impl<'a> Interview<'a> {
    /// Asks until the time is over or the reader stops. The report contains what has been answered by then.
    fn hold(&self, agenda: &mut Agenda<'a>, report: &mut Report) -> Result<(), Failure> {
        let mut lead_in: Option<String> = None;
        let mut next = agenda.next()?;
        while let Some(question) = next
            && !self.left().is_zero()
            && let Some(asked) = self.ask(question, report.asked.len() + 1, lead_in.as_deref())?
        {
            // After one follow-up, change the topic, so that the interview covers more.
            let follow_up = match lead_in {
                None => self.follow_up(agenda, &asked.prompt.question),
                Some(_) => Ok(None),
            };
            report.asked.push(asked);
            (lead_in, next) = match follow_up? {
                Some((asks, question)) => (Some(asks), Some(question)),
                None => (None, agenda.next()?),
            };
        }
        Ok(())
    }

    /// Returns a follow-up that has not been asked yet, and the words that lead to it.
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
        Duration::from_secs_f64(self.settings.minutes * 60.0).saturating_sub(self.begun.elapsed())
    }

    /// Asks one question; `None` if the reader ends the interview.
    fn ask(&self, question: Question, n: usize, lead_in: Option<&str>) -> Result<Option<Asked>, Failure> {
        let json = self.settings.json;
        let order = seed(&question.id, 0) ^ self.settings.seed;
        let mut prompt = Prompt::shuffled(question, order);
        if let (Some(lead_in), false) = (lead_in, json) {
            show(&format!("\n{}", paragraph("", lead_in)))?;
        }
        let left = self.left().as_secs();
        let head = format!("question {n} · {} left", minutes(left));
        prompt.ask(&head, &json!({ "n": n, "seconds_left": left, "follow_up": lead_in }), json)?;
        let posed = Instant::now();
        let reply = prompt.read_reply(json)?;
        let took = posed.elapsed();
        let given = match reply {
            Reply::Quit => return Ok(None),
            Reply::Skip => None,
            Reply::Answer(given) => Some(given),
        };
        let outcome = match prompt.key() {
            Ok(key) => {
                if let Some(given) = &given {
                    let review = Review(now(), given.grade(&key));
                    self.store.change(|histories| histories.add(&prompt.question.id, review))?;
                }
                Outcome::Counts { given, key }
            }
            Err(why) => Outcome::Unaskable(why),
        };
        if json {
            let seconds = took.as_secs_f64();
            show_json(&json!({ "event": "answered", "id": prompt.question.id, "seconds": seconds }))?;
        }
        Ok(Some(Asked { prompt, outcome, took }))
    }
}
