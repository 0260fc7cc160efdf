//! Options before the command that they belong to.

use clap::{Arg, Command};
use std::ffi::OsString;

/// The words of a command line, with the options that stand before the command moved behind it. Words in
/// which no command is found stay as they are: clap says what is wrong with them.
pub(super) fn options_behind_the_command(command: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let Some(end) = end_of_options(command, &words) else { return words };
    let (options, rest) = words.split_at(end);
    let (program, options) = options.split_at(1);
    let (names, rest) = rest.split_at(names(command, rest));
    if names.is_empty() { words } else { [program, names, options, rest].concat() }
}

/// Where the options end with which a command line begins.
fn end_of_options(command: &Command, words: &[OsString]) -> Option<usize> {
    let mut end = 1;
    while let Some(option) = words.get(end)?.to_string_lossy().strip_prefix("--") {
        let (name, value) =
            option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let takes_value = named(command, name)?.get_action().takes_values();
        end += 1 + usize::from(takes_value && value.is_none());
    }
    Some(end)
}

/// The option of this name, whichever command has it.
fn named<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(name));
    own.or_else(|| command.get_subcommands().find_map(|command| named(command, name)))
}

/// How many of these words name a command, its command, and so on.
fn names(command: &Command, words: &[OsString]) -> usize {
    let inner = words.first().and_then(|word| command.find_subcommand(word));
    inner.map_or(0, |inner| 1 + names(inner, &words[1..]))
}
