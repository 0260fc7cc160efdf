//! The parts that a chapter and a lesson must have.

use ipc_workbook::lesson::{chapter_of, title_of};
use ipc_workbook_testing::prelude::*;
use std::path::{Path, PathBuf};

/// Returns what is wrong with the chapters.
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
        demand(text.starts_with("# "), "README.md must begin with a title");
        demand(text.contains("**Predict.**"), "README.md has no question to predict, **Predict.**");
        demand(text.contains("## Misconceptions"), "README.md has no section Misconceptions");
        demand(text.contains("\n## Claims\n"), "README.md has no section Claims for its marks");
        demand(text.contains("## Look for yourself"), "README.md has no section Look for yourself");
        demand(chapter.join("quiz.toml").exists(), "quiz.toml is missing");
        let shows_lessons = folder_has_lessons(root, &folder);
        let blocks = text.matches("```console\n").count();
        let named = text.matches("<!-- console: ").count();
        demand(shows_lessons || blocks > 0, "it has neither lessons nor console blocks");
        demand(shows_lessons || blocks == named, "a console block has no name, so no test runs it");
        demand(summary.contains(&format!("({folder}/README.md)")), "lessons/SUMMARY.md does not link it");
    }
    wrong
}

/// Returns whether a lesson names this chapter as its own.
fn folder_has_lessons(root: &Path, chapter: &str) -> bool {
    entries(&root.join("src/bin")).iter().any(|file| chapter_of(&text_if_there(file)) == Some(chapter))
}

/// Returns what is wrong with the lessons.
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
        demand(title_of(&source).ends_with('.'), "its first line must be a sentence with a full stop");
        demand(
            neighbours.contains(&format!("cargo run --bin {program}")),
            "its header does not say how to run it",
        );
        demand(neighbours.contains("Manual pages: "), "its header names no manual pages");
        demand(!text.is_empty(), "its header must name a chapter that exists");
        demand(text.contains(&program), "its chapter does not mention it");
        let twin = format!("lessons/{chapter}/c/{program}.c");
        demand(root.join(&twin).exists(), &format!("{twin} is missing"));
        for word in ["Next: ", "Previous: "] {
            let named = neighbours.split(word).nth(1).and_then(|rest| rest.split('.').next());
            let exists =
                named.is_none_or(|other| root.join("src/bin").join(format!("{}.rs", other.trim())).exists());
            demand(exists, "its header names a next or previous lesson that does not exist");
        }
    }
    wrong
}

/// Returns the C programs of the chapters that are no lesson's twin, and that no test runs therefore.
pub(super) fn twins_of_no_lesson(root: &Path) -> Vec<String> {
    let twins = chapters(root).into_iter().flat_map(|chapter| entries(&chapter.join("c")));
    let of_a_lesson = |twin: &PathBuf| {
        let lesson = root.join("src/bin").join(name(twin)).with_extension("rs");
        let chapter = twin.ancestors().nth(2).map(name);
        chapter_of(&text_if_there(&lesson)) == chapter.as_deref()
    };
    twins
        .filter(|twin| !of_a_lesson(twin))
        .map(|twin| format!("{}: there is no such lesson", name(&twin)))
        .collect()
}
