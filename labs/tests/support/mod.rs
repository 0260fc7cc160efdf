//! Functions shared by the tests of the labs.
#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

pub use ipc_workbook_testing::prelude::*;

pub mod course;
pub mod known_bad;
pub mod known_good;
pub mod limits;

/// Returns the folders of all labs.
pub fn labs() -> Vec<PathBuf> {
    let chapters = entries(&root().join("lessons"));
    let entries = chapters.iter().flat_map(|chapter| entries(&chapter.join("labs")));
    let found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    assert!(!found.is_empty(), "there are labs");
    found
}

/// Returns the labs whose programs are graded under schedules.
pub fn scheduled_labs() -> Vec<PathBuf> {
    let is_scheduled = |lab: &PathBuf| {
        std::fs::read_to_string(lab.join("grader.rs")).is_ok_and(|grader| grader.contains("under_schedules"))
    };
    labs().into_iter().filter(is_scheduled).collect()
}

/// Returns the command of the program under test.
pub fn lab(args: &[&str]) -> Command {
    let mut lab = command(env!("CARGO_BIN_EXE_lab"));
    lab.args(args);
    lab
}

/// Keeps the submissions that this user can build. An ordinary user may have no access to root's compiler, or
/// to the folder where cargo builds the library. Reports how many are left out.
pub fn buildable(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_lab")).parent().expect("a folder");
    let writes = nix::unistd::access(target, nix::unistd::AccessFlags::W_OK);
    if has_rust() && writes.is_ok() {
        return files;
    }
    let is_root = nix::unistd::geteuid().is_root();
    assert!(!is_root || std::env::var("CI").is_err(), "rustc is missing, and CI must have it");
    let all = files.len();
    files.retain(|file| file.extension().is_none_or(|end| end != "rs"));
    skip(&format!("{} submissions in Rust: this user cannot build them", all - files.len()));
    files
}

/// Grades a submission.
pub fn graded(lab_name: &str, file: &Path) -> Result<Value, String> {
    let file = file.to_string_lossy();
    let output = lab(&["check", lab_name, "--format", "json", "--program", &file]).output();
    let output = output.map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| format!("no grade: {}", describe(&output)))
}

pub fn lines(graded: &Value) -> impl Iterator<Item = &Value> {
    graded["lines"].as_array().expect("lines").iter()
}

/// The time limit for grading a few submissions on a busy machine.
pub const GRADING_LIMIT: Duration = Duration::from_secs(120);

/// Whether this user can build a submission in Rust.
pub fn has_rust() -> bool {
    let rustc = Command::new("rustc").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    rustc.is_ok_and(|status| status.success())
}
