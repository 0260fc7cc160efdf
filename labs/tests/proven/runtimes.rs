//! Programs with different runtimes run in the sandbox: sanitizers, which reserve terabytes of addresses,
//! interpreters, virtual machines, static programs, and programs with many threads.

use crate::support::*;
use crate::{Group, Named};
use ipc_workbook_testing::harness::Failed;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The lab of the programs in tests/runtimes.
const LAB: &str = "exact-mode";

/// Flags that put a runtime into a program in C: the sanitizers of addresses and of threads, and a libc of its own.
const RUNTIMES: [&str; 3] = ["-fsanitize=address", "-fsanitize=thread", "-static"];

/// A line that a correct program loses, with its lab and its flag. ThreadSanitizer delays a handler until the next
/// library call. If SIGTERM comes just before msgrcv blocks, the handler never runs, also outside the sandbox.
const LOST: [(&str, &str, &str); 1] =
    [("restarting-server", "-fsanitize=thread", "SIGTERM-takes-the-queue-with-it")];

pub(crate) fn groups() -> Vec<Group> {
    let solutions = labs().into_iter().map(|lab| lab.join("solution.c")).filter(|solution| solution.exists());
    let built = solutions.flat_map(|solution| RUNTIMES.map(|flag| (solution.clone(), flag)));
    let built = built.map(|(solution, flag)| {
        let lab = name(solution.parent().expect("a lab"));
        let runtime = flag.trim_start_matches('-');
        Named::new(
            format!("runtimes::the_solution_of_{lab}_built_with_{runtime}_is_graded_like_it"),
            move || built_with(&lab, &solution, flag),
        )
    });
    let programs = files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtimes")));
    let programs = programs
        .into_iter()
        .map(|file| Named::new(format!("runtimes::{}_has_full_marks", name(&file)), move || as_it_is(&file)));
    vec![Group { label: "runtimes", enough: 2, trials: built.chain(programs).collect() }]
}

/// Grades a lab's solution, compiled with this flag if the compiler knows it.
fn built_with(lab: &str, solution: &Path, flag: &str) -> Result<(), Failed> {
    let scratch = Folder::new(&format!("runtimes-{lab}{flag}"));
    let program = scratch.join("program");
    let mut cc = cc_submission(solution, &program);
    if !cc.arg(flag).stderr(Stdio::null()).status()?.success() {
        skip(&format!("cc cannot build with {flag}"));
        return Ok(());
    }
    let lost = LOST.iter().filter(|(of, with, _)| *of == lab && *with == flag);
    only_loses(&lost.map(|(.., line)| *line).collect::<Vec<_>>(), lab, &program)
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
    has_full_marks(LAB, file)
}

fn has_full_marks(lab: &str, program: &Path) -> Result<(), Failed> {
    only_loses(&[], lab, program)
}

fn only_loses(expected: &[&str], lab: &str, program: &Path) -> Result<(), Failed> {
    let graded = graded(lab, program)?;
    let lost = lines(&graded).filter(|line| line["passed"] != true);
    let lost: Vec<&str> = lost.filter_map(|line| line["id"].as_str()).collect();
    if lost == expected {
        Ok(())
    } else {
        Err(format!("it lost {lost:?}, not {expected:?}\n{graded:#}").into())
    }
}
