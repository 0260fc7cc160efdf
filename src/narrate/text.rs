//! Events as text for people.
//!
//! Signs stand beside every colour: ✔ held, ✘ failed, ? not seen.

use super::claim::Verdict;
use super::event::Event;
use crate::call::errno_text;
use crate::observe::{Fact, Holders};
use colored::Colorize;
use std::fmt::Write;

pub(super) fn render(event: &Event<'_>, several: bool, family: &[(i32, String)]) -> String {
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
        // Asked only with --predict, and then by the prompt.
        Event::Question { .. } => String::new(),
        Event::Note { text } => indented(text, "   "),
        Event::Call { process, call, .. } => {
            let who = if several { format!("{} ", process.cyan()) } else { String::new() };
            let result = match &call.result {
                Ok(value) => value.green(),
                Err(errno) => format!("-1 {}", errno_text(*errno)).yellow(),
            };
            format!("   {who}{} = {result}\n", call.text)
        }
        Event::Kernel { what, facts, holders, .. } => kernel(what, facts, *holders, family),
        Event::Claim(verdict) => claim(verdict),
        Event::End { tally, .. } => {
            let count = |n: u32, what: &str| format!("{n} {what}");
            let failed = count(tally.failed, "failed");
            let failed = if tally.failed > 0 { failed.red().bold() } else { failed.normal() };
            let unseen = count(tally.unseen, "not seen");
            let unseen = if tally.unseen > 0 { unseen.yellow() } else { unseen.normal() };
            format!("\nclaims: {}, {failed}, {unseen}\n", count(tally.held, "held").green())
        }
    }
}

fn claim(verdict: &Verdict) -> String {
    let sentence = verdict.sentence();
    match (verdict.held, &verdict.why) {
        (Some(true), _) => format!("   {} {sentence}\n", "✔".green().bold()),
        (Some(false), _) => {
            format!("   {} {sentence}: saw {}, not {}\n", "✘".red().bold(), verdict.got, verdict.want)
        }
        (None, why) => {
            let why = why.as_deref().unwrap_or("no reason given");
            format!("   {} {sentence}: not seen, {why}\n", "?".yellow().bold())
        }
    }
}

fn kernel(what: &str, facts: &[Fact], holders: Option<&Holders>, family: &[(i32, String)]) -> String {
    let mut line = what.to_string();
    for (name, value) in facts {
        let _ = match value {
            Ok(value) => write!(line, " · {name} {value}"),
            Err(_) => write!(line, " · {name} not seen"),
        };
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

/// Who holds it: `open file descriptions 2: A pid 11 fd 3, B pid 12 fd 3`.
fn holder_lines(holders: &Holders, family: &[(i32, String)]) -> Vec<String> {
    let who = |pid: i32| match family.iter().find(|(member, _)| *member == pid) {
        Some((_, label)) => format!("{label} pid {pid}"),
        None => {
            format!("pid {pid}{}", holders.command_of(pid).map_or(String::new(), |name| format!(" ({name})")))
        }
    };
    if let Err(unseen) = holders.looked_everywhere() {
        return vec![format!("who holds it: not seen ({unseen})")];
    }
    let mut lines = Vec::new();
    let descriptors: Vec<String> =
        holders.descriptors.iter().map(|held| format!("{} fd {}", who(held.pid), held.fd)).collect();
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
        let mappings: Vec<String> =
            holders.mappings.iter().map(|held| format!("{} at {:#x}", who(held.pid), held.address)).collect();
        let colon = if mappings.is_empty() { "" } else { ": " };
        lines.push(format!("mappings {}{colon}{}", mappings.len(), mappings.join(", ")));
    }
    if holders.invisible > 0 {
        let plural = if holders.invisible == 1 { "process" } else { "processes" };
        lines.push(format!("{} {plural} could not be looked into", holders.invisible));
    }
    lines
}

fn indented(text: &str, by: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "{by}{line}");
        all
    })
}
