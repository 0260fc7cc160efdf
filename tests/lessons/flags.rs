//! The promises of each flag, for every lesson.

use crate::narration::is_claim;
use ipc_workbook_testing::prelude::*;
use nix::sys::signal::Signal;
use std::collections::BTreeSet;
use std::process::Command;

pub(crate) fn trials(trials: &mut Trials) {
    let (all, corners) = (Place::all(), Place::corners());
    trials.shared_layer(
        "--help and --version print and do nothing else",
        &corners,
        any_lesson,
        help_and_version,
    );
    trials.shared_layer("--color does what its help says in a pipe", &corners, any_lesson, color_in_a_pipe);
    trials.some_lessons("--name sets the name that it uses", &all, any_lesson, name);
    trials.some_lessons(
        "--pause continues with each Enter, and prints a command that shows the object",
        &all,
        any_lesson,
        pause,
    );
    trials.some_lessons("--private creates nothing outside its namespace", &all, any_lesson, private);
    // A private namespace may have no pseudo-terminals; the shared ones are there without /dev/mqueue.
    let terminals = Place::each_user(Mqueue::Absent);
    trials.shared_layer("--help fits a narrow terminal", &terminals, any_lesson, help_fits);
    trials.shared_layer(
        "--color does what its help says in a terminal",
        &terminals,
        any_lesson,
        color_in_a_terminal,
    );
    trials.some_lessons("--predict counts right answers", &terminals, asks, predict_right);
    trials.shared_layer("--predict counts wrong answers", &terminals, asks, predict_wrong);
    trials.shared_layer(
        "--predict repeats a question after nonsense, and ends with Ctrl-D or Ctrl-C",
        &terminals,
        asks,
        predict_nonsense,
    );
}

fn asks(lesson: &Profile) -> bool {
    lesson.asks
}

fn help_fits(lesson: &str) {
    fits(&on_screen(workbook(lesson).arg("--help"), 50, 0), 50);
}

fn help_and_version(lesson: &str) {
    let output = run(workbook(lesson).arg("--help"), 0);
    let help = stdout(&output);
    let promised = [
        "--pause",
        "--predict",
        "--brief",
        "--format",
        "--color",
        "--private",
        "--name",
        "--help",
        "--version",
    ];
    for flag in promised {
        assert!(help.contains(flag), "{flag}: {}", describe(&output));
    }
    for code in ["0", "1", "2", "3", "130", "143", "141"] {
        assert!(help.contains(code), "exit code {code}: {}", describe(&output));
    }
    assert!(output.stderr.is_empty() && !help.contains('\x1b'), "{}", describe(&output));
    let output = run(workbook(lesson).arg("--version"), 0);
    let version = stdout(&output);
    assert_eq!(version.trim_end(), format!("{lesson} {}", env!("CARGO_PKG_VERSION")));
}

/// Returns whether the lesson prints colours.
fn is_colored(command: &mut Command) -> bool {
    let output = run(command, 0);
    assert!(!output.stdout.is_empty(), "{}", describe(&output));
    output.stdout.contains(&0x1b)
}

/// Environment variables, the argument of `--color`, and whether the output then has colours.
type Case = (&'static [(&'static str, &'static str)], &'static str, bool);

fn color_in_a_pipe(lesson: &str) {
    let cases: [Case; 12] = [
        (&[], "auto", false),
        (&[], "always", true),
        (&[], "never", false),
        (&[("CLICOLOR_FORCE", "1")], "auto", true),
        (&[("CLICOLOR_FORCE", "0")], "auto", false),
        (&[("CLICOLOR_FORCE", "")], "auto", false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], "auto", false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], "auto", true),
        (&[("CLICOLOR_FORCE", "1")], "never", false),
        (&[("NO_COLOR", "1")], "always", true),
        (&[("TERM", "dumb")], "always", true),
        (&[("TERM", "dumb")], "auto", false),
    ];
    for (variables, color, expected) in cases {
        let mut command = workbook(lesson);
        command.envs(variables.iter().copied()).args(["--color", color]);
        assert_eq!(is_colored(&mut command), expected, "{variables:?} --color {color}");
    }
    assert!(!is_colored(&mut workbook(lesson)), "without --color");
    let mut json = workbook(lesson);
    json.args(["--format", "json", "--color", "always"]).env("CLICOLOR_FORCE", "1");
    assert!(!is_colored(&mut json), "JSON has no colours");
}

fn color_in_a_terminal(lesson: &str) {
    let cases: [Case; 9] = [
        (&[("TERM", "xterm")], "auto", true),
        (&[("TERM", "xterm")], "never", false),
        (&[("TERM", "dumb")], "auto", false),
        (&[("TERM", "dumb")], "always", true),
        (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], "auto", true),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], "auto", false),
        (&[("TERM", "xterm"), ("NO_COLOR", "0")], "auto", false),
        (&[("TERM", "xterm"), ("NO_COLOR", "")], "auto", true),
        (&[("TERM", "xterm"), ("NO_COLOR", "1")], "always", true),
    ];
    for (variables, color, expected) in cases {
        let mut command = workbook(lesson);
        command.envs(variables.iter().copied()).args(["--color", color]);
        let (text, status) = Terminal::start(&mut command).end();
        assert_eq!(status.code(), Some(0), "{text}");
        assert_eq!(text.contains('\x1b'), expected, "{variables:?} --color {color}: {text}");
    }
}

/// Returns whether the caller had moved to its own IPC namespace before this call. There, any name may be
/// used.
fn apart(before: &[serde_json::Value], call: &serde_json::Value) -> bool {
    before.iter().any(|event| {
        let text = event["text"].as_str().unwrap_or_default();
        event["process"] == call["process"] && event["ok"] == true && text.contains("CLONE_NEWIPC")
    })
}

fn name(lesson: &str) {
    let output = run(workbook(lesson).args(["--format", "json", "--name", "/another"]), 0);
    let events = events(&output);
    // Failed calls create nothing, and a name that is a dot is the directory itself. All other names must be
    // the given one, or a spelling of it that the lesson tries.
    let names: Vec<&str> = events
        .iter()
        .enumerate()
        .filter(|(n, event)| event["event"] == "call" && event["ok"] == true && !apart(&events[..*n], event))
        .map(|(_, event)| event)
        .filter_map(|call| call["text"].as_str())
        .filter(|text| text.contains("_open(") || text.contains("_unlink("))
        .filter_map(|text| text.split_once("(\"").map(|(_, name)| name))
        .filter(|name| !name.starts_with("/.\""))
        .collect();
    let made: Vec<&&str> = names.iter().filter(|name| name.contains("O_CREAT")).collect();
    // A System V object has no name, but its key is made from one.
    let keys = keyed(&events);
    // A lesson on files has paths of its own.
    let files = files(&events);
    assert!(!names.is_empty() || !keys.is_empty() || !files.is_empty(), "{}", describe(&output));
    if !keys.is_empty() {
        let again = run(workbook(lesson).args(["--format", "json", "--name", "/another"]), 0);
        assert_eq!(keyed(&self::events(&again)), keys, "{}", describe(&again));
    }
    if !keys.is_empty() || !files.is_empty() {
        let other = run(workbook(lesson).args(["--format", "json", "--name", "/other"]), 0);
        let other = self::events(&other);
        assert!(
            keyed(&other).iter().all(|key| !keys.contains(key)),
            "a key of the other name: {}",
            describe(&output)
        );
        assert!(self::files(&other).is_disjoint(&files), "a file of the other name: {}", describe(&output));
    }
    assert!(made.iter().all(|name| name.starts_with("/another")), "{}", describe(&output));
    let spelled = |name: &&str| name.trim_start_matches('/').starts_with("another");
    assert!(names.iter().all(spelled), "{}", describe(&output));
    nothing_left("--name");
}

/// Returns the paths of files that the lesson created.
fn files(events: &[serde_json::Value]) -> BTreeSet<String> {
    let shared = events.iter().enumerate().filter(|(n, event)| !apart(&events[..*n], event));
    let calls = shared.filter_map(|(_, event)| event["text"].as_str());
    let made = calls.filter(|text| text.starts_with("open(\"") && text.contains("O_CREAT"));
    made.filter_map(|text| text.split('"').nth(1)).map(Into::into).collect()
}

fn pause(lesson: &str) {
    each_pause(lesson, &usual(lesson), &[], |step, text| {
        assert!(text.contains(&format!("\n{step}. ")), "step {step}: {text}");
        assert!(!text.contains(&format!("\n{}. ", step + 1)), "it did not wait after step {step}: {text}");
    });
    nothing_left("--pause");
}

const LOOK: &str = "to look from another terminal: ";

/// Runs the lesson with --pause, and looks at the text so far in each pause. In the pause it also runs the command
/// that the narration suggests. It must show the object, unless the object no longer exists.
fn each_pause(lesson: &str, usual: &Usual, args: &[&str], look: impl Fn(usize, &str)) {
    let mut paused = Paused::start(lesson, args);
    let mut typed = 0;
    for step in 1..=usual.steps {
        let text = paused.prompts(step);
        look(step, &text);
        let said = text.rsplit(PROMPT).nth(1).unwrap_or_default();
        if let Some(command) = said.lines().find_map(|line| line.trim_start().strip_prefix(LOOK)) {
            let output = Command::new("sh").args(["-c", command]).output().expect("a shell");
            let shown = stdout(&output);
            // A queue shows its attributes, shared memory its inode, a mapping its line, a table its heading.
            let good = output.status.success()
                && ["QSIZE:", "Inode:", "/dev/shm", "Links:", "msqid", "semid", "shmid"]
                    .iter()
                    .any(|sign| shown.contains(sign));
            assert!(good, "step {step}, {command}: {}\nafter\n{text}", describe(&output));
            typed += 1;
        }
        paused.enter(1);
    }
    let output = paused.end();
    assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
    assert!(output.stderr.is_empty(), "{}", describe(&output));
    let claims = stdout(&output).lines().filter(|line| is_claim(line)).count();
    assert_eq!(claims, usual.claims.len(), "{}", describe(&output));
    assert!(typed > 0, "the lesson never printed a command: {}", describe(&output));
}

/// While a lesson with --private waits, none of its objects exist in this namespace. The commands that it
/// prints still reach them.
fn private(lesson: &str) {
    let usual = usual(lesson);
    // Objects with the same name in this namespace do not disturb it, and stay.
    let held: Vec<_> = usual.objects.iter().map(|kind| (kind, make(*kind, "/taken", 0o600))).collect();
    let before = leftovers();
    each_pause(lesson, &usual, &["--private", "--name", "/taken"], |step, text| {
        assert_eq!(leftovers(), before, "step {step} created something outside: {text}");
    });
    for (kind, held) in held {
        drop(held);
        unmake(*kind, "/taken");
    }
}

/// Panics unless the options of each question contain the result of the next claim.
pub(crate) fn questions_are_answered(events: &[serde_json::Value]) {
    for (n, question) in events.iter().enumerate().filter(|(_, event)| event["event"] == "question") {
        let next = events[n..].iter().find(|event| event["event"] == "claim");
        let next = next.unwrap_or_else(|| panic!("no claim answers {question}"));
        let options = question["options"].as_array().expect("options");
        if next["held"].is_null() {
            // For a claim that could not be seen here, the option is what the lesson expects elsewhere.
            assert!(options.contains(&next["want"]), "{question} and {next}");
        } else {
            assert!(options.contains(&next["got"]), "{question} and {next}");
        }
        let text = question["text"].as_str().unwrap_or_default();
        assert!(text.ends_with('?'), "{text}");
        // Each claim answers only one question.
        let between = events[n + 1..].iter().take_while(|event| event["event"] != "claim");
        assert_eq!(between.filter(|event| event["event"] == "question").count(), 0, "{question}");
    }
}

const ASK: &str = "your prediction, 1 to ";

/// Returns, for each question, the number of options and the index of the right one, or `None` if the
/// claim could not be seen.
fn answers(lesson: &str) -> Vec<(usize, Option<usize>)> {
    let output = run(workbook(lesson).args(["--format", "json"]), 0);
    let events = events(&output);
    let questions = events.iter().enumerate().filter(|(_, event)| event["event"] == "question");
    questions
        .map(|(n, question)| {
            let options = question["options"].as_array().expect("options");
            let claim = events[n..].iter().find(|event| event["event"] == "claim").expect("a claim");
            (options.len(), options.iter().position(|option| *option == claim["got"]))
        })
        .collect()
}

/// Answers each question with the option that `choose` picks. Returns the screen and the number of questions.
fn answer(lesson: &str, choose: impl Fn(usize, Option<usize>) -> usize) -> (String, usize) {
    let answers = answers(lesson);
    let mut terminal = Terminal::start(workbook(lesson).arg("--predict").env("TERM", "dumb"));
    for (n, (options, right)) in answers.iter().enumerate() {
        assert!(terminal.prompts(ASK, n + 1), "no question {}:\n{}", n + 1, terminal.text());
        // The answer must not appear before the question was answered.
        let verdict = terminal.text().matches("you predicted").count();
        assert_eq!(verdict, n, "the answer came before the prediction:\n{}", terminal.text());
        terminal.type_in(&format!("{}\n", choose(*options, *right) + 1));
    }
    let (text, status) = terminal.end();
    assert_eq!(status.code(), Some(0), "{text}");
    (text, answers.iter().filter(|(_, right)| right.is_some()).count())
}

fn predict_right(lesson: &str) {
    let (text, all) = answer(lesson, |_, right| right.unwrap_or(0));
    if all > 0 {
        let total = text.matches("you predicted").count();
        assert!(text.contains(&format!("predictions: {all} of {total} right")), "{text}");
    }
    nothing_left("--predict");
}

fn predict_wrong(lesson: &str) {
    let (text, all) = answer(lesson, |options, right| (right.unwrap_or(0) + 1) % options);
    if all > 0 {
        let total = text.matches("you predicted").count();
        assert!(text.contains(&format!("predictions: 0 of {total} right")), "{text}");
        assert!(!text.contains("as you predicted"), "{text}");
    }
    nothing_left("--predict");
}

fn predict_nonsense(lesson: &str) {
    if answers(lesson).is_empty() {
        return;
    }
    for (key, code) in [("\x04", 3), ("\x03", 130)] {
        let mut terminal = Terminal::start(workbook(lesson).arg("--predict").env("TERM", "dumb"));
        for (n, nonsense) in ["", "0", "99", "-1", "two", "1 2", "99999999999999999999"].iter().enumerate() {
            assert!(terminal.prompts(ASK, n + 1), "{}", terminal.text());
            terminal.type_in(&format!("{nonsense}\n"));
        }
        assert!(terminal.prompts(ASK, 8), "{}", terminal.text());
        terminal.type_in(key);
        let (text, status) = terminal.end();
        assert_eq!(status.code(), Some(code), "{key:?}: {text}");
        assert!(!text.contains("panicked"), "{text}");
        nothing_left("the end of input");
    }
    // When a terminal is closed, the kernel sends SIGHUP.
    let mut terminal = Terminal::start(workbook(lesson).arg("--predict").env("TERM", "dumb"));
    assert!(terminal.prompts(ASK, 1), "{}", terminal.text());
    let pid = nix::unistd::Pid::from_raw(i32::try_from(terminal.child.id()).expect("a pid"));
    nix::sys::signal::kill(pid, Signal::SIGHUP).expect("a lesson");
    let (text, status) = terminal.end();
    assert_eq!(status.code(), Some(129), "{text}");
    nothing_left("SIGHUP");
}
