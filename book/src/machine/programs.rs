//! The programs of this machine that build the other one.

use anyhow::Result;
use ipc_workbook_tools::cli::Failure;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Fails if one of these programs is not installed.
pub(super) fn need(programs: &[&str]) -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let missing = |program: &&&str| !folders.iter().any(|folder| folder.join(program).is_file());
    let missing: Vec<&str> = programs.iter().filter(missing).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let programs = missing.join(", ");
    let it = if missing.len() == 1 { "it" } else { "them" };
    Err(Failure::Machine(format!("the machine needs {programs}, which this system lacks; install {it}"))
        .into())
}

/// Runs a program to its end. What it prints is part of the error, if it fails.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::Machine(format!("{program} cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(3)..].join("; ");
    Err(Failure::Machine(format!("{program} failed ({}): {last}", output.status)).into())
}
