//! How a lesson tells its story: lines that fit the terminal, failures that are told once and name the
//! call that explains them, contents as contents, keys in hexadecimal.

use ipc_workbook_testing::prelude::*;
use std::process::Command;

pub(crate) fn trials(trials: &mut Trials) {
    let terminals = Place::each_user(Mqueue::Absent);
    let wrapped = "in a terminal of 80 columns no line is longer, and no value is broken";
    trials.shared_layer(wrapped, &terminals, any_lesson, wrapped_at_80);
    trials.add("COLUMNS is the width, and a pipe has none".into(), terminals[0], columns);
    trials.shared_layer("--brief shows calls and claims only", &[Place::EASIEST], any_lesson, brief);
    trials.add("a key is hexadecimal wherever people read it".into(), Place::EASIEST, keys);
    let once = "who could not be looked into is told once, at the end";
    trials.shared_layer(once, &Place::corners(), any_lesson, invisible_once);
    if have("strace") {
        trials.add("a failure is told once in a terminal".into(), terminals[0], told_once);
        trials.add("a failed claim names the call that explains it".into(), Place::EASIEST, explained);
        trials.add("a failed claim names no other call".into(), Place::EASIEST, unexplained);
        trials.add("contents that differ are shown".into(), Place::EASIEST, contents);
    } else {
        trials.skip("a failure is told well", "there is no strace here");
    }
}

/// How far the rest of a call is indented.
const INDENT: usize = 7;

/// It fits, and no structure is broken, but for one that has room on no line.
fn fits_whole(text: &str, width: usize) {
    fits(text, width);
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[0].matches('{').count() > pair[0].matches('}').count()) {
        // The structure, from its brace to the end of the part that would have had to fit.
        let (_, begun) = pair[0].split_once('{').expect("a brace");
        let rest = pair[1].trim_start();
        let end = rest.find("})").map_or(rest.len(), |at| at + 2);
        let whole = begun.chars().count() + end + 1;
        assert!(whole + INDENT >= width, "a value is broken: {}\n{text}", pair[0]);
    }
}

fn wrapped_at_80(lesson: &str) {
    let text = on_screen(&mut workbook(lesson), 0, 0);
    fits_whole(&text, 80);
    // What is broken off hangs below: only titles and totals begin at the left.
    let left = text.lines().filter(|line| !line.is_empty() && !line.starts_with(' '));
    for line in left.skip(2) {
        let title = line.split_once(". ").is_some_and(|(n, _)| n.parse::<u32>().is_ok());
        let total = line.starts_with("claims: ") || line.contains("could not be looked into");
        assert!(title || total, "it begins at the left: {line}\n{text}");
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

fn brief(lesson: &str) {
    let told = stdout(&run(workbook(lesson).arg("--brief"), 0));
    let usual = usual(lesson);
    let is_claim = |line: &&str| ["   ✔ ", "   ? "].iter().any(|sign| line.starts_with(sign));
    assert_eq!(told.lines().filter(is_claim).count(), usual.claims.len(), "{told}");
    for line in told.lines().filter(|line| !line.is_empty()) {
        let total = line.starts_with("claims: ") || line.contains("could not be looked into");
        assert!(is_claim(&line) || line.contains(" = ") || line.contains('(') || total, "{line}\n{told}");
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
        assert!(rest.lines().count() <= 1, "not at the end: {text}");
    }
}

/// The lesson in a terminal or in pipes, while strace has the kernel lie.
fn lied_to(lesson: &str, lie: &str) -> Command {
    let call = lie.split(':').next().unwrap_or_default();
    let mut command = command("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null"]);
    command.arg("-e").arg(format!("trace={call}")).arg("-e").arg(format!("inject={lie}"));
    command.arg(program(lesson)).env("TERM", "dumb");
    command
}

/// The third mq_receive returns 3, and has put nothing into the buffer.
const SHORT: &str = "mq_timedreceive:retval=3:when=3";

fn told_once() {
    let sentence = "a nameless queue still delivers: saw";
    let (text, status) = Terminal::start(&mut lied_to("refcount_demo", SHORT)).end();
    assert_eq!(status.code(), Some(1), "{text}");
    assert_eq!(text.matches(sentence).count(), 1, "{text}");
    assert!(!text.contains("claim failed"), "{text}");
    // In two places it is told in each.
    let (out, err) = texts(&mut lied_to("refcount_demo", SHORT), 1);
    assert_eq!((out.matches(sentence).count(), err.matches(sentence).count()), (1, 1), "{out}\n{err}");
    nothing_left("a lie");
}

/// The line of the claim that failed.
fn failed(out: &str) -> &str {
    out.lines().find(|line| line.contains('✘')).unwrap_or_else(|| panic!("nothing failed: {out}"))
}

fn explained() {
    let output = limited(&mut lied_to("refcount_demo", "mq_timedreceive:error=EAGAIN:when=1"));
    let out = stdout(&output);
    let call = "saw EAGAIN, not EMSGSIZE (mq_receive(3, buffer, 64, NULL) = -1 EAGAIN (";
    assert!(failed(&out).contains(call), "{out}");
    assert!(stderr(&output).contains(call), "{}", describe(&output));
}

/// A receive is refused, as claimed, and a later claim fails by itself.
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
