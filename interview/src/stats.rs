//! `stats`: shows how much the reader remembers, the days in a row, and the state of each topic.

use crate::history::Histories;
use ipc_workbook_tools::cli::{Failure, show, show_json};
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::store::Store;
use ipc_workbook_tools::workbook::questions::Bank;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const DAY: i64 = 86_400_000;

/// The state of a topic.
#[derive(Default)]
struct Topic {
    questions: usize,
    seen: usize,
    due: usize,
    answers: usize,
    right: usize,
}

/// Shows the statistics.
pub(crate) fn stats(bank: &Bank, store: &Store<Histories>, as_json: bool) -> Result<u8, Failure> {
    let (histories, now) = (store.load()?, now());
    let mut topics: BTreeMap<String, Topic> = BTreeMap::new();
    for entry in bank.entries() {
        let topic = topics.entry(entry.facets()?.topic).or_default();
        topic.questions += 1;
        let Some(history) = histories.questions.get(&entry.id) else { continue };
        topic.seen += 1;
        topic.due += usize::from(history.due.is_some_and(|due| due <= now));
        topic.answers += history.reviews.len();
        topic.right += history.reviews.iter().filter(|review| review.1.is_right()).count();
    }
    let (retained, again) = retention(&histories);
    let streak = streak(&histories, now);
    if as_json {
        let topics = topics.iter().map(|(name, topic)| {
            json!({
                "topic": name, "questions": topic.questions, "seen": topic.seen, "due": topic.due,
                "answers": topic.answers, "right": topic.right,
            })
        });
        show_json(&json!({
            "retained": retained, "asked_again": again, "streak": streak, "topics": topics.collect::<Vec<_>>(),
        }))?;
        return Ok(0);
    }
    let mut text = match again {
        0 => "retention  no question has been asked a second time yet\n".to_string(),
        _ => format!(
            "retention  {retained} of {again} answers were right when asked again ({} %)\n",
            retained * 100 / again
        ),
    };
    let _ = writeln!(text, "streak     {streak} days in a row, in UTC\n");
    let _ = writeln!(
        text,
        "{:<34} {:>9} {:>5} {:>4} {:>14}",
        "topic", "questions", "seen", "due", "answers right"
    );
    for (name, topic) in topics {
        let Topic { questions, seen, due, answers, right } = topic;
        let _ = writeln!(
            text,
            "{name:<34} {questions:>9} {seen:>5} {due:>4} {:>14}",
            format!("{right} of {answers}")
        );
    }
    show(&text)?;
    Ok(0)
}

/// Counts the answers to questions that were asked before. Returns how many were right, and the total.
fn retention(histories: &Histories) -> (usize, usize) {
    let again = histories.questions.values().flat_map(|history| history.reviews.iter().skip(1));
    again.fold((0, 0), |(right, all), review| (right + usize::from(review.1.is_right()), all + 1))
}

/// Counts the days in a row with an answer, up to today, or up to yesterday if today has none yet.
fn streak(histories: &Histories, now: i64) -> usize {
    let reviews = histories.questions.values().flat_map(|history| &history.reviews);
    let days: BTreeSet<i64> = reviews.map(|review| review.0.div_euclid(DAY)).collect();
    let today = now.div_euclid(DAY);
    let last = if days.contains(&today) { today } else { today - 1 };
    (0..=last).take_while(|back| days.contains(&(last - back))).count()
}
