//! Measures what the narration costs: it compares the processor time of refcount_demo, which writes
//! to a file, with that of a C program that makes the same calls and reads the same files in /proc.
//!
//!     cargo bench --bench lesson

mod common;

use common::children_milliseconds;
use ipc_workbook::lesson::finished;
use std::fs::File;
use std::path::Path;
use std::process::Command;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (twin, output) = (folder.join("refcount_demo_in_c"), folder.join("bench-output"));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/refcount_demo.c");
    let compiled = Command::new("cc").args(["-O2", "-Wall", "-Werror", "-o"]).arg(&twin).arg(source).status();
    if !compiled.is_ok_and(|status| status.success()) {
        println!("not seen: there is no C compiler cc here");
        return;
    }
    let lesson = Path::new(env!("CARGO_BIN_EXE_refcount_demo"));
    // They run alternately, under the same conditions. The median ignores runs that other programs disturbed.
    let (mut c, mut rust) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        c.push(milliseconds(&twin, &output));
        rust.push(milliseconds(lesson, &output));
    }
    let (c, rust) = (median(c), median(rust));
    println!("processor time, ms: C {c:.2}, refcount_demo {rust:.2}, ratio {:.2}", rust / c);
}

/// Returns the processor time of one run of the program, user and system together.
fn milliseconds(program: &Path, output: &Path) -> f64 {
    let before = children_milliseconds();
    let mut command = Command::new(program);
    command.stdout(File::create(output).expect("a file")).env(finished::VARIABLE, "");
    let status = command.status().expect("it runs");
    assert!(status.success(), "{}: {status}", program.display());
    children_milliseconds() - before
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
