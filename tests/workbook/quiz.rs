//! The bank: its questions are whole, there are enough of each sort, none gives its answer away,
//! and no id is used again. That the claims beneath them hold, and that the kernel gives what is
//! to be predicted, is asked in claims.rs; that the bugs show, in bugs.rs.

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
    assert!(all.len() >= 150, "there are {}", all.len());
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
fn every_question_is_whole() {
    let wrong: Vec<String> = questions().iter().flat_map(faults).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a question lacks.
fn faults(question: &Question) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{} in {}: {what}", question.id(), question.chapter()));
        }
    };
    for key in ["id", "topic", "source", "question", "run"] {
        demand(!question.text(key).is_empty(), &format!("it has its {key}"));
    }
    demand(LEVELS.contains(&question.text("level")), "its level is junior, mid or senior");
    demand(KINDS.contains(&question.kind()), "its kind is one that there is");
    demand(!question.texts("claims").is_empty(), "claims prove its answer");
    demand(can_be_run(question), "its run is a lesson, or in a console block, or its program");
    let options = question.tables("options");
    let differ = |texts: Vec<&str>| texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
    let texts = |tables: &[&Table]| tables.iter().map(|table| text(table, "text").to_string()).collect();
    let offered: Vec<String> = texts(&options);
    let of_options = ["choice", "predict"].contains(&question.kind());
    demand(
        of_options == (options.len() >= 3),
        "three options and more are for choice and predict, and they need them",
    );
    demand(differ(offered.iter().map(String::as_str).collect()), "no two options say the same");
    demand(options.iter().all(|option| !text(option, "why").is_empty()), "each option says why");
    let right = |option: &&&Table| option.get("right").is_some_and(|right| right.as_bool() == Some(true));
    let rights = options.iter().filter(right).count();
    match question.kind() {
        "choice" => {
            demand(rights == 1, "one option is right");
            let refuted = |option: &&Table| right(&option) || !text(option, "claim").is_empty();
            demand(options.iter().all(refuted), "a claim refutes each wrong option");
        }
        "predict" => {
            demand(rights == 0, "no option has a right: the kernel tells which it is");
            demand(
                question.texts("claims").contains(&question.text("claim")),
                "its claim is one of its claims",
            );
            let lesson = question.text("run").split(' ').next().unwrap_or_default();
            demand(lessons().iter().any(|name| name == lesson), "its run is a lesson");
        }
        "order" => {
            let steps = question.texts("steps");
            demand((3..=7).contains(&steps.len()), "there are 3 to 7 steps");
            demand(differ(steps), "no two steps say the same");
            demand(!question.text("why").is_empty(), "it says why");
        }
        "find-bug" => {
            for key in ["why", "shows", "fixed_shows"] {
                demand(!question.text(key).is_empty(), &format!("it has its {key}"));
            }
            demand(question.table.contains_key("fix"), "it has a fix");
            let source = fs::read_to_string(question.program()).unwrap_or_default();
            demand((10..=35).contains(&source.lines().count()), "its program has 10 to 35 lines");
            let marked = source.lines().filter(|line| line.ends_with("/* BUG */")).count();
            demand(
                marked == 1 && source.matches("BUG").count() == 1,
                "one line of its program ends in the mark",
            );
        }
        _ => {
            let points = question.tables("points");
            demand((3..=6).contains(&points.len()), "there are 3 to 6 points");
            let said: Vec<String> = texts(&points);
            demand(differ(said.iter().map(String::as_str).collect()), "no two points say the same");
            demand(
                points.iter().all(|point| !text(point, "claim").is_empty()),
                "each point rests on a claim",
            );
        }
    }
    wrong
}

/// Whether its run is a lesson, or typed in a console block, or its program.
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
fn what_a_question_lacks_is_reported() {
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
        (choice, "topic = \"t\"", "", "it has its topic"),
        (choice, "\"mid\"", "\"easy\"", "its level"),
        (choice, "\"choice\"", "\"riddle\"", "its kind"),
        (choice, "[\"refcount/a\"]", "[]", "claims prove"),
        (choice, "refcount_demo", "no_lesson", "its run is a lesson"),
        (choice, ", right = true", "", "one option is right"),
        (choice, ", claim = \"refcount/c\"", "", "a claim refutes each"),
        (choice, "text = \"c\"", "text = \"b\"", "no two options"),
        (choice, "text = \"b\", why = \"w\"", "text = \"b\"", "each option says why"),
        (predict, "text = \"2\"", "right = true, text = \"2\"", "the kernel tells"),
        (predict, "claim = \"refcount/a\"", "claim = \"refcount/b\"", "one of its claims"),
        (predict, ", { text = \"3\", why = \"w\" }", "", "three options"),
        (order, "\"two\"", "\"one\"", "no two steps"),
        (order, ", \"two\"", "", "3 to 7 steps"),
        (order, "why = \"w\"", "", "it says why"),
        (explain, "text = \"q\"", "text = \"p\"", "no two points"),
        (explain, ", claim = \"refcount/r\"", "", "each point rests"),
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
fn every_follow_up_is_a_question_that_there_is_once() {
    let all = questions();
    let mut ids = BTreeSet::new();
    for question in &all {
        assert!(ids.insert(question.id()), "{} stands twice", question.id());
    }
    for question in &all {
        for then in question.tables("then") {
            let (asks, next) = (text(then, "asks"), text(then, "id"));
            assert!(!asks.is_empty(), "{}: what is said before {next}?", question.id());
            assert!(ids.contains(next) && next != question.id(), "{}: then {next}", question.id());
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
            wrong.extend(told.map(|word| format!("{}: {asks:?} tells {word:?} of {next}", question.id())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words with which a follow-up begins that are part of its answer: a value that is to be predicted,
/// and the constants and calls of the line with the bug and of its mended form.
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

/// The words and numbers of a sentence or of C.
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
    assert!(offers.len() >= 50, "only {} are to be chosen from", offers.len());
    let ways = given_away(&offers);
    assert!(ways.is_empty(), "{}", ways.join("\n"));
}

/// Its options, if one of them is always right.
fn offer(question: &Question) -> Option<Offer<'_>> {
    let options = question.tables("options");
    let right = options.iter().position(|option| option.contains_key("right"))?;
    Some(Offer { options: options.into_iter().map(|option| text(option, "text")).collect(), right })
}

#[test]
fn what_gives_an_option_away_is_reported() {
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
        ["of 100 questions with 4 options, 40 have the right one at place 2"]
    );
}

/// Readers' answers are stored under the ids, so an id that came back for another question would
/// inherit them. What has ever been an id is in the history of git, which nobody has to keep by
/// hand and nobody can forget to; who changes the questions has it.
#[test]
fn no_id_comes_back_for_another_question() {
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        // The repository may be another user's.
        git.args(["-c", "safe.directory=*", "-C", env!("CARGO_MANIFEST_DIR")]).args(args);
        git.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())
    };
    let Some(shallow) = git(&["rev-parse", "--is-shallow-repository"]) else {
        return skip("there is no git here, or no history of the questions");
    };
    if stdout(&shallow).trim() != "false" {
        return skip("the history of the questions is cut off here");
    }
    let log = ["log", "--reverse", "--topo-order", "--format=commit %h", "--patch", "--unified=0", "--"];
    let log = git(&[&log[..], &["lessons/*/quiz.toml"]].concat()).expect("git log");
    let log = stdout(&log);
    assert!(log.matches("\n+id = ").count() >= 100, "this is no history of the questions:\n{log}");
    let reused = reused(&log);
    assert!(reused.is_empty(), "{}", reused.join("\n"));
}

/// The ids that a commit has taken away, and a later one has given to another question. What only
/// moves, to another place or file, is taken and given in one commit.
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

/// The ids in the lines of a patch that begin with this sign, each with its question.
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
fn an_id_that_comes_back_is_reported() {
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
    assert_eq!(reused(&log(&[made.clone(), format!("{gone}{again}")])), none, "it was reworded");
    assert_eq!(reused(&log(&[made.clone(), gone.clone(), made.clone()])), none, "it was taken back");
    let named = reused(&log(&[made, gone, again]));
    assert_eq!(named, ["x was another question's before 2; give the new one its own"]);
}
