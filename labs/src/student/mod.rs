//! The student's commands.
//!
//! | file | what |
//! | --- | --- |
//! | this one | the command line |
//! | [`context`] | the workbook's folder and the command line |
//! | [`exercise`] | the student's own copy: its path, the file that is checked, the reset to the starter |
//! | [`list`], [`show`], [`task`] | list the labs; show one lab and its task |
//! | [`check`], [`report`] | grade an exercise; print the grade |
//! | [`watch`] | grade again after each change |
//! | [`help`] | give hints; show the solution |
//! | [`progress`] | the stored progress in each lab |

mod check;
mod context;
mod exercise;
mod help;
mod list;
mod progress;
mod report;
mod show;
mod task;
mod watch;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use context::Context;
use ipc_workbook_tools::cli::{Failure, format_flag};
use ipc_workbook_tools::workbook::labs::Language;
use std::path::{Path, PathBuf};

/// Returns the commands for students.
pub(crate) fn commands() -> Vec<Command> {
    let language = || {
        Arg::new("language")
            .long("language")
            .value_name("WHICH")
            .value_parser(Language::NAMES)
            .help("Rust, C or shell [default: the one that you have begun in, or else the lab's first]")
    };
    let show = || {
        path("show", "PATH")
            .action(ArgAction::Append)
            .help("Let the program also read PATH, such as an interpreter in a home folder; may be repeated")
    };
    let seed = Arg::new("seed").long("seed").value_name("N").value_parser(value_parser!(u64));
    let shared = Arg::new("shared").long("shared").action(ArgAction::SetTrue).help(
        "Grade without namespaces of its own: every object that appears on this machine meanwhile counts as the program's",
    );
    let trace = Arg::new("trace")
        .long("trace")
        .action(ArgAction::SetTrue)
        .help("Show step by step what the scheduled programs did when a line was lost; use it with --seed");
    let give_up = Arg::new("give-up").long("give-up").action(ArgAction::SetTrue);
    let commands = [
        Command::new("list").about("List the labs, and how far you are"),
        Command::new("show")
            .about("Show a lab's task, and copy its starter into your exercises")
            .arg(name(true))
            .arg(language()),
        Command::new("check")
            .about("Grade your exercise, or another program, by what the kernel shows")
            .arg(name(true))
            .arg(
                path("program", "PATH")
                    .help("Grade this program: an executable, a .rs or .c file, or a folder with one of these"),
            )
            .arg(show())
            .arg(shared.clone())
            .arg(seed.help("Try only the schedule with this seed, as named beside a lost line"))
            .arg(trace),
        Command::new("watch")
            .about("Check again whenever your exercise changes, until Ctrl-C")
            .arg(name(false))
            .arg(show())
            .arg(shared),
        Command::new("build")
            .about("Build your exercise on this machine, so that you can run the commands that check prints")
            .arg(name(true)),
        Command::new("hint").about("Give one more hint each time").arg(name(true)),
        Command::new("reset")
            .about("Start again: copy the starter into your exercises, and keep your own file under another name")
            .arg(name(true))
            .arg(language()),
        Command::new("solution")
            .about("Show a solution, once you have full marks")
            .arg(name(true))
            .arg(language())
            .arg(give_up.help("Show it before you have full marks; your progress records this")),
    ];
    let with_common = |command: Command| {
        command
            .arg(
                path("state", "FILE").help("Keep your progress in FILE, not in the folder of XDG_STATE_HOME"),
            )
            .arg(
                path("exercises", "FOLDER")
                    .help("Keep your exercises in FOLDER, not in the workbook's folder exercises"),
            )
            .arg(format_flag("Print text, or JSON with one object a line"))
    };
    commands.map(with_common).into()
}

fn name(required: bool) -> Arg {
    Arg::new("lab")
        .value_name("LAB")
        .required(required)
        .help("The lab's name, such as exact-mode; lab list shows all names")
}

fn path(name: &'static str, what: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(what).value_parser(value_parser!(PathBuf))
}

/// Runs a command; returns `None` if it is not a student's command.
pub(crate) fn run(root: &Path, command: &str, args: &ArgMatches) -> Option<Result<u8, Failure>> {
    let run: fn(&Context) -> Result<u8, Failure> = match command {
        "list" => list::list,
        "show" => show::show,
        "check" => check::check,
        "build" => check::build,
        "watch" => watch::watch,
        "hint" => help::hint,
        "reset" => show::reset,
        "solution" => help::solution,
        _ => return None,
    };
    Some(run(&Context { root, args }))
}
