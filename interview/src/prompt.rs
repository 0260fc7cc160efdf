//! A question as the reader sees it, in shuffled order, and its right answer.

use crate::answer::Answer;
use crate::kernel::PendingRun;
use crate::random::shuffled;
use crate::screen::{letter, read_line};
use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, paragraph, show, show_json, warn};
use ipc_workbook_tools::workbook::questions::{Question, Task};
use serde_json::{Value, json};

/// A question that the reader is asked.
pub(crate) struct Prompt {
    pub(crate) question: Question,
    /// Which option, step or point of the question is at each place.
    pub(crate) order: Vec<usize>,
    /// The run that a prediction is about. It continues while the reader thinks.
    run: Option<PendingRun>,
}

/// What the reader has typed.
pub(crate) enum Reply {
    Answer(Answer),
    Skip,
    Quit,
}

impl Prompt {
    /// Makes a prompt with the options or steps in an order that the seed decides.
    pub(crate) fn shuffled(question: Question, seed: u64) -> Prompt {
        let mut prompt = Prompt::in_order(question);
        if matches!(prompt.question.task, Task::Explain { .. }) {
            return prompt;
        }
        prompt.order = shuffled(prompt.order.len(), seed);
        // The steps must not be in the right order already.
        if matches!(prompt.question.task, Task::Order { .. }) && prompt.order.is_sorted() {
            prompt.order.rotate_left(1);
        }
        prompt
    }

    /// Makes a prompt in the order of quiz.toml.
    pub(crate) fn in_order(question: Question) -> Prompt {
        let n = match &question.task {
            Task::Choice { options } => options.len(),
            Task::Predict { options, .. } => options.len(),
            Task::Order { steps, .. } => steps.len(),
            Task::FindBug(_) => 0,
            Task::Explain { points } => points.len(),
        };
        Prompt { question, order: (0..n).collect(), run: None }
    }

    /// Returns the text at each place.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let text = |n: &usize| match &self.question.task {
            Task::Choice { options } => options[*n].text.as_str(),
            Task::Predict { options, .. } => &options[*n].text,
            Task::Order { steps, .. } => &steps[*n],
            Task::FindBug(bug) => &bug.lines[*n],
            Task::Explain { points } => &points[*n].text,
        };
        self.order.iter().map(text).collect()
    }

    /// Asks the question. `head` is the end of the line above it; `about` has the same facts for a program.
    pub(crate) fn ask(&mut self, head: &str, about: &Value, json: bool) -> Result<(), Failure> {
        if json {
            show_json(&self.event(about))?;
        } else {
            // The id is not shown, because it may give the answer away.
            let Question { topic, level, task, .. } = &self.question;
            let head = format!("{topic} · {level} · {} · {head}", task.kind());
            show(&format!("\n{}\n\n{}\n", head.dimmed(), self.as_read_line()))?;
        }
        if let Task::Predict { claim, .. } = &self.question.task {
            self.run = Some(PendingRun::begin(&self.question.run, claim));
        }
        Ok(())
    }

    fn event(&self, about: &Value) -> Value {
        let Question { id, topic, level, asks, task, .. } = &self.question;
        let mut event = json!({
            "event": "question", "id": id, "topic": topic, "level": level, "kind": task.kind(), "question": asks,
        });
        match task {
            Task::Choice { .. } | Task::Predict { .. } => event["options"] = self.keyed(),
            Task::Order { .. } => event["steps"] = self.keyed(),
            Task::FindBug(bug) => event["lines"] = json!(bug.lines),
            Task::Explain { .. } => {}
        }
        for (key, value) in about.as_object().into_iter().flatten() {
            event[key] = value.clone();
        }
        event
    }

    /// Returns the text at each place with its letter, for programs.
    fn keyed(&self) -> Value {
        let keyed = self.texts().into_iter().enumerate();
        keyed.map(|(place, text)| json!({ "key": letter(place), "text": text })).collect()
    }

    /// Returns the question with its options, steps or program.
    fn as_read_line(&self) -> String {
        let mut text = format!("{}\n", paragraph("", &self.question.asks).trim_end().bold());
        match &self.question.task {
            Task::FindBug(bug) => text.push_str(&bug.numbered()),
            Task::Explain { .. } => {}
            _ => text.push_str(&self.lettered()),
        }
        text
    }

    fn lettered(&self) -> String {
        let texts = self.texts().into_iter().enumerate();
        texts.map(|(place, text)| paragraph(&format!("  {}  ", letter(place)), text)).collect()
    }

    /// Reads lines until one is a valid answer. Says what is wrong with the others.
    pub(crate) fn read_reply(&self, json: bool) -> Result<Reply, Failure> {
        let n = self.order.len();
        match &self.question.task {
            Task::Choice { .. } | Task::Predict { .. } => {
                let prompt = format!("type a letter a-{}, s to skip, q to stop", letter(n - 1));
                read_until_valid(&prompt, json, |typed| Answer::option(typed, n))
            }
            Task::Order { .. } => {
                let prompt =
                    format!("type the letters a-{} in the right order, s to skip, q to stop", letter(n - 1));
                read_until_valid(&prompt, json, |typed| Answer::order(typed, n))
            }
            Task::FindBug(bug) => {
                let n = bug.lines.len();
                let prompt = format!("type the number of the line with the bug, 1-{n}, s to skip, q to stop");
                read_until_valid(&prompt, json, |typed| Answer::line(typed, n))
            }
            Task::Explain { .. } => self.read_explanation(json),
        }
    }

    /// Lets the reader explain, aloud, on paper or here, and then asks which points the explanation had.
    fn read_explanation(&self, json: bool) -> Result<Reply, Failure> {
        match read_line("explain it aloud or type it; Enter to see the points, s to skip, q to stop", json)?
            .as_str()
        {
            "s" => return Ok(Reply::Skip),
            "q" => return Ok(Reply::Quit),
            _ => {}
        }
        if json {
            show_json(&json!({ "event": "points", "id": self.question.id, "points": self.keyed() }))?;
        } else {
            show(&format!("\n{}\n", self.lettered()))?;
        }
        let n = self.order.len();
        read_until_valid("type the points that you mentioned, such as a c; Enter for none", json, |typed| {
            Answer::points(typed, n)
        })
    }

    /// Returns the right answer. If a prediction's claim cannot be seen here, the error says why.
    pub(crate) fn key(&mut self) -> Result<Answer, String> {
        let pending = self.run.take();
        self.key_by(|run, claim| pending.unwrap_or_else(|| PendingRun::begin(run, claim)).got())
    }

    /// Returns the right answer. `got` finds out what a claim gets in a run.
    pub(crate) fn key_by(
        &self,
        got: impl FnOnce(&str, &str) -> Result<String, String>,
    ) -> Result<Answer, String> {
        let place = |wanted: usize| self.order.iter().position(|n| *n == wanted).unwrap_or_default();
        Ok(match &self.question.task {
            Task::Choice { options } => {
                Answer::Option(place(options.iter().position(|option| option.right).unwrap_or_default()))
            }
            Task::Predict { options, claim, .. } => {
                let got = got(&self.question.run, claim)?;
                let right = options.iter().position(|option| option.text == got);
                let none = || format!("{claim} gets {got} here, which is none of the options");
                Answer::Option(place(right.ok_or_else(none)?))
            }
            Task::Order { .. } => Answer::Order((0..self.order.len()).map(place).collect()),
            Task::FindBug(bug) => Answer::Line(bug.line),
            Task::Explain { points } => Answer::Points((0..points.len()).collect()),
        })
    }
}

/// Reads lines until one is a valid answer, or the reader skips or stops.
fn read_until_valid(
    prompt: &str,
    json: bool,
    read: impl Fn(&str) -> Result<Answer, String>,
) -> Result<Reply, Failure> {
    loop {
        let typed = read_line(prompt, json)?;
        match (typed.as_str(), read(&typed)) {
            (_, Ok(answer)) => return Ok(Reply::Answer(answer)),
            ("q", _) => return Ok(Reply::Quit),
            ("s", _) => return Ok(Reply::Skip),
            (_, Err(wrong)) => warn(&format!("{typed:?} {wrong}")),
        }
    }
}
