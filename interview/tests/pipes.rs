//! The drills as a program uses them: through pipes, line by line.

#![allow(unsafe_code)]

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// A folder of this test's own, empty, that goes with it. (Not in the target folder,
/// where an unprivileged user may not write.)
struct Scratch(PathBuf);

fn scratch(name: &str) -> Scratch {
    let folder = std::env::temp_dir().join(format!("interview-{}-{name}", std::process::id()));
    fs::create_dir(&folder).expect("a folder");
    Scratch(folder)
}

impl std::ops::Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn interview(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interview"));
    command.args(args).arg("--state").arg(folder.join("state.json"));
    command.env_remove("CLICOLOR_FORCE").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it with these lines typed, and demands the exit code.
fn typed(command: &mut Command, lines: &str, code: i32) -> (String, String) {
    let mut child = command.spawn().expect("interview");
    // It may end before it has read all.
    let _ = child.stdin.take().expect("a pipe").write_all(lines.as_bytes());
    let output: Output = child.wait_with_output().expect("its end");
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{command:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}");
    (stdout, stderr)
}

fn events(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn state(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("state.json")).expect("a state")).expect("JSON")
}

fn store(folder: &Path, state: &Value) {
    fs::write(folder.join("state.json"), state.to_string()).expect("written");
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("before the year 292 million")
}

const DAY: i64 = 86_400_000;

/// The key of the right option, from the bank itself.
fn right_key(folder: &Path, question: &Value) -> String {
    let id = question["id"].as_str().expect("an id");
    let (shown, _) = typed(&mut interview(folder, &["show", id, "--format", "json"]), "", 0);
    let whole: Value = serde_json::from_str(&shown).expect("JSON");
    let options = whole["options"].as_array().expect("options");
    let text = &options.iter().find(|option| option["right"] == true).expect("a right one")["text"];
    let offered = question["options"].as_array().expect("options");
    let key = &offered.iter().find(|option| option["text"] == *text).expect("it is offered")["key"];
    key.as_str().expect("a key").into()
}

/// The first question that is asked now.
fn first(folder: &Path) -> Value {
    let (stdout, _) = typed(&mut interview(folder, &["--format", "json"]), "q\n", 0);
    events(&stdout).swap_remove(0)
}

#[test]
fn list_names_every_question_of_the_lessons() {
    let (stdout, _) = typed(&mut interview(&scratch("list"), &["list"]), "", 0);
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
    let folder = scratch("right");
    let question = first(&folder);
    let key = right_key(&folder, &question);
    // The input ends right after the answer.
    let (stdout, stderr) = typed(&mut interview(&folder, &["--format", "json"]), &format!("{key}\n"), 3);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("every answer that was given is stored"), "{stderr}");
    let events = events(&stdout);
    assert_eq!(events[0], question, "the same order of options, as nothing was answered between");
    assert_eq!((&events[1]["event"], &events[1]["right"]), (&json!("answer"), &json!(true)));
    let whys = events[1]["options"].as_array().expect("options");
    assert!(whys.iter().all(|option| option["why"].as_str().is_some_and(|why| !why.is_empty())), "{stdout}");
    let record = state(&folder)["questions"][question["id"].as_str().expect("an id")].clone();
    assert_eq!(record["reviews"][0][1], "good");
    let wait = record["due"].as_i64().expect("due") - record["reviews"][0][0].as_i64().expect("a time");
    assert!(wait > 60_000, "due after {wait} ms");
    assert_ne!(first(&folder)["id"], question["id"]);
}

#[test]
fn a_wrong_answer_comes_again_sooner_than_a_right_one() {
    let mut waits = Vec::new();
    for answer_right in [true, false] {
        let folder = scratch(if answer_right { "sooner-right" } else { "sooner-wrong" });
        let question = first(&folder);
        let right = right_key(&folder, &question);
        let wrong = if right == "a" { "b" } else { "a" };
        let key = if answer_right { &right } else { wrong };
        let (stdout, _) = typed(&mut interview(&folder, &[]), &format!("{key}\n\nq\n"), 0);
        assert!(stdout.contains(if answer_right { "Right." } else { "Wrong." }), "{stdout}");
        assert!(stdout.contains("(your answer)") && !stdout.contains('\x1b'), "{stdout}");
        let record = state(&folder)["questions"][question["id"].as_str().expect("an id")].clone();
        waits.push(record["due"].as_i64().expect("due") - record["reviews"][0][0].as_i64().expect("a time"));
    }
    assert!(waits[0] > waits[1], "{waits:?}");
}

#[test]
fn what_has_been_due_longest_is_asked_first_and_new_ones_are_mixed_in() {
    let folder = scratch("due");
    let ago = |days: i64| json!({ "reviews": [[now() - days * DAY, "again"]] });
    let ids = ["refcount-what-is-counted", "refcount-close-versus-unlink", "refcount-unlink-while-open"];
    store(&folder, &json!({ "schema": 1, "questions": { ids[0]: ago(3), ids[1]: ago(9), ids[2]: ago(6) } }));
    let (stdout, _) =
        typed(&mut interview(&folder, &["--format", "json", "--limit", "5"]), "a\n\na\n\na\n\na\n\nq\n", 0);
    let events = events(&stdout);
    let asked: Vec<&Value> = events.iter().filter(|event| event["event"] == "question").collect();
    let order: Vec<&str> = asked.iter().filter_map(|question| question["id"].as_str()).take(3).collect();
    assert_eq!(order, [ids[1], ids[2], ids[0]]);
    assert_eq!(asked[3]["reviews"], 0, "the fourth is new");
    let (stdout, _) = typed(&mut interview(&folder, &["--format", "json", "--new", "0"]), "q\n", 0);
    assert!(!stdout.contains("\"reviews\":0"), "{stdout}");
}

#[test]
fn nonsense_is_asked_again_and_skipping_stores_nothing() {
    let folder = scratch("nonsense");
    let (stdout, stderr) = typed(&mut interview(&folder, &["--limit", "2"]), "7\ns\n\u{fffd}\nq\n", 0);
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    assert!(stderr.contains("\"7\" is none of a-"), "{stderr}");
    assert!(stdout.contains("0 answered, 0 right"), "{stdout}");
    assert!(!folder.join("state.json").exists());
}

#[test]
fn a_damaged_or_newer_file_is_set_aside_whole() {
    for (name, content, word) in [
        ("damaged", "{\"schema\":1,\"quest".to_string(), "is damaged"),
        ("newer", json!({ "schema": 7, "cards": [1] }).to_string(), "is of version 7"),
        ("newer-alike", json!({ "schema": 2, "questions": {} }).to_string(), "is of version 2"),
    ] {
        let folder = scratch(name);
        fs::write(folder.join("state.json"), &content).expect("written");
        let (_, stderr) = typed(&mut interview(&folder, &[]), "a\nq\n", 0);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(word), "{stderr}");
        let aside: Vec<PathBuf> = fs::read_dir(&*folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.to_string_lossy().contains(".aside-"))
            .collect();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(fs::read_to_string(&aside[0]).expect("text"), content);
        assert_eq!(state(&folder)["questions"].as_object().expect("questions").len(), 1);
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named_before_anything_is_asked() {
    let folder = scratch("read-only");
    fs::set_permissions(&*folder, fs::Permissions::from_mode(0o555)).expect("chmod");
    let mut command = interview(&folder, &[]);
    // SAFETY: one system call.
    unsafe {
        command.pre_exec(|| {
            // Root may write anywhere.
            let _ = nix::unistd::setresuid(65534.into(), 65534.into(), 65534.into());
            Ok(())
        });
    }
    let (stdout, stderr) = typed(&mut command, "a\n", 3);
    fs::set_permissions(&*folder, fs::Permissions::from_mode(0o755)).expect("chmod");
    assert!(stdout.is_empty(), "{stdout}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("cannot store answers in") && stderr.contains("--state FILE"), "{stderr}");
}

#[test]
fn a_clock_that_went_backwards_is_named_and_nothing_is_lost() {
    let folder = scratch("clock");
    let id = "refcount-what-is-counted";
    let future = now() + 30 * DAY;
    store(&folder, &json!({ "schema": 1, "questions": { id: { "reviews": [[future, "good"]] } } }));
    let (_, stderr) = typed(&mut interview(&folder, &[]), "a\nq\n", 0);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("the clock went backwards") && stderr.contains("30 days"), "{stderr}");
    let questions = state(&folder)["questions"].clone();
    assert_eq!(questions[id]["reviews"][0][0], future);
    assert_eq!(questions.as_object().expect("questions").len(), 2);
}

#[test]
fn what_is_malformed_is_named_with_file_and_line() {
    let whole = "[[question]]\nid = \"x\"\ntopic = \"t\"\nlevel = \"mid\"\nkind = \"choice\"\nquestion = \"?\"\n\
                 run = \"refcount_demo\"\nclaims = []\noptions = [{ text = \"a\", why = \"b\", right = true }]\n";
    for (n, (text, line, word)) in [
        (whole.replace("\"mid\"", "\"mid"), 5, "invalid basic string"),
        (whole.replace("topic = \"t\"\n", ""), 2, "topic"),
        (whole.replace("id = \"x\"\n", ""), 2, "no line id"),
        (whole.replace(", right = true", ""), 2, "exactly one right option"),
        (format!("{whole}{whole}"), 11, "stands at"),
        (format!("stray\n{whole}"), 2, "is no comment"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = scratch(&format!("malformed-{n}"));
        fs::create_dir_all(folder.join("91-x")).expect("a folder");
        fs::write(folder.join("91-x/quiz.toml"), format!("# A comment.\n{text}")).expect("written");
        let lessons = folder.display().to_string();
        let (_, stderr) = typed(&mut interview(&folder, &["list", "--lessons", &lessons]), "", 3);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            stderr.contains(&format!("91-x/quiz.toml:{line}: ")) && stderr.contains(word),
            "{n}: {stderr}"
        );
    }
}

#[test]
fn an_unknown_id_is_wrong_usage() {
    let (stdout, stderr) = typed(&mut interview(&scratch("unknown"), &["show", "nothing"]), "", 2);
    assert!(stdout.is_empty() && stderr.contains("there is no question \"nothing\""), "{stderr}");
}

#[test]
fn an_import_keeps_the_reviews_of_both_sides() {
    let (here, there) = (scratch("here"), scratch("there"));
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
    assert_eq!(said, "2 answers are new here\n");
    let merged = state(&here);
    let expected = json!([[shared, "again"], [mine, "good"], [theirs, "good"]]);
    assert_eq!(merged["questions"][id]["reviews"], expected);
    // Back again, both sides are the same, and once more changes nothing.
    let (exported, _) = typed(&mut interview(&here, &["export", "json"]), "", 0);
    typed(&mut interview(&there, &["import", "-"]), &exported, 0);
    assert_eq!(state(&there), merged);
    let (said, _) = typed(&mut interview(&here, &["import", "-"]), &exported, 0);
    assert_eq!(said, "0 answers are new here\n");
    assert_eq!(state(&here), merged);
    let (_, stderr) = typed(&mut interview(&here, &["import", "-"]), "no JSON", 3);
    assert!(stderr.contains("- is no export of interview"), "{stderr}");
    assert_eq!(state(&here), merged);
}

#[test]
fn two_sessions_on_one_file_lose_nothing() {
    let folder = scratch("two");
    let mut command = interview(&folder, &["--format", "json"]);
    let mut slow = command.spawn().expect("interview");
    let mut keys = slow.stdin.take().expect("a pipe");
    let mut screen = BufReader::new(slow.stdout.take().expect("a pipe"));
    // When it has asked, it has read the file; then the other session answers.
    screen.read_line(&mut String::new()).expect("a question");
    typed(&mut interview(&folder, &["--level", "senior"]), "a\nq\n", 0);
    keys.write_all(b"a\nq\n").expect("typed");
    screen.read_to_end(&mut Vec::new()).expect("the rest");
    assert_eq!(slow.wait().expect("its end").code(), Some(0));
    let questions = state(&folder)["questions"].clone();
    let reviews: usize = questions
        .as_object()
        .expect("questions")
        .values()
        .map(|record| record["reviews"].as_array().expect("reviews").len())
        .sum();
    assert_eq!(reviews, 2, "{questions}");
}

#[test]
fn stats_count_retention_streak_and_topics() {
    let folder = scratch("stats");
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
fn the_export_for_anki_has_a_stable_id_first_and_escapes_html() {
    let folder = scratch("anki");
    fs::create_dir_all(folder.join("91-x")).expect("a folder");
    let quiz = "[[question]]\nid = \"x-y\"\ntopic = \"two words\"\nlevel = \"mid\"\nkind = \"choice\"\n\
                question = \"Is 1 < 2\\t& \\\"so\\\"?\\nYes?\"\nrun = \"refcount_demo\"\nclaims = []\n\
                options = [{ text = \"<b>\", why = \"w\" }, { text = \"r\", why = \"v\", right = true }]\n";
    fs::write(folder.join("91-x/quiz.toml"), quiz).expect("written");
    let lessons = folder.display().to_string();
    let (stdout, _) = typed(&mut interview(&folder, &["export", "anki", "--lessons", &lessons]), "", 0);
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines.contains(&"#separator:tab") && lines.contains(&"#html:true"), "{stdout}");
    let fields: Vec<&str> = lines.last().expect("a note").split('\t').collect();
    assert_eq!(fields.len(), 4, "{fields:?}");
    assert_eq!(fields[0], "x-y");
    assert!(
        fields[1].starts_with("Is 1 &lt; 2 &amp; &quot;so&quot;?<br>Yes?<ul><li>&lt;b&gt;</li>"),
        "{fields:?}"
    );
    assert!(fields[2].starts_with("<b>r</b><br>v<ul><li>Not: &lt;b&gt;<br>w</li></ul>"), "{fields:?}");
    assert_eq!(fields[3], "ipc-workbook 91-x two-words mid choice");
}

#[test]
fn a_question_on_the_shell_is_proved_by_the_console_block_that_is_its_claim() {
    let folder = scratch("console");
    let ids = ["shell-names"];
    store(&folder, &json!({ "schema": 1, "questions": { ids[0]: { "reviews": [[now() - DAY, "again"]] } } }));
    let question = first(&folder);
    assert_eq!(question["id"], ids[0]);
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
}
