//! `lab grade`: grades a whole course.

use super::copy::digest_of_grader;
use super::plan::{GradingPlan, HandIn, LeftOut, Shard};
use super::pool::{News, Pool};
use super::report::{self, Course, Visibility, gradescope};
use super::results::{ResultsFolder, SubmissionResult};
use crate::compile::Tools;
use crate::sandbox::{QUEUE_BYTES, QUEUES};
use crate::submission::Source;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use ipc_workbook_tools::cli::{Failure, Progress, escape, format_flag, warn};
use ipc_workbook_tools::temporary::Temporary;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::geteuid;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::channel;
use std::time::Duration;

const LAYOUT: &str = "\
DIR has one entry for each student, with the student's name. Without --lab the entry is a folder, \
which has a folder or a file for each lab, with the lab's name (exact-mode/, exact-mode.c). With one \
--lab the entry may also be the submission itself. A submission is an executable, a .rs or .c file, or \
a folder with main.rs, src/main.rs, .c files, or an executable named lab, main, main.sh, main.py \
or a.out. Other files (hidden files, notes.txt, backup copies of an editor) are listed and not graded, \
and so is a name that is almost a lab's name. A submission with a link to a file outside it gets no points.

Each result is stored as soon as it is there. A second run reuses stored results, unless the submission, the \
lab or the grader has changed.

Files in OUT: index.md, grades.csv, grades.json, junit.xml; for each student students/NAME.md (why points \
were lost, and below that your notes, which a later run keeps), gradescope/NAME.json (a results.json) and github-classroom/NAME.json.

A student who handed in nothing gets no points, and the result is \"missing\". In grades.csv an apostrophe \
stands before a name that a spreadsheet would take for a formula.

Exit codes:
  0    all submissions are graded, whatever their points
  2    wrong usage
  3    this machine could not grade some or all submissions; it says why, and grades the others
  130, 143   interrupted; finished results are stored, and the same command continues
  141  the reader of the output has gone";

pub(super) fn command() -> Command {
    let path = |name: &'static str| Arg::new(name).value_parser(value_parser!(PathBuf));
    Command::new("grade")
        .about("Grade a folder of submissions")
        .after_help(LAYOUT)
        .arg(path("dir").value_name("DIR").required(true).help("The folder of submissions"))
        .arg(
            Arg::new("lab")
                .long("lab")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Grade this lab only; may be repeated [default: every lab that something in DIR is named after]"),
        )
        .arg(path("out").long("out").value_name("OUT").default_value("grades").help("The folder for results and reports"))
        .arg(
            Arg::new("jobs")
                .long("jobs")
                .value_name("N")
                .value_parser(value_parser!(u16).range(1..))
                .help("Grade N submissions at a time [default: one for each core, and at most four for an ordinary user, whose message queues share one limit]"),
        )
        .arg(
            Arg::new("shard")
                .long("shard")
                .value_name("I/N")
                .value_parser(|text: &str| text.parse::<Shard>())
                .help("Grade the I-th of N parts of the students; lab merge combines the parts"),
        )
        .arg(flag("again", "Grade every submission, also those with a stored result"))
        .arg(flag("single", "DIR is one student's submission"))
        .arg(flag(
            "shared",
            "Grade without namespaces: one submission at a time; every object that appears on this machine meanwhile counts as the submission's",
        ))
        .arg(
            path("show")
                .long("show")
                .value_name("PATH")
                .action(ArgAction::Append)
                .help("Let submissions also read PATH, such as an interpreter in a home folder; may be repeated"),
        )
        .arg(format_flag("Print the table at the end, or grades.json"))
        .args(report::args())
        .arg(path("gradescope").long("gradescope").value_name("FILE").help(
            "For one student: also write Gradescope's results.json to FILE, before grading and after each lab",
        ))
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

pub(super) fn run(args: &ArgMatches, root: &Path) -> Result<u8, Failure> {
    let path = |name: &str| args.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let wanted: Vec<String> = args.get_many("lab").into_iter().flatten().cloned().collect();
    let shard = args.get_one::<Shard>("shard").copied();
    let (folder, out) = (path("dir"), path("out"));
    let plan = GradingPlan::of(root, &folder, &wanted, args.get_flag("single"), shard)?;
    let only = args.get_one::<PathBuf>("gradescope").map(PathBuf::as_path);
    if only.is_some() && plan.tasks.iter().any(|task| task.student != plan.tasks[0].student) {
        return Err(Failure::Usage(
            "--gradescope is for one student, and there are several; OUT/gradescope has a file for each"
                .into(),
        ));
    }
    let there = std::path::absolute(&out)?;
    let there = there.ancestors().find_map(|folder| folder.canonicalize().ok());
    if there.is_some_and(|there| folder.canonicalize().is_ok_and(|folder| there.starts_with(folder))) {
        return Err(Failure::Usage(format!(
            "{} is inside the folder of submissions and would be graded; name another folder with --out",
            out.display()
        )));
    }
    say_what_is_left_out(&plan.left_out);
    let results = ResultsFolder::open(&out)?;
    let shared = args.get_flag("shared");
    let show: Vec<PathBuf> = args.get_many("show").into_iter().flatten().cloned().collect();
    let digests =
        plan.labs.iter().map(|lab| digest_of_grader(lab, shared, &show)).collect::<Result<_, _>>()?;
    let visibility = Visibility::of(args);
    let mut course = Course::of(&plan, shard);
    for student in &course.students {
        gradescope::write(&results, only, &course.labs, student, visibility)?;
    }
    // This calls cargo; once signals are blocked, Ctrl-C would not reach it.
    let tools = tools(root, &plan).map_err(|failure| failure.to_string());
    // One thread waits for these signals. All threads that start from here on inherit the blocked mask.
    let signals = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP]);
    signals.thread_block().map_err(|errno| Failure::Machine(format!("cannot block signals: {errno}")))?;

    let copies = results.temporary()?;
    let pool = Pool {
        root,
        plan: &plan,
        results: &results,
        digests,
        copies,
        again: args.get_flag("again"),
        shared,
        show,
        tools,
        next: AtomicUsize::new(0),
    };
    // Submissions that share the machine's namespaces would take each other's objects for their own.
    let jobs = match args.get_one::<u16>("jobs") {
        _ if shared => 1,
        Some(jobs) => usize::from(*jobs),
        None => cores().min(with_queue_bytes()),
    };
    let ended = std::thread::scope(|scope| {
        let (tell, news) = channel();
        for _ in 0..jobs.min(plan.tasks.len()) {
            let (pool, tell) = (&pool, tell.clone());
            scope.spawn(move || pool.work(&tell));
        }
        std::thread::spawn(move || {
            while let Ok(signal) = signals.wait() {
                if tell.send(News::Signal(signal)).is_err() {
                    return;
                }
            }
        });
        let mut progress = Progress::new(plan.tasks.len());
        while progress.done() < plan.tasks.len() {
            match news.recv() {
                Ok(News::Done(task, result, of_another_run)) => {
                    if !of_another_run {
                        results.keep(&result)?;
                    }
                    advance(&mut progress, &result, of_another_run);
                    let student = course.take(task, *result).clone();
                    gradescope::write(&results, only, &course.labs, &student, visibility)?;
                }
                Ok(News::Doing(task, doing)) => {
                    let task = &plan.tasks[task];
                    let beside = format!("{} {}: {doing}", task.student, plan.labs[task.lab].name);
                    progress.at(progress.done(), &escape(&beside));
                }
                Ok(News::Signal(signal)) => {
                    progress.end();
                    // No file is half written, because only this thread writes. All grading processes end
                    // with this one.
                    interrupted(&course, &pool.copies, signal);
                }
                Err(_) => {
                    return Err(Failure::Machine(
                        "a grading thread ended too early; run the same command again".into(),
                    ));
                }
            }
        }
        progress.end();
        Ok(())
    });
    ended?;
    report::write(&results, &course, &[])?;
    report::print(&course, args)
}

/// Warns about entries that are not graded, before the grading starts. The reports list them as well.
fn say_what_is_left_out(left_out: &[LeftOut]) {
    let (meant, others): (Vec<_>, Vec<_>) = left_out.iter().partition(|one| one.maybe_meant);
    for one in meant {
        warn(&format!("{} is not graded: {}", one.path, one.why));
    }
    if !others.is_empty() {
        let paths: Vec<&str> = others.iter().take(5).map(|one| one.path.as_str()).collect();
        let more = others.len() - paths.len();
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        warn(&format!("not graded, because they are not submissions: {}{more}", paths.join(", ")));
    }
}

/// Shows on the progress line that one more submission has its result.
fn advance(progress: &mut Progress, result: &SubmissionResult, of_another_run: bool) {
    let (student, lab, grade) = (&result.student, &result.lab, report::grade_of(result));
    let known = if of_another_run { ", as before" } else { "" };
    progress.advance(&format!("{student}  {lab}  {grade}{known}"), &format!("{student} {lab} {grade}"));
}

/// Finds the tools for building, if a submission is in Rust.
fn tools(root: &Path, plan: &GradingPlan) -> Result<Tools, Failure> {
    let sources = plan.tasks.iter().filter_map(|task| match &task.hand_in {
        HandIn::At(path) => Source::find(path).ok(),
        HandIn::Missing(_) | HandIn::Unusable(_) => None,
    });
    let rust: Vec<Source> = sources.filter(|source| matches!(source, Source::Rust(_))).take(1).collect();
    Tools::find(root, &rust)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Returns how many submissions can be graded at a time before their queues exceed an ordinary user's
/// RLIMIT_MSGQUEUE. Root's queues do not share a limit.
fn with_queue_bytes() -> usize {
    if geteuid().is_root() {
        return usize::MAX;
    }
    let (_, most) = getrlimit(Resource::RLIMIT_MSGQUEUE).unwrap_or((0, 0));
    usize::try_from(most / (QUEUES * QUEUE_BYTES)).unwrap_or(usize::MAX).max(1)
}

/// Ends this process; the kernel then ends every process that it started.
fn interrupted(course: &Course, copies: &Temporary, signal: Signal) -> ! {
    let (done, of) = course.progress();
    warn(&format!(
        "interrupted; {done} of {of} submissions are graded and stored; run the same command again to grade the others"
    ));
    remove(copies.path());
    std::process::exit(128 + signal as i32)
}

/// Removes a folder in which other threads still create files, so that one attempt may leave some of them.
fn remove(folder: &Path) {
    const ATTEMPTS: usize = 200;
    for _ in 0..ATTEMPTS {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                std::thread::sleep(Duration::from_millis(10));
            }
            _ => return,
        }
    }
}
