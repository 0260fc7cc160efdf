//! Shows the right answer to a question with its reasons: as text, and as JSON.

use crate::answer::Answer;
use crate::prompt::Prompt;
use crate::screen::letter;
use ipc_workbook_tools::cli::paragraph;
use ipc_workbook_tools::workbook::questions::{Question, Task};
use serde_json::{Value, json};

impl Prompt {
    /// Returns the right answer with its reasons, and marks what the reader has answered.
    pub(crate) fn explained(&self, key: &Answer, given: Option<&Answer>) -> String {
        match &self.question.task {
            Task::Choice { .. } => self.options(key, given),
            Task::Predict { answer, .. } => {
                let mut text = self.options(key, given);
                text.push_str(&answer.as_deref().map_or(String::new(), |answer| paragraph("  ", answer)));
                text
            }
            Task::Order { why, .. } => self.steps(key, given) + &paragraph("  ", why),
            Task::FindBug(bug) => {
                let mine = match given {
                    Some(Answer::Line(line)) if *line != bug.line => format!("  (your answer: {line})"),
                    _ => String::new(),
                };
                let fix: Vec<&str> = bug.fix.lines().map(str::trim_end).collect();
                let fix = if fix.is_empty() { "nothing".into() } else { fix.join("\n             ") };
                let line = format!("  line {:<6} {}{mine}\n", bug.line, bug.wrong_line().trim_start());
                format!("{line}  should be   {fix}\n{}", paragraph("              ", &bug.why))
            }
            Task::Explain { .. } => self.points(given),
        }
    }

    fn options(&self, key: &Answer, given: Option<&Answer>) -> String {
        let mut text = String::new();
        for (place, (option, why)) in self.texts().into_iter().zip(self.whys()).enumerate() {
            let this = Answer::Option(place);
            let mark = if this == *key { "right" } else { "wrong" };
            let mine = if Some(&this) == given { "  (your answer)" } else { "" };
            text.push_str(&paragraph(&format!("  {mark}  {}  ", letter(place)), &format!("{option}{mine}")));
            text.push_str(&paragraph("            ", why));
        }
        text
    }

    fn whys(&self) -> Vec<&str> {
        let why = |n: &usize| match &self.question.task {
            Task::Choice { options } => options[*n].why.as_str(),
            Task::Predict { options, .. } => &options[*n].why,
            _ => "",
        };
        self.order.iter().map(why).collect()
    }

    fn steps(&self, key: &Answer, given: Option<&Answer>) -> String {
        let (Answer::Order(right), texts) = (key, self.texts()) else { return String::new() };
        let mut text = String::new();
        for (n, place) in right.iter().enumerate() {
            let mine = match given {
                Some(Answer::Order(mine)) => mine.iter().position(|other| other == place),
                _ => None,
            };
            let mine = mine.filter(|mine| *mine != n).map(|mine| format!("  (your place: {})", mine + 1));
            let step = format!("{}{}", texts[*place], mine.unwrap_or_default());
            text.push_str(&paragraph(&format!("  {}  {}  ", n + 1, letter(*place)), &step));
        }
        text
    }

    fn points(&self, given: Option<&Answer>) -> String {
        let mark = |place: usize| match given {
            Some(Answer::Points(named)) if named.contains(&place) => "had   ",
            Some(_) => "missed",
            None => "point ",
        };
        let texts = self.texts().into_iter().enumerate();
        texts
            .map(|(place, text)| paragraph(&format!("  {}  {}  ", mark(place), letter(place)), text))
            .collect()
    }

    /// Adds the same to a JSON event.
    pub(crate) fn explain_to(&self, event: &mut Value, key: &Answer, given: Option<&Answer>) {
        let Question { id, run, claims, task, then, .. } = &self.question;
        event["id"] = json!(id);
        event["key"] = json!(key.typed());
        event["run"] = json!(run);
        event["claims"] = json!(claims);
        if !then.is_empty() {
            event["then"] = json!(then);
        }
        if let Some(given) = given {
            event["answer"] = json!(given.typed());
            event["grade"] = json!(given.grade(key));
            event["right"] = json!(given.grade(key).is_right());
            if let Task::Predict { answer: Some(sentence), .. } = task {
                event["sentence"] = json!(sentence);
            }
        }
        let texts = self.texts().into_iter().enumerate();
        match task {
            Task::Choice { .. } | Task::Predict { .. } => {
                let option = |((place, text), why)| {
                    let right = Answer::Option(place) == *key;
                    json!({ "key": letter(place), "text": text, "right": right, "why": why })
                };
                event["options"] = texts.zip(self.whys()).map(option).collect();
            }
            Task::Order { why, .. } => event["why"] = json!(why),
            Task::FindBug(bug) => {
                event["why"] = json!(bug.why);
                event["fix"] = json!(bug.fix);
            }
            Task::Explain { points } => {
                let point = |(place, text): (usize, &str)| {
                    let claim = &points[self.order[place]].claim;
                    json!({ "key": letter(place), "text": text, "claim": claim })
                };
                event["points"] = texts.map(point).collect();
            }
        }
    }
}
