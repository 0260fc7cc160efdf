//! The report at the end of an interview: the results for each topic and kind, what to run for the weak
//! topics, and each answer that was not right.

use crate::answer::Answer;
use crate::experiment::lesson;
use crate::prompt::Prompt;
use crate::screen::minutes;
use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, paragraph, show, show_json};
use ipc_workbook_tools::workbook::questions::{Question, Task};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

/// All questions of an interview, in the order in which they were asked.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) asked: Vec<Asked>,
}

/// A question, its result, and how long it took.
pub(crate) struct Asked {
    pub(crate) prompt: Prompt,
    pub(crate) outcome: Outcome,
    pub(crate) took: Duration,
}

/// The result of a question.
pub(crate) enum Outcome {
    /// It was answered or passed.
    Counts { given: Option<Answer>, key: Answer },
    /// Its answer cannot be seen here.
    Unaskable(String),
}

/// The results for a topic or a kind.
#[derive(Default)]
struct Sum {
    asked: usize,
    right: usize,
    took: Duration,
}

impl Asked {
    fn is_right(&self) -> bool {
        match &self.outcome {
            Outcome::Counts { given: Some(given), key } => given.grade(key).is_right(),
            _ => false,
        }
    }

    fn verdict(&self) -> &'static str {
        match &self.outcome {
            Outcome::Counts { given: None, .. } => "passed",
            Outcome::Counts { .. } if self.is_right() => "right",
            Outcome::Counts { .. } => "not right",
            Outcome::Unaskable(_) => "not counted",
        }
    }

    fn counts(&self) -> bool {
        !matches!(self.outcome, Outcome::Unaskable(_))
    }

    /// Returns what to do about it: the lesson to run, or the place of the experiment.
    fn remedy(&self) -> String {
        let Question { run, chapter, task, .. } = &self.prompt.question;
        match (run.split_once(' '), task) {
            (_, Task::FindBug(_)) => format!("cargo run -- run {chapter}"),
            _ if lesson(run).is_none() => format!("{run}  (in lessons/{chapter}/README.md)"),
            (Some((program, flags)), _) => format!("cargo run --bin {program} -- {flags}"),
            (None, _) => format!("cargo run --bin {run}"),
        }
    }
}

impl Report {
    /// Shows the report.
    pub(crate) fn show(&self, took: Duration, json: bool) -> Result<(), Failure> {
        if json { show_json(&self.as_json(took)) } else { show(&self.as_text(took)) }
    }

    fn counted(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.counts())
    }

    /// Returns the results of the questions, grouped by what `name` returns for a question.
    fn sums(&self, name: impl Fn(&Question) -> &str) -> BTreeMap<&str, Sum> {
        let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
        for asked in self.counted() {
            let sum = sums.entry(name(&asked.prompt.question)).or_default();
            sum.asked += 1;
            sum.right += usize::from(asked.is_right());
            sum.took += asked.took;
        }
        sums
    }

    /// Returns the topics with an answer that was not right, the weakest first, and what to run for each.
    fn weak(&self) -> Vec<(&str, BTreeSet<String>)> {
        let sums = self.sums(|question| &question.topic);
        let mut weak: Vec<_> = sums.iter().filter(|(_, sum)| sum.right < sum.asked).collect();
        weak.sort_by_key(|(_, sum)| 1000 * sum.right / sum.asked);
        let remedies = |topic: &str| {
            let missed =
                self.counted().filter(|asked| asked.prompt.question.topic == topic && !asked.is_right());
            missed.map(Asked::remedy).collect()
        };
        weak.into_iter().map(|(topic, _)| (*topic, remedies(topic))).collect()
    }

    /// Returns each question whose answer was not right, with this answer and the right one.
    fn missed(&self) -> impl Iterator<Item = (&Asked, Option<&Answer>, &Answer)> {
        self.asked.iter().filter_map(|asked| match &asked.outcome {
            Outcome::Counts { given, key } if !asked.is_right() => Some((asked, given.as_ref(), key)),
            _ => None,
        })
    }

    fn unaskable(&self) -> impl Iterator<Item = (&str, &str)> {
        self.asked.iter().filter_map(|asked| match &asked.outcome {
            Outcome::Unaskable(why) => Some((asked.prompt.question.id.as_str(), why.as_str())),
            Outcome::Counts { .. } => None,
        })
    }

    fn as_text(&self, took: Duration) -> String {
        let right = self.asked.iter().filter(|asked| asked.is_right()).count();
        let took = minutes(took.as_secs());
        let mut text = format!("\n{right} of {} right, in {took}.\n\n", self.counted().count());
        for asked in &self.asked {
            let Asked { prompt, took, .. } = asked;
            let took = minutes(took.as_secs());
            let _ = writeln!(text, "{:<48} {:<14} {took:>13}", prompt.question.id, asked.verdict());
        }
        for (what, sums) in [
            ("topic", self.sums(|question| &question.topic)),
            ("kind", self.sums(|question| question.task.kind())),
        ] {
            if !sums.is_empty() {
                let _ = writeln!(text, "\n{what:<48} {:<14} {:>13}", "right", "time each");
            }
            for (name, sum) in sums {
                let each = sum.took.as_secs() / u64::try_from(sum.asked).unwrap_or(1);
                let right = format!("{} of {}", sum.right, sum.asked);
                let _ = writeln!(text, "{name:<48} {right:<14} {:>13}", minutes(each));
            }
        }
        let weak = self.weak();
        if !weak.is_empty() {
            text.push_str("\nTo work on:\n");
        }
        for (topic, runs) in weak {
            let _ = writeln!(text, "  {topic}");
            for run in runs {
                let _ = writeln!(text, "      {run}");
            }
        }
        for (id, why) in self.unaskable() {
            let what = format!("{id} cannot be asked here and did not count: {why}.");
            let _ = write!(text, "\n{}", paragraph("", &what));
        }
        for (asked, given, key) in self.missed() {
            let Question { id, asks, .. } = &asked.prompt.question;
            let passed = if given.is_none() { " · passed" } else { "" };
            let head = format!("{id} · {}{passed}", minutes(asked.took.as_secs()));
            let _ = writeln!(text, "\n{}\n\n{}", head.dimmed(), paragraph("", asks).trim_end().bold());
            text.push_str(&asked.prompt.explained(key, given));
        }
        text
    }

    fn as_json(&self, took: Duration) -> Value {
        let sums = |what: &str, sums: BTreeMap<&str, Sum>| -> Value {
            let sum = |(name, sum): (&str, Sum)| json!({ what: name, "asked": sum.asked, "right": sum.right, "seconds": sum.took.as_secs_f64() });
            sums.into_iter().map(sum).collect()
        };
        let weak = self.weak().into_iter().map(|(topic, runs)| json!({ "topic": topic, "run": runs }));
        let unaskable = self.unaskable().map(|(id, why)| json!({ "id": id, "why": why }));
        let questions = self.asked.iter().map(|asked| {
            json!({
                "id": asked.prompt.question.id, "right": asked.is_right(), "counts": asked.counts(),
                "seconds": asked.took.as_secs_f64(),
            })
        });
        let mut report = json!({
            "event": "report",
            "seconds": took.as_secs_f64(),
            "asked": self.counted().count(),
            "right": self.asked.iter().filter(|asked| asked.is_right()).count(),
            "topics": sums("topic", self.sums(|question| &question.topic)),
            "kinds": sums("kind", self.sums(|question| question.task.kind())),
            "weak": weak.collect::<Value>(),
            "unaskable": unaskable.collect::<Value>(),
            "questions": questions.collect::<Value>(),
        });
        let missed = self.missed().map(|(asked, given, key)| {
            let mut wrong = json!({ "passed": given.is_none(), "question": asked.prompt.question.asks });
            asked.prompt.explain_to(&mut wrong, key, given);
            wrong
        });
        report["missed"] = missed.collect();
        report
    }
}
