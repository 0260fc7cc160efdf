//! Where the workbook lies, and that its lessons are built, for programs that run them: `cargo run`
//! has built that program alone.

use crate::cli::Failure;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workbook's folder. (Of a package in it, Cargo names the package's own.)
#[must_use]
pub fn workbook() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.ancestors().find(|folder| folder.join("lessons").is_dir()).unwrap_or(&here).into()
}

/// The folder where these lessons' programs lie, freshly built. `root` is the
/// workbook's.
pub fn built(root: &Path, lessons: &[&str]) -> Result<PathBuf, Failure> {
    let here = std::env::current_exe()?;
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    // target/debug holds the profile called dev.
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "ipc-workbook", "--profile", profile])
        .args(lessons.iter().flat_map(|lesson| ["--bin", lesson]))
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        .stdin(Stdio::null())
        .status();
    match built {
        Ok(status) if status.success() => Ok(folder),
        // Without cargo, what was built before will do.
        Err(_) if lessons.iter().all(|lesson| folder.join(lesson).exists()) => Ok(folder),
        Ok(status) => Err(Failure::Machine(format!("cargo build failed ({status}); its message is above"))),
        Err(error) => {
            let what = if let [lesson] = lessons { lesson } else { "the lessons" };
            Err(Failure::Machine(format!("cannot run cargo to build {what}: {error}; is it in PATH?")))
        }
    }
}
