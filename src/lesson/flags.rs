//! The flags that every lesson has.

use super::source::Source;
use crate::cli::{explain, wants_color};
use crate::narrate::Format;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use libc::key_t;
use std::path::PathBuf;
use std::process::ExitCode;

/// The flags of one run.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a flag
pub struct Flags {
    /// `--pause`
    pub pause: bool,
    /// `--predict`
    pub predict: bool,
    /// `--brief`
    pub brief: bool,
    /// `--format`
    pub format: Format,
    /// `--private`
    pub private: bool,
    /// Which of the two flags on keys there are.
    pub keys: Keys,
    /// `--name`
    pub name: Option<String>,
    /// `--key`
    pub key: Option<key_t>,
    /// `--key-file`
    pub key_file: Option<PathBuf>,
    matches: ArgMatches,
}

/// Which System V keys a lesson lets its reader choose; it declares them to `lesson!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// It uses no key.
    None,
    /// It makes a key from a file: `--key-file`.
    FileOnly,
    /// It uses a key: `--key` and `--key-file`.
    Key,
}

/// What the exit codes say, as `--help` ends.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    every claim that could be checked held
  1    a claim failed: the kernel does not do what the lesson says
  2    wrong usage
  3    this machine cannot run the lesson now; the message says why, and what helps
  129, 130, 143   ended by HUP, INT, TERM; what the lesson created is gone
  141  the reader of the output has gone; what the lesson created is gone";

/// What `--help` says of the only file that a lesson leaves behind.
const PROGRESS: &str = "\
A run that you watch to its end in a terminal adds a line to ~/.local/state/ipc-workbook/finished, \
so that `cargo run` can say how far you are. IPC_WORKBOOK_FINISHED= switches that off.";

impl Flags {
    /// Reads the command line. What clap has to say it has said when this
    /// returns an exit code.
    pub(super) fn parse(source: &Source, keys: Keys, own: Vec<Arg>) -> Result<Self, ExitCode> {
        let matches = command(source, keys)
            .args(own)
            .try_get_matches()
            .map_err(|error| explain(source.name(), &error))?;
        let flags = Flags {
            pause: matches.get_flag("pause"),
            predict: matches.get_flag("predict"),
            brief: matches.get_flag("brief"),
            format: if matches.get_one::<String>("format").is_some_and(|f| f == "json") {
                Format::Json
            } else {
                Format::Text
            },
            private: matches.get_flag("private"),
            keys,
            name: matches.get_one::<String>("name").cloned(),
            // A lesson without keys has neither.
            key: matches.try_get_one("key").ok().flatten().copied(),
            key_file: matches.try_get_one("key-file").ok().flatten().cloned(),
            matches,
        };
        let color = flags.own("color").unwrap_or("auto");
        colored::control::set_override(flags.format == Format::Text && wants_color(color));
        Ok(flags)
    }

    /// The value of a flag by its id.
    #[must_use]
    pub fn own(&self, id: &str) -> Option<&str> {
        self.matches.try_get_one::<String>(id).ok().flatten().map(String::as_str)
    }

    /// Whether the flag without a value is set.
    #[must_use]
    pub fn is_set(&self, id: &str) -> bool {
        self.matches.try_get_one::<bool>(id).ok().flatten().is_some_and(|set| *set)
    }
}

/// A flag of a lesson's own that takes no value.
#[must_use]
pub fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

fn command(source: &Source, keys: Keys) -> Command {
    let choice = |name: &'static str, values: [&'static str; 3], help: &'static str| {
        let values: Vec<&str> = values.into_iter().filter(|value| !value.is_empty()).collect();
        Arg::new(name).long(name).value_name("WHICH").default_value(values[0]).value_parser(values).help(help)
    };
    let key = Arg::new("key").long("key").value_name("N").allow_negative_numbers(true).value_parser(a_key).help(
        "Use another System V key, such as 12345 or 0x3039. An object of yours that has it, and that nobody who lives has used, is taken for a leftover and removed",
    );
    let key_file = Arg::new("key-file").long("key-file").value_name("PATH").value_parser(value_parser!(PathBuf)).help(
        "Use the key that ftok makes from this file; one that is not there is made, and removed in the end",
    );
    let key = (keys == Keys::Key).then(|| key.conflicts_with("key-file"));
    Command::new(source.name())
        .about(source.title())
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(format!("{EXIT_CODES}\n\n{PROGRESS}"))
        .arg(switch("pause", "Wait for Enter between steps, and say how to look from another terminal"))
        .arg(switch("predict", "Ask before each result, and keep score").conflicts_with("pause"))
        .arg(switch("brief", "Show calls and claims only; JSON has all events"))
        .arg(choice("format", ["text", "json", ""], "Text for people, or JSON, one event a line"))
        .arg(choice("color", ["auto", "always", "never"], "Colour; auto looks at the terminal, NO_COLOR and CLICOLOR_FORCE"))
        .arg(switch("private", "Run in a private IPC namespace, with its own /dev/mqueue and /dev/shm"))
        .arg(Arg::new("name").long("name").value_name("/NAME").allow_hyphen_values(true).help(
            "Use another object name. If something of yours has it that nobody holds, it is taken for a leftover and removed",
        ))
        .args(key)
        .args((keys != Keys::None).then_some(key_file))
}

/// A key as `--key` takes it: as ipcs(1) shows it (0x3039), or /proc/sysvipc (12345, or
/// below 0 for what ipcs shows as 0x80000000 and above).
fn a_key(text: &str) -> Result<key_t, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            u32::from_str_radix(digits, 16).ok().map(u32::cast_signed)
        }
        Some(_) => None,
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    };
    match parsed {
        Some(0) => Err("0 is IPC_PRIVATE, which is the key of no object in particular".into()),
        Some(key) => Ok(key),
        None => Err("a key is a number of 32 bits, such as 12345 or 0x3039".into()),
    }
}
