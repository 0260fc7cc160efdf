//! The proof of every question of the workbook: a lesson's claims hold, a console block prints what the
//! chapter shows, or a bug shows.

use crate::common::*;
use ipc_workbook_testing::bank::{Question, questions};
use ipc_workbook_testing::blocks::{Block, blocks, compare};
use ipc_workbook_testing::sample::{exhaustive, replay, sample};
use ipc_workbook_testing::user::User;
use serde_json::{Value, json};

/// The number of questions of each sort that one day proves. Each takes a second or more.
const A_DAY: usize = 1;

fn all_that(wanted: impl Fn(&Question) -> bool) -> Vec<Question> {
    questions().into_iter().filter(wanted).collect()
}

/// Returns whether the question is about a command of a console block.
fn is_on_the_shell(question: &Question) -> bool {
    let is_typed =
        |line: &str| line.strip_prefix("$ ").is_some_and(|line| line.starts_with(question.text("run")));
    question.kind() != "find-bug" && blocks().iter().any(|block| block.text.lines().any(is_typed))
}

#[test]
fn questions_about_the_shell_are_proved() {
    prove_each(
        &sample(all_that(is_on_the_shell), "shell", A_DAY),
        by_blocks,
        "proofs::questions_about_the_shell_are_proved",
    );
}

#[test]
fn questions_about_lessons_are_proved() {
    let of_lessons = all_that(|question| question.kind() != "find-bug" && !is_on_the_shell(question));
    prove_each(
        &sample(of_lessons, "lessons", A_DAY),
        by_a_lesson,
        "proofs::questions_about_lessons_are_proved",
    );
}

#[test]
fn questions_about_bugs_are_proved() {
    let bugs = all_that(|question| question.kind() == "find-bug");
    prove_each(&sample(bugs, "bugs", A_DAY), by_its_bug, "proofs::questions_about_bugs_are_proved");
}

type Judge = fn(&Question, &[Value]) -> Result<(), String>;

fn prove_each(questions: &[Question], judge: Judge, name: &str) {
    assert!(!questions.is_empty());
    let wrong: Vec<String> = questions
        .iter()
        .filter_map(|question| {
            let (events, stderr) = proof(question);
            let proved = if stderr.is_empty() { judge(question, &events) } else { Err(stderr) };
            proved.err().map(|what| format!("{}: {what}", question.id()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}\nrepeat it with: {}", wrong.join("\n"), replay(name));
}

/// Returns the proof that p shows after an answer to this question, and the errors.
fn proof(question: &Question) -> (Vec<Value>, String) {
    let folder = Folder::new(&format!("proof-{}", question.id()));
    store(
        &folder,
        &json!({ "schema": 1, "questions": { question.id(): { "reviews": [[now() - DAY, "again"]] } } }),
    );
    let answer = match question.kind() {
        "order" => "abcdefg"[..question.texts("steps").len()].into(),
        "find-bug" => "1".to_string(),
        "explain" => "I see.\n".into(),
        _ => "a".into(),
    };
    let mut command = interview(&folder, &["--limit", "1", "--format", "json"]);
    if exhaustive() {
        without_cargo(&mut command); // cargo would be called twice for each of hundreds of questions
    }
    let (stdout, stderr) = typed(&mut command, &format!("{answer}\np\nq\n"), 0);
    // Without root some blocks cannot be run, and that is said.
    let complaints = stderr.lines().filter(|line| !line.contains("needs root and a second user"));
    (events_in(&stdout), complaints.collect())
}

/// Checks that the blocks that are the claims of the question print what the chapter shows.
fn by_blocks(question: &Question, events: &[Value]) -> Result<(), String> {
    let output =
        named(events, "proof").first().map_or("", |proof| proof["output"].as_str().unwrap_or_default());
    let claims = question.texts("claims");
    let claimed =
        |block: &Block| claims.contains(&&*block.claim) && (!block.as_root || User::all().len() == 2);
    let shown: String = blocks().into_iter().filter(claimed).map(|block| block.text).collect();
    compare(question.id(), output, &shown)
}

/// Checks that each claim of the question that this lesson makes holds in this run. There must be one, and
/// a prediction's own claim must be among them.
fn by_a_lesson(question: &Question, events: &[Value]) -> Result<(), String> {
    if !named(events, "unaskable").is_empty() {
        return Ok(()); // this machine cannot show the answer, so p is not offered
    }
    let claims = question.texts("claims");
    let made: Vec<&Value> = named(events, "claim")
        .into_iter()
        .filter(|claim| claims.contains(&claim["id"].as_str().unwrap_or_default()))
        .collect();
    if let Some(claim) = made.iter().find(|claim| claim["held"] == false) {
        return Err(claim.to_string());
    }
    let is_made = |id: &str| made.iter().any(|claim| claim["id"] == id);
    let wanted = question.text("claim");
    let proves = if wanted.is_empty() { !made.is_empty() } else { is_made(wanted) };
    if proves { Ok(()) } else { Err(format!("{} makes none of {claims:?}", question.text("run"))) }
}

/// Checks that the program prints one line with its bug, and the other with its fix.
fn by_its_bug(question: &Question, events: &[Value]) -> Result<(), String> {
    let Some(proof) = named(events, "proof").first().copied() else { return Err("nothing is run".into()) };
    for (output, line) in [("output", "shows"), ("fixed_output", "fixed_shows")] {
        let line = question.text(line);
        if !proof[output].as_str().is_some_and(|text| text.lines().any(|printed| printed == line)) {
            return Err(format!("no {line:?} in {}", proof[output]));
        }
    }
    Ok(())
}
