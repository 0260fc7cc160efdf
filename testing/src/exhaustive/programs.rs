//! The test programs, as cargo builds them.

use ipc_workbook_testing::run::stdout;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A test program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Its name for `cargo test --test`.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// The folder of its package, in which cargo runs it.
    pub(crate) folder: PathBuf,
    /// Whether its tests grade submissions.
    pub(crate) grades: bool,
    /// Whether its tests run in one process. Those of the book build the book before the first test, and do
    /// not depend on the user.
    pub(crate) is_whole: bool,
}

/// Builds all test programs, and lists them.
pub(crate) fn built() -> Result<Vec<Program>, String> {
    let mut programs = built_of(&[])?; // the packages that `cargo test` tests
    let book = built_of(&["-p", "ipc-workbook-book"])?;
    programs.extend(book.into_iter().map(|program| Program { is_whole: true, ..program }));
    Ok(programs)
}

fn built_of(packages: &[&str]) -> Result<Vec<Program>, String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["test", "--no-run", "--message-format", "json-render-diagnostics"])
        .args(packages)
        .current_dir(ipc_workbook_testing::root())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        return Err("cannot build the tests; see cargo's error above".into());
    }
    let messages = stdout(&output);
    Ok(messages.lines().filter_map(program).collect())
}

/// Returns the test program in one of cargo's messages.
fn program(message: &str) -> Option<Program> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let is_test = message["target"]["kind"] == serde_json::json!(["test"]);
    let file = message["executable"].as_str().filter(|_| is_test)?;
    let manifest = PathBuf::from(message["manifest_path"].as_str()?);
    Some(Program {
        name: message["target"]["name"].as_str()?.into(),
        file: file.into(),
        grades: manifest.ends_with("labs/Cargo.toml"),
        folder: manifest.parent()?.into(),
        is_whole: false,
    })
}
