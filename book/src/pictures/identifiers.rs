//! From the key to the slot to the identifier of a System V object, and why a stale identifier is refused.

mod drawing;

use crate::material::Material;
use crate::pictures::call::{Call, number};
use crate::pictures::figure::{Figure, sample};
use crate::pictures::recorded::{held, lesson};
use crate::pictures::replay::{Model, Run};
use crate::pictures::svg::Svg;
use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::workbook::events::Event;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(crate) fn chosen(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "key_vs_id",
        steps: &[1, 2, 3, 4, 5],
        claims: &["a-removed-identifier-is-not-reused-at-once", "the-slots-begin-again-with-32768-added"],
    };
    figure(material, up, "Key, slot and identifier", &run)
}

pub(crate) fn stale(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "stale_id_demo",
        steps: &[1, 2, 3],
        claims: &[
            "msgsnd-to-an-empty-slot-fails-with-EINVAL",
            "msgsnd-to-a-slot-used-again-fails-with-EINVAL",
            "an-identifier-that-came-back-leads-into-another-queue",
        ],
    };
    figure(material, up, "Why a stale identifier is refused", &run)
}

fn figure(material: &Material, up: &str, title: &str, run: &Run) -> Result<Figure> {
    let round = round(material)?;
    let mut model = Tables { round, apart: Vec::new(), slots: BTreeMap::new(), chain: Default::default() };
    let (states, source) = run.play(material, up, &mut model)?;
    let legend = vec![
        (
            sample(|svg| svg.rect("shaded", (1, 1), (22, 14))),
            "a slot with an object: its sequence number and its key",
        ),
        (sample(|svg| svg.rect("dashed", (1, 1), (22, 14))), "an empty slot"),
        (sample(|svg| svg.arrow("", (1, 8), (24, 8))), "from the number in the call to the object"),
    ];
    let source = format!("{source} An identifier is its sequence number times {round}, plus its slot.");
    Ok(Figure { title: title.into(), source, states, legend })
}

/// Returns what each new round of the slots adds to the identifiers. This program does not know it: a lesson has
/// measured it, with a queue in the slot of an old one, of which it still has the identifier.
fn round(material: &Material) -> Result<i64> {
    let (_, numbers) = lesson(material, "key_vs_id")?;
    let new = number(&held(numbers, "the-slots-begin-again-with-32768-added")?.got)?;
    let rounds = number(&held(numbers, "ipc_perm-counts-how-often-the-slots-have-begun-again")?.got)?;
    let mut calls = numbers.events.iter().filter_map(Call::of);
    let send =
        calls.find(|call| call.name == "msgsnd").context("key_vs_id no longer sends to an old identifier")?;
    let added = new - send.number(0)?;
    ensure!(
        rounds > 0 && added > 0 && added % rounds == 0,
        "in the recorded run of key_vs_id, {rounds} rounds of the slots add {added}; run scripts/record again"
    );
    Ok(added / rounds)
}

/// A mechanism: the first letters of its calls, its name, and the name of its identifier.
const KINDS: [(&str, &str, &str); 3] =
    [("msg", "queues", "msqid"), ("sem", "semaphore sets", "semid"), ("shm", "segments", "shmid")];

struct Object {
    sequence: i64,
    key: i64,
}

/// The tables of slots, as the events so far have left them.
struct Tables {
    /// What each round of the slots adds to an identifier.
    round: i64,
    /// The processes that have moved into an IPC namespace of their own. The others share one.
    apart: Vec<String>,
    /// The object in each slot, by namespace, kind and slot. An emptied slot stays, with `None`.
    slots: BTreeMap<(String, usize, i64), Option<Object>>,
    /// What the last call did: the namespace, and three boxes from the number it was given to the result.
    chain: (String, [(String, String); 3]),
}

impl Tables {
    /// Returns the process whose namespace this process uses; the empty string for the shared one.
    fn namespace(&self, process: &str) -> String {
        if self.apart.iter().any(|other| other == process) { process.into() } else { String::new() }
    }

    fn split(&self, id: i64) -> (i64, i64) {
        (id / self.round, id % self.round)
    }

    /// `msgget`, `semget` or `shmget`.
    fn get(&mut self, call: &Call<'_>, kind: usize) -> Result<String> {
        let space = self.namespace(call.process);
        let (text, flags) = (call.arg(0)?, call.arg(call.arguments.len() - 1)?);
        let key = if text == "IPC_PRIVATE" { 0 } else { number(text)? };
        let taken = self.slots.iter().any(|((other, of, _), object)| {
            *other == space
                && *of == kind
                && key != 0
                && object.as_ref().is_some_and(|object| object.key == key)
        });
        if taken && flags.contains("IPC_EXCL") {
            call.must(Some("EEXIST"), "the key is taken")?;
            self.chain = (space, chain(["key", text], ["its slot is taken", ""], ["result", "EEXIST"]));
            return Ok(format!("Another object of this kind has the key {text}."));
        }
        ensure!(!taken, "the model knows no call that finds an object by its key");
        call.must(None, "no object of this kind has the key")?;
        let id = call.returned()?;
        let (sequence, slot) = self.split(id);
        let place = self.slots.entry((space.clone(), kind, slot)).or_insert(None);
        ensure!(place.is_none(), "slot {slot} is not empty");
        *place = Some(Object { sequence, key });
        let slot_text = format!("slot {slot}");
        self.chain = (
            space,
            chain(
                ["key", text],
                [&slot_text, &format!("sequence {sequence}")],
                ["identifier", &id.to_string()],
            ),
        );
        Ok(format!("The new object gets slot {slot} and sequence number {sequence}: identifier {id}."))
    }

    /// A call that is given an identifier.
    fn uses(&mut self, call: &Call<'_>, kind: usize) -> Result<String> {
        let space = self.namespace(call.process);
        let id = call.number(0)?;
        let (sequence, slot) = self.split(id);
        let place =
            self.slots.get_mut(&(space.clone(), kind, slot)).context("the run has not shown this slot")?;
        let there = place.as_ref().map(|object| object.sequence);
        let removes = call.arguments.contains(&"IPC_RMID");
        let (end, sentence) = match there {
            Some(seen) if seen == sequence => {
                call.must(None, "slot and sequence number fit")?;
                if removes {
                    *place = None;
                    ("removed", format!("The object is removed, and slot {slot} is empty."))
                } else {
                    (
                        "success",
                        format!(
                            "Slot {slot} holds an object with sequence number {sequence}: the call succeeds."
                        ),
                    )
                }
            }
            Some(seen) => {
                call.must(Some("EINVAL"), "the sequence number of the object in the slot is different")?;
                (
                    "EINVAL",
                    format!(
                        "Identifier {id} means sequence number {sequence} in slot {slot}. The object there has sequence number {seen}."
                    ),
                )
            }
            None => {
                call.must(Some("EINVAL"), "the slot is empty")?;
                ("EINVAL", format!("Identifier {id} means slot {slot}, which is empty."))
            }
        };
        let (slot, sequence) = (format!("slot {slot}"), format!("sequence {sequence}"));
        self.chain = (space, chain(["identifier", &id.to_string()], [&slot, &sequence], ["result", end]));
        Ok(sentence)
    }
}

fn chain(from: [&str; 2], over: [&str; 2], to: [&str; 2]) -> [(String, String); 3] {
    [from, over, to].map(|[first, second]| (first.into(), second.into()))
}

impl Model for Tables {
    fn call(&mut self, call: &Call<'_>, _: &[Event]) -> Result<Option<String>> {
        if call.name == "unshare" {
            self.apart.push(call.process.into());
            self.chain.0 = call.process.into();
            return Ok(None);
        }
        let kind = match call.name {
            "semop" => Some(1),
            "shmat" => Some(2),
            name => KINDS.iter().position(|(begin, ..)| name.starts_with(begin)),
        };
        let Some(kind) = kind else { return Ok(None) };
        if call.name.ends_with("get") { self.get(call, kind) } else { self.uses(call, kind) }.map(Some)
    }

    fn kernel(&mut self, _: &str, facts: &Map<String, Value>, _: &[Event]) -> Result<Option<String>> {
        let fact = |name: &str| facts.get(name).and_then(Value::as_i64);
        let shown = KINDS.iter().enumerate().find_map(|(kind, (.., name))| Some((kind, fact(name)?)));
        let (Some((kind, id)), Some(key)) = (shown, fact("key")) else { return Ok(None) };
        let space = self.namespace(facts.get("process").and_then(Value::as_str).unwrap_or_default());
        let (sequence, slot) = self.split(id);
        let place = self.slots.entry((space.clone(), kind, slot)).or_insert(None);
        if let Some(object) = place {
            ensure!(
                (object.sequence, object.key) == (sequence, key),
                "slot {slot} holds an object with sequence number {}",
                object.sequence
            );
            return Ok(None);
        }
        *place = Some(Object { sequence, key });
        let (key, begin) = (key_text(key), format!("slot {slot}"));
        self.chain = (
            space,
            chain(["key", &key], [&begin, &format!("sequence {sequence}")], ["identifier", &id.to_string()]),
        );
        Ok(Some(format!(
            "Objects were created and removed until slot {slot} was used again. The new object has sequence number {sequence}."
        )))
    }

    fn draw(&self) -> Svg {
        self.drawn()
    }

    fn says(&self) -> String {
        self.in_words()
    }
}

/// Returns a key as C programmers write it.
fn key_text(key: i64) -> String {
    if key == 0 { "IPC_PRIVATE".into() } else { format!("{key:#x}") }
}
