//! Programs with different runtimes run in the sandbox: sanitizers, which reserve terabytes of addresses,
//! interpreters, virtual machines, static programs, and programs with many threads.

use crate::support::*;
use crate::{Group, Named};
use libtest_mimic::Failed;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LAB: &str = "exact-mode";

pub(crate) fn groups() -> Vec<Group> {
    let built = ["-fsanitize=address", "-fsanitize=thread", "-static"].map(|flag| {
        let name =
            format!("runtimes::the_solution_built_with_{}_has_full_marks", flag.trim_start_matches('-'));
        Named::new(name, move || built_with(flag))
    });
    let programs = files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtimes")));
    let programs = programs
        .into_iter()
        .map(|file| Named::new(format!("runtimes::{}_has_full_marks", name(&file)), move || as_it_is(&file)));
    vec![Group { label: "runtimes", enough: 2, trials: built.into_iter().chain(programs).collect() }]
}

/// Grades the lab's solution, compiled with this flag if the compiler knows it.
fn built_with(flag: &str) -> Result<(), Failed> {
    let scratch = Folder::new(&format!("runtimes{flag}"));
    let lab = labs().into_iter().find(|lab| name(lab) == LAB).ok_or("the lab no longer exists")?;
    let program = scratch.join("program");
    let mut cc = cc_submission(&lab.join("solution.c"), &program);
    if !cc.arg(flag).stderr(Stdio::null()).status()?.success() {
        skip(&format!("cc cannot build with {flag}"));
        return Ok(());
    }
    has_full_marks(&program)
}

/// Grades a program in C, or one whose interpreter is installed.
fn as_it_is(file: &PathBuf) -> Result<(), Failed> {
    let text = std::fs::read_to_string(file)?;
    let needed = text
        .split(|byte: char| byte.is_whitespace() || byte == '!')
        .filter(|word| word.starts_with("/usr/bin/"));
    for tool in needed {
        if !Command::new(tool)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
        {
            skip(&format!("{} needs {tool}", name(file)));
            return Ok(());
        }
    }
    has_full_marks(file)
}

fn has_full_marks(program: &Path) -> Result<(), Failed> {
    let graded = graded(LAB, program)?;
    if lines(&graded).all(|line| line["passed"] == true) { Ok(()) } else { Err(format!("{graded:#}").into()) }
}
