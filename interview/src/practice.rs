//! Practice: asks one question after another, and stores each answer before it is discussed.

use crate::answer::Answer;
use crate::history::Histories;
use crate::prompt::{Prompt, Reply};
use crate::prove::prove;
use crate::random::seed;
use crate::review::Review;
use crate::schedule::wait;
use crate::screen::read_line;
use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, paragraph, show, show_json, warn};
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::store::Store;
use ipc_workbook_tools::workbook::questions::{Bank, Question};
use serde_json::json;

/// While other questions are due, one question in four is new.
const NEW_EVERY: usize = 4;

/// The settings of a practice session.
pub(crate) struct PracticeSettings {
    pub(crate) json: bool,
    /// The largest number of questions.
    pub(crate) limit: usize,
    /// The largest number of new questions.
    pub(crate) new: usize,
    pub(crate) topic: Option<String>,
    pub(crate) level: Option<String>,
}

/// The result of a question.
enum Response<'a> {
    Answered { right: bool, next: Next<'a> },
    Skipped,
    Stopped,
}

/// What the reader wants after an answer.
enum Next<'a> {
    Another,
    /// The follow-up with this id.
    FollowUp(&'a str),
    Nothing,
}

/// Asks until no question is left, the limit is reached, or the reader stops.
pub(crate) fn practice(
    bank: &Bank,
    store: &Store<Histories>,
    settings: &PracticeSettings,
) -> Result<u8, Failure> {
    store.check()?;
    let mut histories = store.load()?;
    histories.warn_of_the_clock();
    let mut ids = wanted(bank, settings)?;
    let (mut asked, mut answered, mut right, mut new) = (0, 0, 0, 0);
    let mut follow_up = None;
    while asked < settings.limit
        && let Some(id) =
            follow_up.take().or_else(|| next(&histories, &ids, now(), asked, new < settings.new))
    {
        new += usize::from(!histories.questions.contains_key(id));
        asked += 1;
        match ask(bank, bank.question(id)?, store, &mut histories, settings.json)? {
            Response::Answered { right: this, next } => {
                answered += 1;
                right += usize::from(this);
                match next {
                    Next::Another => {}
                    Next::FollowUp(id) => follow_up = Some(id),
                    Next::Nothing => break,
                }
            }
            // A question that was skipped does not come again in this session.
            Response::Skipped => ids.retain(|other| *other != id),
            Response::Stopped => break,
        }
    }
    let due = ids.iter().filter_map(|id| histories.questions.get(*id)?.due).min();
    if settings.json {
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

/// Returns the next question among `ids`, after `asked` others: the one that has been due longest or, now
/// and then, a new one. `fresh` says whether new questions are allowed.
fn next<'a>(histories: &Histories, ids: &[&'a str], now: i64, asked: usize, fresh: bool) -> Option<&'a str> {
    let due_at = |id: &str| histories.questions.get(id).and_then(|history| history.due);
    let due = || ids.iter().filter(|id| due_at(id).is_some_and(|due| due <= now)).min_by_key(|id| due_at(id));
    // New questions come in the order of a hash. Otherwise, the first day would be all of chapter 11.
    let new = || {
        let unseen = ids.iter().filter(|id| !histories.questions.contains_key(**id));
        fresh.then(|| unseen.min_by_key(|id| seed(id, 0)))?
    };
    let pick = if asked % NEW_EVERY == NEW_EVERY - 1 { new().or_else(due) } else { due().or_else(new) };
    pick.copied()
}

/// Returns the ids of the questions with the topic and level in the settings.
fn wanted<'a>(bank: &'a Bank, settings: &PracticeSettings) -> Result<Vec<&'a str>, Failure> {
    let all = bank.entries().iter();
    if settings.topic.is_none() && settings.level.is_none() {
        return Ok(all.map(|entry| entry.id.as_str()).collect());
    }
    let mut ids = Vec::new();
    for entry in all {
        let facets = entry.facets()?;
        let fits = |wish: &Option<String>, is: &str| wish.as_deref().is_none_or(|wish| wish == is);
        if fits(&settings.topic, &facets.topic) && fits(&settings.level, &facets.level) {
            ids.push(entry.id.as_str());
        }
    }
    if ids.is_empty() {
        return Err(Failure::Usage(
            "no question has this topic and level; interview list shows all questions".into(),
        ));
    }
    Ok(ids)
}

fn ask<'a>(
    bank: &'a Bank,
    question: Question,
    store: &Store<Histories>,
    histories: &mut Histories,
    json: bool,
) -> Result<Response<'a>, Failure> {
    let times = histories.questions.get(&question.id).map_or(0, |history| history.reviews.len());
    // The order changes with each review, so that readers do not learn the place of an answer.
    let order = seed(&question.id, times);
    let mut prompt = Prompt::shuffled(question, order);
    let seen = match times {
        0 => "new".into(),
        1 => "seen once".into(),
        n => format!("seen {n} times"),
    };
    prompt.ask(&seen, &json!({ "reviews": times }), json)?;
    let given = match prompt.read_reply(json)? {
        Reply::Answer(given) => given,
        Reply::Skip => return Ok(Response::Skipped),
        Reply::Quit => return Ok(Response::Stopped),
    };
    let key = match prompt.key() {
        Ok(key) => key,
        Err(why) => return not_askable(&prompt.question, &why, json),
    };
    let (at, grade) = (now(), given.grade(&key));
    *histories = store.change(|histories| histories.add(&prompt.question.id, Review(at, grade)))?;
    let due = histories.questions.get(&prompt.question.id).and_then(|history| history.due).unwrap_or(at);
    discuss(&prompt, &given, &key, due - at, json)?;
    Ok(Response::Answered { right: grade.is_right(), next: after(bank, &prompt.question, json)? })
}

/// Says that the question cannot be asked here. The kernel has not shown the answer, so no answer is graded.
fn not_askable(question: &Question, why: &str, json: bool) -> Result<Response<'static>, Failure> {
    if json {
        show_json(&json!({ "event": "unaskable", "id": question.id, "why": why }))?;
    } else {
        let what = format!("This question cannot be asked here and does not count: {why}.");
        show(&format!("\n{}", paragraph("", &what)))?;
    }
    Ok(Response::Skipped)
}

/// Says whether the answer was right, and why.
fn discuss(prompt: &Prompt, given: &Answer, key: &Answer, wait_for: i64, json: bool) -> Result<(), Failure> {
    if json {
        let mut event = json!({ "event": "answer" });
        prompt.explain_to(&mut event, key, Some(given));
        return show_json(&event);
    }
    let verdict = match (given.grade(key).is_right(), given, key) {
        (_, Answer::Points(named), Answer::Points(all)) => {
            format!("{} of {} points.", named.len(), all.len()).normal()
        }
        (true, ..) => "Right.".green(),
        (false, ..) => "Wrong.".red(),
    };
    let explained = prompt.explained(key, Some(given));
    let id = prompt.question.id.dimmed();
    show(&format!("\n{} You will be asked again {}. {id}\n\n{explained}\n", verdict.bold(), wait(wait_for)))
}

/// Offers the proof and the follow-up.
fn after<'a>(bank: &'a Bank, question: &Question, json: bool) -> Result<Next<'a>, Failure> {
    let then = match question.then.first() {
        Some(then) => Some((then, bank.follow_up(question, then)?)),
        None => None,
    };
    let offer = then.map_or(String::new(), |(then, _)| format!("f for the follow-up ({}), ", then.asks));
    let keys = if then.is_some() { "p, f, Enter or q" } else { "p, Enter or q" };
    loop {
        let offers = format!("p to prove it ({}), {offer}Enter to go on, q to stop", question.run);
        match (read_line(&offers, json)?.as_str(), then) {
            ("", _) => return Ok(Next::Another),
            ("q", _) => return Ok(Next::Nothing),
            ("f", Some((_, entry))) => return Ok(Next::FollowUp(&entry.id)),
            ("p", _) => prove(question, json),
            (typed, _) => warn(&format!("{typed:?} is not a choice; type {keys}")),
        }
    }
}
