//! `export anki`: prints a text file that Anki imports. The id is the first field. Anki recognises a note
//! by this field, so a later import updates the note.

use crate::answer::Answer;
use crate::kernel::{claims, got};
use crate::prompt::Prompt;
use crate::random::seed;
use ipc_workbook_tools::cli::{Failure, show_verbatim, warn};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::events::Claim;
use ipc_workbook_tools::workbook::questions::{Bank, Choice, Guess, Question, Task};
use std::collections::HashMap;
use std::fmt::Write;

/// Prints one note for each question: id, question, answer, tags. The answer to a prediction is what the
/// lesson gets now. If it cannot be seen here, the question has no note.
pub(crate) fn export(bank: &Bank) -> Result<u8, Failure> {
    let mut text =
        String::from("#separator:tab\n#html:true\n#columns:Id\tFront\tBack\tTags\n#tags column:4\n");
    // Several questions may use the same run.
    let mut runs: HashMap<String, Result<Vec<Claim>, String>> = HashMap::new();
    for entry in bank.entries() {
        let prompt = Prompt::in_order(entry.parse()?);
        let key = prompt.key_by(|run, claim| {
            let claims = runs.entry(run.into()).or_insert_with(|| claims(run));
            claims.as_ref().map_err(Clone::clone).and_then(|claims| got(claims, run, claim))
        });
        match key {
            Ok(key) => text.push_str(&note(&prompt.question, &key)),
            Err(why) => warn(&format!("no note for {}: {why}", entry.id)),
        }
    }
    show_verbatim(&text)?;
    Ok(0)
}

fn note(question: &Question, key: &Answer) -> String {
    let back = back(question, key);
    let Question { id, topic, level, chapter, task, asks, run, .. } = question;
    let tags = [chapter, topic, level, task.kind()];
    // In Anki, blanks separate tags.
    let tags = tags.map(|tag| tag.replace(char::is_whitespace, "-")).join(" ");
    let front = escaped(asks) + &front(question);
    format!("{id}\t{front}\t{back}Proof: <code>{}</code>\tipc-workbook {tags}\n", escaped(run))
}

/// Returns the options, steps or program of a question.
fn front(question: &Question) -> String {
    match &question.task {
        Task::Choice { options } => list("ul", options.iter().map(|option| option.text.as_str())),
        Task::Predict { options, .. } => list("ul", options.iter().map(|option| option.text.as_str())),
        Task::Order { steps, .. } => {
            // Sort them by a hash, which does not depend on their order.
            let mut steps: Vec<&str> = steps.iter().map(String::as_str).collect();
            steps.sort_by_key(|step| seed(step, 0));
            list("ul", steps)
        }
        Task::FindBug(bug) => format!("<pre>{}</pre>", escaped(&bug.numbered())),
        Task::Explain { .. } => String::new(),
    }
}

fn back(question: &Question, key: &Answer) -> String {
    match &question.task {
        Task::Choice { options } => {
            options_back(options.iter().map(|Choice { text, why, .. }| (text, why)), key)
        }
        Task::Predict { options, answer, .. } => {
            let sentence = answer.as_deref().map_or(String::new(), |answer| escaped(answer) + "<br>");
            options_back(options.iter().map(|Guess { text, why }| (text, why)), key) + &sentence
        }
        Task::Order { steps, why } => list("ol", steps.iter().map(String::as_str)) + &escaped(why) + "<br>",
        Task::FindBug(bug) => {
            let line = escaped(bug.wrong_line().trim_start());
            let (fix, why) = (escaped(&bug.fix), escaped(&bug.why));
            format!("<b>Line {}</b>: <code>{line}</code><br>Fix: <code>{fix}</code><br>{why}<br>", bug.line)
        }
        Task::Explain { points } => list("ul", points.iter().map(|point| point.text.as_str())),
    }
}

/// Lists the options with their reasons, the right one first.
fn options_back<'a>(options: impl Iterator<Item = (&'a String, &'a String)>, key: &Answer) -> String {
    let (mut right, mut wrong) = (String::new(), String::new());
    for (place, (text, why)) in options.enumerate() {
        let (text, why) = (escaped(text), escaped(why));
        let _ = if *key == Answer::Option(place) {
            write!(right, "<b>{text}</b><br>{why}")
        } else {
            write!(wrong, "<li>Not: {text}<br>{why}</li>")
        };
    }
    format!("{right}<ul>{wrong}</ul>")
}

fn list<'a>(tag: &str, items: impl IntoIterator<Item = &'a str>) -> String {
    let items = items.into_iter().map(|item| format!("<li>{}</li>", escaped(item)));
    format!("<{tag}>{}</{tag}>", items.collect::<String>())
}

/// Escapes a text as HTML, for one field of one line.
fn escaped(text: &str) -> String {
    escape(text).replace('\n', "<br>").replace(['\t', '\r'], " ")
}
