//! An interrupted grading leaves no half-written file, and the next run continues.

use crate::sampled;
use crate::support::course::*;
use crate::support::*;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

#[test]
fn two_labs_never_work_in_one_folder() {
    let course = slow_course(2);
    let mut first = start(&course, &mark());
    until_so_within(GRADING_LIMIT, "result", || course.out().join("gradescope").exists());
    let output = run(&mut course.grade(&["--lab", LAB]), 3);
    assert!(stderr(&output).contains("another lab process is using"), "{}", describe(&output));
    until_so_within(GRADING_LIMIT, "listening for signals", || blocks(pid(&first), Signal::SIGTERM));
    kill(pid(&first), Signal::SIGTERM).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(143));
}

/// Whether the process blocks the signal, as a program does that receives signals in a thread. Before that, a
/// signal ends it at once.
fn blocks(pid: Pid, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
    let blocked = blocked.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    blocked & (1 << (signal as i32 - 1)) != 0
}

#[test]
fn interrupted_in_the_middle_it_leaves_no_half_and_the_next_run_goes_on() {
    // The last case is Ctrl-C, which a terminal sends to a whole process group.
    sampled("interrupted::interrupted_in_the_middle_it_leaves_no_half_and_the_next_run_goes_on");
    let all = vec![(Signal::SIGINT, false), (Signal::SIGKILL, false), (Signal::SIGINT, true)];
    for (signal, to_all) in sample(all, "interrupted", 1) {
        let course = slow_course(12);
        let mark = mark();
        let running = start(&course, &mark);
        let results = course.out().join("results").join(LAB);
        let there = || results.exists() && results_below(&results).len() >= 3;
        until_so_within(GRADING_LIMIT, "third result", there);
        let pid = pid(&running);
        kill(if to_all { Pid::from_raw(-pid.as_raw()) } else { pid }, signal).unwrap();
        let output = running.wait_with_output().unwrap();
        assert!(!stderr(&output).contains("not graded"), "{}", describe(&output));
        let status = output.status;
        if signal == Signal::SIGINT {
            assert_eq!(status.code(), Some(130));
            assert!(!entries(&course.out()).iter().any(|path| name(path).starts_with(".half-")));
        }
        until_so_within(GRADING_LIMIT, "end of all its processes", || marked(&mark).is_empty());
        let done = results_below(&results);
        assert!(done.len() < 12, "it was interrupted in the middle: {}", done.len());
        for file in &done {
            assert_eq!(points(&read_json(file)["graded"]), 10, "{} is whole", file.display());
        }
        let output = run(&mut course.grade(&["--lab", LAB]), 0);
        let as_before = stderr(&output).matches(", as before").count();
        assert!((3..12).contains(&as_before), "{}", describe(&output));
        assert!((0..12).all(|n| course.points(&format!("student-{n}")) == 10), "{}", describe(&output));
        assert!(files_below(&course.out()).iter().all(|file| !file.to_string_lossy().contains(".half-")));
    }
}

/// Returns the stored results; lock files beside them do not count.
fn results_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = files_below(folder);
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files
}

/// Returns a course whose submissions get full marks, but slowly.
fn slow_course(students: usize) -> Course {
    let course = Course::new();
    let slow = source("solution.c").replace("mode_t mode", "system(\"sleep 0.2\");\n\tmode_t mode");
    for n in 0..students {
        course.add(format!("student-{n}/main.c"), &slow);
    }
    course
}

fn start(course: &Course, mark: &str) -> Child {
    let mut command = course.grade(&["--lab", LAB, "--jobs", "2"]);
    command.env(MARK, mark).stdout(Stdio::null()).stderr(Stdio::piped());
    command.process_group(0).spawn().unwrap()
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap())
}
