//! Runs trials: tests that a program makes when it starts. The options and the output are those of Rust's own harness.
//!
//! The crate libtest-mimic does this, too. But it needs more features of clap than the lessons have, and cargo gives a crate
//! the same features in all packages that it tests together. Then the library and all lessons are compiled for
//! `cargo test`, and once more for the next `cargo run`, and for the tests that call cargo.

use crate::parallel::each;
use clap::{Arg, ArgAction, Command, value_parser};
use colored::Colorize;
use std::any::Any;
use std::cell::RefCell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::process::ExitCode;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::Instant;

/// What the command line asks for.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // these are independent flags
pub struct Arguments {
    /// Only trials whose names contain this.
    pub filter: Option<String>,
    /// No trials whose names contain one of these.
    pub skip: Vec<String>,
    /// Both mean whole names.
    pub exact: bool,
    /// Print the names only.
    pub list: bool,
    /// One character for each trial.
    pub quiet: bool,
    /// Run also what cannot run here.
    pub ignored: bool,
    /// Run nothing else.
    pub only_ignored: bool,
    /// Print how long each trial takes.
    pub report_time: bool,
    pub test_threads: usize,
}

/// Returns the arguments on the command line.
pub fn arguments() -> &'static Arguments {
    static ARGUMENTS: OnceLock<Arguments> = OnceLock::new();
    ARGUMENTS.get_or_init(Arguments::read)
}

impl Arguments {
    /// Reads the command line. By default, twice as many trials as there are processors run at a time, because a trial
    /// spends half of its time waiting for the processes that it started.
    fn read() -> Arguments {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
        let takes = |name: &'static str| Arg::new(name).long(name);
        // Cargo gives all test programs the same options. Some mean nothing here: nothing is captured.
        let found = Command::new("trials")
            .args([flag("exact"), flag("list"), flag("quiet").short('q')])
            .args([flag("ignored"), flag("include-ignored"), flag("report-time")])
            .args(["nocapture", "no-capture", "show-output"].map(flag))
            .args(["color", "format"].map(takes))
            .arg(takes("skip").action(ArgAction::Append))
            .arg(takes("test-threads").value_parser(value_parser!(usize)))
            .arg(Arg::new("FILTER").help("Run only trials whose names contain this"))
            .get_matches();
        Arguments {
            filter: found.get_one("FILTER").cloned(),
            skip: found.get_many("skip").unwrap_or_default().cloned().collect(),
            exact: found.get_flag("exact"),
            list: found.get_flag("list"),
            quiet: found.get_flag("quiet"),
            ignored: found.get_flag("include-ignored") || found.get_flag("ignored"),
            only_ignored: found.get_flag("ignored"),
            report_time: found.get_flag("report-time"),
            test_threads: found.get_one("test-threads").copied().unwrap_or(2 * processors),
        }
    }

    fn want(&self, trial: &Trial) -> bool {
        let is_meant =
            |text: &String| if self.exact { trial.name == *text } else { trial.name.contains(text) };
        let is_of_the_kind = trial.is_ignored || !self.only_ignored;
        is_of_the_kind && self.filter.as_ref().is_none_or(is_meant) && !self.skip.iter().any(is_meant)
    }
}

/// A test with a name.
pub struct Trial {
    name: String,
    is_ignored: bool,
    body: Box<dyn FnOnce() -> Result<(), Failed> + Send>,
}

impl Trial {
    pub fn test(
        name: impl Into<String>,
        body: impl FnOnce() -> Result<(), Failed> + Send + 'static,
    ) -> Trial {
        Trial { name: name.into(), is_ignored: false, body: Box::new(body) }
    }

    /// Lists the trial as one that cannot run here.
    #[must_use]
    pub fn with_ignored_flag(self, is_ignored: bool) -> Trial {
        Trial { is_ignored, ..self }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Why a trial has failed.
#[derive(Debug)]
pub struct Failed(String);

impl<M: Display> From<M> for Failed {
    fn from(message: M) -> Failed {
        Failed(message.to_string())
    }
}

impl Failed {
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0
    }
}

/// Lists or runs the trials that the command line asks for. Prints how each one has ended, and at the end why some have
/// failed.
#[must_use]
pub fn run(arguments: &Arguments, mut trials: Vec<Trial>) -> ExitCode {
    if arguments.list {
        trials.retain(|trial| arguments.want(trial));
        for trial in &trials {
            println!("{}: test", trial.name);
        }
        return ExitCode::SUCCESS;
    }
    let begin = Instant::now();
    let report = ended(arguments, trials);
    report.print_end(begin);
    if report.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

/// Runs the trials that the command line asks for.
#[must_use]
pub fn ended(arguments: &Arguments, mut trials: Vec<Trial>) -> Report {
    let all = trials.len();
    trials.retain(|trial| arguments.want(trial));
    println!("\nrunning {} test{}", trials.len(), if trials.len() == 1 { "" } else { "s" });
    let report = Report { filtered_out: all - trials.len(), ..Report::default() };
    let report = Mutex::new(report);
    each(trials, arguments.test_threads, |trial| {
        let begin = Instant::now();
        let ended = if trial.is_ignored && !arguments.ignored { None } else { Some(caught(trial.body)) };
        print_one(arguments, &trial.name, ended.as_ref(), begin);
        report.lock().unwrap_or_else(PoisonError::into_inner).add(trial.name, ended);
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Prints how a trial has ended. `None`: it was not run.
fn print_one(arguments: &Arguments, name: &str, ended: Option<&Result<(), Failed>>, begin: Instant) {
    let (word, letter) = match ended {
        Some(Ok(())) => ("ok".green(), "."),
        Some(Err(_)) => ("FAILED".red(), "F"),
        None => ("ignored".yellow(), "i"),
    };
    if arguments.quiet {
        print!("{letter}");
    } else if arguments.report_time {
        println!("test {name} ... {word} <{:.3}s>", begin.elapsed().as_secs_f64());
    } else {
        println!("test {name} ... {word}");
    }
}

/// How the trials have ended so far.
#[derive(Debug, Default)]
pub struct Report {
    filtered_out: usize,
    pub passed: usize,
    pub ignored: usize,
    /// The names and the reasons.
    pub failed: Vec<(String, Failed)>,
}

impl Report {
    fn add(&mut self, name: String, ended: Option<Result<(), Failed>>) {
        match ended {
            Some(Ok(())) => self.passed += 1,
            Some(Err(why)) => self.failed.push((name, why)),
            None => self.ignored += 1,
        }
    }

    fn print_end(&self, begin: Instant) {
        let Report { passed, ignored, failed, filtered_out, .. } = self;
        if !failed.is_empty() {
            println!("\nfailures:");
            for (name, why) in failed {
                println!("\n---- {name} ----\n{}", why.message());
            }
            println!("\nfailures:");
            for (name, _) in failed {
                println!("    {name}");
            }
        }
        let word = if failed.is_empty() { "ok".green() } else { "FAILED".red() };
        let (failed, seconds) = (failed.len(), begin.elapsed().as_secs_f64());
        println!(
            "\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; \
             {filtered_out} filtered out; finished in {seconds:.2}s\n"
        );
    }
}

thread_local! {
    /// What the panic of this thread's trial has said. `None`: the thread runs no trial.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a trial. A panic becomes a failure with the message and the place of the panic.
fn caught(body: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    // The usual hook would show the message at once, and the report shows it again.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            SAID.with_borrow_mut(|said| match said {
                Some(text) => *text = panic.to_string(),
                None => usual(panic),
            });
        }));
    });
    SAID.set(Some(String::new()));
    let ended: Result<_, Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(body));
    let said = SAID.take().unwrap_or_default();
    ended.unwrap_or(Err(Failed(said)))
}
