//! The questions: each is complete, there are enough of each kind, none gives its answer away, and no id
//! is reused. claims.rs tests that their claims hold and that predictions match the kernel. bugs.rs tests
//! the programs with bugs.

use ipc_workbook_testing::bank::{Offer, Question, given_away, parsed, questions, text};
use ipc_workbook_testing::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use toml::Table;

const KINDS: [&str; 5] = ["choice", "predict", "order", "find-bug", "explain"];
const LEVELS: [&str; 3] = ["junior", "mid", "senior"];

#[test]
fn there_are_150_questions_of_every_kind_and_level_and_ten_a_chapter() {
    let all = questions();
    assert!(all.len() >= 150, "there are only {}", all.len());
    let mut questions: BTreeMap<String, usize> = chapters(root()).iter().map(|it| (name(it), 0)).collect();
    for question in &all {
        *questions.entry(question.chapter()).or_default() += 1;
    }
    assert!(!questions.is_empty() && questions.values().all(|n| *n >= 10), "{questions:?}");
    let count = |key: &str, value: &str| all.iter().filter(|question| question.text(key) == value).count();
    let kinds = KINDS.map(|kind| (kind, count("kind", kind)));
    assert!(kinds.iter().all(|(_, n)| *n > 0), "{kinds:?}");
    let levels = LEVELS.map(|level| (level, count("level", level)));
    assert!(levels.iter().all(|(_, n)| *n > 0), "{levels:?}");
}

#[test]
fn every_question_is_complete() {
    let wrong: Vec<String> = questions().iter().flat_map(faults).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns what is wrong with a question.
fn faults(question: &Question) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{} in {}: {what}", question.id(), question.chapter()));
        }
    };
    for key in ["id", "topic", "source", "question", "run"] {
        demand(!question.text(key).is_empty(), &format!("the key {key} is missing"));
    }
    demand(LEVELS.contains(&question.text("level")), "level must be junior, mid or senior");
    demand(KINDS.contains(&question.kind()), "kind is not a kind of question");
    demand(!question.texts("claims").is_empty(), "claims is empty");
    demand(can_be_run(question), "run must be a lesson, a command of a console block, or the program");
    let options = question.tables("options");
    let differ = |texts: Vec<&str>| texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
    let texts = |tables: &[&Table]| tables.iter().map(|table| text(table, "text").to_string()).collect();
    let offered: Vec<String> = texts(&options);
    let of_options = ["choice", "predict"].contains(&question.kind());
    demand(
        of_options == (options.len() >= 3),
        "choice and predict need at least three options; other kinds have none",
    );
    demand(differ(offered.iter().map(String::as_str).collect()), "two options have the same text");
    demand(options.iter().all(|option| !text(option, "why").is_empty()), "an option has no why");
    let right = |option: &&&Table| option.get("right").is_some_and(|right| right.as_bool() == Some(true));
    let rights = options.iter().filter(right).count();
    match question.kind() {
        "choice" => {
            demand(rights == 1, "exactly one option must be right");
            let refuted = |option: &&Table| right(&option) || !text(option, "claim").is_empty();
            demand(options.iter().all(refuted), "a wrong option has no claim that refutes it");
        }
        "predict" => {
            demand(rights == 0, "no option may have right: the kernel decides which it is");
            demand(
                question.texts("claims").contains(&question.text("claim")),
                "claim must be one of the claims",
            );
            let lesson = question.text("run").split(' ').next().unwrap_or_default();
            demand(lessons().iter().any(|name| name == lesson), "run must be a lesson");
        }
        "order" => {
            let steps = question.texts("steps");
            demand((3..=7).contains(&steps.len()), "there must be 3 to 7 steps");
            demand(differ(steps), "two steps have the same text");
            demand(!question.text("why").is_empty(), "the key why is missing");
        }
        "find-bug" => {
            for key in ["why", "shows", "fixed_shows"] {
                demand(!question.text(key).is_empty(), &format!("the key {key} is missing"));
            }
            demand(question.table.contains_key("fix"), "the key fix is missing");
            let source = fs::read_to_string(question.program()).unwrap_or_default();
            demand((10..=35).contains(&source.lines().count()), "the program must have 10 to 35 lines");
            let marked = source.lines().filter(|line| line.ends_with("/* BUG */")).count();
            demand(
                marked == 1 && source.matches("BUG").count() == 1,
                "one line of the program must end in the mark",
            );
        }
        _ => {
            let points = question.tables("points");
            demand((3..=6).contains(&points.len()), "there must be 3 to 6 points");
            let said: Vec<String> = texts(&points);
            demand(differ(said.iter().map(String::as_str).collect()), "two points have the same text");
            demand(points.iter().all(|point| !text(point, "claim").is_empty()), "a point has no claim");
        }
    }
    wrong
}

/// Returns whether `run` is a lesson, is typed in a console block, or is the program with the bug.
fn can_be_run(question: &Question) -> bool {
    let run = question.text("run");
    if question.kind() == "find-bug" {
        return run == format!("bugs/{}", question.text("program"));
    }
    let program = run.split(' ').next().unwrap_or_default();
    let blocks = ipc_workbook_testing::blocks::blocks();
    let mut typed =
        blocks.iter().flat_map(|block| block.text.lines()).filter_map(|line| line.strip_prefix("$ "));
    lessons().iter().any(|lesson| lesson == program) || typed.any(|line| line.starts_with(run))
}

#[test]
fn missing_parts_of_a_question_are_reported() {
    let whole = |keys: &str| {
        format!(
            "[[question]]\nid = \"x\"\ntopic = \"t\"\nlevel = \"mid\"\nsource = \"s\"\nquestion = \"?\"\n\
             run = \"refcount_demo\"\nclaims = [\"refcount/a\"]\n{keys}"
        )
    };
    let choice = "kind = \"choice\"\noptions = [{ text = \"a\", why = \"w\", right = true }, \
                  { text = \"b\", why = \"w\", claim = \"refcount/b\" }, { text = \"c\", why = \"w\", claim = \"refcount/c\" }]";
    let predict = "kind = \"predict\"\nclaim = \"refcount/a\"\noptions = [{ text = \"1\", why = \"w\" }, \
                   { text = \"2\", why = \"w\" }, { text = \"3\", why = \"w\" }]";
    let order = "kind = \"order\"\nsteps = [\"one\", \"two\", \"three\"]\nwhy = \"w\"";
    let explain = "kind = \"explain\"\npoints = [{ text = \"p\", claim = \"refcount/p\" }, \
                   { text = \"q\", claim = \"refcount/q\" }, { text = \"r\", claim = \"refcount/r\" }]";
    let faults_in =
        |text: &str| -> Vec<String> { parsed(Path::new("91-x"), text).iter().flat_map(faults).collect() };
    for keys in [choice, predict, order, explain] {
        assert!(faults_in(&whole(keys)).is_empty(), "{:?}", faults_in(&whole(keys)));
    }
    for (keys, from, to, fault) in [
        (choice, "topic = \"t\"", "", "the key topic is missing"),
        (choice, "\"mid\"", "\"easy\"", "level must"),
        (choice, "\"choice\"", "\"riddle\"", "kind is not"),
        (choice, "[\"refcount/a\"]", "[]", "claims is empty"),
        (choice, "refcount_demo", "no_lesson", "run must be a lesson"),
        (choice, ", right = true", "", "exactly one option"),
        (choice, ", claim = \"refcount/c\"", "", "no claim that refutes it"),
        (choice, "text = \"c\"", "text = \"b\"", "two options have"),
        (choice, "text = \"b\", why = \"w\"", "text = \"b\"", "an option has no why"),
        (predict, "text = \"2\"", "right = true, text = \"2\"", "the kernel decides"),
        (predict, "claim = \"refcount/a\"", "claim = \"refcount/b\"", "one of the claims"),
        (predict, ", { text = \"3\", why = \"w\" }", "", "three options"),
        (order, "\"two\"", "\"one\"", "two steps have"),
        (order, ", \"two\"", "", "3 to 7 steps"),
        (order, "why = \"w\"", "", "the key why is missing"),
        (explain, "text = \"q\"", "text = \"p\"", "two points have"),
        (explain, ", claim = \"refcount/r\"", "", "a point has no claim"),
        (explain, ", { text = \"r\", claim = \"refcount/r\" }", "", "3 to 6 points"),
        (choice, "kind = \"choice\"", "kind = \"find-bug\"", "10 to 35 lines"),
    ] {
        let broken = whole(keys).replace(from, to);
        assert!(
            faults_in(&broken).iter().any(|named| named.contains(fault)),
            "{fault}: {:?}",
            faults_in(&broken)
        );
    }
}

#[test]
fn every_follow_up_is_an_existing_question() {
    let all = questions();
    let mut ids = BTreeSet::new();
    for question in &all {
        assert!(ids.insert(question.id()), "two questions have the id {}", question.id());
    }
    for question in &all {
        for then in question.tables("then") {
            let (asks, next) = (text(then, "asks"), text(then, "id"));
            assert!(!asks.is_empty(), "{}: asks is missing before {next}", question.id());
            assert!(
                ids.contains(next) && next != question.id(),
                "{}: there is no other question {next}",
                question.id()
            );
        }
    }
}

#[test]
fn no_follow_up_gives_its_answer_away() {
    let all = questions();
    let by_id: BTreeMap<&str, &Question> = all.iter().map(|question| (question.id(), question)).collect();
    let mut wrong = Vec::new();
    for question in &all {
        for then in question.tables("then") {
            let (asks, next) = (text(then, "asks"), text(then, "id"));
            let told = by_id.get(next).into_iter().flat_map(|next| told_by(asks, next));
            wrong.extend(
                told.map(|word| format!("{}: {asks:?} gives away {word:?} of {next}", question.id())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the words of a follow-up's opening that are part of its answer: a value to predict, or a
/// constant or call in the line with the bug or its fix.
fn told_by(asks: &str, next: &Question) -> Vec<String> {
    let said: BTreeSet<String> = words(asks).into_iter().collect();
    let source = if next.kind() == "find-bug" { text_if_there(&next.program()) } else { String::new() };
    let wrong = source.lines().find(|line| line.ends_with("/* BUG */")).unwrap_or_default();
    let code = [wrong.trim_end_matches("/* BUG */"), next.text("fix")].concat();
    let is_code = |word: &String| {
        word.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '_')
            || code.contains(&format!("{word}("))
    };
    let mut answer: Vec<String> = words(&code).into_iter().filter(is_code).collect();
    if next.kind() == "predict" {
        answer.extend(next.tables("options").into_iter().map(|option| text(option, "text").to_string()));
    }
    answer.retain(|word| word.len() > 2 && said.contains(word));
    answer
}

/// Returns the words and numbers of a sentence or of C code.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    parts.filter(|word| !word.is_empty()).map(str::to_string).collect()
}

#[test]
fn a_follow_up_that_gives_its_answer_away_is_reported() {
    let bug =
        parsed(Path::new("91-x"), "[[question]]\nkind = \"find-bug\"\nfix = \"fchmod(mq, 0666);\"").remove(0);
    assert_eq!(told_by("And if fchmod is given 666?", &bug), ["fchmod"]);
    assert!(told_by("Here is a server that does so. Does the queue get its mode?", &bug).is_empty());
    let options = "[{ text = \"EIDRM\" }, { text = \"0\" }]";
    let predict =
        parsed(Path::new("91-x"), &format!("[[question]]\nkind = \"predict\"\noptions = {options}"))
            .remove(0);
    assert_eq!(told_by("And does it get EIDRM?", &predict), ["EIDRM"]);
    assert!(told_by("And 0 of them?", &predict).is_empty(), "a number may be a part of the question");
}

#[test]
fn neither_length_nor_place_gives_the_right_option_away() {
    let all = questions();
    let offers: Vec<Offer> = all.iter().filter_map(offer).collect();
    assert!(offers.len() >= 50, "only {} questions have options", offers.len());
    let ways = given_away(&offers);
    assert!(ways.is_empty(), "{}", ways.join("\n"));
}

/// Returns the options, if the question itself says which one is right.
fn offer(question: &Question) -> Option<Offer<'_>> {
    let options = question.tables("options");
    let right = options.iter().position(|option| option.contains_key("right"))?;
    Some(Offer { options: options.into_iter().map(|option| text(option, "text")).collect(), right })
}

#[test]
fn options_that_stand_out_are_reported() {
    let offers = |right: fn(usize) -> usize, long: fn(usize) -> bool| -> Vec<Offer<'static>> {
        let offer = |n: usize| {
            let mut options = vec!["a", "b", "c", "d"];
            if long(n) {
                options[right(n)] = "long";
            }
            Offer { options, right: right(n) }
        };
        (0..100).map(offer).collect()
    };
    assert!(given_away(&offers(|n| n % 4, |n| n < 35)).is_empty());
    assert_eq!(given_away(&offers(|n| n % 4, |n| n < 36)), ["the right option is the longest in 36 of 100"]);
    assert_eq!(
        given_away(&offers(|n| if n < 20 { 2 } else { n % 4 }, |_| false)),
        ["of 100 questions with 4 options, 40 have the right option at place 2"]
    );
}

/// Readers' answers are stored under the ids. A question that got an old id would inherit the answers to
/// another one. The history of git has every id that was ever used, and everybody who changes the
/// questions has that history.
#[test]
fn no_id_is_reused_for_another_question() {
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        // The repository may belong to another user.
        git.args(["-c", "safe.directory=*", "-C", env!("CARGO_MANIFEST_DIR")]).args(args);
        git.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())
    };
    let Some(shallow) = git(&["rev-parse", "--is-shallow-repository"]) else {
        return skip("git is not installed, or there is no history of the questions");
    };
    if stdout(&shallow).trim() != "false" {
        return skip("this is a shallow clone, without the history of the questions");
    }
    let log = ["log", "--reverse", "--topo-order", "--format=commit %h", "--patch", "--unified=0", "--"];
    let log = git(&[&log[..], &["lessons/*/quiz.toml"]].concat()).expect("git log");
    let log = stdout(&log);
    assert!(log.matches("\n+id = ").count() >= 100, "this is not the history of the questions:\n{log}");
    let reused = reused(&log);
    assert!(reused.is_empty(), "{}", reused.join("\n"));
}

/// Returns the ids that one commit removed and a later one gave to another question. A question that only
/// moves is removed and added in the same commit.
fn reused(log: &str) -> Vec<String> {
    let mut retired: BTreeMap<String, String> = BTreeMap::new();
    let mut reused = Vec::new();
    for commit in log.split("commit ").skip(1) {
        let hash = commit.lines().next().unwrap_or_default();
        let (taken, given) = (ids(commit, '-'), ids(commit, '+'));
        for (id, question) in given.iter().filter(|(id, _)| !taken.contains_key(*id)) {
            if retired.get(id).is_some_and(|before| before != question) {
                reused.push(format!("{id} was another question's before {hash}; give the new one its own"));
            }
        }
        retired.extend(taken.into_iter().filter(|(id, _)| !given.contains_key(id)));
    }
    reused
}

/// Returns the ids in the added or removed lines of a patch, each with its question.
fn ids(patch: &str, sign: char) -> BTreeMap<String, String> {
    let lines: Vec<&str> = patch.lines().filter_map(|line| line.strip_prefix(sign)).collect();
    let mut ids = BTreeMap::new();
    for (n, line) in lines.iter().enumerate() {
        let Some(id) = line.strip_prefix("id = \"").and_then(|rest| rest.split('"').next()) else { continue };
        let mut rest = lines[n + 1..].iter().take_while(|line| !line.starts_with("id = "));
        let question = rest.find_map(|line| line.strip_prefix("question = "));
        ids.insert(id.into(), question.unwrap_or_default().into());
    }
    ids
}

#[test]
fn a_reused_id_is_reported() {
    let question =
        |sign: &str, id: &str, asks: &str| format!("{sign}id = \"{id}\"\n{sign}question = \"{asks}\"\n");
    let log = |commits: &[String]| -> String {
        commits
            .iter()
            .enumerate()
            .map(|(n, patch)| format!("commit {n}\n{patch}"))
            .collect::<Vec<_>>()
            .concat()
    };
    let (made, gone) = (question("+", "x", "Why?"), question("-", "x", "Why?"));
    let again = question("+", "x", "How?");
    let none: [String; 0] = [];
    assert_eq!(
        reused(&log(&[made.clone(), format!("{gone}{again}")])),
        none,
        "the question was only reworded"
    );
    assert_eq!(reused(&log(&[made.clone(), gone.clone(), made.clone()])), none, "the removal was undone");
    let named = reused(&log(&[made, gone, again]));
    assert_eq!(named, ["x was another question's before 2; give the new one its own"]);
}
