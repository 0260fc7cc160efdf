//! What the tests of the labs share.
#![allow(dead_code, unreachable_pub, unsafe_code, unused_imports)] // each test file uses its own part

use ipc_workbook::private::Namespace;
use ipc_workbook_testing::run::command;
use ipc_workbook_testing::until::until_within;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

pub use ipc_workbook_testing::folder::Folder;
pub use ipc_workbook_testing::requirement::skip;
pub use ipc_workbook_testing::run::{describe, stderr, stdout};

pub mod course;
pub mod known_bad;

/// The folders of all labs.
pub fn labs() -> Vec<PathBuf> {
    let lessons = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons"));
    let mut found: Vec<PathBuf> =
        folders(lessons).iter().flat_map(|chapter| folders(&chapter.join("labs"))).collect();
    found.sort();
    assert!(!found.is_empty(), "there are labs in {}", lessons.display());
    found
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// The files of a folder, in the order of their names.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

pub fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The program under test, about to run.
pub fn lab(args: &[&str]) -> Command {
    let mut lab = command(env!("CARGO_BIN_EXE_lab"));
    lab.args(args);
    lab
}

/// Keeps the submissions that this user can build: an unprivileged one may not reach the
/// compiler of root, or not write where cargo builds the library. What is left out is reported.
pub fn buildable(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_lab")).parent().expect("a folder");
    let writes = nix::unistd::access(target, nix::unistd::AccessFlags::W_OK);
    if has_rust() && writes.is_ok() {
        return files;
    }
    let root = nix::unistd::geteuid().is_root();
    assert!(!root || std::env::var("CI").is_err(), "rustc is missing, and CI must have it");
    let all = files.len();
    files.retain(|file| file.extension().is_none_or(|end| end != "rs"));
    skip(&format!("{} submissions in Rust: this user cannot build them", all - files.len()));
    files
}

/// Has a submission graded.
pub fn graded(lab_name: &str, file: &Path) -> Result<Value, String> {
    let file = file.to_string_lossy();
    let output = lab(&["check", lab_name, "--format", "json", "--program", &file]).output();
    let output = output.map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| format!("no grade: {}", describe(&output)))
}

pub fn lines(graded: &Value) -> impl Iterator<Item = &Value> {
    graded["lines"].as_array().expect("lines").iter()
}

/// The same command in a private namespace with processes of its own, which has a /dev/mqueue whatever the machine has.
pub fn in_a_namespace(mut command: Command) -> Command {
    Namespace::new().with_own_processes().before_exec(&mut command);
    command
}

/// Waits for what comes sooner or later; how late, the machine's load decides.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = until_within(Duration::from_secs(120), || is_so().then_some(()));
    assert!(waited.is_some(), "waited in vain: {what}");
}

/// Whether somebody here can build a submission in Rust.
pub fn has_rust() -> bool {
    let rustc = Command::new("rustc").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    rustc.is_ok_and(|status| status.success())
}
