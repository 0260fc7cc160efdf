//! Builds lessons and the library for tools that run them. `cargo run` builds only the tool itself.

use crate::cli::{Failure, Progress, warn};
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// Returns a `cargo build` command for the workbook's root package, at `root`. Cargo prints its own messages
/// on standard error. With `--quiet` it does not say that it waits for another cargo, so this function does.
#[must_use]
pub fn cargo_build(root: &Path) -> Command {
    if another_cargo_is_at_work() {
        warn("another cargo is building in the same folder; waiting until it ends");
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", "ipc-workbook", "--manifest-path"]);
    cargo.arg(root.join("Cargo.toml")).stdin(Stdio::null());
    cargo
}

/// Returns whether another process holds cargo's lock on the folder of this program.
fn another_cargo_is_at_work() -> bool {
    let lock = std::env::current_exe().and_then(|here| File::open(here.with_file_name(".cargo-lock")));
    lock.is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
}

/// Makes the failure for a build that did not succeed.
#[must_use]
pub fn failed(status: ExitStatus) -> Failure {
    Failure::Machine(format!("cargo build failed ({status}); see its message above"))
}

/// Runs a command to its end. If it takes longer than a second, a bar on the terminal shows that it still
/// runs.
fn run_in_sight(command: &mut Command, what: &str) -> std::io::Result<ExitStatus> {
    const MOMENT: Duration = Duration::from_millis(20);
    let mut child = command.spawn()?;
    let mut progress = Progress::on_terminal(1);
    progress.at(0, what);
    loop {
        if let Some(status) = child.try_wait()? {
            progress.end();
            return Ok(status);
        }
        progress.tick();
        std::thread::sleep(MOMENT);
    }
}

/// Builds the programs of these lessons, and returns their folder.
pub fn lessons(root: &Path, lessons: &[&str]) -> Result<PathBuf, Failure> {
    let here = std::env::current_exe()?;
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    // The folder of the profile dev is target/debug.
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let bins = lessons.iter().flat_map(|lesson| ["--bin", lesson]);
    let mut cargo = cargo_build(root);
    match run_in_sight(cargo.args(["--profile", profile]).args(bins), "building the lessons") {
        Ok(status) if status.success() => Ok(folder),
        Ok(status) => Err(failed(status)),
        // Without cargo, the programs of an earlier build are good enough.
        Err(_) if lessons.iter().all(|lesson| folder.join(lesson).exists()) => Ok(folder),
        Err(error) => {
            let what = if let [lesson] = lessons { lesson } else { "the lessons" };
            Err(Failure::Machine(format!("cannot run cargo to build {what}: {error}; is cargo in PATH?")))
        }
    }
}
