//! Accepts options that stand before their command.

use clap::{Arg, Command};
use std::ffi::OsString;

/// Returns the words of a command line, with the options before the command moved behind it. If there is no
/// command among the words, they stay as they are, and clap reports the error.
pub(super) fn options_behind_the_command(command: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let Some(end) = end_of_options(command, &words) else { return words };
    let (options, rest) = words.split_at(end);
    let (program, options) = options.split_at(1);
    let (names, rest) = rest.split_at(names(command, rest));
    if names.is_empty() { words } else { [program, names, options, rest].concat() }
}

/// Returns the index at which the options at the start of a command line end.
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

/// Finds the option with this name in any command.
fn named<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(name));
    own.or_else(|| command.get_subcommands().find_map(|command| named(command, name)))
}

/// Returns how many of the first words are names of a command, its subcommand, and so on.
fn names(command: &Command, words: &[OsString]) -> usize {
    let inner = words.first().and_then(|word| command.find_subcommand(word));
    inner.map_or(0, |inner| 1 + names(inner, &words[1..]))
}
