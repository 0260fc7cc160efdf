//! `--format json`: `src/narrate/events.schema.json` describes every event of every lesson, and the
//! events of a run are consistent.

use boon::{Compiler, SchemaIndex, Schemas};
use ipc_workbook_testing::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Output;
use std::sync::LazyLock;

pub(crate) fn trials(trials: &mut Trials) {
    trials.shared_layer(
        "an early end is an event, too",
        &Place::corners(),
        |lesson| lesson.makes_named,
        early_end,
    );
    trials.shared_layer(
        "standard output has only events, even with --pause",
        &Place::corners(),
        any_lesson,
        paused,
    );
    for kind in KINDS {
        trials.plain(format!("the schema accepts a correct event: {kind}"), move || {
            check(&right_event(kind)).unwrap_or_else(|error| panic!("{error}"));
        });
    }
    for (what, wrong) in wrong_events() {
        trials.plain(format!("the schema rejects {what}"), move || refuse(&wrong));
    }
    trials.plain("the schema accepts an event with an unknown field".into(), || {
        let mut event = right_event("claim");
        event["since"] = json!("6.1");
        check(&event).unwrap_or_else(|error| panic!("{error}"));
    });
}

const SCHEMA: &str = include_str!("../../src/narrate/events.schema.json");

/// Checks an event against the schema. The error says what is wrong.
fn check(event: &Value) -> Result<(), String> {
    thread_local! {
        static COMPILED: (Schemas, SchemaIndex) = {
            let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
            let schema = serde_json::from_str(SCHEMA).expect("JSON");
            compiler.add_resource("events.schema.json", schema).expect("a schema");
            let index = compiler.compile("events.schema.json", &mut schemas).expect("a schema that compiles");
            (schemas, index)
        };
    }
    COMPILED.with(|(schemas, index)| {
        schemas.validate(event, *index).map_err(|error| format!("{event}: {error:#}"))
    })
}

fn refuse(wrong: &Value) {
    assert!(check(wrong).is_err(), "accepted: {wrong}");
}

/// Returns a correct event of each kind, as the README might show it.
fn right_event(kind: &str) -> Value {
    match kind {
        "lesson" => {
            json!({"event": "lesson", "name": "a_lesson", "chapter": "13-refcount", "title": "A truth.",
            "kernel": "6.1", "libc": "glibc 2.36", "private": false})
        }
        "step" => json!({"event": "step", "n": 1, "title": "Begin"}),
        "question" => json!({"event": "question", "text": "What?", "options": ["0", "1"]}),
        "note" => json!({"event": "note", "text": "By the way"}),
        "call" => json!({"event": "call", "process": "A", "pid": 7, "text": "dup(3) = 4", "call": "dup",
            "ok": true, "result": "4", "errno": null}),
        "waiting" => {
            json!({"event": "waiting", "process": "A", "pid": 7, "call": "mq_receive", "until": "a message arrives"})
        }
        "kernel" => json!({"event": "kernel", "process": "A", "what": "queue", "QSIZE": 5, "st_nlink": null,
            "open_file_descriptions": 1, "mappings": 1, "processes_not_visible": 0, "holders": [
                {"process": "A", "pid": 7, "fd": 3, "description": 0},
                {"process": null, "pid": 8, "address": "0x7f00"}]}),
        "claim" => {
            json!({"event": "claim", "id": "refcount/a-claim", "held": true, "got": "1", "want": "1", "why": null})
        }
        "end" => json!({"event": "end", "held": 1, "failed": 0, "unseen": 0, "exit": 0}),
        _ => panic!("no kind of event is called {kind}"),
    }
}

const KINDS: [&str; 9] = ["lesson", "step", "question", "note", "call", "waiting", "kernel", "claim", "end"];

/// Returns wrong events: for each kind, events without one field, events with a field of a wrong type, and
/// some others.
fn wrong_events() -> Vec<(String, Value)> {
    let mut wrong = Vec::new();
    let facts = ["QSIZE", "st_nlink"]; // each kind of object has other facts
    let mut holders_fields = BTreeSet::new();
    for kind in KINDS {
        let event = right_event(kind);
        for field in event.as_object().expect("an object").keys() {
            if !(facts.contains(&&**field) || (kind == "kernel" && field == "holders")) {
                let mut without = event.clone();
                without.as_object_mut().expect("an object").remove(field);
                wrong.push((format!("{kind} without {field}"), without));
            }
            let mut other = event.clone();
            other[field] = json!({"of": "another type"});
            wrong.push((format!("{kind} whose {field} has another type"), other));
        }
        if let Some(holders) = event.get("holders").and_then(Value::as_array) {
            for (n, holder) in holders.iter().enumerate() {
                for field in holder.as_object().expect("an object").keys() {
                    let mut without = event.clone();
                    without["holders"][n].as_object_mut().expect("an object").remove(field);
                    holders_fields.insert(field.clone());
                    wrong.push((format!("a holder ({n}) without {field}"), without));
                }
            }
        }
    }
    assert!(holders_fields.contains("address") && holders_fields.contains("fd"));
    let mut more = |what: &str, kind: &str, field: &str, value: Value| {
        let mut event = right_event(kind);
        event[field] = value;
        wrong.push((what.into(), event));
    };
    more("an event of an unknown kind", "step", "event", json!("stage"));
    more("a fact that is text", "kernel", "QSIZE", json!("five"));
    more("a success with an errno", "call", "errno", json!("ENOENT"));
    more("a failure without an errno", "call", "ok", json!(false));
    more("an errno that is a number", "call", "errno", json!(2));
    more("a claim that was not seen, without a reason", "claim", "held", json!(null));
    more("a claim that held, with a reason for not being seen", "claim", "why", json!("because"));
    more("a claim whose identifier has spaces", "claim", "id", json!("refcount/a claim"));
    more("a question with one option", "question", "options", json!(["1"]));
    more("a step 0", "step", "n", json!(0));
    more("an exit code of 256", "end", "exit", json!(256));
    wrong
}

/// Returns whether the schema describes this field of this kind of event.
fn is_described(kind: &str, field: &str) -> bool {
    // Parsed once: a trial looks up thousands of fields.
    static PARSED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(SCHEMA).expect("JSON"));
    PARSED["$defs"][kind]["properties"].as_object().expect("fields").contains_key(field)
}

/// Panics if the schema does not describe an event or one of its fields.
pub(crate) fn as_described(events: &[Value], output: &Output) {
    for event in events {
        check(event).unwrap_or_else(|error| panic!("{error}\n{}", describe(output)));
        let kind = event["event"].as_str().unwrap_or_default();
        if kind == "kernel" {
            continue; // any fact is allowed
        }
        let fields = event.as_object().expect("an object").keys();
        let new: Vec<_> = fields.filter(|field| !is_described(kind, field)).collect();
        assert!(new.is_empty(), "the schema does not describe {new:?} of {event}");
    }
}

fn number(event: &Value, field: &str) -> usize {
    usize::try_from(event[field].as_u64().unwrap_or(u64::MAX)).expect("a number")
}

/// Panics if the events of a run contradict each other, however the run ended.
pub(crate) fn agree_with_one_another(lesson: &str, events: &[Value], output: &Output) {
    let described = describe(output);
    let of = |kind: &'static str| events.iter().filter(move |event| event["event"] == kind);
    assert_eq!(events.first().expect("an event")["event"], "lesson", "{described}");
    assert_eq!(events.last().expect("an event")["event"], "end", "{described}");
    assert_eq!((of("lesson").count(), of("end").count()), (1, 1), "{described}");
    assert_eq!(events[0]["name"], lesson, "{described}");
    let steps: Vec<usize> = of("step").map(|step| number(step, "n")).collect();
    assert_eq!(steps, (1..=steps.len()).collect::<Vec<_>>(), "{described}");
    let end = events.last().expect("an event");
    for (count, held) in [("held", json!(true)), ("failed", json!(false)), ("unseen", json!(null))] {
        assert_eq!(
            number(end, count),
            of("claim").filter(|claim| claim["held"] == held).count(),
            "{count}: {described}"
        );
    }
    assert_eq!(end["exit"].as_i64(), output.status.code().map(i64::from), "{described}");
    let chapter =
        events[0]["chapter"].as_str().unwrap_or_default().split_once('-').map_or("", |(_, name)| name);
    let mut ids = BTreeSet::new();
    for claim in of("claim") {
        let id = claim["id"].as_str().unwrap_or_default();
        assert!(id.starts_with(&format!("{chapter}/")), "{id} does not belong to chapter {chapter}");
        assert!(ids.insert(id.to_string()), "{id} is claimed twice: {described}");
        if claim["held"] == true {
            assert_eq!(claim["got"], claim["want"], "{described}");
        }
    }
    // A label always belongs to the same pid.
    let mut processes: Vec<(String, Value)> = Vec::new();
    for call in of("call") {
        let label = call["process"].as_str().unwrap_or_default().to_string();
        let text = call["text"].as_str().unwrap_or_default();
        let name = call["call"].as_str().unwrap_or_default();
        assert!(text.starts_with(&format!("{name}(")), "{call}");
        let known = processes.iter().find(|(known, _)| *known == label);
        assert!(known.is_none_or(|(_, pid)| *pid == call["pid"] || label != "A"), "{described}");
        processes.push((label, call["pid"].clone()));
    }
}

fn early_end(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        let held = make(*kind, "/taken", 0o600);
        let output = refused(workbook(lesson).args(["--format", "json", "--name", "/taken"]), 3, &["/taken"]);
        let events = events(&output);
        as_described(&events, &output);
        agree_with_one_another(lesson, &events, &output);
        drop(held);
        unmake(*kind, "/taken");
    }
}

fn paused(lesson: &str) {
    let steps = usual(lesson).steps;
    let mut paused = Paused::start(lesson, &["--format", "json"]);
    paused.enter(steps);
    let output = paused.end();
    assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
    as_described(&events(&output), &output);
    agree_with_one_another(lesson, &events(&output), &output);
}
