//! Interview drills over the questions of `lessons/*/quiz.toml`. The kernel has confirmed each answer, and
//! proves it again on request.
//!
//!     cargo run --bin interview
//!     cargo run --bin interview -- mock --minutes 20 --level senior
//!     cargo run --bin interview -- list
//!     cargo run --bin interview -- show refcount-what-is-counted
//!
//! | part | what |
//! | --- | --- |
//! | [`practice`](mod@practice), [`mock`](mod@mock) with [`agenda`] and [`report`] | the two modes |
//! | [`prompt`], [`answer`], [`discuss`] | one question: asked, answered, discussed |
//! | [`kernel`], [`prove`], [`demonstrate`], [`experiment`], [`steps`] | the experiment behind a question |
//! | [`history`], [`review`], [`schedule`] | what has been answered, and when it is asked again |
//! | [`list`], [`stats`], [`anki`], [`transfer`] | the other commands |
//! | [`screen`], [`random`] | lines on the screen; orders that a seed decides |

mod agenda;
mod anki;
mod answer;
mod demonstrate;
mod discuss;
mod experiment;
mod history;
mod kernel;
mod list;
mod mock;
mod practice;
mod prompt;
mod prove;
mod random;
mod report;
mod review;
mod schedule;
mod screen;
mod stats;
mod steps;
mod transfer;

use clap::{Arg, ArgMatches, Command, value_parser};
use history::Histories;
use ipc_workbook_tools::cli::{self, Failure, format_flag, wants_json};
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::workbook::questions::Bank;
use ipc_workbook_tools::workbook::root;
use mock::{InterviewSettings, mock};
use practice::{PracticeSettings, practice};
use std::path::PathBuf;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0    done, or stopped with q
  2    wrong usage, such as an unknown id
  3    the input has ended, answers cannot be stored, or a file cannot be read: see the message
  130  interrupted; all answers so far are stored
  141  the program that read the output has ended";

fn main() -> ExitCode {
    cli::main("interview", command(), dispatch)
}

fn command() -> Command {
    let value = |name: &'static str, what: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(what).help(help)
    };
    let level = || {
        value("level", "LEVEL", "Ask only questions of this level").value_parser(["junior", "mid", "senior"])
    };
    let file = |arg: Arg| arg.global(true).value_parser(value_parser!(PathBuf));
    let number = |arg: Arg| arg.value_parser(value_parser!(usize));
    let id = Arg::new("id").value_name("ID").required(true).help("For example, refcount-what-is-counted");
    Command::new("interview")
        .about("Interview questions whose answers the kernel has confirmed (without a command: practice)")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXIT_CODES)
        .arg(file(value("state", "FILE", "Store the answers in this file (default: below XDG_STATE_HOME)")))
        .arg(file(value("lessons", "FOLDER", "Read the questions from the chapters in this folder")))
        .arg(format_flag("Text for people, or JSON with one object on each line").global(true))
        .arg(number(value("limit", "N", "Ask at most N questions").default_value("20")))
        .arg(number(value("new", "N", "Ask at most N new questions").default_value("10")))
        .arg(value("topic", "TOPIC", "Ask only about this topic"))
        .arg(level())
        .subcommand(
            Command::new("mock")
                .about("Hold an interview with a time limit, follow-up questions and a report")
                .arg(value("minutes", "N", "How long it takes").default_value("20").value_parser(minutes))
                .arg(level())
                .arg(
                    value("seed", "N", "Repeat the interview that had this number")
                        .value_parser(value_parser!(u64)),
                ),
        )
        .subcommand(Command::new("list").about("List the questions"))
        .subcommand(Command::new("show").about("Show a question with its answer").arg(id))
        .subcommand(Command::new("stats").about("Show how much you remember, and what is due, by topic"))
        .subcommand(
            Command::new("export")
                .about("Print all questions for Anki, or all your answers for another machine")
                .arg(Arg::new("what").value_name("anki|json").required(true).value_parser(["anki", "json"])),
        )
        .subcommand(
            Command::new("import")
                .about("Add answers that were exported on another machine; your own answers are kept")
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .help("The output of export json; - is standard input"),
                ),
        )
}

/// Reads the minutes of an interview, for example 0.5.
fn minutes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(minutes) if minutes > 0.0 && minutes <= 600.0 => Ok(minutes),
        _ => Err("give a number of minutes above 0 and up to 600".into()),
    }
}

fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let lessons = matches.get_one::<PathBuf>("lessons").cloned();
    let lessons = lessons.unwrap_or_else(|| root().join("lessons"));
    let find = || Bank::find(&lessons);
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned();
    let number = |name: &str| matches.get_one::<usize>(name).copied().unwrap_or_default();
    let store = || Histories::store(matches.get_one("state"));
    match matches.subcommand() {
        Some(("mock", args)) => {
            let seed = args.get_one("seed").copied();
            let settings = InterviewSettings {
                json: wants_json(matches),
                minutes: args.get_one("minutes").copied().unwrap_or_default(),
                level: text(args, "level"),
                seed: seed.unwrap_or_else(|| now().unsigned_abs() % 1_000_000),
            };
            mock(&find()?, &store()?, &settings)
        }
        Some(("list", _)) => list::list(&find()?, wants_json(matches)),
        Some(("show", show)) => {
            list::question(&find()?, &text(show, "id").unwrap_or_default(), wants_json(matches))
        }
        Some(("stats", _)) => stats::stats(&find()?, &store()?, wants_json(matches)),
        Some(("export", export)) if text(export, "what").as_deref() == Some("anki") => anki::export(&find()?),
        Some(("export", _)) => transfer::export(&store()?),
        Some(("import", import)) => {
            transfer::import(&store()?, &text(import, "file").unwrap_or_default(), wants_json(matches))
        }
        _ => {
            let settings = PracticeSettings {
                json: wants_json(matches),
                limit: number("limit"),
                new: number("new"),
                topic: text(matches, "topic"),
                level: text(matches, "level"),
            };
            practice(&find()?, &store()?, &settings)
        }
    }
}
