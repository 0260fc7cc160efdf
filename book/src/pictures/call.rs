//! Splits the text of a recorded call: `mq_send(3, "first", 5, 1) = 0`.

use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::workbook::events::Event;

/// A recorded call.
pub(crate) struct Call<'a> {
    /// The label of its process.
    pub(crate) process: &'a str,
    pub(crate) pid: &'a str,
    /// The whole text, as the lesson prints it.
    pub(crate) text: &'a str,
    pub(crate) name: &'a str,
    pub(crate) arguments: Vec<&'a str>,
    /// What it returned, as C programs see it: `0`, `-1`, `PID-2`.
    pub(crate) result: &'a str,
    /// The name of its errno, if it failed.
    pub(crate) errno: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// Returns the call of an event; `None` if the event is not a call, or the call does not return.
    pub(crate) fn of(event: &'a Event) -> Option<Call<'a>> {
        let Event::Call { process, pid, text, ok, .. } = event else { return None };
        let (name, rest) = text.split_once('(')?;
        let (arguments, end) = split(rest)?;
        let mut words = rest[end..].strip_prefix(") = ")?.split(' ');
        let result = words.next()?;
        Some(Call { process, pid, text, name, arguments, result, errno: words.next().filter(|_| !ok) })
    }

    /// Returns an argument, counted from 0; empty if there is none.
    pub(crate) fn argument(&self, n: usize) -> &'a str {
        self.arguments.get(n).copied().unwrap_or_default()
    }

    /// Returns an argument, which must be there.
    pub(crate) fn arg(&self, n: usize) -> Result<&'a str> {
        self.arguments.get(n).copied().with_context(|| format!("{} has no argument {n}", self.text))
    }

    /// Returns an argument that is a number.
    pub(crate) fn number(&self, n: usize) -> Result<i64> {
        number(self.arg(n)?)
    }

    /// Returns an argument that is a string, without its quotes.
    pub(crate) fn string(&self, n: usize) -> Result<&'a str> {
        let arg = self.arg(n)?;
        let inner = arg.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.with_context(|| format!("{arg} is not a string"))
    }

    /// Returns the number that the call returned.
    pub(crate) fn returned(&self) -> Result<i64> {
        number(self.result)
    }

    /// Returns a field of a structure among the arguments: `mq_curmsgs` of `{mq_flags=0, mq_curmsgs=2}`.
    pub(crate) fn field(&self, name: &str) -> Result<&'a str> {
        let fields = self.arguments.iter().flat_map(|arg| arg.split(['{', '}', ',']));
        let mut values = fields.filter_map(|field| field.trim().split_once('='));
        let found = values.find(|(field, _)| *field == name);
        Ok(found.with_context(|| format!("{} shows no {name}", self.text))?.1)
    }

    /// Checks that the call failed with this errno, or that it succeeded (`None`).
    pub(crate) fn must(&self, errno: Option<&str>, because: &str) -> Result<()> {
        let seen = self.errno.unwrap_or("success");
        let want = errno.unwrap_or("success");
        ensure!(seen == want, "{because}, so it must return {want}, not {seen}");
        Ok(())
    }
}

/// Returns the next call that a process makes.
pub(crate) fn next_of<'a>(process: &str, later: &'a [Event]) -> Option<Call<'a>> {
    later.iter().filter_map(Call::of).find(|call| call.process == process)
}

/// Reads a number: decimal, or hexadecimal with 0x in front.
pub(crate) fn number(text: &str) -> Result<i64> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.with_context(|| format!("{text} is not a number"))
}

/// Splits the arguments at their commas, but not inside of strings and brackets. Returns them and the place
/// of the bracket that closes the call.
fn split(text: &str) -> Option<(Vec<&str>, usize)> {
    let (mut args, mut begin, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                args.push(text[begin..at].trim());
                return Some((args, at));
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                args.push(text[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    None
}
