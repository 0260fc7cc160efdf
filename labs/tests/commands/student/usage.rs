//! What the commands print, to which stream, and with which exit code they end.

use super::{command, write_exercise};
use crate::support::course::{LAB, lab_folder, source};
use crate::support::known_bad::write_program;
use crate::support::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn nothing_that_a_student_wrote_commands_a_terminal() {
    let folder = Folder::new("safe");
    let evil = "\u{1b}]0;title\u{7}\u{202e}\u{9b}31m\nfull marks";
    // The compiler repeats the text in its error, and the file has it as its name.
    let source = folder.join(format!("{}.c", evil.replace('\n', "\n\n")));
    fs::write(&source, format!("#error {}\n", evil.replace('\n', " "))).expect("written");
    let name = source.to_str().expect("UTF-8");
    for format in ["text", "json"] {
        let (printed, complaint) =
            texts(&mut command(&folder, &["check", LAB, "--format", format, "--program", name]), 1);
        let commands = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!printed.contains(commands) && !complaint.contains(commands), "{printed:?}{complaint:?}");
        assert!(printed.contains("title") && printed.contains("does not build"), "{printed}");
        // The text does not begin new lines either.
        assert!(!printed.lines().any(|line| line.starts_with("full marks")), "{printed}");
    }
    let (_, complaint) = texts(&mut command(&folder, &["check", LAB, "--program", evil]), 2);
    assert!(complaint.lines().count() == 1 && !complaint.contains('\u{1b}'), "{complaint:?}");
}

#[test]
fn colour_is_an_addition_to_the_words() {
    let folder = Folder::new("colour");
    write_exercise(&folder, "main.c", source("bad/trusts-the-umask.diff").as_bytes());
    let without_time =
        |text: &str| text.lines().filter(|line| !line.contains("graded in")).collect::<Vec<_>>().join("\n");
    let (plain, _) = texts(&mut command(&folder, &["check", LAB]), 1);
    let (coloured, _) = texts(&mut command(&folder, &["check", LAB, "--color", "always"]), 1);
    assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}[31m"), "{plain}{coloured}");
    let mut stripped = coloured;
    for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[32m"] {
        stripped = stripped.replace(code, "");
    }
    assert_eq!(without_time(&stripped), without_time(&plain));
    let (json, _) = texts(&mut command(&folder, &["check", LAB, "--color", "always", "--format", "json"]), 1);
    assert!(!json.contains('\u{1b}'), "{json}");
}

#[test]
fn bad_input_gets_one_line_and_its_exit_code() {
    let folder = Folder::new("bad-input");
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
        (&["check", LAB], 2, "show exact-mode, or grade"),
        (&["watch", LAB], 2, "show exact-mode, or grade"),
        (&["build", LAB], 2, "show exact-mode, or grade"),
        (&["check", LAB, "--program", "nowhere"], 2, "there is no such file"),
        (&["check", LAB, "--program="], 2, "a value is required"),
        (&["check", LAB, "--program", "plain"], 2, "chmod +x"),
        (&["check", LAB, "--program", "empty"], 2, "the folder has no main.rs"),
        (&["check", LAB, "--program", "unexecutable"], 2, "main.py is not executable"),
        (&["check", LAB, "--program", "loop"], 2, "cannot grade loop"),
        (&["check", LAB, "--program", "/dev/null"], 2, "neither a file nor a folder"),
        (&["check", LAB, "--program", "/bin/true", "--show", "nowhere"], 2, "cannot show nowhere"),
        (
            &["check", LAB, "--program", "/bin/true", "--show", "/"],
            2,
            "the sandbox has a folder of its own there",
        ),
        (&["check", LAB, "--seed", "x"], 2, "invalid value"),
        (&["show", LAB, "--language", "cobol"], 2, "cobol"),
    ];
    for (args, code, word) in cases {
        let mut command = if args.is_empty() { lab(&[]) } else { command(&folder, args) };
        let output = refused(&mut command, code, &[word]);
        assert!(output.stdout.is_empty(), "{args:?} {}", describe(&output));
    }
}

#[test]
fn a_word_that_is_no_command_gets_the_right_one() {
    let folder = Folder::new("words");
    for (word, meant) in [
        ("start", "do you mean lab show?"),
        ("test", "do you mean lab check?"),
        ("chekc", "do you mean lab check?"),
        (LAB, "do you mean lab show exact-mode?"),
        ("zzzz", "see lab --help"),
        // Names that lab uses only for itself.
        ("worker", "there is no command \"worker\""),
        ("probe", "there is no command \"probe\""),
    ] {
        refused(lab(&[word, LAB]).current_dir(&*folder), 2, &[meant]);
    }
    for args in [&["--help"][..], &["help"], &["help", "worker"], &["probe", "--nonsense"], &["--nonsense"]] {
        let output = lab(args).output().expect("lab");
        let said = stdout(&output) + &stderr(&output);
        let internal = said.replace("\"probe\"", "").replace("'worker'", "");
        assert!(!internal.contains("worker") && !internal.contains("probe"), "{args:?} {said}");
    }
}

#[test]
fn an_option_may_stand_before_the_command_or_behind_it() {
    let folder = Folder::new("order");
    write_exercise(&folder, "main.c", source("bad/trusts-the-umask.diff").as_bytes());
    let state = folder.join("state.json").display().to_string();
    let exercises = folder.join("exercises").display().to_string();
    let out = folder.join("a.zip").display().to_string();
    let (said, _) = texts(
        &mut lab(&[
            "--format=json",
            "--state",
            &state,
            "--exercises",
            &exercises,
            "check",
            LAB,
            "--color",
            "never",
        ]),
        1,
    );
    assert!(said.starts_with('{'), "{said}");
    let (said, _) = texts(&mut lab(&["--state", &state, "--format", "json", "list"]), 0);
    assert!(said.lines().all(|line| line.starts_with('{')), "{said}");
    texts(&mut lab(&["--out", &out, "export", "gradescope", LAB]), 0);
    assert!(folder.join("a.zip").exists());
    // An option that the command does not have is refused in either place.
    for args in [["--seed", "1", "hint", LAB], ["hint", LAB, "--seed", "1"]] {
        refused(&mut lab(&args), 2, &["'--seed'"]);
    }
}

#[test]
fn a_wait_for_another_cargo_is_told() {
    use nix::fcntl::{Flock, FlockArg};
    if !has_rust() {
        skip("a_wait_for_another_cargo_is_told: there is no Rust");
        return;
    }
    let folder = Folder::new("cargo");
    write_exercise(&folder, "main.rs", source("starter.rs").as_bytes());
    let lock = std::path::Path::new(env!("CARGO_BIN_EXE_lab")).with_file_name(".cargo-lock");
    let file = fs::File::open(lock).expect("cargo's lock");
    let held = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno).expect("the lock");
    let mut waiting =
        command(&folder, &["build", LAB]).stderr(std::process::Stdio::piped()).spawn().expect("lab");
    let mut said = std::io::BufReader::new(waiting.stderr.take().expect("a pipe"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).expect("a line");
    assert_eq!(line, "lab: another cargo is building in the same folder; waiting until it ends\n");
    drop(held);
    assert_eq!(waiting.wait().expect("its end").code(), Some(0));
}

#[test]
fn a_language_that_the_lab_lacks_is_refused_with_those_that_it_has() {
    let folder = Folder::new("language");
    let (_, complaint) = texts(&mut command(&folder, &["reset", LAB, "--language", "sh"]), 2);
    assert!(complaint.contains("rust, c"), "{complaint}");
}

#[test]
fn an_unreadable_submission_is_no_fault_of_the_machine() {
    if nix::unistd::geteuid().is_root() {
        skip("an_unreadable_submission_is_no_fault_of_the_machine: root may read anything");
        return;
    }
    let folder = Folder::new("unreadable");
    fs::copy("/bin/true", folder.join("secret")).expect("a copy");
    fs::set_permissions(folder.join("secret"), fs::Permissions::from_mode(0o111)).expect("a mode");
    let (_, complaint) = texts(&mut command(&folder, &["check", LAB, "--program", "secret"]), 2);
    assert!(complaint.contains("cannot read secret"), "{complaint}");
}

#[test]
fn a_name_that_is_no_utf_8_is_shown() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new("utf-8");
    let name = std::ffi::OsStr::from_bytes(b"\xff.c");
    fs::copy(lab_folder().join("solution.c"), folder.join(name)).expect("a copy");
    texts(command(&folder, &["check", LAB]).arg("--program").arg(name), 0);
    fs::create_dir(folder.join("headers")).expect("a folder");
    fs::copy(folder.join(name), folder.join("headers").join(name)).expect("a copy");
    fs::write(folder.join("headers").join(std::ffi::OsStr::from_bytes(b"\xfe.c")), "int unused;\n")
        .expect("written");
    texts(command(&folder, &["check", LAB]).args(["--program", "headers"]), 0);
    // All commands accept a folder of exercises with such a name.
    for (args, code) in [
        (&["show", LAB, "--language", "c"][..], 0),
        (&["build", LAB], 0),
        (&["check", LAB], 1),
        (&["reset", LAB], 0),
    ] {
        for format in ["text", "json"] {
            let mut command = lab(args);
            command.arg("--exercises").arg(folder.join(std::ffi::OsStr::from_bytes(b"\xfe")));
            texts(command.args(["--format", format]), code);
        }
    }
}

#[test]
fn a_race_names_the_schedule_that_shows_it_alone() {
    let folder = Folder::new("seed");
    let lab = labs().into_iter().find(|lab| name(lab) == "exclusive-creation").expect("the lab");
    let looks_before =
        write_program(&lab.join("bad/looks-before-it-creates.diff"), &folder).expect("a program");
    let check = |more: &[&str]| {
        let mut check = command(&folder, &["check", "exclusive-creation"]);
        check.arg("--program").arg(&looks_before).args(more);
        texts(&mut check, 1).0
    };
    let printed = check(&[]);
    assert!(printed.contains("looks-before-it-creates.c --seed "), "{printed}");
    let seed = printed.split("--seed ").nth(1).and_then(|rest| rest.lines().next()).expect("a seed");
    let alone = check(&["--seed", seed]);
    assert!(alone.contains(&format!("failed 1 of 1 schedules, the first with seed {seed}")), "{alone}");
    // The largest seed is accepted as well.
    check(&["--seed", "18446744073709551615"]);
}

#[test]
fn a_reader_who_has_gone_ends_it_quietly() {
    let folder = Folder::new("closed-pipe");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let (_, complaint) = texts(command(&folder, &["list"]).stdout(writer), 141);
    assert!(complaint.is_empty(), "{complaint}");
}

/// A check that is ended by Ctrl-C or by another signal leaves no process.
#[test]
fn whatever_ends_a_check_ends_all_of_it() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let folder = Folder::new("ended");
    let said = folder.join("said");
    // A single process that needs no resources, so a busy machine cannot refuse it anything.
    fs::write(folder.join("hangs.c"), "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n")
        .expect("written");
    run(&mut cc(&folder.join("hangs.c"), &folder.join("hangs")), 0);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let mark = mark();
        let mut child = command(&folder, &["check", LAB, "--program", "hangs"])
            .env(MARK, &mark)
            .stdout(fs::File::create(&said).expect("a file"))
            .spawn()
            .expect("lab");
        // lab, the worker, and process 1 of two namespaces: then the program runs.
        until_so_within(GRADING_LIMIT, "grading under way", || marked(&mark).len() >= 4);
        kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), signal).expect("a signal");
        let status = child.wait().expect("its end");
        assert!(status.code().is_none(), "{status}");
        until_so_within(GRADING_LIMIT, "end of all its processes", || marked(&mark).is_empty());
    }
    assert!(fs::read(&said).expect("nothing").is_empty());
}
