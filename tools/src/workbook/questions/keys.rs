//! The keys of a `[[question]]`, and which of them each kind needs.

use super::bug::Bug;
use super::question::{Choice, Guess, Point, Question, Task, Then};
use crate::workbook::files::name;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// The keys of all kinds. [`Kind::takes`] says which of them a kind takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    id: String,
    topic: String,
    level: Level,
    kind: Kind,
    #[serde(default)]
    source: String,
    question: String,
    run: String,
    claims: Vec<String>,
    #[serde(default)]
    then: Vec<Then>,
    options: Option<Vec<OptionKeys>>,
    claim: Option<String>,
    answer: Option<String>,
    steps: Option<Vec<String>>,
    program: Option<String>,
    fix: Option<String>,
    shows: Option<String>,
    fixed_shows: Option<String>,
    why: Option<String>,
    points: Option<Vec<Point>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionKeys {
    text: String,
    #[serde(default)]
    right: bool,
    why: String,
    claim: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Junior,
    Mid,
    Senior,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Choice,
    Predict,
    Order,
    FindBug,
    Explain,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Choice => "choice",
            Kind::Predict => "predict",
            Kind::Order => "order",
            Kind::FindBug => "find-bug",
            Kind::Explain => "explain",
        }
    }

    /// Returns the keys that this kind takes beside those of every question.
    fn takes(self) -> &'static [&'static str] {
        match self {
            Kind::Choice => &["options"],
            Kind::Predict => &["options", "claim", "answer"],
            Kind::Order => &["steps", "why"],
            Kind::FindBug => &["program", "fix", "why", "shows", "fixed_shows"],
            Kind::Explain => &["points"],
        }
    }
}

/// An error in a question: the key with the error, and what is wrong.
pub(super) struct Wrong(pub(super) &'static str, pub(super) String);

impl Keys {
    /// Returns the question, if it has all that its kind needs. Its programs are under `folder`.
    pub(super) fn question(mut self, folder: &Path) -> Result<Question, Wrong> {
        self.refuse_keys_of_other_kinds()?;
        let level = match self.level {
            Level::Junior => "junior",
            Level::Mid => "mid",
            Level::Senior => "senior",
        };
        let task = self.task(folder)?;
        Ok(Question {
            task,
            id: self.id,
            topic: self.topic,
            level: level.into(),
            source: self.source,
            asks: self.question,
            run: self.run,
            claims: self.claims,
            chapter: name(folder),
            then: self.then,
        })
    }

    fn refuse_keys_of_other_kinds(&self) -> Result<(), Wrong> {
        let given = [
            ("options", self.options.is_some()),
            ("claim", self.claim.is_some()),
            ("answer", self.answer.is_some()),
            ("steps", self.steps.is_some()),
            ("program", self.program.is_some()),
            ("fix", self.fix.is_some()),
            ("shows", self.shows.is_some()),
            ("fixed_shows", self.fixed_shows.is_some()),
            ("why", self.why.is_some()),
            ("points", self.points.is_some()),
        ];
        match given.into_iter().find(|(key, given)| *given && !self.kind.takes().contains(key)) {
            Some((key, _)) => Err(Wrong(key, format!("kind = {:?} takes no {key}", self.kind.name()))),
            None => Ok(()),
        }
    }

    fn task(&mut self, folder: &Path) -> Result<Task, Wrong> {
        let kind = self.kind.name();
        Ok(match self.kind {
            Kind::Choice => self.choice()?,
            Kind::Predict => self.predict()?,
            Kind::Order => {
                let steps = need(self.steps.take(), kind, "steps")?;
                distinct("steps", &steps, 3..=7)?;
                Task::Order { steps, why: need(self.why.take(), kind, "why")? }
            }
            Kind::FindBug => {
                let program = need(self.program.take(), kind, "program")?;
                let (lines, line) = Bug::lines_of(&program, folder).map_err(|what| Wrong("program", what))?;
                Task::FindBug(Bug {
                    program,
                    lines,
                    line,
                    fix: need(self.fix.take(), kind, "fix")?,
                    why: need(self.why.take(), kind, "why")?,
                    shows: need(self.shows.take(), kind, "shows")?,
                    fixed_shows: need(self.fixed_shows.take(), kind, "fixed_shows")?,
                })
            }
            Kind::Explain => {
                let points = need(self.points.take(), kind, "points")?;
                distinct("points", points.iter().map(|point| &point.text), 3..=6)?;
                Task::Explain { points }
            }
        })
    }

    fn options(&mut self) -> Result<Vec<OptionKeys>, Wrong> {
        let options = need(self.options.take(), self.kind.name(), "options")?;
        // 16 options have the letters a to p; q and s have another meaning.
        distinct("options", options.iter().map(|option| &option.text), 2..=16)?;
        Ok(options)
    }

    fn choice(&mut self) -> Result<Task, Wrong> {
        let options = self.options()?;
        if options.iter().filter(|option| option.right).count() != 1 {
            return Err(Wrong("options", "a choice question needs exactly one right option".into()));
        }
        let choice = |keys: OptionKeys| {
            let OptionKeys { text, right, why, claim } = keys;
            Choice { text, right, why, claim }
        };
        Ok(Task::Choice { options: options.into_iter().map(choice).collect() })
    }

    fn predict(&mut self) -> Result<Task, Wrong> {
        let options = self.options()?;
        if options.iter().any(|option| option.right || option.claim.is_some()) {
            let what =
                "options of a predict question take no right and no claim: the right one is the claim's got";
            return Err(Wrong("options", what.into()));
        }
        let claim = need(self.claim.take(), "predict", "claim")?;
        if !self.claims.contains(&claim) {
            return Err(Wrong("claim", format!("{claim} is not among the question's claims")));
        }
        let guess = |OptionKeys { text, why, .. }| Guess { text, why };
        Ok(Task::Predict {
            options: options.into_iter().map(guess).collect(),
            claim,
            answer: self.answer.take(),
        })
    }
}

fn need<T>(value: Option<T>, kind: &str, key: &'static str) -> Result<T, Wrong> {
    value.ok_or_else(|| Wrong("kind", format!("kind = {kind:?} needs {key}")))
}

/// Checks that the number of texts is in the range, and that no two are equal.
fn distinct<'a>(
    key: &'static str,
    texts: impl IntoIterator<Item = &'a String>,
    range: std::ops::RangeInclusive<usize>,
) -> Result<(), Wrong> {
    let texts: Vec<&String> = texts.into_iter().collect();
    if !range.contains(&texts.len()) {
        let (least, most) = range.into_inner();
        return Err(Wrong(key, format!("there are {} {key}, not {least} to {most}", texts.len())));
    }
    if texts.iter().collect::<BTreeSet<_>>().len() < texts.len() {
        return Err(Wrong(key, format!("two of the {key} are equal")));
    }
    Ok(())
}
