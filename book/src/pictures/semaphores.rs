//! The values of a System V semaphore set, the processes that wait for them, and what the kernel will undo.

mod drawing;

use crate::material::Material;
use crate::pictures::call::{Call, number};
use crate::pictures::figure::{Figure, sample};
use crate::pictures::replay::{Model, Run};
use crate::pictures::svg::Svg;
use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::workbook::events::Event;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(crate) fn set(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "svsem_demo",
        steps: &[1, 2, 3, 4, 5, 6],
        claims: &[
            "a-process-that-waits-for-0-wakes-up-at-0",
            "SEM_UNDO-gives-back-what-a-killed-process-took",
        ],
    };
    figure(material, up, "A semaphore set: values, waiting processes, undo", &run)
}

pub(crate) fn undo(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "sem_undo",
        steps: &[1, 2, 3, 4, 5],
        claims: &[
            "an-undo-lowers-a-value-to-0-and-no-further",
            "an-undo-raises-a-value-to-32767-and-no-further",
        ],
    };
    figure(material, up, "How far an undo goes", &run)
}

fn figure(material: &Material, up: &str, title: &str, run: &Run) -> Result<Figure> {
    let (states, source) = run.play(material, up, &mut Set::default())?;
    let legend = vec![
        (sample(|svg| svg.rect("shaded", (1, 1), (22, 14))), "the value of a semaphore"),
        (sample(|svg| svg.rect("", (1, 1), (22, 14))), "a process that waits"),
        (
            sample(|svg| svg.rect("dashed", (1, 1), (22, 14))),
            "what the kernel adds to the value when the process ends",
        ),
    ];
    Ok(Figure { title: title.into(), source, states, legend })
}

/// The largest value of a semaphore.
const LARGEST: i64 = 32767;

/// An operation of a semop: the semaphore, the change, the flags.
struct Operation<'a> {
    semaphore: usize,
    change: i64,
    flags: &'a str,
}

/// The set, as the events so far have left it.
#[derive(Default)]
struct Set {
    /// Empty until the set is created.
    values: Vec<i64>,
    /// What the kernel adds to each semaphore when the process with this pid ends.
    undo: BTreeMap<String, Vec<i64>>,
    /// The labels of the processes, by pid.
    labels: BTreeMap<String, String>,
    /// The processes that wait until a semaphore is 0: label and semaphore.
    waiting: Vec<(String, usize)>,
    /// Those that no longer wait, although their call was not reported yet.
    woken: Vec<(String, usize)>,
    removed: bool,
}

impl Set {
    fn semop(&mut self, call: &Call<'_>) -> Result<String> {
        let operations = operations(call)?;
        let who = call.process;
        if let Some(place) = self.woken.iter().position(|(process, _)| process == who) {
            let (_, semaphore) = self.woken.remove(place);
            call.must(None, "the semaphore for which the process waited is 0")?;
            return Ok(format!(
                "The semop of {who} returns. Waiting for 0 did not change semaphore {semaphore}."
            ));
        }
        let mut values = self.values.clone();
        for Operation { semaphore, change, .. } in &operations {
            let value = values.get_mut(*semaphore).context("the set has no such semaphore")?;
            if (*change == 0 && *value != 0) || *value + change < 0 {
                call.must(Some("EAGAIN"), "one of the operations has to wait")?;
                return Ok(format!(
                    "Semaphore {semaphore} is {value} here. The call changes nothing at all."
                ));
            }
            *value += change;
        }
        call.must(None, "all operations are possible")?;
        self.values = values;
        let count = self.values.len();
        for Operation { semaphore, change, flags } in &operations {
            if flags.contains("SEM_UNDO") {
                let undo = self.undo.entry(call.pid.into()).or_insert_with(|| vec![0; count]);
                undo[*semaphore] -= change;
            }
        }
        let changes = operations.iter().map(|operation| does(operation.change, operation.semaphore));
        let mut sentence = format!("{who} {}.", changes.collect::<Vec<_>>().join(" and "));
        let (woken, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(_, semaphore)| self.values[*semaphore] == 0);
        (self.woken, self.waiting) = (woken, waiting);
        for (process, semaphore) in &self.woken {
            let _ = write!(sentence, " Semaphore {semaphore} is 0 now, and {process} wakes up.");
        }
        Ok(sentence)
    }

    fn semctl(&mut self, call: &Call<'_>, later: &[Event]) -> Result<Option<String>> {
        let semaphore = usize::try_from(call.number(1)?)?;
        let same = |seen: i64, want: i64, what: &str| -> Result<()> {
            ensure!(seen == want, "{what} is {want}, not {seen}");
            Ok(())
        };
        match call.arg(2)? {
            "GETVAL" => {
                let value = *self.values.get(semaphore).context("the set has no such semaphore")?;
                same(call.returned()?, value, "the value")?;
                return Ok(None);
            }
            "GETALL" => {
                let seen = list(call.arg(3)?)?;
                ensure!(seen == self.values, "the values are {:?}", self.values);
                return Ok(None);
            }
            "GETZCNT" => {
                for _ in 0..call.returned()? {
                    let waiter = later.iter().filter_map(Call::of).find(|other| {
                        other.name == "semop" && other.process != call.process && !self.waits(other.process)
                    });
                    let waiter = waiter.context("no process waits for 0")?;
                    self.waiting.push((waiter.process.into(), semaphore));
                }
                let names: Vec<&str> = self.waiting.iter().map(|(process, _)| process.as_str()).collect();
                return Ok(Some(format!("{} waits until semaphore {semaphore} is 0.", names.join(", "))));
            }
            // A new value also clears what the kernel would have undone.
            "SETVAL" => {
                *self.values.get_mut(semaphore).context("the set has no such semaphore")? = call.number(3)?;
                self.undo.values_mut().for_each(|undo| undo[semaphore] = 0);
            }
            "SETALL" => {
                self.values = list(call.arg(3)?)?;
                self.undo.clear();
            }
            "IPC_RMID" => {
                self.removed = true;
                return Ok(Some("The set is removed.".into()));
            }
            _ => return Ok(None),
        }
        Ok(Some(format!("{} sets new values.", call.process)))
    }

    fn waits(&self, process: &str) -> bool {
        self.waiting.iter().any(|(other, _)| other == process)
    }

    /// A process ends: its changes with `SEM_UNDO` are undone, as far as the values allow.
    fn ends(&mut self, pid: &str) -> String {
        let label = self.labels.get(pid).cloned().unwrap_or_else(|| pid.into());
        let Some(undo) = self.undo.remove(pid).filter(|undo| undo.iter().any(|change| *change != 0)) else {
            return format!("{label} is killed. Its changes stay.");
        };
        let mut sentence = format!("{label} is killed.");
        for ((value, change), n) in
            self.values.iter_mut().zip(undo).zip(0..).filter(|((_, change), _)| *change != 0)
        {
            let wanted = *value + change;
            *value = wanted.clamp(0, LARGEST);
            let _ = write!(sentence, " The kernel {}", does(change, n));
            let _ = if *value == wanted {
                write!(sentence, ".")
            } else {
                write!(sentence, ", but stops at {value}.")
            };
        }
        sentence
    }
}

/// Says what a change does.
fn does(change: i64, semaphore: usize) -> String {
    match change {
        0 => format!("finds semaphore {semaphore} at 0"),
        1.. => format!("adds {change} to semaphore {semaphore}"),
        _ => format!("takes {} from semaphore {semaphore}", -change),
    }
}

/// Returns the operations of a semop: `[{0, -1, SEM_UNDO}, {1, 1, 0}]`.
fn operations<'a>(call: &Call<'a>) -> Result<Vec<Operation<'a>>> {
    let inner = call.arg(1)?.trim_matches(['[', ']']);
    let operation = |text: &'a str| -> Result<Operation<'a>> {
        let mut parts = text.trim_matches(['{', '}', ' ', ',']).split(", ");
        let mut next = || parts.next().with_context(|| format!("{text} is not an operation"));
        Ok(Operation {
            semaphore: usize::try_from(number(next()?)?)?,
            change: number(next()?)?,
            flags: next()?,
        })
    };
    inner.split_inclusive('}').map(operation).collect()
}

/// Returns the numbers of a list: `[1, 2]`.
fn list(text: &str) -> Result<Vec<i64>> {
    text.trim_matches(['[', ']']).split(", ").map(number).collect()
}

impl Model for Set {
    fn call(&mut self, call: &Call<'_>, later: &[Event]) -> Result<Option<String>> {
        self.labels.insert(call.pid.into(), call.process.into());
        match call.name {
            "semget" => {
                let count = usize::try_from(call.number(1)?)?;
                self.values = vec![0; count];
                Ok(Some(format!("A new set of {count}, each with the value 0.")))
            }
            "semop" => self.semop(call).map(Some),
            "semctl" => self.semctl(call, later),
            "kill" => Ok(Some(self.ends(call.arg(0)?))),
            _ => Ok(None),
        }
    }

    fn kernel(&mut self, _: &str, facts: &Map<String, Value>, _: &[Event]) -> Result<Option<String>> {
        if let Some(count) = facts.get("nsems").and_then(Value::as_u64) {
            ensure!(usize::try_from(count)? == self.values.len(), "nsems must be {}", self.values.len());
        }
        Ok(None)
    }

    fn draw(&self) -> Svg {
        self.drawn()
    }

    fn says(&self) -> String {
        self.in_words()
    }
}
