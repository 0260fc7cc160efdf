//! Finds in the recorded runs what a picture needs. If a run no longer has it, the book is not built.

use crate::material::{Chapter, Lesson, Material};
use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::workbook::events::{Claim, Event};

/// Returns a lesson and its chapter.
pub(crate) fn lesson<'a>(material: &'a Material, name: &str) -> Result<(&'a Chapter, &'a Lesson)> {
    let mut all = material
        .chapters
        .iter()
        .flat_map(|chapter| chapter.lessons.iter().map(move |lesson| (chapter, lesson)));
    all.find(|(_, lesson)| lesson.name == name).with_context(|| format!("there is no lesson {name}"))
}

/// Returns the events of each step, with the step's number and title.
pub(crate) fn steps(lesson: &Lesson) -> Vec<(u32, &str, &[Event])> {
    let begins: Vec<usize> =
        (0..lesson.events.len()).filter(|n| matches!(lesson.events[*n], Event::Step { .. })).collect();
    let ends = begins.iter().skip(1).copied().chain([lesson.events.len()]);
    let step = |(begin, end): (&usize, usize)| match &lesson.events[*begin] {
        Event::Step { n, title } => Some((*n, title.as_str(), &lesson.events[begin + 1..end])),
        _ => None,
    };
    begins.iter().zip(ends).filter_map(step).collect()
}

/// Returns a claim of a lesson's recorded run, which must have held. `id` is without the chapter's name.
pub(crate) fn held<'a>(lesson: &'a Lesson, id: &str) -> Result<&'a Claim> {
    let claim = lesson.claims().find(|claim| claim.id.split_once('/').is_some_and(|(_, name)| name == id));
    let claim = claim.with_context(|| {
        format!("the recorded run of {} has no claim {id}; correct the picture", lesson.name)
    })?;
    ensure!(
        claim.held == Some(true),
        "in the recorded run of {}, the claim {id} did not hold; run scripts/record again, or correct the picture",
        lesson.name
    );
    Ok(claim)
}

/// Returns a link to a lesson's page. `up` is the relative path from the page to the book's root.
pub(crate) fn run_of(chapter: &Chapter, lesson: &Lesson, up: &str) -> String {
    format!("<a href=\"{up}{}/{name}.html\"><code>{name}</code></a>", chapter.folder, name = lesson.name)
}
