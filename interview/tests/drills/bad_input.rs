//! Wrong commands, wrong files, and answers that cannot be stored: one line reports each, and nothing is
//! lost.

use crate::common::*;
use ipc_workbook_testing::user::{User, become_user};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Lists the bank after a change to its quiz.toml that it must refuse, and returns the message.
fn refused(name: &str, change: impl FnOnce(String) -> String) -> String {
    let folder = Folder::new(name);
    let (stdout, stderr) = typed(&mut drills_over(&folder, change, &["list"]), "", 3);
    assert!(stdout.is_empty() && stderr.lines().count() == 1, "{stdout}{stderr}");
    stderr
}

/// In each row: the question, a piece of its text, the replacement, the beginning of the line that must be
/// named, and words of the message.
const MALFORMED: &str = r#"
choice  | "junior"                    | "junior                     | level        | invalid basic string
choice  | "junior"                    | "boss"                      | level        | unknown variant `boss`, expected one of `junior`
choice  | "choice"                    | "riddle"                    | kind         | unknown variant `riddle`
choice  | topic = "names"             |                             | [[question]] | missing field `topic`
choice  | id = "drill-choice"         |                             | [[question]] | no line id
choice  | , right = true              |                             | options      | exactly one right option
choice  | run =                       | ruin =                      | ruin         | unknown field `ruin`
choice  | claim = "refcount/a         | clam = "refcount/a          | { text = "The queue and | unknown field `clam`
choice  | then = [                    | steps = ["a"]\nthen = [     | steps        | kind = "choice" takes no steps
choice  | asks =                      | ask =                       | then         | unknown field `ask`
predict | claim =                     | # claim =                   | kind         | kind = "predict" needs claim
predict | claim = "refcount/mq_unlink | claim = "refcount/link      | claim =      | is not among the question's claims
predict | "ENOENT", why               | "ENOENT", right = true, why | options      | the right one is the claim's got
predict | "EACCES"                    | "EBADF"                     | options      | two of the options are equal
predict | answer = "The               | answer = 3 #                | answer       | expected a string
order   | steps =                     | # steps =                   | kind         | kind = "order" needs steps
order   | "It is destroyed."]         | 3]                          | steps        | expected a string
order   | , "Its name is removed.", "It delivers its last message." |                             | steps        | there are 2 steps, not 3 to 7
order   | "It is destroyed."          | "It is created."            | steps        | two of the steps are equal
order   | why =                       | # why =                     | kind         | kind = "order" needs why
bug     | program = "early_unlink"    | program = "nowhere"         | program      | bugs/nowhere.c cannot be read
bug     | program = "early_unlink"    | program = "../x"            | program      | must be the name of a file in bugs/
bug     | fix =                       | # fix =                     | kind         | kind = "find-bug" needs fix
bug     | shows = "client: E          | # shows = "client: E        | kind         | kind = "find-bug" needs shows
bug     | fixed_shows =               | # fixed_shows =             | kind         | kind = "find-bug" needs fixed_shows
bug     | why =                       | # why =                     | kind         | kind = "find-bug" needs why
explain | { text = "Its name.", claim = "refcount/a-new-queue-has-one-name" }, |                             | points       | there are 2 points, not 3 to 6
explain | text = "Its name."          | text = "Each open file description." | points       | two of the points are equal
explain | , claim = "refcount/a-new   | , clam = "refcount/a-new    | { text = "Its name. | unknown field `clam`
"#;

#[test]
fn malformed_questions_are_reported_with_file_and_line() {
    let quiz = fs::read_to_string(format!("{BANK}/{CHAPTER}/quiz.toml")).expect("the quiz");
    for row in MALFORMED.trim().lines() {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [id, from, to, line, words] = columns[..] else { panic!("not five columns: {row}") };
        let begin = quiz.find(&format!("[[question]]\nid = \"drill-{id}\"")).expect("the question");
        let (before, question) = quiz.split_at(begin);
        assert!(question.contains(from), "no {from} in {id}");
        let broken = question.replacen(from, &to.replace(r"\n", "\n"), 1);
        let place = broken.lines().position(|other| other.trim_start().starts_with(line)).expect("the line");
        let place = before.lines().count() + place + 1;
        let said = refused("malformed", |_| format!("{before}{broken}"));
        assert!(
            said.contains(&format!("{CHAPTER}/quiz.toml:{place}: ")) && said.contains(words),
            "{row}: line {place}: {said}"
        );
    }
}

#[test]
fn duplicates_and_stray_text_are_reported() {
    let twice = refused("twice", |text| text.clone() + &text);
    assert!(twice.contains("drill-choice is also at"), "{twice}");
    let stray = refused("stray", |text| format!("stray\n{text}"));
    assert!(stray.contains("quiz.toml:1: ") && stray.contains("only comments may stand before"), "{stray}");
}

#[test]
fn a_follow_up_to_a_missing_question_is_reported_with_file_and_line() {
    for args in [&["mock", "--level", "junior"][..], &["--level", "junior"]] {
        let folder = Folder::new(&format!("nowhere-{}", args.len()));
        let change = |text: String| text.replace("id = \"drill-predict\" }", "id = \"nowhere\" }");
        let (_, stderr) = typed(&mut drills_over(&folder, change, args), "a\n", 3);
        assert!(
            stderr.contains("quiz.toml:17: ") && stderr.contains("there is no question \"nowhere\""),
            "{stderr}"
        );
        assert_eq!(grades(&folder, "drill-choice").len(), 1, "the answer must be stored nevertheless");
    }
}

#[test]
fn a_program_without_exactly_one_marked_line_is_reported() {
    for (name, from, to, n) in [("none", "/* BUG */", "", 0), ("two", "return 0;", "return 0; /* BUG */", 2)]
    {
        let folder = Folder::new(&format!("mark-{name}"));
        let mut list = drills_over(&folder, |text| text, &["list"]);
        let file = folder.join("lessons").join(CHAPTER).join("bugs/early_unlink.c");
        let source = fs::read_to_string(&file).expect("the program");
        fs::write(&file, source.replace(from, to)).expect("written");
        let (_, stderr) = typed(&mut list, "", 3);
        let said = format!("early_unlink.c has {n} lines that end in /* BUG */, but needs one");
        assert!(stderr.contains(&said) && stderr.contains("quiz.toml:"), "{stderr}");
    }
}

#[test]
fn an_unknown_id_is_a_usage_error_that_names_the_nearest() {
    let folder = Folder::new("unknown");
    let (stdout, stderr) = typed(&mut drills(&folder, &["show", "drill-predicts"]), "", 2);
    assert!(stdout.is_empty() && stderr.lines().count() == 1, "{stdout}{stderr}");
    assert!(stderr.contains("no question \"drill-predicts\"; did you mean drill-predict?"), "{stderr}");
    let (_, stderr) = typed(&mut drills(&folder, &["show", "zzz"]), "", 2);
    assert!(!stderr.contains("did you mean") && stderr.contains("interview list names them all"), "{stderr}");
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_before_any_question() {
    for args in [&[][..], &["mock"]] {
        let folder = Folder::new(&format!("read-only-{}", args.len()));
        fs::set_permissions(&*folder, fs::Permissions::from_mode(0o555)).expect("chmod");
        let mut command = drills(&folder, args);
        // Root may write everywhere.
        become_user(&mut command, *User::all().last().expect("one user at least"));
        let (stdout, stderr) = typed(&mut command, "a\n", 3);
        fs::set_permissions(&*folder, fs::Permissions::from_mode(0o755)).expect("chmod");
        assert!(stdout.is_empty(), "{stdout}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains("cannot store answers in") && stderr.contains("--state FILE"), "{stderr}");
    }
}

#[test]
fn a_clock_that_went_backwards_is_reported_and_nothing_is_lost() {
    for args in [&["--level", "junior"][..], &["mock", "--level", "junior"]] {
        let folder = Folder::new(&format!("clock-{}", args.len()));
        let future = now() + 30 * DAY;
        store(
            &folder,
            &json!({ "schema": 1, "questions": { "drill-bug": { "reviews": [[future, "good"]] } } }),
        );
        let (_, stderr) = typed(&mut drills(&folder, args), "a\nq\n", 0);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains("the clock went backwards") && stderr.contains("30 days"), "{stderr}");
        let questions = state(&folder)["questions"].clone();
        assert_eq!(questions["drill-bug"]["reviews"][0][0], future);
        assert_eq!(questions.as_object().expect("questions").len(), 2);
    }
}
