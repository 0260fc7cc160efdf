//! Draws how a descriptor leads to an object: descriptor → open file description → inode, and name → inode.
//! There is one state for each step of a run.

use super::figure::{Figure, State as Shown, sample};
use super::life::step_id;
use super::objects::{MESSAGE, Object, Reference, State, objects};
use super::recorded::steps;
use super::svg::Svg;
use crate::material::{Chapter, Lesson};
use anyhow::Result;
use ipc_workbook_tools::workbook::events::Event;
use std::fmt::Write;

/// The chapters whose lessons get this picture, because their subject is what a descriptor refers to.
const CHAPTERS: [&str; 2] = ["11-open-close-unlink", "13-refcount"];

/// The columns: where the descriptors, the open file descriptions, the inodes and the names begin.
const COLUMNS: [(i32, &str); 4] =
    [(4, "descriptor or mapping"), (196, "open file description"), (388, "inode"), (560, "name")];
const WIDE: i32 = 132;
const ROW: i32 = 36;
const HIGH: i32 = 26;
const TOP: i32 = 34;

/// Where an object stands in all states, so that it does not move.
struct Place<'a> {
    object: &'a Object,
    top: i32,
    /// All references that it ever has, one in each row.
    rows: Vec<(String, String)>,
}

/// Returns the picture; `None` if the lesson does not need it.
pub(crate) fn figure(chapter: &Chapter, lesson: &Lesson) -> Result<Option<Figure>> {
    let objects: Vec<Object> = objects(lesson)?.into_iter().filter(|object| object.kind.is_posix()).collect();
    let is_interesting = |object: &Object| {
        object
            .life
            .iter()
            .any(|(_, state)| state.count() > 1 || (!state.named && !state.references.is_empty()))
    };
    if !CHAPTERS.contains(&&*chapter.folder) || !objects.iter().any(is_interesting) {
        return Ok(None);
    }
    let places = places(&objects);
    let mut states = vec![state(&places, None, "Before the first step".into(), Some(String::new()))];
    let mut end = lesson.events.iter().take_while(|event| !matches!(event, Event::Step { .. })).count();
    for (n, title, events) in steps(lesson) {
        end += 1 + events.len();
        let heading = format!("After step {n}: {title}");
        states.push(state(&places, Some(end - 1), heading, Some(step_id(lesson, n))));
    }
    Ok(Some(Figure {
        title: format!("What refers to what in {}", lesson.name),
        source: "It follows the steps of the run below.".into(),
        states,
        legend: legend(),
    }))
}

fn places(objects: &[Object]) -> Vec<Place<'_>> {
    let mut top = TOP;
    let mut places = Vec::new();
    for object in objects {
        let mut rows: Vec<(String, String)> = Vec::new();
        for reference in object.life.iter().flat_map(|(_, state)| &state.references) {
            let row = (reference.process.clone(), reference.place.clone());
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        let height = ROW * i32::try_from(rows.len().max(1)).unwrap_or(1);
        places.push(Place { object, top, rows });
        top += height + 10;
    }
    places
}

fn state(places: &[Place<'_>], event: Option<usize>, heading: String, step: Option<String>) -> Shown {
    let mut svg = Svg::default();
    for (x, title) in COLUMNS {
        svg.text("small", (x, 16), title);
    }
    svg.line("faint", (COLUMNS[0].0, 23), (COLUMNS[3].0 + WIDE, 23));
    let mut says = String::new();
    for place in places {
        let now = event.and_then(|event| place.object.at(event));
        if let Some(now) = now {
            place.draw(&mut svg, now);
            says.push_str(&in_words(place.object, now));
        }
    }
    if says.is_empty() {
        says.push_str("No object exists yet.");
        svg.text("faint", (COLUMNS[2].0, TOP + 18), "nothing yet");
    }
    Shown { heading, drawing: svg, says, below: String::new(), step }
}

impl Place<'_> {
    fn draw(&self, svg: &mut Svg, now: &State) {
        let doubt = if now.is_known { "" } else { " dashed" };
        let height = HIGH + ROW * i32::try_from(self.rows.len().max(1) - 1).unwrap_or(0);
        let inode = (COLUMNS[2].0, self.top);
        if !now.exists {
            svg.rect("faint dashed", inode, (WIDE, height));
            svg.text("middle faint", (inode.0 + WIDE / 2, self.top + 17), "destroyed");
            return;
        }
        let kind = self.object.kind.what().trim_end_matches(" object");
        svg.rect(&format!("shaded{doubt}"), inode, (WIDE, height));
        svg.text("middle strong", (inode.0 + WIDE / 2, self.top + height / 2 + 5), kind);
        if now.named {
            let name = self.object.label.split('/').next_back().unwrap_or_default();
            let name = format!("/{}", name.split(" (").next().unwrap_or_default());
            let (x, _) = COLUMNS[3];
            svg.labelled(doubt.trim(), (x, self.top), (WIDE, HIGH), &short(&name));
            svg.arrow(doubt.trim(), (x, self.top + HIGH / 2), (inode.0 + WIDE, self.top + HIGH / 2));
        }
        for reference in &now.references {
            self.draw_reference(svg, now, reference, doubt.trim());
        }
    }

    fn draw_reference(&self, svg: &mut Svg, now: &State, reference: &Reference, class: &str) {
        let (x, (middle, _), (inode, _)) = (COLUMNS[0].0, COLUMNS[1], COLUMNS[2]);
        let y = self.y(reference);
        let text = match (&*reference.process, reference.description) {
            (MESSAGE, _) => "a message".to_string(),
            (process, Some(_)) => format!("{process}: fd {}", reference.place),
            (process, None) => format!("{process}: mapping"),
        };
        svg.titled(&reference.place, |svg| svg.labelled(class, (x, y), (WIDE, HIGH), &text));
        let from = (x + WIDE, y + HIGH / 2);
        let Some(description) = reference.description else {
            svg.arrow(class, from, (inode, from.1));
            return;
        };
        // Descriptors that share a description lead to the box beside the first of them.
        let first = now.references.iter().find(|one| one.description == Some(description));
        let at = self.y(first.unwrap_or(reference));
        svg.arrow(class, from, (middle, at + HIGH / 2));
        if at == y {
            svg.labelled(class, (middle, y), (WIDE, HIGH), "");
            svg.arrow(class, (middle + WIDE, y + HIGH / 2), (inode, y + HIGH / 2));
        }
    }

    fn y(&self, reference: &Reference) -> i32 {
        let is_it = |row: &(String, String)| row.0 == reference.process && row.1 == reference.place;
        let row = self.rows.iter().position(is_it).unwrap_or_default();
        self.top + ROW * i32::try_from(row).unwrap_or_default()
    }
}

/// Describes an object in sentences.
fn in_words(object: &Object, now: &State) -> String {
    if !now.exists {
        return format!("The {} is destroyed. ", object.label);
    }
    let name = if now.named { "has its name" } else { "has no name" };
    let mut text = format!("The {} {name}.", object.label);
    let mut described: Vec<u64> = Vec::new();
    for reference in &now.references {
        let Reference { process, place, description, .. } = reference;
        let _ = match description {
            Some(number) => {
                let n = described.iter().position(|known| known == number).unwrap_or_else(|| {
                    described.push(*number);
                    described.len() - 1
                });
                let holder = if process == MESSAGE {
                    MESSAGE.to_string()
                } else {
                    format!("{process}'s descriptor {place}")
                };
                write!(text, " From {holder} to open file description {} to the inode.", n + 1)
            }
            None => write!(text, " Process {process} has mapped it."),
        };
    }
    if now.references.is_empty() {
        text.push_str(" Nothing refers to it.");
    }
    text.push(' ');
    text
}

/// Shortens a text to the width of a box.
fn short(text: &str) -> String {
    const MOST: usize = 17;
    if text.chars().count() <= MOST {
        return text.to_string();
    }
    let begin: String = text.chars().take(MOST - 1).collect();
    format!("{begin}…")
}

fn legend() -> Vec<(Svg, &'static str)> {
    vec![
        (sample(|svg| svg.arrow("", (0, 7), (26, 7))), "refers to"),
        (sample(|svg| svg.rect("shaded", (1, 1), (26, 12))), "the object itself"),
        (
            sample(|svg| svg.rect("dashed", (1, 1), (26, 12))),
            "not known: the recording does not show what other processes did since",
        ),
    ]
}
