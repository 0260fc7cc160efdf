//! Writes events as JSON, one object on each line; `events.schema.json` describes them.
//!
//! This is all the JSON that lessons need. There is no JSON library, since it would
//! be a third of the first build.

use super::event::Event;
use crate::observe::Holders;
use std::fmt::{Display, Write};

/// A JSON object that is being built.
struct Object(String);

impl Object {
    /// Begins an event: `{"event":"…"`
    fn event(name: &str) -> Self {
        Object::new().text("event", name)
    }

    /// Begins an object without fields.
    fn new() -> Self {
        Object("{".into())
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quoted(key));
        self.0.push(':');
    }

    /// Adds a string field.
    fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        self.0.push_str(&quoted(value));
        self
    }

    /// Adds a field whose value prints as valid JSON: a number, true, null, or JSON text.
    fn raw(mut self, key: &str, value: impl Display) -> Self {
        self.key(key);
        let _ = write!(self.0, "{value}");
        self
    }

    /// Adds a string field, or null.
    fn maybe(self, key: &str, value: Option<&str>) -> Self {
        let value = value.map_or("null".into(), quoted);
        self.raw(key, value)
    }

    /// Returns the finished object.
    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Returns a JSON array of values that are JSON already.
fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(","))
}

/// Returns the text as a JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\n' => json.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(json, "\\u{:04x}", c as u32);
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

pub(super) fn render(event: &Event<'_>, family: &[(i32, String)]) -> String {
    let object = match event {
        Event::Lesson { name, chapter, title, kernel, libc, private } => Object::event("lesson")
            .text("name", name)
            .text("chapter", chapter)
            .text("title", title)
            .text("kernel", kernel)
            .text("libc", libc)
            .raw("private", private),
        Event::Step { n, title } => Object::event("step").raw("n", n).text("title", title),
        Event::Question { text, options } => Object::event("question")
            .text("text", text)
            .raw("options", array(options.iter().map(|option| quoted(option)))),
        Event::Note { text } => Object::event("note").text("text", text),
        Event::Call { process, pid, call } => Object::event("call")
            .text("process", process)
            .raw("pid", pid)
            .text("text", &call.to_string())
            .text("call", call.name)
            .raw("ok", call.result.is_ok())
            .text("result", call.result.as_ref().map_or("-1", String::as_str))
            .maybe("errno", call.result.as_ref().err().map(|errno| format!("{errno:?}")).as_deref()),
        Event::Waiting { process, pid, call, until, .. } => Object::event("waiting")
            .text("process", process)
            .raw("pid", pid)
            .maybe("call", *call)
            .text("until", until),
        Event::Kernel { process, what, facts, holders } => {
            let mut object = Object::event("kernel").text("process", process).text("what", what);
            for (name, value) in *facts {
                object = object.raw(name, value.as_ref().map_or("null".into(), ToString::to_string));
            }
            match holders {
                Some(holders) => with_holders(object, holders, family),
                None => object,
            }
        }
        Event::Claim(verdict) => Object::event("claim")
            .text("id", &verdict.id)
            .raw("held", verdict.held.map_or("null".into(), |held| held.to_string()))
            .text("got", &verdict.got)
            .text("want", &verdict.want)
            .maybe("why", verdict.why.as_deref()),
        Event::End { tally, exit, .. } => Object::event("end")
            .raw("held", tally.held)
            .raw("failed", tally.failed)
            .raw("unseen", tally.unseen)
            .raw("exit", exit),
    };
    object.end() + "\n"
}

/// Adds the fields about the holders of an object. A value that was not seen is null.
fn with_holders(object: Object, holders: &Holders, family: &[(i32, String)]) -> Object {
    object
        .raw("open_file_descriptions", holders.descriptions().map_or("null".into(), |n| n.to_string()))
        .raw(
            "mappings",
            holders.looked_everywhere().map_or("null".into(), |()| holders.mappings.len().to_string()),
        )
        .raw("processes_not_visible", holders.invisible)
        .raw("holders", holders_json(holders, family))
}

fn holders_json(holders: &Holders, family: &[(i32, String)]) -> String {
    let label = |pid: i32| family.iter().find(|(member, _)| *member == pid).map(|(_, label)| label.as_str());
    let descriptors = holders.descriptors.iter().map(|held| {
        let object = Object::new().maybe("process", label(held.pid)).raw("pid", held.pid).raw("fd", held.fd);
        object.raw("description", held.description.map_or("null".into(), |n| n.to_string())).end()
    });
    let mappings = holders.mappings.iter().map(|held| {
        let object = Object::new().maybe("process", label(held.pid)).raw("pid", held.pid);
        object.text("address", &format!("{:#x}", held.address)).end()
    });
    array(descriptors.chain(mappings))
}
