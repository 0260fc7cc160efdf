//! The command-line flags that every lesson has.

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
    /// Which of `--key` and `--key-file` the lesson has.
    pub keys: Keys,
    /// `--name`
    pub name: Option<String>,
    /// `--key`
    pub key: Option<key_t>,
    /// `--key-file`
    pub key_file: Option<PathBuf>,
    matches: ArgMatches,
}

/// Which flags a lesson has for its System V keys. The lesson declares this to `lesson!`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// It uses no key.
    None,
    /// It makes a key from a file: `--key-file`.
    FileOnly,
    /// It uses a key: `--key` and `--key-file`.
    Key,
}

/// What the exit codes mean; `--help` prints this.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    every claim that could be checked held
  1    a claim failed: the kernel does not do what the lesson says
  2    wrong usage
  3    this machine cannot run the lesson now; the message says why, and what helps
  129, 130, 143   ended by HUP, INT, TERM; what the lesson created is gone
  141  the reader of the output has gone; what the lesson created is gone";

/// What `--help` says about the only file that a lesson leaves behind.
const PROGRESS: &str = "\
When you run a lesson to its end in a terminal, it adds a line to ~/.local/state/ipc-workbook/finished, \
so that `cargo run` can show your progress. IPC_WORKBOOK_FINISHED= switches this off.";

impl Flags {
    /// Parses the command line. When this returns an exit code, clap's message has been printed already.
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
            // A lesson without keys does not define these flags.
            key: matches.try_get_one("key").ok().flatten().copied(),
            key_file: matches.try_get_one("key-file").ok().flatten().cloned(),
            matches,
        };
        let color = flags.own("color").unwrap_or("auto");
        colored::control::set_override(flags.format == Format::Text && wants_color(color));
        Ok(flags)
    }

    /// Returns the value of the flag with this id.
    #[must_use]
    pub fn own(&self, id: &str) -> Option<&str> {
        self.matches.try_get_one::<String>(id).ok().flatten().map(String::as_str)
    }

    /// Returns whether a flag that takes no value is set.
    #[must_use]
    pub fn is_set(&self, id: &str) -> bool {
        self.matches.try_get_one::<bool>(id).ok().flatten().is_some_and(|set| *set)
    }
}

/// Makes a flag for one lesson, which takes no value.
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
        "Use another System V key, such as 12345 or 0x3039. If you own an object with this key and no living process has used it, the lesson takes it for a leftover and removes it",
    );
    let key_file = Arg::new("key-file").long("key-file").value_name("PATH").value_parser(value_parser!(PathBuf)).help(
        "Use the key that ftok makes from this file. If the file does not exist, the lesson creates it and removes it at its end",
    );
    let key = (keys == Keys::Key).then(|| key.conflicts_with("key-file"));
    Command::new(source.name())
        .about(source.title())
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(format!("{EXIT_CODES}\n\n{PROGRESS}"))
        .arg(switch("pause", "Wait for Enter between steps, and print a command to try in another terminal"))
        .arg(switch("predict", "Ask before each result, and keep score").conflicts_with("pause"))
        .arg(switch("brief", "Show only calls and claims; JSON always has all events"))
        .arg(choice("format", ["text", "json", ""], "Text for people, or JSON with one event per line"))
        .arg(choice("color", ["auto", "always", "never"], "When to use colour; auto depends on the terminal, NO_COLOR and CLICOLOR_FORCE"))
        .arg(switch("private", "Run in a private IPC namespace, with its own /dev/mqueue and /dev/shm"))
        .arg(Arg::new("name").long("name").value_name("/NAME").allow_hyphen_values(true).help(
            "Use another object name. If you own an object with this name and nobody holds it, the lesson takes it for a leftover and removes it",
        ))
        .args(key)
        .args((keys != Keys::None).then_some(key_file))
}

/// Parses the key of `--key`. It may be written as ipcs(1) shows it (0x3039), or as /proc/sysvipc does
/// (12345; a negative number for what ipcs shows as 0x80000000 and above).
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
        Some(0) => Err("0 is IPC_PRIVATE, by which no object can be found; choose another number".into()),
        Some(key) => Ok(key),
        None => Err("a key is a 32-bit number, such as 12345 or 0x3039".into()),
    }
}
