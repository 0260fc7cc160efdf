//! What the tests of the labs share.
#![allow(dead_code, unreachable_pub, unsafe_code)] // each test file uses its own part

use ipc_workbook::private::Namespace;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

pub mod course;
pub mod known_bad;
pub mod sample;

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

/// A folder for temporary things, which goes with the test.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("labs-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Scratch(folder)
    }
}

impl std::ops::Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The program under test, about to run.
pub fn lab(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(args).stdin(Stdio::null());
    command
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
    let _ = writeln!(
        std::io::stderr(),
        "skipped: {} submissions in Rust: this user cannot build them",
        all - files.len()
    );
    files
}

/// Has a submission graded.
pub fn graded(lab_name: &str, file: &Path) -> Result<Value, String> {
    let file = file.to_string_lossy();
    let output = lab(&["check", lab_name, "--format", "json", "--program", &file]).output();
    let output = output.map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| format!("no grade: {}", tell(&output)))
}

pub fn lines(graded: &Value) -> impl Iterator<Item = &Value> {
    graded["lines"].as_array().expect("lines").iter()
}

/// Everything about a finished command that helps to understand a failure.
pub fn tell(output: &Output) -> String {
    format!(
        "{}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The same command in a private namespace with processes of its own, which has a /dev/mqueue whatever the machine has.
pub fn in_a_namespace(mut command: Command) -> Command {
    Namespace::new().with_own_processes().before_exec(&mut command);
    command
}

/// Waits for what comes sooner or later; how late, the machine's load decides.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < until, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether somebody here can build a submission in Rust.
pub fn has_rust() -> bool {
    let rustc = Command::new("rustc").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    rustc.is_ok_and(|status| status.success())
}

/// Says that something is not tested here, and why. Written past the test harness, which
/// hides what a passing test prints.
pub fn skip(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}
