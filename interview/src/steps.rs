//! Finds the steps that check the claims of a question, so that a reader finds them in a long run.

use ipc_workbook_tools::cli::{Failure, paragraph};
use ipc_workbook_tools::workbook::events::Event;
use ipc_workbook_tools::workbook::questions::Question;
use ipc_workbook_tools::workbook::recordings::recording;
use ipc_workbook_tools::workbook::{contents, root, sentence};
use std::collections::HashMap;

/// Returns a line for each claim that proves the answer. It names the step that checks the claim, in the
/// lesson that was shown or in another one. Console blocks are short and need no such line.
pub(crate) fn steps(question: &Question) -> Result<String, Failure> {
    let program = question.run.split(' ').next().unwrap_or_default();
    let places = places(&question.claims)?;
    let mut text = String::new();
    for (claim, (lesson, step)) in
        question.claims.iter().filter_map(|claim| Some((claim, places.get(claim)?)))
    {
        let place = if lesson == program { format!("step {step}") } else { format!("{lesson}, step {step}") };
        text.push_str(&paragraph(&format!("  {place}: "), &sentence(claim)));
    }
    Ok(if text.is_empty() { text } else { format!("\nWhat proves the answer:\n{text}\n") })
}

/// Returns the lesson that makes each of these claims, and the step, from the recorded runs.
fn places(claims: &[String]) -> Result<HashMap<String, (String, u32)>, Failure> {
    let mut places = HashMap::new();
    for (chapter, lesson) in contents(&root())?.lessons() {
        let mut step = 0;
        for event in recording(chapter, &lesson.name)? {
            match event {
                Event::Step { n, .. } => step = n,
                Event::Claim(claim) if claims.contains(&claim.id) => {
                    places.insert(claim.id, (lesson.name.clone(), step));
                }
                _ => {}
            }
        }
    }
    Ok(places)
}
