//! One student at work.
//!
//! | file | what |
//! | --- | --- |
//! | this one | the commands |
//! | [`context`] | what every command starts from |
//! | [`exercise`] | the student's own copy: where it lies, which file is checked, the starter again |
//! | [`list`], [`show`], [`task`] | the labs that there are; one of them, with its task |
//! | [`check`], [`report`] | the grade, and how it is shown |
//! | [`watch`] | the grade again after each change |
//! | [`help`] | one more hint; the solution |
//! | [`progress`] | what is remembered of each lab |

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

/// The commands for students.
pub(crate) fn commands() -> Vec<Command> {
    let language = || {
        Arg::new("language")
            .long("language")
            .value_name("WHICH")
            .value_parser(Language::NAMES)
            .help("Rust, C or shell; by default the one that you have begun in, or else the lab's first")
    };
    let show = || {
        path("show", "PATH")
            .action(ArgAction::Append)
            .help("More of this machine that the program may read, such as an interpreter in a home folder")
    };
    let seed = Arg::new("seed").long("seed").value_name("N").value_parser(value_parser!(u64));
    let shared = Arg::new("shared").long("shared").action(ArgAction::SetTrue).help(
        "Without private namespaces: grade by differences in the machine's own, where others may be at work",
    );
    let give_up = Arg::new("give-up").long("give-up").action(ArgAction::SetTrue);
    let commands = [
        Command::new("list").about("List the labs, and how far you are"),
        Command::new("show")
            .about("Show a lab's task, and lay its starter into your exercises")
            .arg(name(true))
            .arg(language()),
        Command::new("check")
            .about("Grade your exercise, or another program, by what the kernel shows")
            .arg(name(true))
            .arg(
                path("program", "PATH")
                    .help("Grade this: an executable, a .rs or .c file, a folder with one"),
            )
            .arg(show())
            .arg(shared.clone())
            .arg(seed.help("Of all schedules try this one alone, as a lost line names it")),
        Command::new("watch")
            .about("Check again whenever a file of your exercise has changed, until Ctrl-C")
            .arg(name(false))
            .arg(show())
            .arg(shared),
        Command::new("build")
            .about("Build your exercise on this machine, to see for yourself what check has seen")
            .arg(name(true)),
        Command::new("hint").about("Give one more hint each time").arg(name(true)),
        Command::new("reset")
            .about("Lay the starter into your exercises again; what is there is kept aside")
            .arg(name(true))
            .arg(language()),
        Command::new("solution")
            .about("Show a solution, once you have full marks")
            .arg(name(true))
            .arg(language())
            .arg(give_up.help("Show it before that as well; this is remembered")),
    ];
    let with_common = |command: Command| {
        command
            .arg(path("state", "FILE").help("Keep your progress here, not where XDG_STATE_HOME says"))
            .arg(
                path("exercises", "FOLDER")
                    .help("Have your exercises here, not in the workbook's folder exercises"),
            )
            .arg(format_flag("Text for people, or JSON, one object a line"))
    };
    commands.map(with_common).into()
}

fn name(required: bool) -> Arg {
    Arg::new("lab").value_name("LAB").required(required).help("exact-mode; list names them all")
}

fn path(name: &'static str, what: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(what).value_parser(value_parser!(PathBuf))
}

/// Does what the command says; `None` if it is none for students.
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
