//! Draws the life of each object in a run: a bar from its creation to its destruction, thick while the object
//! has a name, with the number of references as its height. Above the bars stand the calls of each process.

mod words;

use super::figure::{Figure, State as Shown, sample};
use super::objects::{Object, objects};
use super::recorded;
use super::svg::Svg;
use crate::material::Lesson;
use anyhow::Result;
use ipc_workbook_tools::workbook::events::Event;

/// The width of an event, in pixels.
const SLOT: i32 = 18;
const LEFT: i32 = 14;
const TOP: i32 = 22;
/// The height of one reference, and of the most references that are drawn at this scale.
const REFERENCE: i32 = 11;
const MOST: i32 = 6;

/// The events that the picture shows, each with its place in the recorded run.
struct Drawn<'a> {
    lesson: &'a Lesson,
    objects: Vec<Object>,
    shown: Vec<usize>,
}

/// Returns the picture; `None` if no process makes a call.
pub(crate) fn figure(lesson: &Lesson) -> Result<Option<Figure>> {
    let is_shown =
        |event: &Event| matches!(event, Event::Call { .. } | Event::Kernel { .. } | Event::Step { .. });
    let shown = (0..lesson.events.len()).filter(|n| is_shown(&lesson.events[*n])).collect();
    let drawn = Drawn { lesson, objects: objects(lesson)?, shown };
    let processes = drawn.processes();
    if processes.is_empty() {
        return Ok(None);
    }
    let mut svg = Svg::default();
    let mut y = TOP;
    let mut lanes = Vec::new();
    for process in &processes {
        svg.text("faint", (LEFT, y + 12), &format!("process {process}"));
        lanes.push((*process, y + 24));
        y += 36;
    }
    let mut bars = Vec::new();
    for object in &drawn.objects {
        y += 22;
        svg.text("strong", (LEFT, y), &object.label);
        y = drawn.bar(&mut svg, object, y + 8) + 12;
        bars.push((object, y - 12));
    }
    drawn.lanes(&mut svg, &lanes);
    for step in 0..recorded::steps(lesson).len() {
        drawn.step(&mut svg, step, &lanes, &bars, y);
    }
    let state = Shown {
        heading: String::new(),
        drawing: svg,
        says: drawn.says(&processes),
        below: String::new(),
        step: None,
    };
    Ok(Some(Figure {
        title: format!("What existed when in {}", lesson.name),
        source: "Each column is a step. Click or tap on a step to see it in the run below.".into(),
        states: vec![state],
        legend: legend(),
    }))
}

impl<'a> Drawn<'a> {
    /// Returns the labels of the processes that make calls, in order of appearance.
    fn processes(&self) -> Vec<&'a str> {
        let mut labels: Vec<&str> = Vec::new();
        for event in &self.lesson.events {
            if let Event::Call { process, .. } = event
                && !labels.contains(&&**process)
            {
                labels.push(process);
            }
        }
        labels
    }

    /// The middle of an event, or the right edge if there is no such event.
    fn x(&self, event: usize) -> i32 {
        let before = self.shown.iter().filter(|shown| **shown < event).count();
        LEFT + i32::try_from(before).unwrap_or_default() * SLOT + SLOT / 2
    }

    fn right(&self) -> i32 {
        self.x(usize::MAX)
    }

    /// Draws the bar of an object below `top`, and returns the y of its foot.
    fn bar(&self, svg: &mut Svg, object: &Object, top: i32) -> i32 {
        let most = object.life.iter().map(|(_, state)| state.count()).max().unwrap_or_default();
        let one = if most > MOST { REFERENCE * MOST / most } else { REFERENCE };
        let foot = top + if object.kind.is_counted() { most.max(1) * one + 12 } else { 8 };
        let ends = object.life.iter().skip(1).map(|(at, _)| self.x(*at)).chain([self.right()]);
        let mut before = None;
        for ((at, state), end) in object.life.iter().zip(ends) {
            let begin = self.x(*at);
            let count = state.count();
            if !state.exists {
                svg.titled("destroyed", |svg| {
                    svg.line("", (begin - 5, foot - 5), (begin + 5, foot + 5));
                    svg.line("", (begin - 5, foot + 5), (begin + 5, foot - 5));
                });
                break;
            }
            let doubt = if state.is_known { "" } else { " dashed" };
            if object.kind.is_counted() && count > 0 {
                svg.rect(&format!("shaded{doubt}"), (begin, foot - count * one), (end - begin, count * one));
            }
            if object.kind.is_counted() && before != Some(count) {
                svg.text("middle small", (begin + 6, foot - count * one - 3), &count.to_string());
            }
            before = Some(count);
            let class = if state.named { "thick" } else { "thin" };
            svg.line(&format!("{class}{doubt}"), (begin, foot), (end, foot));
        }
        if let (Some((at, _)), true) = (object.life.first(), object.is_created) {
            svg.line("born", (self.x(*at), foot - 7), (self.x(*at), foot + 7));
        }
        foot
    }

    /// Draws a line from the first to the last call of each process.
    fn lanes(&self, svg: &mut Svg, lanes: &[(&str, i32)]) {
        for (process, y) in lanes {
            let is_its = |event: &usize| match &self.lesson.events[*event] {
                Event::Call { process: of, .. } => of == process,
                _ => false,
            };
            let mut calls = self.shown.iter().filter(|event| is_its(event));
            if let Some(first) = calls.next() {
                let last = calls.next_back().unwrap_or(first);
                svg.line("faint", (self.x(*first), *y), (self.x(*last), *y));
            }
        }
    }

    /// Draws the events of a step. Together they are a link to the step in the run.
    fn step(&self, svg: &mut Svg, index: usize, lanes: &[(&str, i32)], bars: &[(&Object, i32)], bottom: i32) {
        let begins = self.begins();
        let from = begins[index];
        let to = begins.get(index + 1).copied().unwrap_or(usize::MAX);
        let Event::Step { n, title } = &self.lesson.events[from] else { return };
        let (left, right) = (self.x(from) - SLOT / 2, self.x(to) - SLOT / 2);
        let href = format!("#{}", step_id(self.lesson, *n));
        let title = format!("Step {n}: {title}. {}", self.after(to.min(self.lesson.events.len()) - 1));
        svg.link(&href, title.trim(), |svg| {
            svg.rect("place", (left, 2), (right - left, bottom));
            svg.line("faint dashed", (left, TOP - 4), (left, bottom));
            svg.text("small", (left + 4, 15), &n.to_string());
            for at in self.shown.iter().filter(|at| (from..to).contains(*at)) {
                self.event(svg, *at, lanes, bars);
            }
        });
    }

    fn begins(&self) -> Vec<usize> {
        let is_step = |n: &usize| matches!(self.lesson.events[*n], Event::Step { .. });
        (0..self.lesson.events.len()).filter(is_step).collect()
    }

    /// Draws a dot for a call, a ring for a call that failed, and a dot on each bar that was measured.
    fn event(&self, svg: &mut Svg, at: usize, lanes: &[(&str, i32)], bars: &[(&Object, i32)]) {
        let x = self.x(at);
        if let Event::Call { process, text, ok, .. } = &self.lesson.events[at]
            && let Some((_, y)) = lanes.iter().find(|(label, _)| label == process)
        {
            let class = if *ok { "filled" } else { "empty" };
            svg.titled(text, |svg| svg.circle(class, (x, *y), 5));
        }
        for (object, foot) in bars {
            if object.life.iter().any(|(event, state)| *event == at && state.measured) {
                svg.titled("the kernel showed this", |svg| svg.circle("measured", (x, *foot), 5));
            }
        }
    }
}

/// Returns the id of a step's heading in the run.
pub(crate) fn step_id(lesson: &Lesson, n: u32) -> String {
    format!("{}-{n}", lesson.name)
}

fn legend() -> Vec<(Svg, &'static str)> {
    vec![
        (sample(|svg| svg.circle("filled", (6, 7), 5)), "a call"),
        (sample(|svg| svg.circle("empty", (6, 7), 5)), "a call that failed"),
        (sample(|svg| svg.line("thick", (0, 7), (28, 7))), "has a name or a key"),
        (sample(|svg| svg.line("thin", (0, 7), (28, 7))), "has none"),
        (sample(|svg| svg.rect("shaded", (1, 1), (26, 12))), "height: the number of references"),
        (sample(|svg| svg.circle("measured", (6, 7), 5)), "the kernel showed this"),
        (
            sample(|svg| svg.rect("shaded dashed", (1, 1), (26, 12))),
            "not known: the recording does not show what other processes did",
        ),
        (
            sample(|svg| {
                svg.line("", (1, 2), (11, 12));
                svg.line("", (1, 12), (11, 2));
            }),
            "destroyed",
        ),
    ]
}
