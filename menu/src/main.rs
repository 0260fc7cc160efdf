//! The menu: lists the chapters and the reader's progress, plays a chapter, and checks all claims of the
//! workbook.
//!
//!     cargo run
//!     cargo run -- list 13
//!     cargo run -- run 13
//!     cargo run -- verify
//!     cargo run -- verify 13 atexit_demo
//!
//! | file | what |
//! | --- | --- |
//! | [`list`] | shows a part on one screen: its chapters, and what comes next |
//! | [`chapter`] | shows a chapter on one screen: its lessons, its text, its labs |
//! | [`run`] | plays a chapter or a lesson |
//! | [`verify`] | runs lessons, all of them unless some are named, and counts the claims |
//! | [`named`] | finds the chapters and lessons that a reader names |
//! | [`progress`] | knows which lessons have been run, and which comes next |
//! | [`tally`] | adds up counts of claims |

mod chapter;
mod list;
mod named;
mod progress;
mod run;
mod tally;
mod verify;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook_tools::cli::{self, Failure, format_flag, wants_json};
use ipc_workbook_tools::workbook::{contents, root};
use named::{Named, chapter_or_lesson, lessons_of};
use progress::Progress;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main("ipc-workbook", command(), dispatch)
}

fn command() -> Command {
    let what = || Arg::new("what").value_name("CHAPTER|LESSON");
    let flags =
        Arg::new("flags").value_name("FLAGS").num_args(0..).trailing_var_arg(true).allow_hyphen_values(true);
    Command::new("ipc-workbook")
        .about("A workbook that teaches Linux inter-process communication by running it")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(
            "Exit codes: 0 no claim failed; 1 a claim failed; 2 wrong usage; 3 this machine cannot run a lesson now",
        )
        // If a reader types a chapter's number as the command, our error message is better than clap's.
        .allow_external_subcommands(true)
        .subcommand(
            Command::new("list")
                .about("Show a part or a chapter, and which lessons you have run (the default command)")
                .arg(Arg::new("what").value_name("PART|CHAPTER").help("1, 13, refcount or 13-refcount")),
        )
        .subcommand(
            Command::new("run")
                .about("Play a whole chapter, or one lesson")
                .arg(what().required(true).help("13, refcount, 13-refcount or refcount_demo"))
                .arg(flags.help("Flags for the lessons, such as --private or --pause")),
        )
        .subcommand(
            Command::new("verify")
                .about("Run every lesson in a private namespace, and count the claims that hold")
                .arg(what().num_args(0..).help("Run only these: 13, refcount, 13-refcount or refcount_demo"))
                .arg(format_flag("A table for people, or one JSON object")),
        )
}

fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let root = root();
    let contents = contents(&root)?;
    let progress = || Progress::load(&contents);
    match matches.subcommand() {
        Some(("run", run)) => {
            let what = run.get_one::<String>("what").map_or("", String::as_str);
            let flags: Vec<String> = run.get_many("flags").unwrap_or_default().cloned().collect();
            match chapter_or_lesson(&contents, what)? {
                // A chapter without lessons has text and labs, so show them.
                Named::Chapter(chapter) if chapter.lessons.is_empty() => chapter::show(chapter, &progress()),
                Named::Chapter(chapter) => run::run(&root, &chapter.lessons, &flags),
                Named::Lesson(_, lesson) => run::run(&root, std::slice::from_ref(lesson), &flags),
            }
        }
        Some(("verify", verify)) => {
            let what: Vec<&String> = verify.get_many("what").unwrap_or_default().collect();
            verify::verify(&root, &lessons_of(&contents, &what)?, wants_json(verify))
        }
        Some(("list", list)) => match list.get_one::<String>("what") {
            Some(part) if contents.chapters.iter().any(|chapter| chapter.part() == part) => {
                list::show(&root, &contents, &progress(), part)
            }
            Some(what) => match chapter_or_lesson(&contents, what)? {
                Named::Chapter(chapter) | Named::Lesson(chapter, _) => chapter::show(chapter, &progress()),
            },
            None => list::show(&root, &contents, &progress(), progress().part()),
        },
        Some((other, _)) => Err(named::no_such_command(&contents, other)),
        None => list::show(&root, &contents, &progress(), progress().part()),
    }
}
