//! What a chapter and a lesson must have.

use ipc_workbook::lesson::{chapter_of, title_of};
use ipc_workbook_testing::prelude::*;
use std::path::{Path, PathBuf};

/// What is wrong with the chapters.
pub(super) fn chapters_that_lack_a_part(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let summary = text_if_there(&root.join("lessons/SUMMARY.md"));
    for chapter in chapters(root) {
        let (folder, text) = (name(&chapter), text_if_there(&chapter.join("README.md")));
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{folder}: {what}"));
            }
        };
        demand(text.starts_with("# "), "README.md begins with its title");
        demand(text.contains("**Predict.**"), "README.md opens with a question to predict");
        demand(text.contains("## Misconceptions"), "README.md names its misconceptions");
        demand(text.contains("\n## Claims\n"), "README.md ends with the claims that its marks lead to");
        demand(text.contains("## Look for yourself"), "README.md says how to look from a second terminal");
        demand(chapter.join("quiz.toml").exists(), "there is a quiz.toml");
        let shows_lessons = folder_has_lessons(root, &folder);
        let blocks = text.matches("```console\n").count();
        let named = text.matches("<!-- console: ").count();
        demand(shows_lessons || blocks > 0, "it has lessons, or console blocks that tests run");
        demand(shows_lessons || blocks == named, "each of its console blocks has a name, and is run");
        demand(summary.contains(&format!("({folder}/README.md)")), "lessons/SUMMARY.md links it");
    }
    wrong
}

/// Whether some lesson names this chapter as its own.
fn folder_has_lessons(root: &Path, chapter: &str) -> bool {
    entries(&root.join("src/bin")).iter().any(|file| chapter_of(&text_if_there(file)) == Some(chapter))
}

/// What is wrong with the lessons.
pub(super) fn lessons_that_lack_a_part(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in entries(&root.join("src/bin")) {
        let (source, program) = (text_if_there(&file), name(&file).trim_end_matches(".rs").to_string());
        let chapter = chapter_of(&source).unwrap_or("no chapter");
        let text = text_if_there(&root.join("lessons").join(chapter).join("README.md"));
        let header: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
        let neighbours = header.join(" ").replace("//!", "");
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{program}: {what}"));
            }
        };
        demand(title_of(&source).ends_with('.'), "its first line is one sentence");
        demand(neighbours.contains(&format!("cargo run --bin {program}")), "its header says how to run it");
        demand(neighbours.contains("Manual pages: "), "its header names the manual pages");
        demand(!text.is_empty(), "its header names a chapter that exists");
        demand(text.contains(&program), "its chapter mentions it");
        let twin = format!("lessons/{chapter}/c/{program}.c");
        demand(root.join(&twin).exists(), &format!("there is {twin}, the same calls in C"));
        for word in ["Next: ", "Previous: "] {
            let named = neighbours.split(word).nth(1).and_then(|rest| rest.split('.').next());
            let exists =
                named.is_none_or(|other| root.join("src/bin").join(format!("{}.rs", other.trim())).exists());
            demand(exists, "the neighbour it names exists");
        }
    }
    wrong
}

/// C programs of the chapters that are no lesson's twin, so that no test runs them.
pub(super) fn twins_of_no_lesson(root: &Path) -> Vec<String> {
    let twins = chapters(root).into_iter().flat_map(|chapter| entries(&chapter.join("c")));
    let of_a_lesson = |twin: &PathBuf| {
        let lesson = root.join("src/bin").join(name(twin)).with_extension("rs");
        let chapter = twin.ancestors().nth(2).map(name);
        chapter_of(&text_if_there(&lesson)) == chapter.as_deref()
    };
    twins.filter(|twin| !of_a_lesson(twin)).map(|twin| format!("{}: it has no lesson", name(&twin))).collect()
}
