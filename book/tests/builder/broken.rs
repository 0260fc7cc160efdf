//! A workbook that is broken on purpose: the build stops, and says where the error is and what to do.

use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::root;
use ipc_workbook_testing::run::{command, no_panic, run, stderr};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A copy of the files that the builder reads.
pub(crate) struct Copy(Folder);

impl Copy {
    pub(crate) fn new() -> Copy {
        let copy = Copy(Folder::new("broken-book"));
        for part in ["lessons", "src", "book"] {
            run(command("cp").arg("-R").arg(root().join(part)).arg(&*copy.0), 0);
        }
        copy
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Replaces a piece of text, which the file must contain.
    pub(crate) fn replace(&self, name: &str, piece: &str, by: &str) {
        let text = fs::read_to_string(self.file(name)).expect(name);
        assert!(text.contains(piece), "{name} has no {piece}");
        fs::write(self.file(name), text.replacen(piece, by, 1)).expect(name);
    }

    /// Adds a line to a file, and returns its number.
    pub(crate) fn add(&self, name: &str, line: &str) -> usize {
        let text = fs::read_to_string(self.file(name)).expect(name);
        fs::write(self.file(name), format!("{text}{line}\n")).expect(name);
        text.lines().count() + 1
    }

    /// Returns the text of a page of the built copy.
    pub(crate) fn page(&self, name: &str) -> String {
        fs::read_to_string(self.file("target/book").join(name)).expect(name)
    }

    /// Returns a command of the builder, for the copy.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut book = command(env!("CARGO_BIN_EXE_book"));
        book.args([name, "--root"]).arg(&*self.0);
        book
    }

    pub(crate) fn build(&self) {
        run(&mut self.command("build"), 0);
    }

    /// Checks that the build fails with a message that contains all of these words.
    pub(crate) fn stops(&self, words: &[&str]) {
        let output = run(&mut self.command("build"), 1);
        no_panic(&output);
        let said = stderr(&output);
        for word in words {
            assert!(said.contains(word), "{word} is not in: {said}");
        }
    }
}

pub(crate) const CHAPTER: &str = "lessons/13-refcount/README.md";

#[test]
fn a_missing_recording_stops_the_build() {
    let copy = Copy::new();
    let recording = "lessons/13-refcount/output/refcount_demo.jsonl";
    fs::remove_file(copy.file(recording)).expect("removed");
    copy.stops(&[recording, "scripts/record"]);
}

#[test]
fn a_lesson_without_a_c_twin_stops_the_build() {
    let copy = Copy::new();
    let twin = "lessons/13-refcount/c/refcount_demo.c";
    fs::remove_file(copy.file(twin)).expect("removed");
    copy.stops(&[twin, "CONTRIBUTING.md"]);
}

#[test]
fn a_recording_without_events_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add("lessons/13-refcount/output/refcount_demo.jsonl", "{\"event\":\"surprise\"}");
    copy.stops(&[&format!("refcount_demo.jsonl:{line}"), "scripts/record"]);
}

#[test]
fn an_unknown_claim_in_a_text_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add(CHAPTER, "So it is.[^moon]\n[^moon]: the moon is a queue");
    let line = line + 1;
    copy.stops(&[&format!("{CHAPTER}:{line}"), "refcount/the-moon-is-a-queue", "name another, or claim it"]);
}

#[test]
fn an_unknown_claim_named_as_code_stops_the_build() {
    let copy = Copy::new();
    let page = "lessons/glossary.md";
    let line = copy.add(page, "See `refcount/the-moon-is-a-queue`.");
    copy.stops(&[&format!("{page}:{line}"), "refcount/the-moon-is-a-queue", "name another, or claim it"]);
}

#[test]
fn a_mark_without_a_definition_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add(CHAPTER, "So it is.[^moon]");
    copy.stops(&[&format!("{CHAPTER}:{line}"), "[^moon] has no definition"]);
}

#[test]
fn an_unknown_claim_of_a_question_stops_the_build() {
    let copy = Copy::new();
    let quiz = "lessons/13-refcount/quiz.toml";
    copy.replace(quiz, "\"refcount/mq_unlink-removes-the-name-at-once\"", "\"refcount/unlink-does-nothing\"");
    let text = fs::read_to_string(copy.file(quiz)).expect(quiz);
    let line = 1 + text.lines().position(|line| line.contains("unlink-does-nothing")).expect("the line");
    copy.stops(&[&format!("{quiz}:{line}"), "refcount/unlink-does-nothing", "name another, or claim it"]);
}

#[test]
fn a_malformed_quiz_stops_the_build() {
    let copy = Copy::new();
    let quiz = "lessons/13-refcount/quiz.toml";
    let line = copy.add(quiz, "level = = 3");
    copy.stops(&[&format!("{quiz}:{line}: ")]);
}

#[test]
fn a_question_that_lacks_a_part_stops_the_build() {
    let copy = Copy::new();
    let quiz = "lessons/13-refcount/quiz.toml";
    copy.replace(quiz, "topic = \"reference counts\"\n", "");
    copy.stops(&[&format!("{quiz}:"), "missing field `topic`"]);
}

/// A question to add to a chapter's quiz.toml.
pub(crate) const QUESTION: &str = r#"
[[question]]
id = "refcount-broken"
topic = "names"
level = "mid"
kind = "predict"
question = "Which errno?"
run = "refcount_demo"
claims = ["refcount/mq_unlink-removes-the-name-at-once"]
claim = "refcount/mq_unlink-removes-the-name-at-once"
options = [{ text = "ENOENT", why = "w" }, { text = "EBADF", why = "w" }]
"#;

#[test]
fn a_prediction_without_the_recorded_result_stops_the_build() {
    let copy = Copy::new();
    let quiz = "lessons/13-refcount/quiz.toml";
    copy.add(quiz, &QUESTION.replace("ENOENT", "EACCES"));
    copy.stops(&[quiz, "refcount-broken", "\"ENOENT\", which is none of the options"]);
}

#[test]
fn a_follow_up_without_a_question_stops_the_build() {
    let copy = Copy::new();
    let quiz = "lessons/13-refcount/quiz.toml";
    let line = copy.add(quiz, &format!("{QUESTION}then = [{{ asks = \"And?\", id = \"nowhere\" }}]"));
    copy.stops(&[&format!("{quiz}:{}: ", line + QUESTION.lines().count()), "no question \"nowhere\""]);
}

const LAB: &str = "lessons/12-permissions/labs/exact-mode";

#[test]
fn a_malformed_lab_stops_the_build() {
    let copy = Copy::new();
    let file = format!("{LAB}/lab.toml");
    let line = copy.add(&file, "points = = 3");
    copy.stops(&[&format!("{file}:{line}: ")]);
}

#[test]
fn a_lab_without_a_task_stops_the_build() {
    let copy = Copy::new();
    let task = format!("{LAB}/README.md");
    fs::remove_file(copy.file(&task)).expect("removed");
    copy.stops(&[&task, "cannot be read"]);
}

#[test]
fn an_unknown_claim_in_a_labs_task_stops_the_build() {
    let task = format!("{LAB}/README.md");
    let copy = Copy::new();
    let line = copy.add(&task, "See `permissions/the-moon-is-a-queue`.");
    copy.stops(&[&format!("{task}:{line}"), "permissions/the-moon-is-a-queue"]);
}

#[test]
fn a_block_without_a_recording_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add(CHAPTER, "<!-- recorded: nowhere step-1 -->\n```text\n```");
    copy.stops(&[&format!("{CHAPTER}:{line}"), "no recording of nowhere", "scripts/record"]);
}

#[test]
fn a_block_without_an_anchor_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add(CHAPTER, "<!-- source: src/bin/refcount_demo.rs nowhere -->\n```rust\n```");
    copy.stops(&[&format!("{CHAPTER}:{line}"), "no anchor nowhere"]);
}

#[test]
fn a_stale_block_stops_the_build() {
    let copy = Copy::new();
    copy.replace(
        CHAPTER,
        "\n   mq_unlink(\"/refcount_demo\") = 0\n",
        "\n   mq_unlink(\"/refcount_demo\") = 1\n",
    );
    let text = fs::read_to_string(copy.file(CHAPTER)).expect(CHAPTER);
    let line = 1 + text.lines().position(|line| line.ends_with(") = 1")).expect("the line");
    copy.stops(&[&format!("{CHAPTER}:{line}"), "run scripts/record --pages"]);
}

#[test]
fn a_missing_page_of_the_summary_stops_the_build() {
    let copy = Copy::new();
    copy.add("lessons/SUMMARY.md", "- [The moon](moon.md)");
    copy.stops(&["moon.md"]);
}

/// The builder finds these only in the built pages, and reports all of them at once.
#[test]
fn dead_links_and_unresolved_directives_stop_the_build() {
    let copy = Copy::new();
    // mdBook and the workbook do not know these directives, and a lab cannot show the misconceptions.
    let task = format!("{LAB}/README.md");
    let mut expected = Vec::new();
    for (page, text, words) in [
        (CHAPTER, "[the moon](moon.md)", "the link to moon"),
        (CHAPTER, "[the moon](../14-persistence/README.md#the-moon)", "the link to ../14-persistence/"),
        (CHAPTER, "So it is.{{#anything}}", "{{#anything}} is not resolved"),
        ("lessons/glossary.md", "So it is.{{#include calls.md}}", "{{#include calls.md}} is not resolved"),
        (&*task, "[the moon](moon.md)", "the link to moon"),
        (&*task, "So it is.{{#misconceptions}}", "{{#misconceptions}} is not resolved"),
    ] {
        let line = copy.add(page, &format!("\n{text}")) + 1;
        expected.push(format!("{page}:{line}: {words}"));
    }
    copy.stops(&expected.iter().map(String::as_str).collect::<Vec<_>>());
}
