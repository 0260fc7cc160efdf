//! Measures what grading costs, with 50, 100 and 200 submissions to a lab in which nothing waits, and
//! how much time `lab check` adds to that of the program itself.
//!
//!     cargo bench -p ipc-workbook-labs --bench course

use ipc_workbook_testing::folder::Folder;
use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const LAB: &str = "exact-mode";
/// How often the grader of this lab runs the program.
const RUNS: usize = 5;

fn main() {
    let folder = Folder::new("course");
    let Some(program) = compile(&folder) else {
        println!("not seen: there is no C compiler cc here");
        return;
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("lab grade, {cores} cores, submissions to {LAB}:");
    let mut first = None;
    for students in [50, 100, 200] {
        let seconds = grade(&folder, &program, students);
        let each = seconds / f64::from(students);
        let first = *first.get_or_insert(each);
        println!(
            "{students:>5}: {seconds:6.2} s, {each:.4} s each, {:.2} times the time of each of 50",
            each / first
        );
    }
    check(&program);
}

fn compile(folder: &Path) -> Option<PathBuf> {
    let source =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons/12-permissions/labs/exact-mode/solution.c");
    let program = folder.join("solution");
    let cc = Command::new("cc").arg("-O1").arg("-o").arg(&program).arg(source).arg("-lrt").status();
    cc.is_ok_and(|status| status.success()).then_some(program)
}

/// Returns the seconds that a whole course takes, from the start to the last report.
fn grade(folder: &Path, program: &Path, students: u32) -> f64 {
    let (subs, out) = (folder.join(format!("subs-{students}")), folder.join(format!("out-{students}")));
    fs::create_dir(&subs).expect("a folder");
    for n in 0..students {
        fs::copy(program, subs.join(format!("student-{n}"))).expect("a copy");
    }
    let started = Instant::now();
    let status = lab(&["grade", "--lab", LAB, "--out"]).arg(&out).arg(&subs).status();
    let seconds = started.elapsed().as_secs_f64();
    assert!(status.is_ok_and(|status| status.success()), "all are graded");
    let grades = fs::read_to_string(out.join("grades.csv")).expect("grades.csv");
    assert_eq!(grades.matches(",10,10,10\n").count(), students as usize, "with full marks");
    seconds
}

/// Measures both alternately, under the same conditions. The median ignores runs that other programs
/// disturbed.
fn check(program: &Path) {
    let (mut check, mut own) = (Vec::new(), Vec::new());
    let name = format!("/lab_bench_{}", std::process::id());
    let unlinked = CString::new(name.as_str()).expect("no NUL");
    for _ in 0..21 {
        let started = Instant::now();
        for _ in 0..RUNS {
            let status = Command::new(program).args([&name, "0600"]).status();
            let _ = ipc_workbook::mqueue::mq_unlink(&unlinked);
            assert!(status.is_ok_and(|status| status.success()), "the program runs here too");
        }
        own.push(milliseconds(started));
        let started = Instant::now();
        let status = lab(&["check", LAB, "--format", "json", "--program"]).arg(program).status();
        check.push(milliseconds(started));
        assert!(status.is_ok_and(|status| status.success()), "with full marks");
    }
    let (check, own) = (median(check), median(own));
    println!(
        "lab check: {check:.1} ms, of which the program's own {RUNS} runs take {own:.1} ms: it adds {:.1} ms",
        check - own
    );
}

fn lab(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
