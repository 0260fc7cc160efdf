//! The narration of a lesson: lines fit the terminal, a failure is printed once and names the call that
//! explains it, message contents are shown as text, and keys are hexadecimal.

use ipc_workbook_testing::prelude::*;
use std::process::Command;

pub(crate) fn trials(trials: &mut Trials) {
    let terminals = Place::each_user(Mqueue::Absent);
    let wrapped = "in a terminal of 80 columns no line is too long, and no value is split";
    trials.shared_layer(wrapped, &terminals, any_lesson, wrapped_at_80);
    trials.add("COLUMNS sets the width, and lines in a pipe are not wrapped".into(), terminals[0], columns);
    trials.shared_layer("--brief shows only calls and claims", &[Place::EASIEST], any_lesson, brief);
    trials.add("keys in the narration are hexadecimal".into(), Place::EASIEST, keys);
    let once = "processes that are not visible are counted once, at the end";
    trials.shared_layer(once, &Place::corners(), any_lesson, invisible_once);
    trials.add("processes that are not visible have a remedy".into(), Place::EASIEST, remedy);
    if have("strace") {
        trials.add("a terminal shows a failure once".into(), terminals[0], told_once);
        trials.add("a failed claim names the call that explains it".into(), Place::EASIEST, explained);
        trials.add("a failed claim does not name an unrelated call".into(), Place::EASIEST, unexplained);
        trials.add("a failed claim shows contents that differ".into(), Place::EASIEST, contents);
    } else {
        trials.skip("failed claims are reported", "strace is not installed");
    }
}

/// The indentation of the continuation lines of a call.
const INDENT: usize = 7;

/// Panics if a line is too wide, or if a structure is split although it fits on one line.
fn fits_whole(text: &str, width: usize) {
    fits(text, width);
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[0].matches('{').count() > pair[0].matches('}').count()) {
        // The structure, from its brace to the end of the part that should have stayed on the line.
        let (_, begun) = pair[0].split_once('{').expect("a brace");
        let rest = pair[1].trim_start();
        let end = rest.find("})").map_or(rest.len(), |at| at + 2);
        let whole = begun.chars().count() + end + 1;
        assert!(whole + INDENT >= width, "a structure is split that fits on one line: {}\n{text}", pair[0]);
    }
}

fn wrapped_at_80(lesson: &str) {
    let text = on_screen(&mut workbook(lesson), 0, 0);
    fits_whole(&text, 80);
    // Continuation lines are indented: only titles and totals begin in the first column.
    let left = text.lines().filter(|line| !line.is_empty() && !line.starts_with(' '));
    for line in left.skip(2) {
        let title = line.split_once(". ").is_some_and(|(n, _)| n.parse::<u32>().is_ok());
        let total = line.starts_with("claims: ") || line.contains("could not be looked into");
        assert!(title || total, "it begins in the first column: {line}\n{text}");
    }
}

fn columns() {
    let shown = |columns| on_screen(&mut workbook("refcount_demo"), columns, 0);
    fits_whole(&shown(100), 100);
    let (wide, narrow) = (shown(1000), shown(60));
    fits_whole(&narrow, 60);
    assert!(narrow.lines().count() > wide.lines().count(), "{narrow}");
    let mut command = workbook("refcount_demo");
    let piped = stdout(&run(command.env("COLUMNS", "60"), 0));
    assert_eq!(piped.lines().count(), wide.lines().count(), "{piped}");
    assert!(!piped.contains('\u{a0}') && !narrow.contains('\u{a0}'), "{piped}");
}

/// Returns whether a line of the narration is a claim that held or was not seen.
pub(crate) fn is_claim(line: &str) -> bool {
    ["   ✔ ", "   ? "].iter().any(|sign| line.starts_with(sign))
}

fn brief(lesson: &str) {
    let told = stdout(&run(workbook(lesson).arg("--brief"), 0));
    let usual = usual(lesson);
    assert_eq!(told.lines().filter(|line| is_claim(line)).count(), usual.claims.len(), "{told}");
    for line in told.lines().filter(|line| !line.is_empty()) {
        let total = line.starts_with("claims: ") || line.contains("could not be looked into");
        assert!(is_claim(line) || line.contains(" = ") || line.contains('(') || total, "{line}\n{told}");
        assert!(!line.starts_with("   kernel  "), "{line}\n{told}");
    }
    let whole = stdout(&run(workbook(lesson).args(["--brief", "--format", "json"]), 0));
    assert!(whole.contains("\"event\":\"step\""), "{whole}");
}

fn keys() {
    let text = stdout(&run(workbook("svmsg_create").args(["--key", "-2"]), 0));
    assert!(text.contains(" · key 0xfffffffe · ") && text.contains("msgget(0xfffffffe, "), "{text}");
    let output = run(workbook("svmsg_create").args(["--key", "-2", "--format", "json"]), 0);
    assert!(events(&output).iter().any(|event| event["key"] == -2), "{}", describe(&output));
}

fn invisible_once(lesson: &str) {
    let text = stdout(&run(&mut workbook(lesson), 0));
    let told = text.matches("could not be looked into").count();
    assert!(told <= 1, "{text}");
    if let Some((_, rest)) = text.split_once("could not be looked into") {
        assert!(!rest.contains("\n1. ") && text.contains("\nclaims: "), "{text}");
        assert!(rest.lines().count() <= 1, "the count is not at the end: {text}");
    }
}

/// The processes outside a private namespace are not visible inside.
fn remedy() {
    let text = stdout(&run(workbook("refcount_demo").arg("--private"), 0));
    let remedy = "; only root can look into more, and only outside a private namespace\n";
    assert!(text.contains("could not be looked into") && text.ends_with(remedy), "{text}");
}

/// Returns a command that runs the lesson in a terminal or in pipes, while strace returns a false result.
fn lied_to(lesson: &str, lie: &str) -> Command {
    let call = lie.split(':').next().unwrap_or_default();
    let mut command = command("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null"]);
    command.arg("-e").arg(format!("trace={call}")).arg("-e").arg(format!("inject={lie}"));
    command.arg(program(lesson)).env("TERM", "dumb");
    command
}

/// The third mq_receive returns 3 without writing to the buffer.
const SHORT: &str = "mq_timedreceive:retval=3:when=3";

fn told_once() {
    let sentence = "a nameless queue still delivers: saw";
    let (text, status) = Terminal::start(&mut lied_to("refcount_demo", SHORT)).end();
    assert_eq!(status.code(), Some(1), "{text}");
    assert_eq!(text.matches(sentence).count(), 1, "{text}");
    assert!(!text.contains("claim failed"), "{text}");
    // When standard output and standard error are two places, each gets the message.
    let (out, err) = texts(&mut lied_to("refcount_demo", SHORT), 1);
    assert_eq!((out.matches(sentence).count(), err.matches(sentence).count()), (1, 1), "{out}\n{err}");
    nothing_left("a lie");
}

/// Returns the line of the claim that failed.
fn failed(out: &str) -> &str {
    out.lines().find(|line| line.contains('✘')).unwrap_or_else(|| panic!("no claim failed: {out}"))
}

fn explained() {
    let output = limited(&mut lied_to("refcount_demo", "mq_timedreceive:error=EAGAIN:when=1"));
    let out = stdout(&output);
    let call = "saw EAGAIN, not EMSGSIZE (mq_receive(3, buffer, 64, NULL) = -1 EAGAIN (";
    assert!(failed(&out).contains(call), "{out}");
    assert!(stderr(&output).contains(call), "{}", describe(&output));
}

/// mq_receive fails, as claimed, and a later claim fails for another reason.
fn unexplained() {
    let output = limited(&mut lied_to("refcount_demo", SHORT));
    let line = failed(&stdout(&output)).to_string();
    assert!(line.contains("a nameless queue still delivers") && !line.contains('('), "{line}");
    assert!(!stderr(&output).contains("mq_receive"), "{}", describe(&output));
}

fn contents() {
    let out = stdout(&limited(&mut lied_to("refcount_demo", SHORT)));
    assert!(failed(&out).ends_with("saw \"hel\", not \"sent without a name\""), "{out}");
}
