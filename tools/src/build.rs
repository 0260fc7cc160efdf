//! Builds lessons and the library, for tools that run them: `cargo run` has built the tool alone.

use crate::cli::{Failure, Progress, warn};
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// `cargo build` of the workbook's root package, at `root`, about to run. What cargo has to say it says on
/// standard error itself. Only for its wait for another cargo it finds no words when it is quiet.
#[must_use]
pub fn cargo_build(root: &Path) -> Command {
    if another_cargo_is_at_work() {
        warn("another cargo is building in the same folder; waiting for its end");
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", "ipc-workbook", "--manifest-path"]);
    cargo.arg(root.join("Cargo.toml")).stdin(Stdio::null());
    cargo
}

/// Whether somebody holds cargo's lock on the folder in which this program lies.
fn another_cargo_is_at_work() -> bool {
    let lock = std::env::current_exe().and_then(|here| File::open(here.with_file_name(".cargo-lock")));
    lock.is_ok_and(|file| Flock::lock(file, FlockArg::LockSharedNonblock).is_err())
}

/// Why a build did not succeed.
#[must_use]
pub fn failed(status: ExitStatus) -> Failure {
    Failure::Machine(format!("cargo build failed ({status}); its message is above"))
}

/// Runs a command to its end. On a terminal a bar shows that it still runs, if that takes longer than a second.
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

/// The folder of these lessons' programs, freshly built.
pub fn lessons(root: &Path, lessons: &[&str]) -> Result<PathBuf, Failure> {
    let here = std::env::current_exe()?;
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    // target/debug holds the profile called dev.
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let bins = lessons.iter().flat_map(|lesson| ["--bin", lesson]);
    let mut cargo = cargo_build(root);
    match run_in_sight(cargo.args(["--profile", profile]).args(bins), "building the lessons") {
        Ok(status) if status.success() => Ok(folder),
        Ok(status) => Err(failed(status)),
        // Without cargo, the programs of an earlier build will do.
        Err(_) if lessons.iter().all(|lesson| folder.join(lesson).exists()) => Ok(folder),
        Err(error) => {
            let what = if let [lesson] = lessons { lesson } else { "the lessons" };
            Err(Failure::Machine(format!("cannot run cargo to build {what}: {error}; is it in PATH?")))
        }
    }
}
