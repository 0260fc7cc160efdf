//! Measures what the checks cost: it builds the tests into an empty folder, runs them, and measures
//! how much one more lesson adds. Then it runs the other parts of `.ci/run` that take long.
//!
//!     cargo bench --profile dev --bench checks
//!
//! It takes several minutes. The limits are for a machine with two idle cores. If other programs run,
//! the wall time says little, and the processor time is somewhat higher.

mod common;

use common::children_milliseconds;
use ipc_workbook_testing::lessons::lessons;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checks");
    let _ = fs::remove_dir_all(&target);
    let built = timed(cargo(&target).arg("--no-run"));
    let ran = timed(&mut cargo(&target));
    println!("cold `cargo test`: {:.0} s of 240", built.wall + ran.wall);
    println!("  to build: {:.0} s, {:.0} s of processor time", built.wall, built.processor);
    let again = timed(&mut cargo(&target));
    println!("  to run: {:.0} s, {:.0} s of processor time", ran.wall, ran.processor);
    println!("once built: {:.0} s, {:.0} s of processor time of {}", again.wall, again.processor, allowed());
    println!("the target folder: {} MB of 1000", megabytes(&target));
    println!("one more lesson: {:.2} s of processor time of 1", one_lesson(&target));
    other_parts(&target);
    let _ = fs::remove_dir_all(&target);
}

/// Prints what the other checks of `.ci/run` cost.
fn other_parts(target: &Path) {
    let print = |what: &str, cost: Cost| {
        println!("{what}: {:.0} s, {:.0} s of processor time", cost.wall, cost.processor);
    };
    let clippy = ["--workspace", "--all-targets", "--quiet"];
    print("clippy", timed(cargo_does("clippy", target).args(clippy)));
    print("the documentation", timed(cargo_does("doc", target).arg("--no-deps")));
    let book = |args: &[&str]| timed(cargo(target).args(["-p", "ipc-workbook-book"]).args(args));
    print("the book's tests, to build", book(&["--no-run"]));
    print("the book's builder", book(&["--test", "builder"]));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (test, what, needs, remedy) in [
        ("browser", "the book in a browser", "target/browser/node_modules/axe-core", "npm installs axe-core"),
        ("machine", "the Linux in the page", "target/machine/site", "`book -- machine` builds it"),
    ] {
        if root.join(needs).exists() {
            print(what, book(&["--test", test]));
        } else {
            println!("{what}: not measured, because {needs} is missing; {remedy}");
        }
    }
    if root.join("target/browser/node_modules/harper.js").exists() {
        // Otherwise, only what has changed since the last run would be checked.
        let _ = fs::remove_file(root.join("target/prose/clean.json"));
        print("prose/check", timed(&mut Command::new(root.join("prose/check"))));
    } else {
        println!("prose/check: not measured, because harper.js is not installed; prose/check says how");
    }
}

/// The processor time that all tests may take: it grows by a second with each lesson since the fortieth.
fn allowed() -> usize {
    150 + lessons().len().saturating_sub(40)
}

struct Cost {
    wall: f64,
    processor: f64,
}

fn timed(command: &mut Command) -> Cost {
    let (start, before) = (Instant::now(), children_milliseconds());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("cargo");
    if !status.success() {
        println!("{command:?}: {status}; the figures below come from a run that failed");
    }
    Cost { wall: start.elapsed().as_secs_f64(), processor: (children_milliseconds() - before) / 1000.0 }
}

fn cargo(target: &Path) -> Command {
    cargo_does("test", target)
}

fn cargo_does(what: &str, target: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([what, "--offline"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.env("CARGO_TARGET_DIR", target);
    cargo
}

/// Returns the processor time for the tests of one lesson: the mean of four lessons, without the time that
/// a run without any test takes.
fn one_lesson(target: &Path) -> f64 {
    let trials = |filter: &str| timed(cargo(target).args(["--test", "lessons", filter])).processor;
    let none = trials("no lesson has this name");
    let some = ["refcount_demo: ", "unlink_demo: ", "perm_demo: ", "svsem_demo: "];
    some.iter().map(|lesson| trials(lesson) - none).sum::<f64>() / 4.0
}

fn megabytes(folder: &Path) -> u64 {
    let mut seen = std::collections::HashSet::new();
    bytes(folder.to_path_buf(), &mut seen) / 1_000_000
}

/// Counts the bytes on the disk. A file with several links counts once.
fn bytes(folder: PathBuf, seen: &mut std::collections::HashSet<u64>) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => bytes(entry.path(), seen),
        Ok(meta) if seen.insert(meta.ino()) => meta.blocks() * 512,
        _ => 0,
    });
    sizes.sum()
}
