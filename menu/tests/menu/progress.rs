//! The file by which the menu knows that a lesson was run.

use crate::menu;
use ipc_workbook_testing::prelude::*;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const VARIABLE: &str = "IPC_WORKBOOK_FINISHED";

/// Sets a command up as that of a reader whose state is in this folder.
fn of_a_reader(mut command: Command, state: &Path) -> Command {
    command.env_remove(VARIABLE).env("XDG_STATE_HOME", state).env("HOME", state);
    command
}

/// Runs a lesson in a terminal to its end. The lesson enters a namespace itself, because a user who is not
/// root gets no terminal in the namespace of a test.
fn watched(lesson: &mut Command) {
    let (text, status) = Terminal::start(lesson.arg("--private")).end();
    assert!(status.success(), "{status}: {text}");
}

fn noted(state: &Path) -> Vec<String> {
    let text = text_if_there(&state.join("ipc-workbook/finished"));
    text.lines().map(|line| line.split(' ').next().unwrap_or_default().to_string()).collect()
}

#[test]
fn a_lesson_in_a_terminal_is_recorded_and_the_menu_shows_it() {
    let state = Folder::new("state");
    watched(&mut of_a_reader(workbook("refcount_demo"), &state));
    assert_eq!(noted(&state), ["refcount_demo"]);
    let mut menu = of_a_reader(menu(&["list", "13"]), &state);
    assert!(stdout(&run(&mut menu, 0)).contains("✔ refcount_demo "));
}

#[test]
fn only_the_owner_can_read_the_record_under_any_umask() {
    for umask in ["0", "0777"] {
        let state = Folder::new("state");
        let mut lesson = of_a_reader(workbook("perm_demo"), &state);
        lesson.args(["--umask", umask]);
        watched(&mut lesson);
        let mode = |name: &str| {
            let metadata = std::fs::metadata(state.join(name)).expect("the file or folder");
            metadata.permissions().mode() & 0o7777
        };
        assert_eq!((mode("ipc-workbook"), mode("ipc-workbook/finished")), (0o700, 0o600), "{umask}");
    }
}

#[test]
fn a_lesson_without_a_terminal_is_not_recorded() {
    private(|| {
        let state = Folder::new("state");
        run(&mut of_a_reader(workbook("refcount_demo"), &state), 0);
        run(of_a_reader(workbook("refcount_demo"), &state).args(["--format", "json"]), 0);
        run(&mut of_a_reader(menu(&["run", "16", "--format", "json"]), &state), 0);
        assert_eq!(entries(&state), Vec::<std::path::PathBuf>::new());
    });
}

#[test]
fn an_empty_variable_turns_recording_off() {
    let state = Folder::new("state");
    let mut lesson = of_a_reader(workbook("refcount_demo"), &state);
    lesson.env(VARIABLE, "");
    watched(&mut lesson);
    assert_eq!(entries(&state), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_interrupted_lesson_is_not_recorded() {
    let state = Folder::new("state");
    let mut lesson = of_a_reader(workbook("refcount_demo"), &state);
    let mut terminal = Terminal::start(lesson.args(["--pause", "--private"]));
    terminal.expect("Enter");
    terminal.type_control('c');
    let (text, status) = terminal.end();
    assert_eq!(status.code(), Some(130), "{text}");
    assert_eq!(noted(&state), Vec::<String>::new());
}

#[test]
fn a_home_that_cannot_be_written_to_is_ignored() {
    let state = Folder::new("state");
    // Nobody can create a folder inside a file, not even root.
    let file = state.join("file");
    std::fs::write(&file, "").expect("a file");
    let mut lesson = of_a_reader(workbook("refcount_demo"), &state);
    lesson.env("XDG_STATE_HOME", &file);
    let (text, status) = Terminal::start(lesson.arg("--private")).end();
    assert!(status.success() && text.contains("claims: "), "{status}: {text}");
}

#[test]
fn another_users_home_is_left_alone() {
    if !nix::unistd::geteuid().is_root() {
        skip("only root can change the owner of a folder");
        return;
    }
    let home = Folder::new("home");
    nix::unistd::chown(&*home, Some(nix::unistd::Uid::from_raw(65534)), None).expect("chown");
    let mut lesson = of_a_reader(workbook("refcount_demo"), &home);
    lesson.env_remove("XDG_STATE_HOME");
    watched(&mut lesson);
    assert_eq!(entries(&home), Vec::<std::path::PathBuf>::new());
}

#[test]
fn lessons_of_a_chapter_are_recorded_one_by_one() {
    let state = Folder::new("state");
    let mut chapter = of_a_reader(menu(&["run", "16"]), &state);
    watched(&mut chapter);
    assert_eq!(noted(&state), ["errno_demo", "queue_limits"]);
}

#[test]
fn malformed_lines_of_the_record_are_ignored() {
    let state = Folder::new("state");
    std::fs::create_dir(state.join("ipc-workbook")).expect("a folder");
    let text = "demo_mq 1 0\nclose_demo 1 0 0 0\n\u{0}\nno_such_lesson 1 0 0\n 1 0 0\nopen_modes 9 0 0\n";
    std::fs::write(state.join("ipc-workbook/finished"), text).expect("a file");
    let text = stdout(&run(&mut of_a_reader(menu(&["list", "11"]), &state), 0));
    assert_eq!(text.matches("✔").count(), 1, "{text}");
    assert!(text.contains("✔ open_modes "), "{text}");
}
