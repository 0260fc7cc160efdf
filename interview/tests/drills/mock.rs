//! The mock interview, through pipes.

use crate::common::*;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::time::Duration;

/// Passes every question.
const PASS: &str = "s\ns\ns\ns\ns\n";

/// Holds a whole interview with the bank, as a program that types these lines.
fn held(name: &str, args: &[&str], lines: &str) -> (Folder, Vec<Value>) {
    answered(name, &[&["mock"], args].concat(), lines)
}

fn ids(events: &[Value]) -> Vec<String> {
    let questions = named(events, "question");
    questions.into_iter().map(|question| question["id"].as_str().expect("an id").into()).collect()
}

#[test]
fn a_seed_repeats_the_questions_in_the_same_order() {
    let (_, first) = held("seed-1", &["--seed", "3"], PASS);
    let (_, again) = held("seed-2", &["--seed", "3"], PASS);
    assert_eq!(ids(&first).len(), 5, "all questions must be asked");
    assert_eq!(first[0], json!({ "event": "interview", "minutes": 20.0, "level": null, "seed": 3 }));
    let asked = |events: &[Value]| -> Vec<Value> {
        let questions = named(events, "question").into_iter().cloned();
        questions
            .map(|mut question| {
                question["seconds_left"] = json!(0);
                question
            })
            .collect()
    };
    assert_eq!(asked(&first), asked(&again));
    let others = (4..12).map(|n| held(&format!("seed-{n}"), &["--seed", &n.to_string()], PASS).1);
    assert!(others.into_iter().any(|other| ids(&other) != ids(&first)), "all seeds ask the same");
}

#[test]
fn topics_and_kinds_are_mixed() {
    let folder = Folder::new("turns");
    std::fs::create_dir_all(folder.join("91-x")).expect("a folder");
    let question = |n: usize| {
        let (topic, kind) =
            (["a", "a", "a", "b", "c"][n % 5], if n.is_multiple_of(10) { "order" } else { "choice" });
        let task = match kind {
            "order" => "steps = [\"1\", \"2\", \"3\"]\nwhy = \"w\"\n",
            _ => "options = [{ text = \"r\", why = \"w\", right = true }, { text = \"s\", why = \"w\" }]\n",
        };
        format!(
            "[[question]]\nid = \"q{n}\"\ntopic = \"{topic}\"\nlevel = \"mid\"\nkind = \"{kind}\"\nquestion = \"?\"\n\
             run = \"refcount_demo\"\nclaims = []\n{task}"
        )
    };
    let quiz: String = (0..30).map(question).collect();
    std::fs::write(folder.join("91-x/quiz.toml"), quiz).expect("written");
    let lessons = folder.display().to_string();
    for seed in ["1", "2", "3", "4"] {
        let args = ["mock", "--format", "json", "--lessons", &lessons, "--seed", seed];
        let (stdout, _) = typed(&mut interview(&folder, &args), "s\ns\ns\ns\ns\nq\n", 0);
        let events = events_in(&stdout);
        let asked = &named(&events, "question")[..5];
        let of = |key: &str, value: &str| asked.iter().filter(|question| question[key] == value).count();
        assert!(["a", "b", "c"].into_iter().all(|topic| of("topic", topic) >= 1), "{asked:?}");
        assert!(
            of("kind", "order") >= 1,
            "order is a tenth of the bank, but none of five questions: {asked:?}"
        );
    }
}

#[test]
fn an_interviewer_asks_follow_ups_and_discusses_nothing() {
    let (_, events) = held("follows", &["--level", "junior"], "a\na\n");
    assert_eq!(ids(&events), ["drill-choice", "drill-predict"], "the follow-up may have another level");
    let follow_up = named(&events, "question")[1];
    assert_eq!(follow_up["follow_up"], "And for a process that opens it later?");
    let before_report = &events[..events.len() - 1];
    let gives_away = before_report.iter().any(|event| event.get("why").or(event.get("right")).is_some());
    assert!(!gives_away, "{before_report:?}");
    let folder = Folder::new("follows-text");
    let (stdout, _) = typed(&mut drills(&folder, &["mock", "--level", "junior"]), "a\na\n", 0);
    let (interview, report) = stdout.split_once(" right, in ").expect("a report");
    assert!(interview.contains("And for a process that opens it later?"), "{interview}");
    for word in ["Right.", "Wrong.", "(your answer)", "prove", "asked again"] {
        assert!(!interview.contains(word), "{word}: {interview}");
    }
    assert!(report.contains("topic"), "{report}");
}

#[test]
fn the_report_names_wrong_answers_and_lessons_to_run() {
    // Of the two questions of this level, answer one wrongly and one rightly.
    let begins_with_the_bug = |seed: &u64| {
        let args = ["--level", "senior", "--seed", &seed.to_string()];
        ids(&held(&format!("begins-{seed}"), &args, "q\n").1)[0] == "drill-bug"
    };
    let seed = (0..20).find(begins_with_the_bug).expect("a seed").to_string();
    for (lines, id, key, run, topic) in [
        ("3\n\nabc\n", "drill-bug", "14", "cargo run -- run 91-drill", "names"),
        ("14\n\n\n", "drill-explain", "abc", "cargo run --bin refcount_demo", "lives"),
    ] {
        let (folder, events) = held(&format!("report-{id}"), &["--level", "senior", "--seed", &seed], lines);
        let report = named(&events, "report")[0];
        assert_eq!((&report["asked"], &report["right"]), (&json!(2), &json!(1)), "{report}");
        let missed = report["missed"].as_array().expect("missed");
        assert_eq!(missed.len(), 1, "{report}");
        assert_eq!((&missed[0]["id"], &missed[0]["key"]), (&json!(id), &json!(key)));
        assert!(missed[0].get("why").or(missed[0].get("points")).is_some(), "{report}");
        assert_eq!(report["weak"], json!([{ "topic": topic, "run": [run] }]));
        let right = |list: &str| -> Vec<u64> {
            let sums = report[list].as_array().expect("sums").iter();
            sums.map(|sum| sum["right"].as_u64().expect("a number")).collect()
        };
        assert_eq!((right("kinds").iter().sum::<u64>(), right("topics").iter().sum::<u64>()), (1, 1));
        assert_eq!(grades(&folder, id), ["again"], "the answer must be stored like any other");
    }
}

#[test]
fn the_report_as_text_names_the_lesson_and_the_reason() {
    let folder = Folder::new("words");
    let (stdout, _) = typed(&mut drills(&folder, &["mock", "--level", "junior", "--seed", "1"]), "s\ns\n", 0);
    let said = stdout.split("0 of 2 right, in ").nth(1).expect("a report");
    let turns: Vec<Vec<&str>> =
        said.lines().skip(2).take(2).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(turns, [["drill-choice", "passed", "0", "s"], ["drill-predict", "passed", "0", "s"]]);
    let report = stdout.split("To work on:").nth(1).expect("weak topics");
    assert!(report.contains("names\n      cargo run --bin refcount_demo\n"), "{report}");
    assert!(report.contains("drill-choice · ") && report.contains("passed"), "{report}");
    assert!(report.contains("The queue exists as long as a process has it open."), "{report}");
    assert!(!folder.join("state.json").exists(), "questions that were passed must not be stored");
}

#[test]
fn questions_that_cannot_be_seen_here_do_not_count() {
    let folder = Folder::new("mock-unseen");
    let change = |text: String| text.replace("\"ENOENT\"", "\"ENOTDIR\"");
    let args = ["mock", "--level", "junior", "--format", "json"];
    let (stdout, _) = typed(&mut drills_over(&folder, change, &args), "a\na\n", 0);
    let events = events_in(&stdout);
    let report = named(&events, "report")[0];
    assert_eq!(report["asked"], 1, "{report}");
    assert_eq!(report["unaskable"][0]["id"], "drill-predict");
    assert!(state(&folder)["questions"].get("drill-predict").is_none());
}

#[test]
fn no_question_is_asked_after_the_time_is_over() {
    let folder = Folder::new("over");
    let mut command = drills(&folder, &["mock", "--format", "json", "--minutes", "0.02"]);
    let mut child = started(&mut command);
    let mut keys = child.stdin.take().expect("a pipe");
    let mut screen = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let first = screen.nth(1).expect("a question").expect("a line");
    assert!(first.contains("\"question\""), "{first}");
    std::thread::sleep(Duration::from_millis(1300));
    // Passes the question, of whatever kind it is.
    keys.write_all(PASS.as_bytes()).expect("typed");
    let rest: Vec<String> = screen.map(|line| line.expect("a line")).collect();
    assert_eq!(child.wait().expect("the exit status").code(), Some(0));
    let events = events_in(&rest.join("\n"));
    assert_eq!(named(&events, "question").len(), 0, "{events:?}");
    let report = named(&events, "report")[0];
    assert!(report["seconds"].as_f64().is_some_and(|seconds| seconds >= 1.2), "{report}");
    assert!(report["questions"][0]["seconds"].as_f64().is_some_and(|seconds| seconds >= 1.2), "{report}");
}

#[test]
fn an_interruption_loses_no_answers() {
    for signal in [Signal::SIGINT, Signal::SIGKILL] {
        let folder = Folder::new(&format!("interrupted-{signal}"));
        let mut command = drills(&folder, &["mock", "--format", "json", "--level", "junior"]);
        let mut child = started(&mut command);
        child.stdin.as_mut().expect("a pipe").write_all(b"a\n").expect("typed");
        let mut screen = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let answered =
            |line: &Result<String, _>| line.as_ref().is_ok_and(|line| line.contains("\"answered\""));
        assert!(screen.any(|line| answered(&line)), "no event says that the answer is stored");
        let pid = i32::try_from(child.id()).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("kill");
        assert!(!child.wait().expect("the exit status").success());
        assert_eq!(grades(&folder, "drill-choice").len(), 1);
    }
}

#[test]
fn the_report_is_printed_when_input_ends() {
    let folder = Folder::new("mock-ends");
    let (stdout, stderr) = typed(&mut drills(&folder, &["mock", "--level", "junior"]), "a\n", 3);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("all answers so far are stored"), "{stderr}");
    assert!(stdout.contains(" of 1 right, in "), "{stdout}");
    assert_eq!(grades(&folder, "drill-choice").len(), 1);
}

#[test]
fn wrong_flags_are_usage_errors() {
    for (args, word) in [
        (["--minutes", "0"], "a number of minutes above 0"),
        (["--minutes", "-5"], "'-5'"),
        (["--minutes", "soon"], "a number of minutes above 0"),
        (["--minutes", "NaN"], "a number of minutes above 0"),
        (["--level", "boss"], "junior, mid, senior"),
        (["--seed", "x"], "--seed"),
    ] {
        let folder = Folder::new(&format!("flags-{}", args.join("")));
        let (stdout, stderr) = typed(&mut drills(&folder, &[&["mock"], &args[..]].concat()), "", 2);
        assert!(stdout.is_empty() && stderr.lines().count() == 1 && stderr.contains(word), "{stderr}");
    }
}
