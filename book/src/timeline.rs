//! Draws the picture of a run. It has a row for the calls of each process, and shows for each object
//! whether it had a name and how many references it had. Every number was measured. The line between
//! two snapshots only joins them.

use crate::material::Lesson;
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::events::Event;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The width of an event and the height of a row, in pixels.
const SLOT: usize = 16;
const ROW: usize = 26;
/// Where the events begin, to the right of the labels.
const LEFT: usize = 150;
const TOP: usize = 24;

/// An object, and the snapshots of it.
struct Object {
    label: String,
    snapshots: Vec<Snapshot>,
    /// Whether the kernel counts references. It does not for System V queues and semaphore sets.
    counted: bool,
}

impl Object {
    fn rows(&self) -> usize {
        if self.counted { 2 } else { 1 }
    }
}

struct Snapshot {
    at: usize,
    named: Option<bool>,
    count: Option<u64>,
}

/// Returns the picture; `None` if no process makes a call.
pub(crate) fn svg(lesson: &Lesson) -> Option<String> {
    let events: Vec<&Event> = lesson
        .events
        .iter()
        .filter(|event| matches!(event, Event::Call { .. } | Event::Kernel { .. } | Event::Step { .. }))
        .collect();
    let (objects, processes) = (objects(&events), processes(&events));
    if processes.is_empty() {
        return None;
    }
    let rows = processes.len() + objects.iter().map(Object::rows).sum::<usize>();
    let (width, height) = (LEFT + events.len() * SLOT + 20, TOP + rows * ROW + 10);
    let mut svg = format!(
        "<div class=\"wide\" tabindex=\"0\"><svg class=\"timeline\" role=\"img\" aria-labelledby=\"{0}-title {0}-desc\" \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title id=\"{0}-title\">What existed when in {0}</title>\n<desc id=\"{0}-desc\">{1}</desc>\n",
        lesson.name,
        escape(&description(&processes, &objects))
    );
    for (at, event) in events.iter().enumerate() {
        if let Event::Step { n, title } = event {
            let x = x(at);
            let _ = writeln!(
                svg,
                "<g><title>{}</title><line class=\"step\" x1=\"{x}\" y1=\"{TOP}\" x2=\"{x}\" y2=\"{}\"/><text class=\"step\" x=\"{x}\" y=\"16\">{n}</text></g>",
                escape(title),
                height - 10
            );
        }
    }
    for (row, process) in processes.iter().enumerate() {
        svg.push_str(&lane(&events, process, y(row)));
    }
    let mut row = processes.len();
    for object in &objects {
        svg.push_str(&life(object, y(row)));
        row += object.rows();
    }
    svg.push_str("</svg></div>");
    Some(svg)
}

fn x(at: usize) -> usize {
    LEFT + at * SLOT
}

fn y(row: usize) -> usize {
    TOP + row * ROW + ROW / 2
}

/// Returns the labels of the processes that make calls, in order of appearance.
fn processes<'a>(events: &[&'a Event]) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    let labels = events.iter().filter_map(|event| match event {
        Event::Call { process, .. } => Some(&**process),
        _ => None,
    });
    labels.filter(|label| seen.insert(*label)).collect()
}

/// Draws the calls of a process: a dot for each call, a ring if the call failed.
fn lane(events: &[&Event], process: &str, y: usize) -> String {
    let calls: Vec<(usize, &str, bool)> = events
        .iter()
        .enumerate()
        .filter_map(|(at, event)| match event {
            Event::Call { process: of, text, ok, .. } if of == process => Some((at, &**text, *ok)),
            _ => None,
        })
        .collect();
    let mut svg = label(&format!("process {process}"), y);
    if let (Some((first, ..)), Some((last, ..))) = (calls.first(), calls.last()) {
        let _ = writeln!(
            svg,
            "<line class=\"lane\" x1=\"{}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\"/>",
            x(*first),
            x(*last)
        );
    }
    for (at, text, ok) in calls {
        let class = if ok { "call" } else { "refused" };
        let _ = writeln!(
            svg,
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{y}\" r=\"4\"><title>{}</title></circle>",
            x(at),
            escape(text)
        );
    }
    svg
}

/// Draws two rows: a line that is thick while the object has a name, and the count at each snapshot.
fn life(object: &Object, top: usize) -> String {
    let mut svg = label(&object.label, top);
    for pair in object.snapshots.windows(2) {
        let class = match (pair[0].named, pair[1].named) {
            (Some(true), Some(true)) => "named",
            (Some(true), Some(false)) => "unnaming",
            _ => "nameless",
        };
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{top}\" x2=\"{}\" y2=\"{top}\"/>",
            x(pair[0].at),
            x(pair[1].at)
        );
    }
    let below = top + ROW;
    if object.counted {
        svg.push_str(&label("references", below));
    }
    for snapshot in &object.snapshots {
        let name = match snapshot.named {
            Some(true) => "has a name",
            Some(false) => "has no name",
            None => "not seen whether it has a name",
        };
        let class = if snapshot.named == Some(true) { "named" } else { "nameless" };
        let _ = writeln!(
            svg,
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{top}\" r=\"4\"><title>{name}</title></circle>",
            x(snapshot.at)
        );
        if !object.counted {
            continue;
        }
        let count = snapshot.count.map_or("?".into(), |count| count.to_string());
        let _ = writeln!(
            svg,
            "<text class=\"count\" x=\"{}\" y=\"{}\">{count}</text>",
            x(snapshot.at),
            below + 4
        );
    }
    svg
}

fn label(text: &str, y: usize) -> String {
    format!("<text class=\"label\" x=\"0\" y=\"{}\">{}</text>\n", y + 4, escape(text))
}

fn objects(events: &[&Event]) -> Vec<Object> {
    let mut all: Vec<(String, Object)> = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let Event::Kernel { what, facts } = event else { continue };
        let Some(snapshot) = snapshot(at, facts) else { continue };
        let identity = ["st_ino", "msqid", "semid", "shmid"].iter().find_map(|field| facts.get(*field));
        let identity = format!("{what} {}", identity.unwrap_or(&Value::Null));
        if let Some((_, object)) = all.iter_mut().find(|(known, _)| *known == identity) {
            object.snapshots.push(snapshot);
        } else {
            let n = all.iter().filter(|(_, object)| object.label.starts_with(what)).count();
            let label = if n == 0 { what.clone() } else { format!("{what} {}", n + 1) };
            let counted = facts.contains_key("st_ino") || facts.contains_key("nattch");
            all.push((identity, Object { label, snapshots: vec![snapshot], counted }));
        }
    }
    all.into_iter().map(|(_, object)| object).collect()
}

/// Returns the snapshot of an object, if this event is about one.
fn snapshot(at: usize, facts: &Map<String, Value>) -> Option<Snapshot> {
    let number = |name: &str| facts.get(name).and_then(Value::as_u64);
    let (descriptions, mappings) = (number("open_file_descriptions"), number("mappings"));
    let posix = facts.contains_key("st_ino");
    let system_v = ["msqid", "semid", "shmid"].iter().any(|field| facts.contains_key(*field));
    if !posix && !system_v {
        return None;
    }
    let count = if posix { descriptions.zip(mappings).map(|(a, b)| a + b) } else { number("nattch") };
    // The key of a System V object counts as its name. Key 0 is IPC_PRIVATE: no name.
    let names = if posix { number("st_nlink") } else { facts.get("key").map(|key| u64::from(*key != 0)) };
    Some(Snapshot { at, named: names.map(|names| names > 0), count })
}

/// Describes the picture in words, for readers who do not see it.
fn description(processes: &[&str], objects: &[Object]) -> String {
    let mut text = format!("Processes: {}.", processes.join(", "));
    for object in objects {
        let counts: Vec<String> = object
            .snapshots
            .iter()
            .map(|snapshot| snapshot.count.map_or("not seen".into(), |count| count.to_string()))
            .collect();
        let names: Vec<&str> = object
            .snapshots
            .iter()
            .map(|snapshot| match snapshot.named {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not seen",
            })
            .collect();
        let _ = write!(text, " The {}: has a name: {}", object.label, names.join(", "));
        let _ = if object.counted {
            write!(text, "; references: {}.", counts.join(", "))
        } else {
            write!(text, ".")
        };
    }
    text
}
