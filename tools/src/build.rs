//! Builds lessons and the library, for tools that run them: `cargo run` has built the tool alone.

use crate::cli::{Failure, warn};
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
pub fn failed(status: std::process::ExitStatus) -> Failure {
    Failure::Machine(format!("cargo build failed ({status}); its message is above"))
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
    match cargo_build(root).args(["--profile", profile]).args(bins).status() {
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
