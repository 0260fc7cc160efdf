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

const CHAPTER: &str = "lessons/13-refcount/README.md";

#[test]
fn an_unbroken_workbook_is_built() {
    Copy::new().build();
}

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
fn one_mark_can_lead_to_a_list_of_claims() {
    let copy = Copy::new();
    let claims = "a-new-queue-has-one-name; an-unlinked-queue-has-no-name; \
                  mq_unlink-leaves-the-messages-in-the-queue; mq_unlink-removes-the-name-at-once";
    copy.add("lessons/glossary.md", &format!("So it is.[^x]\n\n[^x]: `refcount_demo`: {claims}"));
    // Put the mark into the first row of the misconceptions.
    let head = "| you may have read | run | and see |\n| --- | --- | --- |\n";
    copy.replace(CHAPTER, head, &format!("{head}| It is. | `unlink_demo` | so[^x] |\n"));
    copy.add(CHAPTER, &format!("[^x]: {claims}"));
    copy.build();
    let page = |name: &str| fs::read_to_string(copy.file("target/book").join(name)).expect(name);
    let many = |href: &str| {
        format!(
            "<a class=\"claim\" href=\"{href}\" title=\"4 claims\" aria-label=\"checked: 4 claims\">✔×4</a>"
        )
    };
    let glossary = page("glossary.html");
    assert!(glossary.contains(&many("#lessons-claims-1")), "{glossary}");
    let (_, list) = glossary.split_once("<li id=\"lessons-claims-1\">").expect("a list");
    assert!(
        list.starts_with("<a href=\"13-refcount/claims.html#refcount/a-new-queue-has-one-name\">"),
        "{list}"
    );
    let misconceptions = page("what-the-tutorials-say.html");
    assert!(misconceptions.contains("href=\"13-refcount/index.html#13-refcount-claims-"), "{misconceptions}");
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
const QUESTION: &str = r#"
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
fn the_right_prediction_is_the_recorded_one() {
    let copy = Copy::new();
    let quiz = "lessons/13-refcount/quiz.toml";
    copy.add(quiz, QUESTION);
    copy.build();
    let page = fs::read_to_string(copy.file("target/book/13-refcount/questions.html")).expect("the page");
    let answer = page.split("id=\"refcount-broken\"").nth(1).expect("the question");
    assert!(answer.contains("A is right.</strong>") && answer.contains("B is wrong.</strong>"), "{answer}");
    copy.replace(quiz, "text = \"ENOENT\", why = \"w\"", "text = \"EACCES\", why = \"w\"");
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
fn a_lab_has_a_page_which_its_chapter_links() {
    let copy = Copy::new();
    copy.build();
    let page = |name: &str| fs::read_to_string(copy.file("target/book").join(name)).expect(name);
    let lab = page("12-permissions/labs/exact-mode/index.html");
    for part in ["PROGRAM /NAME MODE", "bit beyond the mode", "Hint 1 of 3", "watch exact-mode", "rust, c"] {
        assert!(lab.contains(part), "{part} is not in {lab}");
    }
    let chapter = page("12-permissions/index.html");
    let (main, _) = chapter.split_once("</main>").expect("a main part");
    let (_, make) = main.split_once("id=\"make\"").expect("a section Make");
    assert!(make.contains("href=\"labs/exact-mode/index.html\""), "{make}");
}

#[test]
fn a_chapter_that_links_its_labs_itself_is_not_changed() {
    let copy = Copy::new();
    copy.add("lessons/12-permissions/README.md", "[The lab](labs/exact-mode/README.md)");
    copy.build();
    let page = fs::read_to_string(copy.file("target/book/12-permissions/index.html")).expect("a page");
    assert!(page.contains("labs/exact-mode/index.html\">The lab") && !page.contains("id=\"make\""), "{page}");
}

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
fn an_unknown_claim_or_a_dead_link_in_a_labs_task_stops_the_build() {
    let task = format!("{LAB}/README.md");
    let copy = Copy::new();
    let line = copy.add(&task, "See `permissions/the-moon-is-a-queue`.");
    copy.stops(&[&format!("{task}:{line}"), "permissions/the-moon-is-a-queue"]);
    let copy = Copy::new();
    let line = copy.add(&task, "[the moon](moon.md)");
    copy.stops(&[&format!("{task}:{line}"), "the link to moon", "leads nowhere"]);
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
fn a_dead_link_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add(CHAPTER, "[the moon](moon.md)");
    copy.stops(&[&format!("{CHAPTER}:{line}"), "the link to moon", "leads nowhere"]);
}

#[test]
fn a_link_to_a_missing_heading_stops_the_build() {
    let copy = Copy::new();
    let line = copy.add(CHAPTER, "[the moon](../14-persistence/README.md#the-moon)");
    copy.stops(&[&format!("{CHAPTER}:{line}"), "#the-moon", "leads nowhere"]);
}

#[test]
fn an_unresolved_directive_stops_the_build() {
    // mdBook and the workbook do not know these directives, and a lab cannot show the misconceptions.
    let task = format!("{LAB}/README.md");
    for (page, directive) in [
        (CHAPTER, "{{#anything}}"),
        ("lessons/glossary.md", "{{#include calls.md}}"),
        (&task, "{{#misconceptions}}"),
    ] {
        let copy = Copy::new();
        let line = copy.add(page, &format!("So it is.{directive}"));
        copy.stops(&[&format!("{page}:{line}"), directive, "is not resolved"]);
    }
}

#[test]
fn the_misconceptions_on_their_own_page_lead_to_the_claims() {
    let copy = Copy::new();
    copy.build();
    let page = fs::read_to_string(copy.file("target/book/what-the-tutorials-say.html")).expect("a page");
    assert!(page.contains("<a class=\"claim\" href=\"13-refcount/claims.html#refcount/"), "{page}");
}

#[test]
fn a_missing_page_of_the_summary_stops_the_build() {
    let copy = Copy::new();
    copy.add("lessons/SUMMARY.md", "- [The moon](moon.md)");
    copy.stops(&["moon.md"]);
}

#[test]
fn a_link_to_an_old_identifier_still_leads_to_its_claim() {
    let copy = Copy::new();
    let claims = "lessons/13-refcount/claims.toml";
    copy.replace(
        claims,
        "a-new-queue-has-one-name = { ",
        "a-new-queue-has-one-name = { formerly = [\"a-queue-is-born-named\"], ",
    );
    copy.build();
    let page = fs::read_to_string(copy.file("target/book/13-refcount/claims.html")).expect("a page");
    let (_, row) = page.split_once("<tr id=\"refcount/a-new-queue-has-one-name\">").expect("its row");
    let (row, _) = row.split_once("</tr>").expect("the end of the row");
    assert!(row.contains("id=\"refcount/a-queue-is-born-named\""), "{row}");
}
