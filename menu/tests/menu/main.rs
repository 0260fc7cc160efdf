//! `cargo run`: its screens, whole chapters, and `verify`.

mod progress;
mod run;
mod screens;
mod verify;

use ipc_workbook_testing::prelude::*;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Builds the lessons, which `cargo test -p ipc-workbook-menu` alone does not do.
fn built() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        if lessons().iter().any(|lesson| !program(lesson).exists()) {
            let mut cargo = Command::new(env!("CARGO"));
            run(cargo.args(["build", "--package", "ipc-workbook", "--bins"]).current_dir(root()), 0);
        }
    });
}

/// Returns the menu's command. It does not need cargo, because the lessons are built.
fn menu(args: &[&str]) -> Command {
    built();
    let mut command = workbook("ipc-workbook");
    command.args(args).env("CARGO", "/nowhere/cargo");
    command
}

/// Creates a file of finished lessons.
fn finished(folder: &Folder, lessons: &[&str]) -> PathBuf {
    let file = folder.join("finished");
    let lines = lessons.iter().map(|lesson| format!("{lesson} 9 0 0\n"));
    std::fs::write(&file, lines.collect::<String>()).expect("a file");
    file
}

#[test]
fn output_that_cannot_be_written_is_reported() {
    for args in [&["list"][..], &["list", "13"], &["--help"], &["verify"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let output = run(menu(args).stdout(full), 3);
        assert!(stderr(&output).contains("ENOSPC"), "{args:?}: {}", describe(&output));
    }
}
