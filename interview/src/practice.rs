//! Practice: one question after another, each answer stored before it is discussed.

use crate::answer::Answer;
use crate::prove::prove;
use crate::schedule::{next, seed, wait};
use crate::screen::{PROGRAM, asked, paragraph, show, show_json};
use crate::sheet::{Heard, Sheet};
use crate::state::{Review, State, Store, now};
use colored::Colorize;
use interview_questions::bank::Bank;
use interview_questions::question::Question;
use ipc_workbook::cli::{Failure, complain};
use serde_json::json;

/// What is practised.
pub(crate) struct Plan {
    pub(crate) json: bool,
    /// How many questions at most.
    pub(crate) limit: usize,
    /// How many of them may be new.
    pub(crate) new: usize,
    pub(crate) topic: Option<String>,
    pub(crate) level: Option<String>,
}

/// What came of a question.
enum Turn<'a> {
    Answered { right: bool, next: Next<'a> },
    Skipped,
    Left,
}

/// What the reader wants after an answer.
enum Next<'a> {
    Another,
    /// The question of this id, which an interviewer would ask now.
    FollowUp(&'a str),
    Nothing,
}

/// Asks until nothing is due, or the reader has enough.
pub(crate) fn practice(bank: &Bank, store: &Store, plan: &Plan) -> Result<u8, Failure> {
    store.check()?;
    let mut state = store.load()?;
    state.warn_of_the_clock();
    let mut ids = wanted(bank, plan)?;
    let (mut asked, mut answered, mut right, mut new) = (0, 0, 0, 0);
    let mut follow_up = None;
    while asked < plan.limit
        && let Some(id) = follow_up.take().or_else(|| next(&state, &ids, now(), asked, new < plan.new))
    {
        new += usize::from(!state.questions.contains_key(id));
        asked += 1;
        match ask(bank, bank.question(id)?, store, &mut state, plan.json)? {
            Turn::Answered { right: this, next } => {
                answered += 1;
                right += usize::from(this);
                match next {
                    Next::Another => {}
                    Next::FollowUp(id) => follow_up = Some(id),
                    Next::Nothing => break,
                }
            }
            // Not again in this session.
            Turn::Skipped => ids.retain(|other| *other != id),
            Turn::Left => break,
        }
    }
    let due = ids.iter().filter_map(|id| state.questions.get(*id)?.due).min();
    if plan.json {
        show_json(&json!({ "event": "end", "answered": answered, "right": right, "next_due": due }))?;
    } else {
        let when = due.map_or(String::new(), |due| match due - now() {
            ..=0 => "; more are due now".into(),
            later => format!("; the next is due {}", wait(later)),
        });
        show(&format!("\n{answered} answered, {right} right{when}\n"))?;
    }
    Ok(0)
}

/// The ids that the plan admits.
fn wanted<'a>(bank: &'a Bank, plan: &Plan) -> Result<Vec<&'a str>, Failure> {
    let all = bank.entries().iter();
    if plan.topic.is_none() && plan.level.is_none() {
        return Ok(all.map(|entry| entry.id.as_str()).collect());
    }
    let mut ids = Vec::new();
    for entry in all {
        let facets = entry.facets()?;
        let fits = |wish: &Option<String>, is: &str| wish.as_deref().is_none_or(|wish| wish == is);
        if fits(&plan.topic, &facets.topic) && fits(&plan.level, &facets.level) {
            ids.push(entry.id.as_str());
        }
    }
    if ids.is_empty() {
        return Err(Failure::Usage(
            "no question has that topic and level; interview list shows what there is".into(),
        ));
    }
    Ok(ids)
}

fn ask<'a>(
    bank: &'a Bank,
    question: Question,
    store: &Store,
    state: &mut State,
    json: bool,
) -> Result<Turn<'a>, Failure> {
    let times = state.questions.get(&question.id).map_or(0, |record| record.reviews.len());
    // Another order each time, so that nobody learns a place; the same for one time.
    let order = seed(&question.id, times);
    let mut sheet = Sheet::shuffled(question, order);
    let seen = match times {
        0 => "new".into(),
        1 => "seen once".into(),
        n => format!("seen {n} times"),
    };
    sheet.pose(&seen, &json!({ "reviews": times }), json)?;
    let given = match sheet.hear(json)? {
        Heard::Answer(given) => given,
        Heard::Skip => return Ok(Turn::Skipped),
        Heard::Quit => return Ok(Turn::Left),
    };
    let key = match sheet.key() {
        Ok(key) => key,
        Err(why) => return not_askable(&sheet.question, &why, json),
    };
    let (at, grade) = (now(), given.grade(&key));
    *state = store.add(&sheet.question.id, Review(at, grade))?;
    let due = state.questions.get(&sheet.question.id).and_then(|record| record.due).unwrap_or(at);
    discuss(&sheet, &given, &key, due - at, json)?;
    Ok(Turn::Answered { right: grade.is_right(), next: after(bank, &sheet.question, json)? })
}

/// The kernel has not shown the answer, so nobody can be wrong about it.
fn not_askable(question: &Question, why: &str, json: bool) -> Result<Turn<'static>, Failure> {
    if json {
        show_json(&json!({ "event": "unaskable", "id": question.id, "why": why }))?;
    } else {
        let what = format!("This cannot be asked here, and does not count: {why}.");
        show(&format!("\n{}", paragraph("", &what)))?;
    }
    Ok(Turn::Skipped)
}

/// What the answer was worth, and why.
fn discuss(sheet: &Sheet, given: &Answer, key: &Answer, wait_for: i64, json: bool) -> Result<(), Failure> {
    if json {
        let mut event = json!({ "event": "answer" });
        sheet.explain_to(&mut event, key, Some(given));
        return show_json(&event);
    }
    let verdict = match (given.grade(key).is_right(), given, key) {
        (_, Answer::Points(named), Answer::Points(all)) => {
            format!("{} of {} points.", named.len(), all.len()).normal()
        }
        (true, ..) => "Right.".green(),
        (false, ..) => "Wrong.".red(),
    };
    let explained = sheet.explained(key, Some(given));
    show(&format!("\n{} Asked again {}.\n\n{explained}\n", verdict.bold(), wait(wait_for)))
}

/// Offers the proof, and what an interviewer would ask next.
fn after<'a>(bank: &'a Bank, question: &Question, json: bool) -> Result<Next<'a>, Failure> {
    let then = match question.then.first() {
        Some(then) => Some((then, bank.follow_up(question, then)?)),
        None => None,
    };
    let offer = then.map_or(String::new(), |(then, _)| format!("f for the follow-up ({}), ", then.asks));
    let keys = if then.is_some() { "p, f, Enter and q" } else { "p, Enter and q" };
    loop {
        let prompt = format!("p to prove it ({}), {offer}Enter to go on, q to stop", question.run);
        match (asked(&prompt, json)?.as_str(), then) {
            ("", _) => return Ok(Next::Another),
            ("q", _) => return Ok(Next::Nothing),
            ("f", Some((_, entry))) => return Ok(Next::FollowUp(&entry.id)),
            ("p", _) => prove(question, json),
            (typed, _) => complain(&format!("{PROGRAM}: {typed:?} is none of {keys}")),
        }
    }
}
