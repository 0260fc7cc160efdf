//! The menu: what there is to read and run, a chapter in one go, and the whole
//! workbook put to the test.
//!
//!     cargo run
//!     cargo run -- run 13-refcount
//!     cargo run -- verify

mod list;
mod run;
mod verify;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook_tools::cli::{self, Failure, format_flag, wants_json};
use ipc_workbook_tools::workbook::{contents, root};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main("ipc-workbook", command(), dispatch)
}

fn command() -> Command {
    let what =
        Arg::new("what").value_name("CHAPTER|LESSON").required(true).help("13-refcount, or refcount_demo");
    let flags =
        Arg::new("flags").value_name("FLAGS").num_args(0..).trailing_var_arg(true).allow_hyphen_values(true);
    Command::new("ipc-workbook")
        .about("A workbook that teaches Linux inter-process communication by running it")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(
            "Exit codes: 0 all is well; 1 a claim failed; 2 wrong usage; 3 this machine cannot run a lesson now",
        )
        .subcommand(Command::new("list").about("List the chapters and lessons (also without any command)"))
        .subcommand(
            Command::new("run")
                .about("Play a whole chapter, lesson after lesson, or one lesson")
                .arg(what)
                .arg(flags.help("Flags for the lessons, such as --private or --pause")),
        )
        .subcommand(
            Command::new("verify")
                .about("Run every lesson in a private namespace, and count the claims")
                .arg(format_flag("A table for people, or one JSON object")),
        )
}

fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let root = root();
    let contents = contents(&root)?;
    match matches.subcommand() {
        Some(("run", run)) => {
            let what = run.get_one::<String>("what").map_or("", String::as_str);
            let flags: Vec<String> = run.get_many("flags").unwrap_or_default().cloned().collect();
            run::run(&root, &contents, what, &flags)
        }
        Some(("verify", verify)) => verify::verify(&root, &contents, wants_json(verify)),
        _ => list::list(&contents),
    }
}
