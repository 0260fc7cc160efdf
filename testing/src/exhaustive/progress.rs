//! Runs the tests, several at a time on each processor, and shows the progress.

use crate::done::Done;
use crate::work::{Ended, Test};
use ipc_workbook_testing::parallel::each;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The time between two lines of progress.
const INTERVAL: Duration = Duration::from_secs(15);

/// More than one, because many tests spend most of their time waiting: until a namespace has ended, or
/// until a program blocks.
const AT_A_TIME_ON_A_PROCESSOR: usize = 3;

/// Tests that grade need queues of the usual size, and all queues of a user share one RLIMIT_MSGQUEUE. By default it
/// is enough for nine of them.
const MOST_GRADINGS: usize = 8;

/// Runs all tests, first those that grade, and returns how many failed. A grading takes a hundred times as long as
/// another test, so each kind has a count and an estimate of its own.
pub(crate) fn show(tests: Vec<Test>, done: &mut Done) -> usize {
    let (gradings, others): (Vec<Test>, Vec<Test>) = tests.into_iter().partition(|test| test.program.grades);
    println!("{} gradings, and then {} shorter tests", gradings.len(), others.len());
    let at_a_time = AT_A_TIME_ON_A_PROCESSOR * std::thread::available_parallelism().map_or(2, usize::from);
    let mut result = run(gradings, at_a_time.min(MOST_GRADINGS), done);
    result.join(run(others, at_a_time, done));
    for test in &result.failed {
        println!("FAILED: {} {:?} {}", test.program.name, test.user, test.name);
    }
    println!("{} passed, {} failed", result.passed, result.failed.len());
    result.failed.len()
}

/// How tests ended.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<Test>,
}

impl Tally {
    fn join(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
    }
}

/// Runs tests, so many at a time.
fn run(tests: Vec<Test>, at_a_time: usize, done: &mut Done) -> Tally {
    let all = tests.len();
    let (send, ended) = mpsc::channel();
    std::thread::scope(|scope| {
        // The channel ends with this thread, and then collect returns.
        scope.spawn(move || {
            each(tests, at_a_time, |test| {
                let _ = send.send(test.run());
            });
        });
        collect(&ended, all, done)
    })
}

/// Records each result as it arrives, and returns when all tests have ended.
fn collect(ended: &mpsc::Receiver<Ended>, all: usize, done: &mut Done) -> Tally {
    let (start, mut said) = (Instant::now(), Instant::now());
    let mut tally = Tally::default();
    loop {
        match ended.recv_timeout(INTERVAL) {
            Ok(Ended { test, failure: None, .. }) => {
                tally.passed += 1;
                done.add(&test);
            }
            Ok(Ended { test, took, failure: Some(text) }) => {
                println!("FAILED after {:.1} s, {:?}: {}\n{text}", took.as_secs_f64(), test.user, test.name);
                tally.failed.push(test);
            }
            // All trials of a lab together take minutes.
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return tally,
        }
        if said.elapsed() >= INTERVAL {
            said = Instant::now();
            let ended = tally.passed + tally.failed.len();
            println!("{}", line(ended, all, tally.failed.len(), start.elapsed()));
        }
    }
}

/// `412 of 5120, 0 failed, 3 min; about 31 min more`
fn line(done: usize, all: usize, failed: usize, so_far: Duration) -> String {
    let left = u32::try_from(all - done).unwrap_or(u32::MAX);
    let more = so_far * left / u32::try_from(done.max(1)).unwrap_or(u32::MAX);
    let minutes = |time: Duration| time.as_secs().div_ceil(60);
    format!("{done} of {all}, {failed} failed, {} min; about {} min more", minutes(so_far), minutes(more))
}
