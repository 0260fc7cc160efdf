//! The drills as a program uses them: through pipes, line by line.

use crate::common::*;
use serde_json::{Value, json};
use std::fs;

/// With these there is one question, drill-choice.
const CHOICE: [&str; 2] = ["--level", "junior"];

const RIGHT: &str = "The name.";

/// The first question that is asked now.
fn first(folder: &std::path::Path) -> Value {
    let (stdout, _) = typed(&mut drills(folder, &["--format", "json", "--level", "junior"]), "q\n", 0);
    events_in(&stdout).swap_remove(0)
}

#[test]
fn list_names_every_question_of_the_lessons() {
    let (stdout, _) = typed(&mut interview(&Folder::new("list"), &["list"]), "", 0);
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons");
    let mut ids = 0;
    for chapter in fs::read_dir(lessons).expect("lessons") {
        let quiz = chapter.expect("an entry").path().join("quiz.toml");
        for line in fs::read_to_string(quiz).unwrap_or_default().lines() {
            let Some(id) = line.strip_prefix("id = ") else { continue };
            assert!(stdout.contains(id.trim_matches('"')), "{id} is not among\n{stdout}");
            ids += 1;
        }
    }
    assert!(ids > 100);
    assert_eq!(stdout.lines().count(), ids);
}

#[test]
fn a_right_answer_is_stored_at_once_and_comes_again_later() {
    let folder = Folder::new("right");
    let question = first(&folder);
    let right = key(&question, "options", RIGHT);
    // The input ends right after the answer.
    let json = [&CHOICE[..], &["--format", "json"]].concat();
    let (stdout, stderr) = typed(&mut drills(&folder, &json), &format!("{right}\n"), 3);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("all answers so far are stored"), "{stderr}");
    let events = events_in(&stdout);
    assert_eq!(events[0], question, "the same order of options, as nothing was answered between");
    assert_eq!((&events[1]["event"], &events[1]["right"]), (&json!("answer"), &json!(true)));
    let whys = events[1]["options"].as_array().expect("options");
    assert!(whys.iter().all(|option| option["why"].as_str().is_some_and(|why| !why.is_empty())), "{stdout}");
    let record = state(&folder)["questions"]["drill-choice"].clone();
    assert_eq!(record["reviews"][0][1], "good");
    let wait = record["due"].as_i64().expect("due") - record["reviews"][0][0].as_i64().expect("a time");
    assert!(wait > 60_000, "due after {wait} ms");
    assert_eq!(first(&folder)["event"], "end", "nothing else is of this level");
}

#[test]
fn a_wrong_answer_comes_again_sooner_than_a_right_one() {
    let mut waits = Vec::new();
    for answer_right in [true, false] {
        let folder = Folder::new(if answer_right { "sooner-right" } else { "sooner-wrong" });
        let right = key(&first(&folder), "options", RIGHT);
        let wrong = if right == "a" { "b" } else { "a" };
        let key = if answer_right { &right } else { wrong };
        let (stdout, _) = typed(&mut drills(&folder, &CHOICE), &format!("{key}\n\nq\n"), 0);
        assert!(stdout.contains(if answer_right { "Right." } else { "Wrong." }), "{stdout}");
        assert!(stdout.contains("(your answer)") && !stdout.contains('\x1b'), "{stdout}");
        let record = state(&folder)["questions"]["drill-choice"].clone();
        waits.push(record["due"].as_i64().expect("due") - record["reviews"][0][0].as_i64().expect("a time"));
    }
    assert!(waits[0] > waits[1], "{waits:?}");
}

#[test]
fn what_has_been_due_longest_is_asked_first_and_new_ones_are_mixed_in() {
    let folder = Folder::new("due");
    let ago = |days: i64| json!({ "reviews": [[now() - days * DAY, "again"]] });
    let ids = ["drill-order", "drill-choice", "drill-bug"];
    store(&folder, &json!({ "schema": 1, "questions": { ids[0]: ago(3), ids[1]: ago(9), ids[2]: ago(6) } }));
    let (stdout, _) = typed(&mut drills(&folder, &["--format", "json", "--limit", "4"]), "s\ns\ns\ns\n", 0);
    let events = events_in(&stdout);
    let asked = named(&events, "question");
    let order: Vec<&str> = asked.iter().filter_map(|question| question["id"].as_str()).take(3).collect();
    assert_eq!(order, [ids[1], ids[2], ids[0]]);
    assert_eq!(asked[3]["reviews"], 0, "the fourth is new");
    let (stdout, _) = typed(&mut drills(&folder, &["--format", "json", "--new", "0"]), "s\ns\ns\n", 0);
    assert!(!stdout.contains("\"reviews\":0"), "{stdout}");
}

#[test]
fn skipping_stores_nothing_and_does_not_ask_again() {
    let folder = Folder::new("skipping");
    let (stdout, stderr) = typed(&mut drills(&folder, &["--limit", "2"]), "s\ns\n", 0);
    assert!(stderr.is_empty(), "{stderr}");
    assert!(stdout.contains("0 answered, 0 right"), "{stdout}");
    assert!(!folder.join("state.json").exists());
}

#[test]
fn what_only_looks_like_a_key_is_none() {
    let in_a_text = |text: String| {
        let asks = "question = \"\"\"\ntopic = \"decoy\"\nWhat does that say?\"\"\"\n";
        text.replacen("topic = \"names\"", &format!("{asks}topic = \"names\""), 1).replacen(
            "question = \"What does mq_unlink remove?\"\n",
            "",
            1,
        )
    };
    let folder = Folder::new("decoy");
    let args = ["--topic", "decoy", "--level", "junior"];
    let (_, stderr) = typed(&mut drills_over(&folder, in_a_text, &args), "q\n", 2);
    assert!(stderr.contains("no question has this topic and level"), "{stderr}");
    let lessons = folder.join("lessons").display().to_string();
    let args = ["--topic", "names", "--level", "junior", "--lessons", &lessons];
    let (stdout, _) = typed(&mut interview(&folder, &args), "q\n", 0);
    assert!(stdout.contains("What does that say?"), "{stdout}");
}

#[test]
fn an_import_keeps_the_reviews_of_both_sides() {
    let (here, there) = (Folder::new("here"), Folder::new("there"));
    let (shared, mine, theirs) = (now() - 9 * DAY, now() - 5 * DAY, now() - 3 * DAY);
    let id = "refcount-what-is-counted";
    let one = json!({ "schema": 1, "questions": { id: { "reviews": [[shared, "again"], [mine, "good"]] } } });
    let other = json!({ "schema": 1, "questions": {
        id: { "reviews": [[shared, "again"], [theirs, "good"]] },
        "refcount-unlink-while-open": { "reviews": [[theirs, "good"]] },
    } });
    store(&here, &one);
    store(&there, &other);
    let (exported, _) = typed(&mut interview(&there, &["export", "json"]), "", 0);
    let (said, _) = typed(&mut interview(&here, &["import", "-"]), &exported, 0);
    assert_eq!(said, "2 new answers\n");
    let merged = state(&here);
    let expected = json!([[shared, "again"], [mine, "good"], [theirs, "good"]]);
    assert_eq!(merged["questions"][id]["reviews"], expected);
    // Back again, both sides are the same, and once more changes nothing.
    let (exported, _) = typed(&mut interview(&here, &["export", "json"]), "", 0);
    typed(&mut interview(&there, &["import", "-"]), &exported, 0);
    assert_eq!(state(&there), merged);
    let (said, _) = typed(&mut interview(&here, &["import", "-"]), &exported, 0);
    assert_eq!(said, "0 new answers\n");
    assert_eq!(state(&here), merged);
    let (_, stderr) = typed(&mut interview(&here, &["import", "-"]), "no JSON", 3);
    assert!(stderr.contains("- is not an export of interview"), "{stderr}");
    assert_eq!(state(&here), merged);
}

#[test]
fn stats_count_retention_streak_and_topics() {
    let folder = Folder::new("stats");
    let today = now();
    let reviews = json!([[today - 2 * DAY, "again"], [today - DAY, "good"], [today, "again"]]);
    store(
        &folder,
        &json!({ "schema": 1, "questions": { "refcount-what-is-counted": { "reviews": reviews } } }),
    );
    let (stdout, _) = typed(&mut interview(&folder, &["stats", "--format", "json"]), "", 0);
    let stats: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!([&stats["retained"], &stats["asked_again"], &stats["streak"]], [1, 2, 3]);
    let topics = stats["topics"].as_array().expect("topics");
    let topic = topics.iter().find(|topic| topic["topic"] == "reference counts").expect("the topic");
    assert_eq!([&topic["seen"], &topic["answers"], &topic["right"]], [1, 3, 1]);
    let (text, _) = typed(&mut interview(&folder, &["stats"]), "", 0);
    assert!(text.contains("1 of 2 answers were right when asked again (50 %)"), "{text}");
    assert!(text.contains("3 days in a row"), "{text}");
}

#[test]
fn a_question_on_the_shell_is_proved_by_the_console_block_that_is_its_claim() {
    let folder = Folder::new("console");
    let ids = ["shell-names"];
    store(&folder, &json!({ "schema": 1, "questions": { ids[0]: { "reviews": [[now() - DAY, "again"]] } } }));
    let claims =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons/15-from-the-shell/README.md"));
    let (text, (shown, _)) =
        (claims.expect("the text"), typed(&mut interview(&folder, &["show", ids[0]]), "", 0));
    let claim =
        shown.split("claim  from-the-shell/").nth(1).and_then(|rest| rest.lines().next()).expect("a claim");
    let block = text.split(&format!("<!-- console: {claim} -->\n```console\n")).nth(1).expect("its block");
    let command = block.lines().next().expect("a command");
    let (stdout, stderr) = typed(&mut interview(&folder, &["--limit", "1"]), "a\np\nq\n", 0);
    assert!(stderr.is_empty(), "{stderr}");
    let proof = stdout.split("p to prove it").nth(1).expect("a proof");
    assert!(proof.contains(&format!("{command}\n")), "{command:?} is not in\n{proof}");
    let before =
        text.split("```console\n").nth(1).and_then(|rest| rest.lines().next()).expect("a first block");
    assert!(before == command || !proof.contains(before), "{before:?} is not its claim: {proof}");
    store(&folder, &json!({ "schema": 1, "questions": { ids[0]: { "reviews": [[now() - DAY, "again"]] } } }));
    let json = ["--limit", "1", "--format", "json"];
    let (stdout, _) = typed(&mut interview(&folder, &json), "a\np\nq\n", 0);
    let events = events_in(&stdout);
    let output = named(&events, "proof")[0]["output"].as_str().expect("its output");
    assert!(output.contains(command), "{command:?} is not in {output}");
}
