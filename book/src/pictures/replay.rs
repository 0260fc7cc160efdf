//! Plays a recorded run through a model of a kernel object. The model says after each event how the object
//! must look. If the run shows anything else, the picture would be wrong, and the book is not built.

use crate::marks::link;
use crate::material::Material;
use crate::pictures::call::Call;
use crate::pictures::figure::State;
use crate::pictures::recorded::{held, lesson, run_of};
use crate::pictures::svg::Svg;
use anyhow::{Result, anyhow, ensure};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::events::{Claim, Event};
use serde_json::{Map, Value};
use std::fmt::Write;

/// A model of a kernel object. Each method plays one event, and fails if the event contradicts the model. It
/// returns a sentence if the event makes a new state of the figure. `later` are the events that follow.
pub(crate) trait Model {
    fn call(&mut self, call: &Call<'_>, later: &[Event]) -> Result<Option<String>>;

    fn kernel(&mut self, what: &str, facts: &Map<String, Value>, later: &[Event]) -> Result<Option<String>>;

    /// Most models need no remarks.
    fn note(&mut self, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    /// Draws the object as it is now.
    fn draw(&self) -> Svg;

    /// Says the same in words.
    fn says(&self) -> String;
}

/// Which part of a run a figure shows, and what must be in it.
pub(crate) struct Run {
    pub(crate) lesson: &'static str,
    /// 0 stands for what happens before the first step.
    pub(crate) steps: &'static [u32],
    /// The claims without which the figure makes no sense.
    pub(crate) claims: &'static [&'static str],
}

impl Run {
    /// Plays the run. Returns the states of the figure, and a sentence that names the run.
    pub(crate) fn play(
        &self,
        material: &Material,
        up: &str,
        model: &mut impl Model,
    ) -> Result<(Vec<State>, String)> {
        let (chapter, lesson) = lesson(material, self.lesson)?;
        for claim in self.claims {
            held(lesson, claim)?;
        }
        let (mut states, mut step) = (Vec::<State>::new(), 0);
        for (event, later) in lesson.events.iter().zip((1..).map(|next| &lesson.events[next..])) {
            if let Event::Step { n, .. } = event {
                step = *n;
            }
            if !self.steps.contains(&step) {
                continue;
            }
            let (name, sentence) = match event {
                Event::Claim(claim) => {
                    add(claim, material, up, states.last_mut())?;
                    continue;
                }
                Event::Kernel { what, facts } => {
                    (format!("the kernel shows: {what}"), model.kernel(what, facts, later))
                }
                Event::Note { text } => (text.clone(), model.note(text)),
                event => match Call::of(event) {
                    Some(call) => (format!("{}: {}", call.process, call.text), model.call(&call, later)),
                    None => continue,
                },
            };
            let sentence = sentence.map_err(|error| {
                anyhow!(
                    "the recorded run of {} contradicts it at `{name}`: {error:#}; run scripts/record again, or \
                     correct the picture",
                    self.lesson
                )
            })?;
            if let Some(sentence) = sentence {
                let below = format!("<p>{}</p>\n", escape(&sentence));
                let says = format!("{sentence} {}", model.says());
                states.push(State { heading: name, drawing: model.draw(), says, below, step: None });
            }
        }
        ensure!(
            states.len() > 1,
            "the recorded run of {} has no events for it; correct the picture",
            self.lesson
        );
        Ok((states, format!("Drawn from the recorded run of {}.", run_of(chapter, lesson, up))))
    }
}

/// Adds a claim to the state that it is about. A claim that did not hold has no picture.
fn add(claim: &Claim, material: &Material, up: &str, state: Option<&mut State>) -> Result<()> {
    ensure!(
        claim.held == Some(true),
        "the recorded claim {} did not hold; run scripts/record again",
        claim.id
    );
    if let Some(state) = state {
        let link = link(&claim.id, &material.claims, up);
        let _ = writeln!(state.below, "<p>{link}</p>");
    }
    Ok(())
}
