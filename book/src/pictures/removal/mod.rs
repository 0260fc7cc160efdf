//! Draws who is told what when an object is removed: a call before the removal, a call that waits during it,
//! and a call after it. Each call is found in the recorded run of a lesson.

mod cases;

use super::figure::{Figure, State, sample};
use super::recorded::{held, lesson, run_of, steps};
use super::svg::Svg;
use crate::marks::mark;
use crate::material::Material;
use anyhow::{Context, Result, ensure};
use cases::{CASES, Case, Found, When};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::events::Event;
use ipc_workbook_tools::workbook::sentence;
use std::fmt::Write;

/// Where the removal stands in the drawing.
const REMOVAL: i32 = 300;
const RIGHT: i32 = 600;
const LANE: i32 = 64;

pub(crate) fn figure(material: &Material, up: &str) -> Result<Figure> {
    let mut lessons: Vec<&str> = Vec::new();
    for case in &CASES {
        for name in case.lanes.iter().map(|lane| lane.call.lesson) {
            if !lessons.contains(&name) {
                lessons.push(name);
            }
        }
    }
    let mut runs = Vec::new();
    for name in lessons {
        let (chapter, lesson) = lesson(material, name)?;
        runs.push(run_of(chapter, lesson, up));
    }
    let states = CASES.iter().map(|case| state(case, material, up)).collect::<Result<Vec<State>>>()?;
    Ok(Figure {
        title: "What each process learns when an object is removed".into(),
        source: format!("The calls come from the recorded runs of {}.", runs.join(", ")),
        states,
        legend: vec![
            (sample(|svg| svg.line("thick", (0, 7), (28, 7))), "the call runs or waits"),
            (sample(|svg| svg.line("thick dashed", (0, 7), (28, 7))), "the process still uses the object"),
            (sample(|svg| svg.circle("filled", (6, 7), 5)), "success"),
            (sample(|svg| svg.circle("empty", (6, 7), 5)), "an error"),
        ],
    })
}

fn state(case: &Case, material: &Material, up: &str) -> Result<State> {
    let (removal_at, removal) = case.removal.find(material)?;
    let mut svg = Svg::default();
    let bottom = 44 + LANE * i32::try_from(case.lanes.len())?;
    svg.text("middle mono", (REMOVAL, 14), &removal);
    svg.line("dashed", (REMOVAL, 22), (REMOVAL, bottom));
    let mut says = format!("The removal: {removal}.");
    let mut below = String::from("<ul class=\"claims-below\">\n");
    for (lane, n) in case.lanes.iter().zip(0..) {
        let (at, text) = lane.call.find(material)?;
        if lane.call.lesson == case.removal.lesson {
            let is_after = at > removal_at;
            // A call that waits is printed when it returns, which is after the removal.
            ensure!(
                is_after == (lane.when != When::Before),
                "in the recorded run of {}, {text} is on the wrong side of {removal}; correct the picture",
                lane.call.lesson
            );
        }
        if lane.when == When::Waiting {
            lane.call.waits(material, removal_at)?;
        }
        draw(&mut svg, lane.when, 40 + LANE * n, &text);
        let words = lane.when.words();
        let _ = write!(says, " {words}: {text}.");
        if !lane.claim.is_empty() {
            let (_, lesson) = lesson(material, lane.call.lesson)?;
            let claim = held(lesson, lane.claim)?;
            let sentence = escape(&sentence(&claim.id));
            let _ = writeln!(below, "<li>{words}: {sentence} {}</li>", mark(&claim.id, &material.claims, up));
        }
    }
    below.push_str("</ul>\n");
    Ok(State { heading: case.heading.into(), drawing: svg, says, below, step: None })
}

/// Draws a call: a bar before, across or after the removal, and its text below.
fn draw(svg: &mut Svg, when: When, y: i32, text: &str) {
    let failed = text.contains("= -1 ");
    let (begin, end) = match when {
        When::Before => (70, 130),
        When::Waiting if failed => (150, REMOVAL),
        When::Waiting => (150, REMOVAL + 150),
        When::After => (REMOVAL + 60, REMOVAL + 120),
    };
    svg.text("strong", (4, y), when.words());
    let bar = y + 16;
    svg.line("thick", (begin, bar), (end, bar));
    if when == When::Before {
        svg.line("thick dashed faint", (end, bar), (RIGHT, bar));
    }
    svg.circle(if failed { "empty" } else { "filled" }, (end, bar), 6);
    svg.text("mono", (4, bar + 20), text);
}

impl When {
    fn words(self) -> &'static str {
        match self {
            When::Before => "Called before",
            When::Waiting => "Waiting",
            When::After => "Called after",
        }
    }
}

impl Found {
    /// Returns the call's place in the run, and its text.
    fn find(&self, material: &Material) -> Result<(usize, String)> {
        let (_, lesson) = lesson(material, self.lesson)?;
        let begin = self.begin(material)?;
        let (_, _, events) =
            steps(lesson).into_iter().find(|(n, ..)| *n == self.step).unwrap_or((0, "", &[]));
        let is_it = |event: &Event| match event {
            Event::Call { call, text, .. } => call == self.call && text.contains(self.contains),
            _ => false,
        };
        let place = events.iter().position(is_it).with_context(|| {
            let Found { lesson, step, call, contains } = self;
            format!("step {step} of the recorded run of {lesson} has no {call} with {contains}; correct the picture")
        })?;
        let Event::Call { process, text, .. } = &events[place] else { unreachable!("a call was found") };
        let text = text.split(" (").next().unwrap_or_default();
        Ok((begin + place, format!("{process}: {text}")))
    }

    /// Checks that the kernel showed the process of this call waiting, before the removal.
    fn waits(&self, material: &Material, removal: usize) -> Result<()> {
        let (_, lesson) = lesson(material, self.lesson)?;
        let (_, text) = self.find(material)?;
        let process = text.split(':').next().unwrap_or_default();
        let mut before = lesson.events[self.begin(material)?..removal].iter();
        ensure!(
            before.any(
                |event| matches!(event, Event::Kernel { what, .. } if *what == format!("process {process}"))
            ),
            "the recorded run of {} does not show that process {process} waits before the removal; correct the picture",
            self.lesson
        );
        Ok(())
    }

    /// Returns where the step begins.
    fn begin(&self, material: &Material) -> Result<usize> {
        let (_, lesson) = lesson(material, self.lesson)?;
        let is_it = |event: &Event| matches!(event, Event::Step { n, .. } if *n == self.step);
        let begin = lesson.events.iter().position(is_it);
        begin
            .map(|step| step + 1)
            .with_context(|| format!("the recorded run of {} has no step {}", self.lesson, self.step))
    }
}
