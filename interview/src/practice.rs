//! Practice: one question after another, each answer stored before it is discussed.

use crate::bank::{Bank, Question};
use crate::prove::prove;
use crate::schedule::{next, seed, shuffled, wait};
use crate::screen::{PROGRAM, line, paragraph, show, show_json};
use crate::state::{Grade, Review, State, Store, now};
use colored::Colorize;
use ipc_workbook::lesson::{Stop, stop::complain};
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
enum Turn {
    Answered { right: bool, goes_on: bool },
    Skipped,
    Left,
}

/// Asks until nothing is due, or the reader has enough.
pub(crate) fn practice(bank: &Bank, store: &Store, plan: &Plan) -> Result<u8, Stop> {
    store.check()?;
    let mut state = store.load()?;
    warn_of_the_clock(&state);
    let mut ids = wanted(bank, plan)?;
    let (mut asked, mut answered, mut right, mut new) = (0, 0, 0, 0);
    while asked < plan.limit
        && let Some(id) = next(&state, &ids, now(), asked, new < plan.new)
    {
        let question = bank.question(id)?;
        new += usize::from(!state.questions.contains_key(id));
        asked += 1;
        match ask(&question, store, &mut state, plan.json)? {
            Turn::Answered { right: this, goes_on } => {
                answered += 1;
                right += usize::from(this);
                if !goes_on {
                    break;
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

/// The ids that the plan admits. Only with a filter must all questions be parsed.
fn wanted<'a>(bank: &'a Bank, plan: &Plan) -> Result<Vec<&'a str>, Stop> {
    let all = bank.entries().iter();
    if plan.topic.is_none() && plan.level.is_none() {
        return Ok(all.map(|entry| entry.id.as_str()).collect());
    }
    let mut ids = Vec::new();
    for entry in all {
        let question = entry.parse()?;
        let fits = |wish: &Option<String>, is: &str| wish.as_deref().is_none_or(|wish| wish == is);
        if fits(&plan.topic, &question.topic) && fits(&plan.level, &question.level) {
            ids.push(entry.id.as_str());
        }
    }
    if ids.is_empty() {
        return Err(Stop::Usage(
            "no question has that topic and level; interview list shows what there is".into(),
        ));
    }
    Ok(ids)
}

/// An answer from the future makes everything after it look early; nothing is lost by it.
fn warn_of_the_clock(state: &State) {
    if let Some(ahead) = state.last().map(|last| last - now()).filter(|ahead| *ahead > 0) {
        complain(&format!(
            "{PROGRAM}: the clock went backwards: the last answer was given {} from now; all answers are kept",
            wait(ahead).trim_start_matches("in ")
        ));
    }
}

fn letter(place: usize) -> char {
    char::from(b'a' + u8::try_from(place).unwrap_or(25))
}

fn ask(question: &Question, store: &Store, state: &mut State, json: bool) -> Result<Turn, Stop> {
    let times = state.questions.get(&question.id).map_or(0, |record| record.reviews.len());
    // Another order each time, so that nobody learns a place; the same for one time.
    let order = shuffled(question.options.len(), seed(&question.id, times));
    pose(question, &order, times, json)?;
    let last = letter(order.len() - 1);
    let chosen = loop {
        if !json {
            show(&format!("answer a-{last}, s to skip, q to stop: "))?;
        }
        let typed = line()?.ok_or_else(input_ended)?;
        let place = (0..order.len()).find(|place| typed == letter(*place).to_string());
        match (typed.as_str(), place) {
            (_, Some(place)) => break place,
            ("q", _) => return Ok(Turn::Left),
            ("s", _) => return Ok(Turn::Skipped),
            _ => complain(&format!("{PROGRAM}: {typed:?} is none of a-{last}, s and q")),
        }
    };
    let right = question.options[order[chosen]].right;
    let at = now();
    *state = store.add(&question.id, Review(at, if right { Grade::Good } else { Grade::Again }))?;
    let due = state.questions.get(&question.id).and_then(|record| record.due).unwrap_or(at);
    discuss(question, &order, chosen, due - at, json)?;
    Ok(Turn::Answered { right, goes_on: after(question, json)? })
}

fn pose(question: &Question, order: &[usize], times: usize, json: bool) -> Result<(), Stop> {
    if json {
        let options = order.iter().map(|n| &question.options[*n].text);
        let options: Vec<_> =
            options.enumerate().map(|(place, text)| json!({ "key": letter(place), "text": text })).collect();
        return show_json(&json!({
            "event": "question", "id": question.id, "topic": question.topic, "level": question.level,
            "kind": question.kind, "reviews": times, "question": question.asks, "options": options,
        }));
    }
    let seen = match times {
        0 => "new".into(),
        1 => "seen once".into(),
        n => format!("seen {n} times"),
    };
    let head = format!("{} · {} · {} · {seen}", question.id, question.topic, question.level);
    let mut text = format!("\n{}\n\n{}\n", head.dimmed(), paragraph("", &question.asks).trim_end().bold());
    for (place, n) in order.iter().enumerate() {
        text.push_str(&paragraph(&format!("  {}  ", letter(place)), &question.options[*n].text));
    }
    show(&(text + "\n"))
}

/// What each option was worth, and why.
fn discuss(
    question: &Question,
    order: &[usize],
    chosen: usize,
    wait_for: i64,
    json: bool,
) -> Result<(), Stop> {
    let options = || order.iter().enumerate().map(|(place, n)| (place, &question.options[*n]));
    if json {
        let whys: Vec<_> = options()
            .map(|(place, option)| json!({ "key": letter(place), "right": option.right, "why": option.why }))
            .collect();
        return show_json(&json!({
            "event": "answer", "id": question.id, "answer": letter(chosen), "right": question.options[order[chosen]].right,
            "options": whys, "run": question.run, "claims": question.claims,
        }));
    }
    let verdict = if question.options[order[chosen]].right { "Right.".green() } else { "Wrong.".red() };
    let mut text = format!("\n{} Asked again {}.\n\n", verdict.bold(), wait(wait_for));
    for (place, option) in options() {
        let mark = if option.right { "right" } else { "wrong" };
        let mine = if place == chosen { "  (your answer)" } else { "" };
        text.push_str(&paragraph(
            &format!("  {mark}  {}  ", letter(place)),
            &format!("{}{mine}", option.text),
        ));
        text.push_str(&paragraph("            ", &option.why));
    }
    show(&(text + "\n"))
}

/// Offers the proof; false if the reader stops here.
fn after(question: &Question, json: bool) -> Result<bool, Stop> {
    loop {
        if !json {
            show(&format!("p to prove it ({}), Enter to go on, q to stop: ", question.run))?;
        }
        match line()?.ok_or_else(input_ended)?.as_str() {
            "" => return Ok(true),
            "q" => return Ok(false),
            "p" => prove(question),
            typed => complain(&format!("{PROGRAM}: {typed:?} is none of p, Enter and q")),
        }
    }
}

fn input_ended() -> Stop {
    Stop::Machine("standard input has ended; every answer that was given is stored".into())
}
