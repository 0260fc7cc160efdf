//! Finds titles of steps that give away the answer to a prediction below them.

use crate::material::{Lesson, Material};
use anyhow::{Result, bail};
use ipc_workbook_tools::workbook::events::Event;

/// Checks the steps of all recorded runs.
pub(crate) fn check(material: &Material) -> Result<()> {
    for chapter in &material.chapters {
        for lesson in &chapter.lessons {
            if let Some((n, title, got)) = first_that_answers(lesson) {
                let name = &lesson.name;
                bail!(
                    "src/bin/{name}.rs: the title of step {n}, {title:?}, contains {got:?}, the answer to a prediction below it; \
                     write another title, and run scripts/record"
                );
            }
        }
    }
    Ok(())
}

/// Returns the first step whose title contains the answer: its number, its title, and the answer.
fn first_that_answers(lesson: &Lesson) -> Option<(u32, &str, &str)> {
    let (mut step, mut asked) = ((0, ""), false);
    for event in &lesson.events {
        match event {
            Event::Step { n, title } => (step, asked) = ((*n, title.as_str()), false),
            Event::Question { .. } => asked = true,
            // The claim after a question is its answer.
            Event::Claim(claim) if asked => {
                if spellings(&claim.got).any(|answer| contains(step.1, answer)) {
                    return Some((step.0, step.1, &claim.got));
                }
                asked = false;
            }
            _ => {}
        }
    }
    None
}

/// Returns the answer as the kernel gives it, and as a title could spell it.
fn spellings(got: &str) -> impl Iterator<Item = &str> {
    let others: &[&str] = match got {
        "0" | "nothing" | "none" => &["zero", "no", "none", "nothing", "nobody"],
        "1" => &["one"],
        "2" => &["two"],
        "3" => &["three"],
        "success" => &["succeeds"],
        _ => &[],
    };
    [got].into_iter().chain(others.iter().copied())
}

/// Returns whether a title contains this, and not as a part of a longer word.
fn contains(title: &str, answer: &str) -> bool {
    let (title, answer) = (title.to_lowercase(), answer.to_lowercase());
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    title
        .match_indices(&answer)
        .any(|(at, _)| !title[..at].ends_with(in_word) && !title[at + answer.len()..].starts_with(in_word))
}
