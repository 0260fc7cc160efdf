//! One question of each kind, through pipes: it is asked, answered rightly and wrongly, graded, discussed
//! and proved.

use crate::common::*;
use serde_json::{Value, json};

/// The flags that select one question of the bank.
const PREDICT: [&str; 4] = ["--topic", "names", "--level", "mid"];
const ORDER: [&str; 4] = ["--topic", "lives", "--level", "mid"];
const BUG: [&str; 4] = ["--topic", "names", "--level", "senior"];
const EXPLAIN: [&str; 4] = ["--topic", "lives", "--level", "senior"];

/// The steps of the drill's question, in order.
const STEPS: [&str; 4] =
    ["It is created.", "Its name is removed.", "It delivers its last message.", "It is destroyed."];

#[test]
fn the_right_prediction_is_the_kernels_result() {
    let (_, asked) = answered("predict-asked", &PREDICT, "q\n");
    assert!(asked[0].get("key").is_none() && asked[0]["options"][0].get("right").is_none(), "{}", asked[0]);
    for (text, grade) in [("ENOENT", "good"), ("EBADF", "again")] {
        let typed = format!("{}\n\n", key(&asked[0], "options", text));
        let (folder, events) = answered(&format!("predict-{grade}"), &PREDICT, &typed);
        let answer = named(&events, "answer")[0];
        assert_eq!(answer["grade"], grade);
        let right =
            answer["options"].as_array().expect("options").iter().filter(|option| option["right"] == true);
        let right: Vec<&Value> = right.map(|option| &option["text"]).collect();
        assert_eq!(right, ["ENOENT"], "{answer}");
        assert!(answer["sentence"].as_str().is_some_and(|sentence| sentence.contains("at once")), "{answer}");
        assert_eq!(grades(&folder, "drill-predict"), [grade]);
    }
}

#[test]
fn questions_that_cannot_be_seen_here_are_not_asked_or_counted() {
    type Change = (&'static str, &'static str, &'static str);
    let changes: [Change; 4] = [
        ("\"ENOENT\"", "\"ENOTDIR\"", "gets ENOENT here, which is none of the options"),
        (
            "refcount/mq_unlink-removes-the-name-at-once",
            "refcount/nothing",
            "does not claim refcount/nothing",
        ),
        ("run = \"refcount_demo\"", "run = \"ls /dev\"", "is not a lesson"),
        ("run = \"refcount_demo\"", "run = \"refcount_demo --no-such-flag\"", "cannot run"),
    ];
    for (n, (from, to, why)) in changes.into_iter().enumerate() {
        let folder = Folder::new(&format!("unseen-{n}"));
        let change = |text: String| text.replace(from, to);
        let mut practice = drills_over(&folder, change, &PREDICT);
        let (stdout, stderr) = typed(&mut practice, "a\n", 0);
        assert!(stdout.contains("cannot be asked here and does not count"), "{stdout}{stderr}");
        let said = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{why}: {stdout}");
        assert!(stdout.contains("0 answered, 0 right"), "{stdout}");
        assert!(!folder.join("state.json").exists(), "the question must not be rescheduled");
        let lessons = folder.join("lessons").display().to_string();
        let (stdout, _) =
            typed(&mut interview(&folder, &["show", "drill-predict", "--lessons", &lessons]), "", 0);
        assert!(stdout.contains("cannot be determined here") && !stdout.contains("  right  "), "{stdout}");
        let (stdout, stderr) =
            typed(&mut interview(&folder, &["export", "anki", "--lessons", &lessons]), "", 0);
        assert!(!stdout.contains("drill-predict") && stdout.contains("drill-order"), "{stdout}");
        assert!(stderr.contains("no note for drill-predict"), "{stderr}");
    }
}

#[test]
fn steps_are_shuffled_and_only_one_order_is_right() {
    let (_, asked) = answered("order-asked", &ORDER, "q\n");
    let keys = STEPS.map(|step| key(&asked[0], "steps", step));
    assert_ne!(keys.concat(), "abcd", "the steps are shown in the right order");
    let backwards: Vec<&str> = keys.iter().rev().map(String::as_str).collect();
    for (n, (typed, grade)) in [
        (keys.concat(), "good"),
        (keys.join(" "), "good"),
        (keys.join(" ,"), "good"),
        (backwards.concat(), "again"),
    ]
    .into_iter()
    .enumerate()
    {
        let (folder, events) = answered(&format!("order-{n}"), &ORDER, &format!("{typed}\n\n"));
        let answer = named(&events, "answer")[0];
        assert_eq!((&answer["grade"], &answer["key"]), (&json!(grade), &json!(keys.concat())));
        assert_eq!(grades(&folder, "drill-order"), [grade]);
    }
    let folder = Folder::new("order-text");
    let (stdout, _) = typed(&mut drills(&folder, &ORDER), &format!("{}\nq\n", backwards.concat()), 0);
    assert!(stdout.contains("Wrong.") && stdout.contains("It is created. (your place: 4)"), "{stdout}");
    assert!(stdout.contains("A queue is destroyed when"), "{stdout}");
}

#[test]
fn steps_are_never_shown_in_the_right_order() {
    let folder = Folder::new("order-often");
    let three = |text: String| text.replace("\"It delivers its last message.\", ", "");
    drills_over(&folder, three, &[]);
    let lessons = folder.join("lessons").display().to_string();
    // One of the six orders is the right one, and each time has an order of its own.
    let orders: Vec<Vec<String>> = (1..30)
        .map(|times| {
            let reviews: Vec<Value> = (0..times).map(|n| json!([now() - 90 * DAY + n, "again"])).collect();
            store(&folder, &json!({ "schema": 2, "questions": { "drill-order": { "reviews": reviews } } }));
            let args = [&ORDER[..], &["--format", "json", "--lessons", &lessons]].concat();
            let (stdout, _) = typed(&mut interview(&folder, &args), "q\n", 0);
            let asked = events_in(&stdout).swap_remove(0);
            ["It is created.", "Its name is removed.", "It is destroyed."]
                .map(|step| key(&asked, "steps", step))
                .to_vec()
        })
        .collect();
    assert!(orders.iter().all(|keys| keys.concat() != "abc"), "{orders:?}");
    assert!(orders.iter().any(|keys| *keys != orders[0]), "the order is always the same: {orders:?}");
}

#[test]
fn the_line_with_the_bug_is_right_and_a_run_proves_the_bug() {
    let (_, asked) = answered("bug-asked", &BUG, "q\n");
    let lines = asked[0]["lines"].as_array().expect("lines");
    let wrong = 1 + lines.iter().position(|line| line == "\tmq_unlink(NAME);").expect("the line");
    assert!(!asked[0].to_string().contains("BUG"), "the mark is shown: {}", asked[0]);
    let (folder, events) = answered("bug-right", &BUG, &format!("{wrong}\np\n\n"));
    let answer = named(&events, "answer")[0];
    assert_eq!((&answer["right"], &answer["key"]), (&json!(true), &json!(wrong.to_string())));
    let proof = named(&events, "proof")[0];
    assert_eq!(proof["output"], "client: ENOENT\n", "{proof}");
    assert_eq!(proof["fixed_output"], "client: connected\n", "{proof}");
    assert_eq!(grades(&folder, "drill-bug"), ["good"]);
    let folder = Folder::new("bug-wrong");
    let (stdout, _) = typed(&mut drills(&folder, &BUG), "1\np\nq\n", 0);
    assert!(stdout.contains("Wrong.") && stdout.contains("(your answer: 1)"), "{stdout}");
    assert!(stdout.contains("the client needs the name") && !stdout.contains("BUG"), "{stdout}");
    let proof = stdout.split("with the bug:").nth(1).expect("a proof");
    let (with, without) = proof.split_once("with the fix:").expect("both");
    assert!(with.contains("client: ENOENT") && without.contains("client: connected"), "{proof}");
    assert_eq!(grades(&folder, "drill-bug"), ["again"]);
}

#[test]
fn a_program_that_does_not_compile_or_end_does_not_end_the_session() {
    for (name, fix, said) in [
        ("compile", "no_such_thing();", "interview: fixed.c does not compile: "),
        ("wait", "extern int pause(void); for (;;) pause();", "did not end within 5 s"),
    ] {
        let folder = Folder::new(&format!("bug-{name}"));
        let change = |text: String| text.replace("/* the client needs the name */", fix);
        let (stdout, stderr) = typed(&mut drills_over(&folder, change, &BUG), "1\np\nq\n", 0);
        assert!(stdout.contains("1 answered"), "{stdout}");
        assert!(format!("{stdout}{stderr}").contains(said), "{said}: {stdout}{stderr}");
    }
}

#[test]
fn without_a_compiler_the_reason_is_shown_in_place_of_the_bug() {
    let folder = Folder::new("no-cc");
    let (stdout, stderr) = typed(drills(&folder, &BUG).env("PATH", "/nowhere"), "14\np\nq\n", 0);
    assert!(
        stderr.contains("cannot run the C compiler cc") && stdout.contains("1 right"),
        "{stdout}{stderr}"
    );
}

#[test]
fn a_proof_is_events_too_with_format_json() {
    let folder = Folder::new("proof");
    let (stdout, _) = typed(&mut drills(&folder, &["--level", "junior", "--format", "json"]), "a\np\n\n", 0);
    let of_the_lesson = events_in(&stdout);
    assert!(named(&of_the_lesson, "claim").iter().all(|claim| claim["held"] == true), "{stdout}");
    assert!(named(&of_the_lesson, "claim").len() > 5, "{stdout}");
}

#[test]
fn an_explanation_is_graded_by_its_points() {
    for (points, grade) in [("", "again"), ("b", "again"), ("a c", "good"), ("cab", "easy")] {
        let lines = format!("It lives as long as something needs it.\n{points}\n\n");
        let (folder, events) = answered(&format!("explain-{}", points.replace(' ', "_")), &EXPLAIN, &lines);
        let asked = named(&events, "question")[0].to_string();
        assert!(!asked.contains("open file description"), "the points are shown before the answer: {asked}");
        let shown = named(&events, "points")[0]["points"].as_array().expect("points");
        assert_eq!(shown.len(), 3);
        let answer = named(&events, "answer")[0];
        assert_eq!((&answer["grade"], &answer["key"]), (&json!(grade), &json!("abc")));
        assert!(answer["points"][0]["claim"].as_str().is_some_and(|claim| claim.starts_with("refcount/")));
        assert_eq!(grades(&folder, "drill-explain"), [grade]);
    }
    // Half of the points is hard, two thirds are good, and all are easy.
    for (points, named, grade) in [
        (4, "a", "again"),
        (4, "bd", "hard"),
        (4, "acd", "good"),
        (4, "abcd", "easy"),
        (5, "ab", "again"),
        (5, "abc", "hard"),
        (5, "abcd", "good"),
    ] {
        let with_more = |text: String| {
            let claim = "refcount/fork-adds-no-open-file-description";
            let more = (3..points).map(|n| format!("  {{ text = \"More: {n}.\", claim = \"{claim}\" }},\n"));
            let text = text.trim_end().strip_suffix(']').expect("the end of the points");
            text.to_string() + &more.collect::<String>() + "]\n"
        };
        let folder = Folder::new(&format!("explain-{points}-{named}"));
        typed(&mut drills_over(&folder, with_more, &EXPLAIN), &format!("\n{named}\nq\n"), 0);
        assert_eq!(grades(&folder, "drill-explain"), [grade], "{named} of {points}");
    }
}

#[test]
fn an_id_is_shown_only_after_the_answer() {
    let folder = Folder::new("id-later");
    let (stdout, _) = typed(&mut drills(&folder, &["--level", "junior"]), "a\nq\n", 0);
    let (asked, discussed) = stdout.split_once("q to stop: ").expect("a prompt");
    assert!(!asked.contains("drill-choice") && discussed.contains("drill-choice"), "{stdout}");
    let (stdout, _) = typed(&mut drills(&folder, &["mock", "--minutes", "1"]), "q\n", 0);
    assert!(!stdout.contains("drill-"), "{stdout}");
}

#[test]
fn the_follow_up_is_asked_on_request() {
    let folder = Folder::new("follow-up");
    let flags = ["--level", "junior", "--format", "json"];
    let (stdout, _) = typed(&mut drills(&folder, &flags), "a\nf\ns\n", 0);
    let events = events_in(&stdout);
    let asked: Vec<&Value> = named(&events, "question").into_iter().map(|event| &event["id"]).collect();
    assert_eq!(asked, ["drill-choice", "drill-predict"], "the follow-up of another level must be asked");
    let (stdout, _) = typed(&mut drills(&Folder::new("follow-up-text"), &["--level", "junior"]), "a\nq\n", 0);
    assert!(stdout.contains("f for the follow-up (And for a process that opens it later?)"), "{stdout}");
}

#[test]
fn after_nonsense_the_question_is_repeated_and_nothing_is_stored() {
    for (flags, nonsense, complaint) in [
        (
            &["--level", "junior"][..],
            "7\n\u{fffd}\nab\n\n",
            "\"7\" is not an answer; type one letter of a-c, s or q",
        ),
        (&PREDICT, "e\n", "\"e\" is not an answer; type one letter of a-c, s or q"),
        (&ORDER, "abc\nabcc\nabcde\nf\n\n", "\"abcc\" is not an order; type each of a-d once"),
        (&BUG, "0\n99\n-1\nb\n\n", "\"99\" is not a line; type a number of 1-20, s or q"),
        (&EXPLAIN, "a thought\nd\naa\n", "\"aa\" is not a choice; type some letters of a-c, each once"),
    ] {
        let folder = Folder::new(&format!("nonsense-{}", flags.join("")));
        let (stdout, stderr) = typed(&mut drills(&folder, flags), &format!("{nonsense}q\n"), 0);
        assert!(stderr.contains(complaint), "{stderr}");
        assert!(stdout.contains("0 answered"), "{stdout}");
        assert!(!folder.join("state.json").exists());
    }
}

#[test]
fn input_that_ends_early_loses_nothing() {
    for (flags, lines, stored) in [
        (&ORDER[..], "", false),
        (&BUG, "", false),
        (&EXPLAIN, "", false),
        (&EXPLAIN, "an answer\n", false),
        (&EXPLAIN, "an answer\na\n", true),
        (&PREDICT, "a\n", true),
        (&BUG, "3\np\n", true),
    ] {
        let folder = Folder::new(&format!("ends-{}-{}", flags.join(""), lines.len()));
        let (_, stderr) = typed(&mut drills(&folder, flags), lines, 3);
        assert!(stderr.contains("standard input has ended; all answers so far are stored"), "{stderr}");
        assert_eq!(folder.join("state.json").exists(), stored, "{flags:?} {lines:?}");
    }
}

#[test]
fn show_prints_the_answer_of_each_kind() {
    let folder = Folder::new("show");
    for (id, texts) in [
        (
            "drill-choice",
            ["  right  a  The name.", "  wrong  b  ", "claim  refcount/a-nameless-queue-still-delivers"],
        ),
        ("drill-predict", ["  wrong  a  EBADF", "  right  b  ENOENT", "The name is removed at once"]),
        (
            "drill-order",
            ["  1  a  It is created.", "  4  d  It is destroyed.", "then   Show me on paper. (drill-bug)"],
        ),
        (
            "drill-bug",
            ["line 14     mq_unlink(NAME);", "should be   /* the client needs", "proof  bugs/early_unlink"],
        ),
        ("drill-explain", ["point   a  Its name.", "point   c  Nothing", "claim  refcount/the-last-close"]),
    ] {
        let (stdout, _) = typed(&mut drills(&folder, &["show", id]), "", 0);
        assert!(texts.iter().all(|text| stdout.contains(text)), "{texts:?}: {stdout}");
        assert!(!stdout.contains("BUG") && stdout.contains("from   our own"), "{stdout}");
        let (stdout, _) = typed(&mut drills(&folder, &["show", id, "--format", "json"]), "", 0);
        let shown: Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(shown["id"], id);
        assert!(shown["key"].as_str().is_some_and(|key| !key.is_empty()), "{stdout}");
    }
}

#[test]
fn list_contains_every_kind() {
    let folder = Folder::new("list-kinds");
    let (stdout, _) = typed(&mut drills(&folder, &["list", "--format", "json"]), "", 0);
    let listed = events_in(&stdout);
    let kinds: Vec<&Value> = listed.iter().map(|question| &question["kind"]).collect();
    assert_eq!(kinds, ["choice", "predict", "order", "find-bug", "explain"]);
    assert!(
        listed[1]["options"][0].get("right").is_none(),
        "the answer is shown without a run: {}",
        listed[1]
    );
    assert_eq!((&listed[2]["steps"][0], &listed[3]["line"]), (&json!(STEPS[0]), &json!(14)));
    let (stdout, _) = typed(&mut drills(&folder, &["list"]), "", 0);
    assert!(stdout.contains("find-bug names"), "{stdout}");
}
