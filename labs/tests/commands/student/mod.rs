//! Tests of the student's commands, with pipes in place of a terminal.

mod feedback;
mod state;
mod terminal;
mod usage;

use crate::support::course::{LAB, lab_folder, source};
use crate::support::*;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the command in this folder, with its own state file and exercises.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = lab(args);
    command.arg("--state").arg(folder.join("state.json")).arg("--exercises").arg(folder.join("exercises"));
    command.current_dir(folder).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    command
}

/// Runs a command, and returns the JSON object that it prints on one line.
fn object(folder: &Path, args: &[&str], code: i32) -> Value {
    let (stdout, _) = texts(command(folder, args).args(["--format", "json"]), code);
    assert_eq!(stdout.matches('\n').count(), 1, "{stdout}");
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

/// Returns what `lab list` says about the lab.
fn listed(folder: &Path) -> Value {
    let (stdout, _) = texts(&mut command(folder, &["list", "--format", "json"]), 0);
    let mut all = stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    all.find(|one| one["lab"] == LAB).expect("the lab")
}

fn record(folder: &Path) -> Value {
    let text = fs::read(folder.join("state.json")).expect("a state");
    let state: Value = serde_json::from_slice(&text).expect("JSON");
    state["labs"][LAB].clone()
}

/// Writes a file of the exercise, with a modification time later than all others.
fn write_exercise(folder: &Path, name: &str, text: &[u8]) -> PathBuf {
    let file = folder.join("exercises").join(LAB).join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, text).expect("written");
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(1);
    fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(later)).expect("a time");
    file
}

#[test]
fn from_the_starter_to_full_marks() {
    let folder = Folder::new("from-the-starter");
    let (shown, _) = texts(&mut command(&folder, &["show", LAB, "--language", "c"]), 0);
    for word in ["PROGRAM /NAME MODE", "Points", "exercises/exact-mode/main.c", "check exact-mode"] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    let (printed, _) = texts(&mut command(&folder, &["check", LAB]), 1);
    for word in ["✘ lost", "observed", "required", "0 of 10 points", "hint exact-mode", "build exact-mode"]
    {
        assert!(printed.contains(word), "{word} is not in\n{printed}");
    }
    assert!(!printed.contains("✔"), "{printed}");
    let begun = listed(&folder);
    assert_eq!((&begun["state"], &begun["progress"]["best"]), (&json!("begun"), &json!(0)));

    write_exercise(&folder, "main.c", source("bad/trusts-the-umask.diff").as_bytes());
    let (printed, _) = texts(&mut command(&folder, &["check", LAB]), 1);
    // What was observed and required, the reason, and the command that shows it.
    for word in
        ["✔ passed", "mode 0640, requested 0660", "the umask 0027", "program /lab 0660", "6 of 10 points"]
    {
        assert!(printed.contains(word), "{word} is not in\n{printed}");
    }

    write_exercise(&folder, "main.c", source("solution.c").as_bytes());
    let (printed, _) = texts(&mut command(&folder, &["check", LAB]), 0);
    assert!(printed.contains("10 of 10 points") && !printed.contains("✘"), "{printed}");
    let (list, _) = texts(&mut command(&folder, &["list"]), 0);
    let line = list.lines().find(|line| line.contains(LAB)).expect("its line");
    assert!(line.contains("10 of 10") && line.contains("passed"), "{list}");
    // A worse submission later does not lower the best result.
    write_exercise(&folder, "main.c", source("starter.c").as_bytes());
    texts(&mut command(&folder, &["check", LAB]), 1);
    let record = record(&folder);
    assert_eq!((&record["best"], &record["checks"]), (&json!(10), &json!(4)));
    assert!(record["passed"].is_i64(), "{record}");
}

#[test]
fn the_file_that_was_changed_last_is_checked_and_named() {
    let folder = Folder::new("changed-last");
    texts(&mut command(&folder, &["show", LAB, "--language", "rust"]), 0);
    texts(&mut command(&folder, &["show", LAB, "--language", "c"]), 0);
    write_exercise(&folder, "main.py", b"#!/bin/sh\nexit 0\n");
    let (_, complaint) = texts(&mut command(&folder, &["check", LAB]), 2);
    assert!(complaint.contains("main.py") && complaint.contains("chmod +x"), "{complaint}");
    let script = folder.join("exercises/exact-mode/main.py");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
    let (printed, _) = texts(&mut command(&folder, &["check", LAB]), 1);
    let head = printed.lines().next().expect("a line");
    assert!(head.contains("exercises/exact-mode/main.py (the file changed last; not graded:"), "{head}");
    assert!(head.contains("main.rs") && head.contains("main.c"), "{head}");
    // The commands have its path, because nothing needs to be built.
    assert!(printed.contains("exercises/exact-mode/main.py /lab 0660"), "{printed}");

    write_exercise(&folder, "main.c", source("solution.c").as_bytes());
    fs::remove_file(&script).expect("removed");
    let graded = object(&folder, &["check", LAB], 0);
    assert_eq!(graded["submission"], "exercises/exact-mode/main.c");
}

#[test]
fn a_program_of_several_c_files_is_one_program() {
    let folder = Folder::new("several-files");
    let solution = source("solution.c");
    write_exercise(&folder, "work.c", solution.replace("int main(", "int work(").as_bytes());
    write_exercise(
        &folder,
        "main.c",
        b"int work(int, char **);\nint main(int n, char **a) { return work(n, a); }\n",
    );
    let graded = object(&folder, &["check", LAB], 0);
    assert_eq!((&graded["got"], &graded["of"]), (&json!(10), &json!(10)));
}

#[test]
fn show_lays_no_second_starter_beside_what_was_begun() {
    let folder = Folder::new("no-second");
    texts(&mut command(&folder, &["show", LAB, "--language", "c"]), 0);
    let mine = write_exercise(&folder, "main.c", b"int main(void) { return 7; }\n");
    let shown = object(&folder, &["show", LAB], 0);
    assert_eq!((shown["file"].as_str(), &shown["new"]), (mine.to_str(), &json!(false)));
    assert!(!folder.join("exercises/exact-mode/main.rs").exists());
    assert_eq!(fs::read(&mine).expect("mine"), b"int main(void) { return 7; }\n");
}

#[test]
fn reset_keeps_what_the_student_had_with_a_number() {
    let folder = Folder::new("reset");
    let starter = fs::read(lab_folder().join("starter.c")).expect("a source");
    let fresh = object(&folder, &["reset", LAB, "--language", "c"], 0);
    assert_eq!(fresh["kept"], Value::Null);
    let file = folder.join("exercises/exact-mode/main.c");
    assert_eq!(fs::read(&file).expect("the starter"), starter);
    for (n, mine) in [(1, "the first"), (2, "the second")] {
        write_exercise(&folder, "main.c", mine.as_bytes());
        // The language is the one that the student has begun in.
        let (printed, _) = texts(&mut command(&folder, &["reset", LAB]), 0);
        assert!(printed.contains(&format!("main.c.{n}")), "{printed}");
        assert_eq!(
            fs::read_to_string(folder.join(format!("exercises/exact-mode/main.c.{n}"))).expect("kept"),
            mine
        );
        assert_eq!(fs::read(&file).expect("the starter"), starter);
    }
    // An unchanged starter need not be kept.
    assert_eq!(object(&folder, &["reset", LAB], 0)["kept"], Value::Null);
    assert!(!folder.join("exercises/exact-mode/main.c.3").exists());
}

#[test]
fn reset_that_cannot_keep_leaves_all_as_it_is() {
    if nix::unistd::geteuid().is_root() {
        skip("reset_that_cannot_keep_leaves_all_as_it_is: root may write anywhere");
        return;
    }
    let folder = Folder::new("reset-refused");
    let mine = write_exercise(&folder, "main.c", b"mine");
    let exercise = mine.parent().expect("a folder");
    fs::set_permissions(exercise, fs::Permissions::from_mode(0o555)).expect("a mode");
    let (_, complaint) = texts(&mut command(&folder, &["reset", LAB]), 3);
    fs::set_permissions(exercise, fs::Permissions::from_mode(0o755)).expect("a mode");
    assert!(complaint.contains("The old file is unchanged"), "{complaint}");
    assert_eq!(fs::read(&mine).expect("mine"), b"mine");
}

#[test]
fn hints_come_one_by_one_and_none_is_lost() {
    let folder = Folder::new("hints");
    let of = object(&folder, &["hint", LAB], 0)["of"].as_u64().expect("a number");
    for n in 2..=of {
        let (printed, _) = texts(&mut command(&folder, &["hint", LAB]), 0);
        assert_eq!(printed.matches("Hint ").count() as u64, n, "{printed}");
        assert!(printed.contains(&format!("Hint {n} of {of}:")) && !printed.contains("no more"), "{printed}");
    }
    let (printed, _) = texts(&mut command(&folder, &["hint", LAB]), 0);
    assert!(printed.contains("Hint 1 of") && printed.contains("You have seen all hints"), "{printed}");
    assert_eq!(record(&folder)["hints"], json!(of));
}

#[test]
fn a_solution_is_for_who_has_passed_or_gives_up() {
    let folder = Folder::new("solution");
    let (nothing, complaint) = texts(&mut command(&folder, &["solution", LAB, "--language", "c"]), 1);
    assert!(nothing.is_empty() && complaint.contains("--give-up"), "{nothing}{complaint}");
    let solution = lab_folder().join("solution.c");
    let (shown, _) = texts(&mut command(&folder, &["solution", LAB, "--language", "c", "--give-up"]), 0);
    assert_eq!(shown, fs::read_to_string(&solution).expect("a source"));
    // This is stored: from now on the solution is shown, and a pass counts as one after giving up.
    texts(&mut command(&folder, &["solution", LAB, "--language", "c"]), 0);
    write_exercise(&folder, "main.c", shown.as_bytes());
    texts(&mut command(&folder, &["check", LAB]), 0);
    assert_eq!(listed(&folder)["state"], "passed after giving up");

    let other = Folder::new("solution-after-passing");
    write_exercise(&other, "main.c", shown.as_bytes());
    texts(&mut command(&other, &["check", LAB]), 0);
    assert_eq!(object(&other, &["solution", LAB, "--give-up"], 0)["language"], "c");
    assert_eq!(record(&other)["gave_up"], Value::Null);
    assert_eq!(listed(&other)["state"], "passed");
}

#[test]
fn one_schedule_alone_is_no_pass() {
    let folder = Folder::new("one-schedule");
    write_exercise(&folder, "main.c", source("solution.c").as_bytes());
    let (printed, _) = texts(&mut command(&folder, &["check", LAB, "--seed", "7"]), 0);
    assert!(printed.contains("Only the schedule with seed 7"), "{printed}");
    assert!(!folder.join("state.json").exists());
    texts(&mut command(&folder, &["solution", LAB]), 1);
}

#[test]
fn the_workbooks_own_files_are_nobodys_progress() {
    let folder = Folder::new("own-files");
    let solution = lab_folder().join("solution.c");
    texts(command(&folder, &["check", LAB]).arg("--program").arg(solution), 0);
    assert!(!folder.join("state.json").exists());
}

#[test]
fn any_executable_is_graded() {
    let folder = Folder::new("executable");
    run(&mut cc(&lab_folder().join("solution.c"), &folder.join("a.out")), 0);
    let (printed, _) = texts(&mut command(&folder, &["check", LAB, "--program", "a.out"]), 0);
    assert!(printed.contains("10 of 10"), "{printed}");
    // A name with characters that are special for a shell and a terminal.
    let odd = "a b\n'$(reboot)";
    fs::rename(folder.join("a.out"), folder.join(odd)).expect("renamed");
    let graded = object(&folder, &["check", LAB, "--program", odd], 0);
    assert_eq!(graded["submission"], odd);
    // A link stands for its target.
    symlink(folder.join(odd), folder.join("link")).expect("a link");
    texts(&mut command(&folder, &["check", LAB, "--program", "link"]), 0);
}

#[test]
fn what_it_needs_of_the_machine_can_be_shown_to_it() {
    let folder = Folder::new("show");
    // An interpreter in a folder that the sandbox lacks: its /tmp is its own, and it has no /var.
    let tools = Folder::within(Path::new("/var/tmp"), "tools");
    fs::copy("/bin/sh", tools.join("shell")).expect("a copy");
    let script = folder.join("script");
    fs::write(&script, format!("#!{}\nexit 0\n", tools.join("shell").display())).expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
    let check = ["check", LAB, "--program", "script"];
    let first = |graded: &Value| graded["lines"][0]["observed"].as_str().map(String::from);
    let without = object(&folder, &check, 1);
    assert!(first(&without).expect("a text").contains("not executed: ENOENT"), "{without}");
    let tools = tools.to_str().expect("UTF-8");
    let with = object(&folder, &[&check[..], &["--show", tools]].concat(), 1);
    assert_eq!(first(&with).as_deref(), Some("exit code 0, and no queue"));
    // The machine's /tmp would cover the sandbox's own.
    let (_, complaint) = texts(command(&folder, &check).arg("--show").arg(&*folder), 2);
    assert!(complaint.contains("the sandbox has a folder of its own there"), "{complaint}");
}

#[test]
fn what_build_makes_is_the_program_of_the_commands() {
    let folder = Folder::new("build");
    write_exercise(&folder, "main.c", b"int main(void) { return 42; }\n");
    let built = object(&folder, &["build", LAB], 0);
    let program = built["program"].as_str().expect("a path");
    assert_eq!(Command::new(program).status().expect("it runs").code(), Some(42));
    write_exercise(&folder, "main.c", b"int main(void) { return }\n");
    let (nothing, complaint) = texts(&mut command(&folder, &["build", LAB]), 1);
    assert!(nothing.is_empty() && complaint.contains("does not build"), "{nothing}{complaint}");
    // The compiler's own message comes first, and the failed build leaves nothing for check to grade.
    assert!(complaint.contains("error"), "{complaint}");
    let graded = object(&folder, &["check", LAB], 1);
    assert!(graded["refused"].as_str().expect("a reason").contains("does not build"), "{graded}");
    assert_eq!(graded["got"], 0);
}

#[test]
fn an_exercise_in_rust_is_graded_and_built() {
    if !has_rust() {
        skip("an_exercise_in_rust_is_graded_and_built: this user cannot run rustc");
        return;
    }
    let folder = Folder::new("rust");
    texts(&mut command(&folder, &["show", LAB, "--language", "rust"]), 0);
    assert_eq!(object(&folder, &["check", LAB], 1)["got"], 0);
    write_exercise(&folder, "main.rs", source("solution.rs").as_bytes());
    assert_eq!(object(&folder, &["check", LAB], 0)["submission"], "exercises/exact-mode/main.rs");
    let built = object(&folder, &["build", LAB], 0);
    // Without arguments it prints its usage.
    let output = Command::new(built["program"].as_str().expect("a path")).output().expect("it runs");
    assert!(stderr(&output).contains("/NAME MODE"), "{}", describe(&output));
}
