//! The programs of the questions that ask for the line with a bug: the bug shows on each run and for
//! every user, and the fix corrects it.

use ipc_workbook_testing::bank::{Question, parsed, questions};
use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Ends the line with the bug.
const BUG: &str = "/* BUG */";

#[test]
fn every_bug_shows_on_each_run_and_its_fix_corrects_it() {
    if !have("cc") {
        return skip("cc is not installed");
    }
    let mut wrong = Vec::new();
    for question in questions().iter().filter(|question| question.kind() == "find-bug") {
        let source = fs::read_to_string(question.program()).unwrap_or_default();
        if let Err(what) = shows_and_mends(question, &source) {
            wrong.push(format!("{}: {what}", question.id()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks that the program shows its bug, and that the fixed program shows the opposite.
fn shows_and_mends(question: &Question, source: &str) -> Result<(), String> {
    let [shows, fixed_shows] = ["shows", "fixed_shows"].map(|key| question.text(key));
    let mended =
        |line: &str| if line.ends_with(BUG) { question.text("fix").into() } else { line.to_string() };
    let mended: Vec<String> = source.lines().map(mended).collect();
    always_prints(question, "shows", &source.replace(BUG, ""), shows, fixed_shows)?;
    always_prints(question, "mended", &(mended.join("\n") + "\n"), fixed_shows, shows)
        .map_err(|what| format!("with the fix, {what}"))
}

/// How often each user runs a program. The exhaustive run does it more often.
fn runs() -> usize {
    if exhaustive() { 10 } else { 2 }
}

/// Checks that a program prints `line` and does not print `never`, for each user and on each of several runs.
fn always_prints(
    question: &Question,
    what: &str,
    source: &str,
    line: &str,
    never: &str,
) -> Result<(), String> {
    let folder = Folder::new("bug");
    let file = folder.join(format!("{}-{what}.c", question.id()));
    fs::write(&file, source).expect("written");
    let program = compiled_beside(&file, &question.folder.join("bugs"), &folder)?;
    for user in User::all() {
        for _ in 0..runs() {
            let output = in_a_namespace_of_its_own(&program, user);
            let printed = stdout(&output);
            let prints = |wanted: &str| printed.lines().any(|line| line == wanted);
            if !prints(line) || prints(never) {
                return Err(format!(
                    "as {user:?} it does not print {line:?}, or not alone: {}",
                    describe(&output)
                ));
            }
        }
    }
    Ok(())
}

/// Runs the program in its own namespace, which takes the program's objects with it.
fn in_a_namespace_of_its_own(program: &Path, user: User) -> Output {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    enter(&mut command, user, Mqueue::Mounted);
    let limit = || {
        nix::unistd::alarm::set(10);
        Ok(())
    };
    // SAFETY: the closure makes one system call. The alarm stays set after exec.
    unsafe { command.pre_exec(limit) };
    command.output().expect("a namespace")
}

#[test]
fn a_bug_that_does_not_show_or_is_not_fixed_is_reported() {
    if !have("cc") {
        return skip("cc is not installed");
    }
    let source = "#include <stdio.h>\nint main(void) {\n\tputs(\"wrong\"); /* BUG */\n\treturn 0;\n}\n";
    let question = |fix: &str, shows: &str| {
        let keys =
            format!("id = \"a-test\"\nshows = \"{shows}\"\nfixed_shows = \"right\"\nfix = '''{fix}'''");
        parsed(Path::new("/nowhere"), &format!("[[question]]\n{keys}")).remove(0)
    };
    let faults_of =
        |fix: &str, shows: &str| shows_and_mends(&question(fix, shows), source).err().unwrap_or_default();
    assert_eq!(faults_of("puts(\"right\");", "wrong"), "");
    assert!(faults_of("puts(\"right\");", "other").starts_with("as Me it does not print \"other\""));
    assert!(
        faults_of("puts(\"else\");", "wrong").starts_with("with the fix, as Me it does not print \"right\"")
    );
    assert!(faults_of("puts(\"right\\nwrong\");", "wrong").starts_with("with the fix, as Me"));
    assert!(faults_of("puts(no);", "wrong").starts_with("with the fix, it does not compile"));
}

#[test]
fn every_program_with_a_bug_has_a_question() {
    let all = questions();
    let asked: BTreeSet<PathBuf> =
        all.iter().filter(|question| question.kind() == "find-bug").map(Question::program).collect();
    let folders: BTreeSet<&PathBuf> = all.iter().map(|question| &question.folder).collect();
    let files: BTreeSet<PathBuf> =
        folders.into_iter().flat_map(|folder| entries(&folder.join("bugs"))).collect();
    let unasked: Vec<&PathBuf> = files.difference(&asked).collect();
    assert!(unasked.is_empty(), "no question asks about {unasked:?}");
}
