//! Writes events as text for people.
//!
//! Each colour has a sign beside it: ✔ held, ✘ failed, ? not seen.

use super::claim::Verdict;
use super::event::Event;
use crate::call::errno_text;
use crate::observe::{Fact, Holders};
use crate::wrap::{TIED, wrap};
use colored::Colorize;
use std::fmt::Write;

/// How far the rest of a broken line is indented: to the first word of the line.
const UNDER_TITLE: usize = 3;
const UNDER_NOTE: usize = 3;
const UNDER_CALL: usize = 7;
const UNDER_CLAIM: usize = 5;
const UNDER_FACTS: usize = 11;

/// Returns the event as lines of at most `width` columns.
pub(super) fn render(
    event: &Event<'_>,
    several: bool,
    family: &[(i32, String)],
    width: Option<usize>,
) -> String {
    let hanging = match event {
        Event::Lesson { .. } | Event::Step { .. } => UNDER_TITLE,
        Event::Question { .. } | Event::Note { .. } | Event::Waiting { .. } | Event::End { .. } => UNDER_NOTE,
        Event::Call { .. } => UNDER_CALL,
        Event::Claim(_) => UNDER_CLAIM,
        Event::Kernel { .. } => UNDER_FACTS,
    };
    wrap(&lines(event, several, family), width, hanging)
}

/// Returns a paragraph of a prompt as lines of at most `width` columns.
pub(super) fn paragraph(text: &str, width: Option<usize>) -> String {
    wrap(text, width, UNDER_CALL)
}

fn lines(event: &Event<'_>, several: bool, family: &[(i32, String)]) -> String {
    match event {
        Event::Lesson { name, chapter, title, kernel, libc, private } => {
            let place = if *private { " · private namespace" } else { "" };
            format!(
                "{} · {title}\n{}\n",
                name.bold(),
                format!("{chapter} · Linux {kernel} · {libc}{place}").dimmed()
            )
        }
        Event::Step { n, title } => format!("\n{} {}\n", format!("{n}.").bold(), title.bold()),
        // A question is printed only with --predict, and the prompt prints it.
        Event::Question { .. } => String::new(),
        Event::Note { text } => indented(text, "   "),
        Event::Call { process, call, .. } => {
            let who = if several { format!("{} ", process.cyan()) } else { String::new() };
            let result = match &call.result {
                Ok(value) => value.green(),
                Err(errno) => format!("-1{TIED}{}", errno_text(*errno)).yellow(),
            };
            format!("   {who}{} ={TIED}{result}\n", call.text)
        }
        Event::Waiting { process, call, until, end, .. } => {
            let who =
                if several || *process != "A" { format!("{} is ", process.cyan()) } else { String::new() };
            let place = call.map_or(String::new(), |call| format!(" in {call}"));
            format!("   {who}waiting{place}, until {until}; {end} ends the lesson\n")
        }
        Event::Kernel { what, facts, holders, .. } => kernel(what, facts, *holders, family),
        Event::Claim(verdict) => claim(verdict),
        Event::End { tally, invisible, remedy, .. } => {
            let invisible = match invisible {
                0 => String::new(),
                1 => format!("1 process could not be looked into; what it holds is not counted{remedy}\n"),
                n => {
                    format!("{n} processes could not be looked into; what they hold is not counted{remedy}\n")
                }
            };
            let count = |n: u32, what: &str| format!("{n} {what}");
            let failed = count(tally.failed, "failed");
            let failed = if tally.failed > 0 { failed.red().bold() } else { failed.normal() };
            let unseen = count(tally.unseen, "not seen");
            let unseen = if tally.unseen > 0 { unseen.yellow() } else { unseen.normal() };
            format!("\nclaims: {}, {failed}, {unseen}\n{invisible}", count(tally.held, "held").green())
        }
    }
}

fn claim(verdict: &Verdict) -> String {
    let sentence = verdict.sentence();
    match (verdict.held, &verdict.why) {
        (Some(true), _) => format!("   {} {sentence}\n", "✔".green().bold()),
        (Some(false), _) => {
            let call = verdict.call.as_ref().map_or(String::new(), |call| format!(" ({call})"));
            let sign = "✘".red().bold();
            format!("   {sign} {sentence}: saw{TIED}{}, not{TIED}{}{call}\n", verdict.got, verdict.want)
        }
        (None, why) => {
            let why = why.as_deref().unwrap_or("no reason given");
            format!("   {} {sentence}: not seen ({why})\n", "?".yellow().bold())
        }
    }
}

fn kernel(what: &str, facts: &[Fact], holders: Option<&Holders>, family: &[(i32, String)]) -> String {
    let mut line = what.to_string();
    for (name, value) in facts {
        let value = match value {
            Ok(key) if *name == "key" => key_text(*key),
            Ok(value) => value.to_string(),
            Err(_) => format!("not{TIED}seen"),
        };
        let _ = write!(line, " ·{TIED}{name}{TIED}{value}");
    }
    if let Some(unseen) = facts.iter().find_map(|(_, value)| value.as_ref().err()) {
        let _ = write!(line, " ({unseen})");
    }
    let mut lines = format!("   {}  {line}\n", "kernel".blue());
    if let Some(holders) = holders {
        for line in holder_lines(holders, family) {
            let _ = writeln!(lines, "           {line}");
        }
    }
    lines
}

/// Returns a System V key as calls show it: `0x3039`.
fn key_text(key: i64) -> String {
    i32::try_from(key).map_or_else(|_| key.to_string(), |key| format!("{key:#x}"))
}

/// Says who holds an object: `open file descriptions 2: A pid 11 fd 3, B pid 12 fd 3`.
fn holder_lines(holders: &Holders, family: &[(i32, String)]) -> Vec<String> {
    let who = |pid: i32| {
        if let Some((_, label)) = family.iter().find(|(member, _)| *member == pid) {
            return format!("{label}{TIED}pid{TIED}{pid}");
        }
        let command = holders.command_of(pid).map_or(String::new(), |name| format!("{TIED}({name})"));
        format!("pid{TIED}{pid}{command}")
    };
    if let Err(unseen) = holders.looked_everywhere() {
        return vec![format!("who holds it: not seen ({unseen})")];
    }
    let mut lines = Vec::new();
    let descriptors: Vec<String> = holders
        .descriptors
        .iter()
        .map(|held| format!("{}{TIED}fd{TIED}{}", who(held.pid), held.fd))
        .collect();
    lines.push(match holders.descriptions() {
        Ok(0) => "open file descriptions 0".into(),
        Ok(n) if n == descriptors.len() => format!("open file descriptions {n}: {}", descriptors.join(", ")),
        Ok(n) => format!(
            "open file descriptions {n}, reached by {} descriptors: {}",
            descriptors.len(),
            descriptors.join(", ")
        ),
        Err(unseen) => format!(
            "descriptors {}: {}; open file descriptions not seen ({unseen})",
            descriptors.len(),
            descriptors.join(", ")
        ),
    });
    if holders.mappable {
        let mappings: Vec<String> = holders
            .mappings
            .iter()
            .map(|held| format!("{}{TIED}at{TIED}{:#x}", who(held.pid), held.address))
            .collect();
        let colon = if mappings.is_empty() { "" } else { ": " };
        lines.push(format!("mappings {}{colon}{}", mappings.len(), mappings.join(", ")));
    }
    lines
}

fn indented(text: &str, by: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "{by}{line}");
        all
    })
}
