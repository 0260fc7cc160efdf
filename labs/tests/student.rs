//! What a student does with the labs, through pipes.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{Scratch, lab, labs, skip, tell};

/// The lab that all of this is tried on.
const LAB: &str = "exact-mode";

/// A file of that lab, which the workbook has.
fn of_lab(file: &str) -> PathBuf {
    let lab = labs().into_iter().find(|lab| support::name(lab) == LAB).expect("the lab");
    lab.join(file)
}

/// The command in this folder, with a state and exercises of its own.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = lab(args);
    command.arg("--state").arg(folder.join("state.json")).arg("--exercises").arg(folder.join("exercises"));
    command.current_dir(folder).env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
    command
}

/// Runs it, and demands the exit code. Returns what it printed, to both.
fn run(command: &mut Command, code: i32) -> (String, String) {
    let output: Output = command.output().expect("lab");
    assert_eq!(output.status.code(), Some(code), "{command:?} {}", tell(&output));
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    (stdout, stderr)
}

/// One JSON object on one line.
fn object(folder: &Path, args: &[&str], code: i32) -> Value {
    let (stdout, _) = run(command(folder, args).args(["--format", "json"]), code);
    assert_eq!(stdout.matches('\n').count(), 1, "{stdout}");
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

/// What list says of the lab.
fn listed(folder: &Path) -> Value {
    let (stdout, _) = run(&mut command(folder, &["list", "--format", "json"]), 0);
    let mut all = stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    all.find(|one| one["lab"] == LAB).expect("the lab")
}

fn record(folder: &Path) -> Value {
    let text = fs::read(folder.join("state.json")).expect("a state");
    let state: Value = serde_json::from_slice(&text).expect("JSON");
    state["labs"][LAB].clone()
}

/// The exercise as it would be a moment after all others were changed.
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
    let folder = Scratch::new("from-the-starter");
    let (shown, _) = run(&mut command(&folder, &["show", LAB, "--language", "c"]), 0);
    for word in ["PROGRAM /NAME MODE", "Points", "exercises/exact-mode/main.c", "check exact-mode"] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    let (told, _) = run(&mut command(&folder, &["check", LAB]), 1);
    for word in ["✘ lost", "observed", "required", "0 of 10 points", "hint exact-mode", "build exact-mode"]
    {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    assert!(!told.contains("✔"), "{told}");
    let begun = listed(&folder);
    assert_eq!((&begun["state"], &begun["progress"]["best"]), (&json!("begun"), &json!(0)));

    write_exercise(&folder, "main.c", &fs::read(of_lab("bad/trusts-the-umask.c")).expect("a source"));
    let (told, _) = run(&mut command(&folder, &["check", LAB]), 1);
    // Observed against required, with the reason, and the command that shows the same.
    for word in
        ["✔ passed", "mode 0640 for 0660", "the umask was 0027", "program /lab 0660", "6 of 10 points"]
    {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }

    write_exercise(&folder, "main.c", &fs::read(of_lab("solution.c")).expect("a source"));
    let (told, _) = run(&mut command(&folder, &["check", LAB]), 0);
    assert!(told.contains("10 of 10 points") && !told.contains("✘"), "{told}");
    let (list, _) = run(&mut command(&folder, &["list"]), 0);
    let line = list.lines().find(|line| line.contains(LAB)).expect("its line");
    assert!(line.contains("10 of 10") && line.contains("passed"), "{list}");
    // A worse one afterwards takes nothing away.
    write_exercise(&folder, "main.c", &fs::read(of_lab("starter.c")).expect("a source"));
    run(&mut command(&folder, &["check", LAB]), 1);
    let record = record(&folder);
    assert_eq!((&record["best"], &record["checks"]), (&json!(10), &json!(4)));
    assert!(record["passed"].is_i64(), "{record}");
}

#[test]
fn the_file_that_was_changed_last_is_checked_and_named() {
    let folder = Scratch::new("changed-last");
    run(&mut command(&folder, &["show", LAB, "--language", "rust"]), 0);
    run(&mut command(&folder, &["show", LAB, "--language", "c"]), 0);
    write_exercise(&folder, "main.py", b"#!/bin/sh\nexit 0\n");
    let (_, complaint) = run(&mut command(&folder, &["check", LAB]), 2);
    assert!(complaint.contains("main.py") && complaint.contains("chmod +x"), "{complaint}");
    let script = folder.join("exercises/exact-mode/main.py");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a mode");
    let (told, _) = run(&mut command(&folder, &["check", LAB]), 1);
    let head = told.lines().next().expect("a line");
    assert!(head.contains("exercises/exact-mode/main.py (changed last, after"), "{head}");
    assert!(head.contains("main.rs") && head.contains("main.c"), "{head}");
    // Its path stands in the commands, for there is nothing to be built.
    assert!(told.contains("exercises/exact-mode/main.py /lab 0660"), "{told}");

    write_exercise(&folder, "main.c", &fs::read(of_lab("solution.c")).expect("a source"));
    fs::remove_file(&script).expect("removed");
    let graded = object(&folder, &["check", LAB], 0);
    assert_eq!(graded["submission"], "exercises/exact-mode/main.c");
}

#[test]
fn a_program_of_several_c_files_is_one_program() {
    let folder = Scratch::new("several-files");
    let solution = fs::read_to_string(of_lab("solution.c")).expect("a source");
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
    let folder = Scratch::new("no-second");
    run(&mut command(&folder, &["show", LAB, "--language", "c"]), 0);
    let mine = write_exercise(&folder, "main.c", b"int main(void) { return 7; }\n");
    let shown = object(&folder, &["show", LAB], 0);
    assert_eq!((shown["file"].as_str(), &shown["new"]), (mine.to_str(), &json!(false)));
    assert!(!folder.join("exercises/exact-mode/main.rs").exists());
    assert_eq!(fs::read(&mine).expect("mine"), b"int main(void) { return 7; }\n");
}

#[test]
fn reset_keeps_what_the_student_had_with_a_number() {
    let folder = Scratch::new("reset");
    let starter = fs::read(of_lab("starter.c")).expect("a source");
    let fresh = object(&folder, &["reset", LAB, "--language", "c"], 0);
    assert_eq!(fresh["kept"], Value::Null);
    let file = folder.join("exercises/exact-mode/main.c");
    assert_eq!(fs::read(&file).expect("the starter"), starter);
    for (n, mine) in [(1, "the first"), (2, "the second")] {
        write_exercise(&folder, "main.c", mine.as_bytes());
        // The language is the one begun in.
        let (told, _) = run(&mut command(&folder, &["reset", LAB]), 0);
        assert!(told.contains(&format!("main.c.{n}")), "{told}");
        assert_eq!(
            fs::read_to_string(folder.join(format!("exercises/exact-mode/main.c.{n}"))).expect("kept"),
            mine
        );
        assert_eq!(fs::read(&file).expect("the starter"), starter);
    }
    // The starter itself is nobody's work.
    assert_eq!(object(&folder, &["reset", LAB], 0)["kept"], Value::Null);
    assert!(!folder.join("exercises/exact-mode/main.c.3").exists());
}

#[test]
fn reset_that_cannot_keep_leaves_all_as_it_is() {
    if nix::unistd::geteuid().is_root() {
        skip("reset_that_cannot_keep_leaves_all_as_it_is: root may write anywhere");
        return;
    }
    let folder = Scratch::new("reset-refused");
    let mine = write_exercise(&folder, "main.c", b"mine");
    let exercise = mine.parent().expect("a folder");
    fs::set_permissions(exercise, fs::Permissions::from_mode(0o555)).expect("a mode");
    let (_, complaint) = run(&mut command(&folder, &["reset", LAB]), 3);
    fs::set_permissions(exercise, fs::Permissions::from_mode(0o755)).expect("a mode");
    assert!(complaint.contains("untouched"), "{complaint}");
    assert_eq!(fs::read(&mine).expect("mine"), b"mine");
}

#[test]
fn hints_come_one_by_one_and_none_is_lost() {
    let folder = Scratch::new("hints");
    let of = object(&folder, &["hint", LAB], 0)["of"].as_u64().expect("a number");
    for n in 2..=of {
        let (told, _) = run(&mut command(&folder, &["hint", LAB]), 0);
        assert_eq!(told.matches("Hint ").count() as u64, n, "{told}");
        assert!(told.contains(&format!("Hint {n} of {of}:")) && !told.contains("no more"), "{told}");
    }
    let (told, _) = run(&mut command(&folder, &["hint", LAB]), 0);
    assert!(told.contains("Hint 1 of") && told.contains("There is no more"), "{told}");
    assert_eq!(record(&folder)["hints"], json!(of));
}

#[test]
fn a_solution_is_for_who_has_passed_or_gives_up() {
    let folder = Scratch::new("solution");
    let (nothing, complaint) = run(&mut command(&folder, &["solution", LAB, "--language", "c"]), 1);
    assert!(nothing.is_empty() && complaint.contains("--give-up"), "{nothing}{complaint}");
    let solution = of_lab("solution.c");
    let (shown, _) = run(&mut command(&folder, &["solution", LAB, "--language", "c", "--give-up"]), 0);
    assert_eq!(shown, fs::read_to_string(&solution).expect("a source"));
    // It is remembered: from now on it is shown, and a pass is one after giving up.
    run(&mut command(&folder, &["solution", LAB, "--language", "c"]), 0);
    write_exercise(&folder, "main.c", shown.as_bytes());
    run(&mut command(&folder, &["check", LAB]), 0);
    assert_eq!(listed(&folder)["state"], "passed after giving up");

    let other = Scratch::new("solution-after-passing");
    write_exercise(&other, "main.c", shown.as_bytes());
    run(&mut command(&other, &["check", LAB]), 0);
    assert_eq!(object(&other, &["solution", LAB, "--give-up"], 0)["language"], "c");
    assert_eq!(record(&other)["gave_up"], Value::Null);
    assert_eq!(listed(&other)["state"], "passed");
}

#[test]
fn one_schedule_alone_is_no_pass() {
    let folder = Scratch::new("one-schedule");
    write_exercise(&folder, "main.c", &fs::read(of_lab("solution.c")).expect("a source"));
    let (told, _) = run(&mut command(&folder, &["check", LAB, "--seed", "7"]), 0);
    assert!(told.contains("seed 7 alone"), "{told}");
    assert!(!folder.join("state.json").exists());
    run(&mut command(&folder, &["solution", LAB]), 1);
}

#[test]
fn the_workbooks_own_files_are_nobodys_progress() {
    let folder = Scratch::new("own-files");
    let solution = of_lab("solution.c");
    run(command(&folder, &["check", LAB]).arg("--program").arg(solution), 0);
    assert!(!folder.join("state.json").exists());
}

#[test]
fn any_executable_is_graded() {
    let folder = Scratch::new("executable");
    let cc = Command::new("cc").arg("-o").arg(folder.join("a.out")).arg(of_lab("solution.c")).status();
    assert!(cc.expect("cc").success());
    let (told, _) = run(&mut command(&folder, &["check", LAB, "--program", "a.out"]), 0);
    assert!(told.contains("10 of 10"), "{told}");
    // With a name that a shell and a terminal would take for something else.
    let odd = "a b\n'$(reboot)";
    fs::rename(folder.join("a.out"), folder.join(odd)).expect("renamed");
    let graded = object(&folder, &["check", LAB, "--program", odd], 0);
    assert_eq!(graded["submission"], odd);
    // A link is what it leads to.
    symlink(folder.join(odd), folder.join("link")).expect("a link");
    run(&mut command(&folder, &["check", LAB, "--program", "link"]), 0);
}

#[test]
fn what_it_needs_of_the_machine_can_be_shown_to_it() {
    let folder = Scratch::new("show");
    // An interpreter that lies where the cell has nothing: its /tmp is its own, and it has no /var.
    let tools = Scratch(PathBuf::from(format!("/var/tmp/lab-{}-tools", std::process::id())));
    fs::create_dir(&*tools).expect("a folder");
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
    // A /tmp of the machine's would cover the cell's.
    let (_, complaint) = run(command(&folder, &check).arg("--show").arg(&*folder), 2);
    assert!(complaint.contains("that place is its own"), "{complaint}");
}

#[test]
fn what_build_makes_is_the_program_of_the_commands() {
    let folder = Scratch::new("build");
    write_exercise(&folder, "main.c", b"int main(void) { return 42; }\n");
    let built = object(&folder, &["build", LAB], 0);
    let program = built["program"].as_str().expect("a path");
    assert_eq!(Command::new(program).status().expect("it runs").code(), Some(42));
    write_exercise(&folder, "main.c", b"int main(void) { return }\n");
    let (nothing, complaint) = run(&mut command(&folder, &["build", LAB]), 1);
    assert!(nothing.is_empty() && complaint.contains("does not build"), "{nothing}{complaint}");
    // The compiler has said it before; nothing else has grown a candidate for check.
    assert!(complaint.contains("error"), "{complaint}");
    let graded = object(&folder, &["check", LAB], 1);
    assert!(graded["refused"].as_str().expect("a reason").contains("does not build"), "{graded}");
    assert_eq!(graded["got"], 0);
}

#[test]
fn an_exercise_in_rust_is_graded_and_built() {
    if !Command::new("rustc").arg("--version").output().is_ok_and(|output| output.status.success()) {
        skip("an_exercise_in_rust_is_graded_and_built: this user cannot run rustc");
        return;
    }
    let folder = Scratch::new("rust");
    run(&mut command(&folder, &["show", LAB, "--language", "rust"]), 0);
    assert_eq!(object(&folder, &["check", LAB], 1)["got"], 0);
    write_exercise(&folder, "main.rs", &fs::read(of_lab("solution.rs")).expect("a source"));
    assert_eq!(object(&folder, &["check", LAB], 0)["submission"], "exercises/exact-mode/main.rs");
    let built = object(&folder, &["build", LAB], 0);
    // Called without arguments it says what is right.
    let output = Command::new(built["program"].as_str().expect("a path")).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("/NAME MODE"), "{}", tell(&output));
}

#[test]
fn a_state_that_cannot_be_read_is_set_aside_and_nothing_is_lost() {
    let folder = Scratch::new("damaged");
    let state = folder.join("state.json");
    let texts = ["{\"schema\":1,\"labs\":{\"exact", "", "{\"schema\":99,\"labs\":[]}", "[]", "\u{fffd}\u{0}"];
    for (n, text) in texts.into_iter().enumerate() {
        fs::write(&state, text).expect("written");
        let (told, complaint) = run(&mut command(&folder, &["list"]), 0);
        assert!(told.contains("not begun"), "{told}");
        let aside = folder.join(format!("state.json.aside-{}", n + 1));
        assert!(complaint.contains("state.json.aside-") && complaint.lines().count() == 1, "{complaint}");
        assert_eq!(fs::read_to_string(&aside).expect("set aside"), text);
        if text.contains("99") {
            assert!(complaint.contains("version 99"), "{complaint}");
        }
        // A new one begins, and works.
        assert_eq!(object(&folder, &["hint", LAB], 0)["hints"].as_array().expect("hints").len(), 1);
    }
}

#[test]
fn what_another_version_has_added_to_a_record_is_no_damage() {
    let folder = Scratch::new("added");
    let text = json!({ "schema": 1, "labs": { LAB: { "best": 6, "of": 10, "checks": 2, "mood": "good" } } });
    fs::write(folder.join("state.json"), text.to_string()).expect("written");
    let listed = listed(&folder);
    assert_eq!((&listed["progress"]["best"], &listed["state"]), (&json!(6), &json!("begun")));
}

#[test]
fn several_at_one_time_keep_what_each_has_stored() {
    let folder = Scratch::new("several");
    write_exercise(&folder, "main.c", b"int main(void) { return 1; }\n");
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut check = command(&folder, &["check", LAB]);
            check.stdout(std::process::Stdio::null()).spawn().expect("lab")
        })
        .collect();
    for mut child in children {
        assert_eq!(child.wait().expect("its end").code(), Some(1));
    }
    assert_eq!(record(&folder)["checks"], 6);
    assert!(!folder.join(".half-state.json.part").exists());
}

#[test]
fn a_link_to_the_state_stays_one() {
    let folder = Scratch::new("state-link");
    fs::create_dir(folder.join("elsewhere")).expect("a folder");
    fs::write(folder.join("elsewhere/kept.json"), "{\"schema\":1,\"labs\":{}}").expect("written");
    symlink("elsewhere/kept.json", folder.join("state.json")).expect("a link");
    run(&mut command(&folder, &["hint", LAB]), 0);
    assert!(folder.join("state.json").is_symlink());
    assert!(fs::read_to_string(folder.join("elsewhere/kept.json")).expect("kept").contains(LAB));
}

#[test]
fn the_state_lies_where_xdg_puts_it() {
    let folder = Scratch::new("xdg");
    let (home, state) = (folder.join("home"), folder.join("xdg"));
    let hint = |variables: &[(&str, &Path)]| {
        let mut hint = lab(&["hint", LAB]);
        hint.env_remove("HOME").env_remove("XDG_STATE_HOME");
        hint.envs(variables.iter().copied());
        hint
    };
    run(&mut hint(&[("HOME", &home)]), 0);
    assert!(home.join(".local/state/ipc-workbook/labs.json").exists());
    run(&mut hint(&[("HOME", &home), ("XDG_STATE_HOME", &state)]), 0);
    assert!(state.join("ipc-workbook/labs.json").exists());
    let (_, complaint) = run(&mut hint(&[]), 3);
    assert!(complaint.contains("--state FILE"), "{complaint}");
}

#[test]
fn a_grade_is_told_where_it_cannot_be_remembered_and_help_is_not_given() {
    let folder = Scratch::new("nowhere");
    write_exercise(&folder, "main.c", &fs::read(of_lab("solution.c")).expect("a source"));
    let at = |args: &[&str]| {
        let mut command = lab(args);
        command.args(["--state", "/proc/nowhere/state.json", "--exercises"]).arg(folder.join("exercises"));
        command
    };
    let (told, complaint) = run(&mut at(&["check", LAB]), 0);
    assert!(
        told.contains("10 of 10") && complaint.contains("cannot store your progress"),
        "{told}{complaint}"
    );
    for args in [&["hint", LAB][..], &["solution", LAB, "--give-up"]] {
        let (told, complaint) = run(&mut at(args), 3);
        assert!(told.is_empty() && complaint.contains("--state FILE"), "{told}{complaint}");
    }
}

#[test]
fn nothing_that_a_student_wrote_commands_a_terminal() {
    let folder = Scratch::new("safe");
    let evil = "\u{1b}]0;title\u{7}\u{202e}\u{9b}31m\nfull marks";
    // The compiler says it again, in its error; and the file has it for a name.
    let source = folder.join(format!("{}.c", evil.replace('\n', "\n\n")));
    fs::write(&source, format!("#error {}\n", evil.replace('\n', " "))).expect("written");
    let name = source.to_str().expect("UTF-8");
    for format in ["text", "json"] {
        let (told, complaint) =
            run(&mut command(&folder, &["check", LAB, "--format", format, "--program", name]), 1);
        let commands = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!told.contains(commands) && !complaint.contains(commands), "{told:?}{complaint:?}");
        assert!(told.contains("title") && told.contains("does not build"), "{told}");
        // Nor does it make lines of its own.
        assert!(!told.lines().any(|line| line.starts_with("full marks")), "{told}");
    }
    let (_, complaint) = run(&mut command(&folder, &["check", LAB, "--program", evil]), 2);
    assert!(complaint.lines().count() == 1 && !complaint.contains('\u{1b}'), "{complaint:?}");
}

#[test]
fn colour_is_an_addition_to_the_words() {
    let folder = Scratch::new("colour");
    write_exercise(&folder, "main.c", &fs::read(of_lab("bad/trusts-the-umask.c")).expect("a source"));
    let without_time =
        |text: &str| text.lines().filter(|line| !line.contains("graded in")).collect::<Vec<_>>().join("\n");
    let (plain, _) = run(&mut command(&folder, &["check", LAB]), 1);
    let (coloured, _) = run(&mut command(&folder, &["check", LAB, "--color", "always"]), 1);
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}[31m"), "{plain}{coloured}");
    let mut stripped = coloured;
    for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m"] {
        stripped = stripped.replace(code, "");
    }
    assert_eq!(without_time(&stripped), without_time(&plain));
    let (json, _) = run(&mut command(&folder, &["check", LAB, "--color", "always", "--format", "json"]), 1);
    assert!(!json.contains('\u{1b}'), "{json}");
}

#[test]
fn bad_input_gets_one_line_and_its_exit_code() {
    let folder = Scratch::new("bad-input");
    fs::write(folder.join("plain"), "no program").expect("written");
    fs::create_dir(folder.join("empty")).expect("a folder");
    fs::create_dir(folder.join("unexecutable")).expect("a folder");
    fs::write(folder.join("unexecutable/main.py"), "").expect("written");
    symlink("loop", folder.join("loop")).expect("a link");
    let cases: [(&[&str], i32, &str); 22] = [
        (&[], 2, "subcommand"),
        (&["chekc", LAB], 2, "chekc"),
        (&["check"], 2, "<LAB>"),
        (&["check", "exact-mod"], 2, "do you mean exact-mode?"),
        (&["hint", "exactmode"], 2, "do you mean exact-mode?"),
        (&["show", "zzzz"], 2, "lab list"),
        (&["show", "../exact-mode"], 2, "there is no lab"),
        (&["show", ""], 2, "there is no lab"),
        (&["check", LAB], 2, "show exact-mode makes one"),
        (&["watch", LAB], 2, "show exact-mode makes one"),
        (&["build", LAB], 2, "show exact-mode makes one"),
        (&["check", LAB, "--program", "nowhere"], 2, "there is no such file"),
        (&["check", LAB, "--program="], 2, "a value is required"),
        (&["check", LAB, "--program", "plain"], 2, "chmod +x"),
        (&["check", LAB, "--program", "empty"], 2, "the folder has no main.rs"),
        (&["check", LAB, "--program", "unexecutable"], 2, "main.py is not executable"),
        (&["check", LAB, "--program", "loop"], 2, "cannot grade loop"),
        (&["check", LAB, "--program", "/dev/null"], 2, "neither a file nor a folder"),
        (&["check", LAB, "--program", "/bin/true", "--show", "nowhere"], 2, "cannot show nowhere"),
        (&["check", LAB, "--program", "/bin/true", "--show", "/"], 2, "that place is its own"),
        (&["check", LAB, "--seed", "x"], 2, "invalid value"),
        (&["show", LAB, "--language", "cobol"], 2, "cobol"),
    ];
    for (args, code, word) in cases {
        let output = match args {
            [] => lab(&[]).output().expect("lab"),
            _ => command(&folder, args).output().expect("lab"),
        };
        assert_eq!(output.status.code(), Some(code), "{args:?} {}", tell(&output));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.lines().count() == 1 && said.contains(word), "{args:?}: {word} is not in {said}");
        assert!(output.stdout.is_empty(), "{args:?} {}", tell(&output));
    }
}

#[test]
fn a_language_that_the_lab_lacks_is_refused_with_those_that_it_has() {
    let folder = Scratch::new("language");
    let (_, complaint) = run(&mut command(&folder, &["reset", LAB, "--language", "sh"]), 2);
    assert!(complaint.contains("rust, c"), "{complaint}");
}

#[test]
fn an_unreadable_submission_is_no_fault_of_the_machine() {
    if nix::unistd::geteuid().is_root() {
        skip("an_unreadable_submission_is_no_fault_of_the_machine: root may read anything");
        return;
    }
    let folder = Scratch::new("unreadable");
    fs::copy("/bin/true", folder.join("secret")).expect("a copy");
    fs::set_permissions(folder.join("secret"), fs::Permissions::from_mode(0o111)).expect("a mode");
    let (_, complaint) = run(&mut command(&folder, &["check", LAB, "--program", "secret"]), 2);
    assert!(complaint.contains("cannot be read"), "{complaint}");
}

#[test]
fn a_name_that_is_no_utf_8_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Scratch::new("utf-8");
    let name = std::ffi::OsStr::from_bytes(b"\xff.c");
    fs::copy(of_lab("solution.c"), folder.join(name)).expect("a copy");
    let (_, complaint) = run(command(&folder, &["check", LAB]).arg("--program").arg(name), 2);
    assert!(complaint.contains("UTF-8") && complaint.lines().count() == 1, "{complaint}");
    // A folder of exercises with such a name serves all that does not hand it on.
    for (args, code) in
        [(&["show", LAB, "--language", "c"][..], 0), (&["build", LAB], 2), (&["reset", LAB], 0)]
    {
        for format in ["text", "json"] {
            let mut command = lab(args);
            command.arg("--exercises").arg(folder.join(std::ffi::OsStr::from_bytes(b"\xfe")));
            run(command.args(["--format", format]), code);
        }
    }
}

#[test]
fn a_race_names_the_schedule_that_shows_it_alone() {
    let folder = Scratch::new("seed");
    let bad = labs().into_iter().find(|lab| support::name(lab) == "exclusive-creation").expect("the lab");
    let looks_before = bad.join("bad/looks-before-it-creates.c");
    let check = |more: &[&str]| {
        let mut check = command(&folder, &["check", "exclusive-creation"]);
        check.arg("--program").arg(&looks_before).args(more);
        run(&mut check, 1).0
    };
    let told = check(&[]);
    assert!(told.contains("bad/looks-before-it-creates.c --seed "), "{told}");
    let seed = told.split("--seed ").nth(1).and_then(|rest| rest.lines().next()).expect("a seed");
    let alone = check(&["--seed", seed]);
    assert!(alone.contains(&format!("failed 1 of 1, first with seed {seed}")), "{alone}");
    // The last of all seeds is one, too.
    check(&["--seed", "18446744073709551615"]);
}

#[test]
fn a_reader_who_has_gone_ends_it_quietly() {
    let folder = Scratch::new("closed-pipe");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let (_, complaint) = run(command(&folder, &["list"]).stdout(writer), 141);
    assert!(complaint.is_empty(), "{complaint}");
}

/// Ended in the middle of a check, by Ctrl-C or without being asked, it leaves no process.
#[test]
fn whatever_ends_a_check_ends_all_of_it() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let folder = Scratch::new("ended");
    let said = folder.join("said");
    // One process, which needs nothing: a busy machine refuses it nothing either.
    fs::write(folder.join("hangs.c"), "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n")
        .expect("written");
    let cc = Command::new("cc").arg("-o").arg(folder.join("hangs")).arg(folder.join("hangs.c")).status();
    assert!(cc.expect("cc").success());
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let mark = format!("LAB_TEST_MARK={}-{signal}", std::process::id());
        let (name, value) = mark.split_once('=').expect("both");
        let mut child = command(&folder, &["check", LAB, "--program", "hangs"])
            .env(name, value)
            .stdout(fs::File::create(&said).expect("a file"))
            .spawn()
            .expect("lab");
        // The warden, its first process and the submission's: then the program runs.
        wait_until("a grading is under way", || marked(&mark) >= 4);
        kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), signal).expect("a signal");
        let status = child.wait().expect("its end");
        assert!(status.code().is_none(), "{status}");
        wait_until("nothing of it is left", || marked(&mark) == 0);
    }
    assert!(fs::read(&said).expect("nothing").is_empty());
}

/// How many processes have this variable.
fn marked(variable: &str) -> usize {
    let pids = fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let environs = pids.filter_map(|pid| fs::read(pid.path().join("environ")).ok());
    environs.filter(|environ| environ.split(|byte| *byte == 0).any(|one| one == variable.as_bytes())).count()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed().as_secs() < 60, "{what}: not within a minute");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
