//! Course labs, graded by what the kernel shows.
//!
//!     cargo run --bin lab -- list
//!     cargo run --bin lab -- check exact-mode --program ./a.out

mod catalogue;
mod cell;
mod compile;
mod course;
mod graded;
mod inspect;
mod submission;
mod trial;
mod warden;

use clap::{Arg, ArgMatches, Command, value_parser};
use ipc_workbook::lesson::Stop;
use ipc_workbook::lesson::flags::{explain, wants_color};
use std::path::PathBuf;
use std::process::ExitCode;
use warden::Answer;

const PROGRAM: &str = "lab";

fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return explain(PROGRAM, &error),
    };
    colored::control::set_override(wants_color("auto"));
    match dispatch(&matches) {
        Ok(code) => ExitCode::from(code),
        Err(stop) => ExitCode::from(stop.tell(PROGRAM)),
    }
}

fn command() -> Command {
    Command::new(PROGRAM)
        .about("Course labs, graded by what the kernel shows")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .subcommand(Command::new("list"))
        .subcommand(
            Command::new("check")
                .arg(Arg::new("lab").required(true))
                .arg(Arg::new("program").long("program").value_parser(value_parser!(PathBuf)).required(true))
                .arg(Arg::new("shared").long("shared").action(clap::ArgAction::SetTrue))
                .arg(Arg::new("seed").long("seed").value_parser(value_parser!(u64)))
                .arg(Arg::new("format").long("format").value_parser(["text", "json"]).default_value("text")),
        )
        .subcommand(Command::new("warden").hide(true))
        .subcommands(course::commands())
}

fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.ancestors().find(|folder| folder.join("lessons").is_dir()).unwrap_or(&here).into()
}

fn dispatch(matches: &ArgMatches) -> Result<u8, Stop> {
    if let Some(done) = course::dispatch(matches, &root()) {
        return done;
    }
    match matches.subcommand() {
        Some(("warden", _)) => warden::warden(),
        Some(("check", args)) => {
            let lab = args.get_one::<String>("lab").cloned().unwrap_or_default();
            let program = args.get_one::<PathBuf>("program").cloned().unwrap_or_default();
            let root = root();
            let source = submission::Source::find(&program.canonicalize()?).map_err(Stop::Usage)?;
            let tools = compile::Tools::find(&root, [&source])?;
            let job = warden::Job {
                lab: catalogue::lab(&root, &lab)?.name,
                root,
                submission: program.display().to_string(),
                source,
                tools,
                show: vec![],
                shared: args.get_flag("shared"),
                seed: args.get_one("seed").copied(),
            };
            match inspect::inspect(&job)? {
                Answer::Fault(why) => Err(Stop::Machine(format!("this machine cannot grade now: {why}"))),
                Answer::Graded(graded) => {
                    println!("{}", serde_json::json!(graded));
                    Ok(u8::from(!graded.is_full()))
                }
            }
        }
        _ => {
            for lab in catalogue::labs(&root())? {
                println!("{:<30} {}", lab.name, lab.about.title);
            }
            Ok(0)
        }
    }
}
