//! Makes sure that the lessons are built: `cargo run` has built the menu alone.

use super::contents::Contents;
use ipc_workbook::lesson::Stop;
use std::path::PathBuf;
use std::process::Command;

/// The folder where the lessons' programs lie, freshly built.
pub(crate) fn lessons(contents: &Contents) -> Result<PathBuf, Stop> {
    let here = std::env::current_exe()?;
    let folder = here.parent().map(PathBuf::from).unwrap_or_default();
    // target/debug holds the profile called dev.
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--package",
            "ipc-workbook",
            "--bins",
            "--profile",
            profile,
            "--manifest-path",
        ])
        .arg(contents.root.join("Cargo.toml"))
        .status();
    match built {
        Ok(status) if status.success() => Ok(folder),
        // Without cargo, what was built before will do.
        Err(_) if contents.lessons().all(|(_, lesson)| folder.join(&lesson.name).exists()) => Ok(folder),
        Ok(status) => Err(Stop::Machine(format!("cargo build failed ({status}); its message is above"))),
        Err(error) => {
            Err(Stop::Machine(format!("cannot run cargo to build the lessons: {error}; is it in PATH?")))
        }
    }
}
