//! A student's report: which points were lost, why, and the command that shows it. Below the report a person
//! may write notes, which a later run keeps.

use super::{Course, Student};
use crate::course::results::Outcome;
use crate::graded::Line;
use std::fmt::Write;

/// A person's notes follow this line. Reports of earlier runs contain it, so it must not change.
const NOTES: &str = "<!-- Notes. What is written below this line, a later run keeps. -->\n";

/// Returns the notes below a report, if there are any.
pub(super) fn notes(report: &str) -> Option<String> {
    report.split_once(NOTES).map(|(_, notes)| notes.to_string()).filter(|notes| !notes.trim().is_empty())
}

/// Returns the report, up to the place for notes.
pub(super) fn report(course: &Course, student: &Student) -> String {
    let mut text = format!("# {}\n\n", code(&student.name));
    let _ = match student.points {
        Some(points) => writeln!(text, "{points} of {} points.", course.points()),
        None => writeln!(text, "Not everything could be graded. This is not the submission's fault."),
    };
    for (lab, result) in course.labs.iter().zip(&student.results) {
        let Some(result) = result else { continue };
        let graded = match result.outcome() {
            Outcome::Graded(graded) => graded,
            Outcome::Missing(why) => {
                let _ = writeln!(text, "\n## {}: missing\n\n{}", lab.title, code(why));
                continue;
            }
            Outcome::NotGraded(why) => {
                let _ = writeln!(
                    text,
                    "\n## {}: not graded\n\nThis machine could not grade it: {}",
                    lab.title,
                    code(why)
                );
                continue;
            }
        };
        let _ = writeln!(
            text,
            "\n## {}: {} of {}\n\n`lab check {}` repeats this grading, which was done on Linux {}.",
            lab.title,
            graded.points(),
            lab.points,
            lab.name,
            graded.kernel
        );
        if graded.shared {
            text += "\nIt was graded without namespaces: objects that appeared on this machine meanwhile count as the submission's.\n";
        }
        if let Some(why) = &graded.refused {
            let _ = writeln!(text, "\nIt could not be run: {}", code(why));
            continue;
        }
        for line in graded.lines.iter().filter(|line| !line.passed) {
            text += &lost(line);
        }
        let kept: Vec<&Line> = graded.lines.iter().filter(|line| line.passed).collect();
        if !kept.is_empty() {
            text += "\n### Passed\n\n";
        }
        for line in kept {
            let _ = writeln!(text, "- {}: {} ({})", line.says, code(&line.observed), points(line.points));
        }
    }
    text + "\n" + NOTES
}

fn lost(line: &Line) -> String {
    let mut text = format!("\n### Lost {}: {}\n\n", points(line.points), line.says);
    if let Some(cause) = &line.not_reached {
        return text + &format!("- not reached because of: {}\n", cause.says);
    }
    let _ = writeln!(text, "- observed: {}\n- required: {}", code(&line.observed), line.required);
    if let Some(because) = &line.because {
        let _ = writeln!(text, "- because: {}", code(because));
    }
    for run in &line.runs {
        let _ = writeln!(text, "- ran: {}: {}", code(&run.command), code(&run.end));
        for complaint in &run.stderr {
            let _ = writeln!(text, "  - on standard error: {}", code(complaint));
        }
    }
    let _ = writeln!(text, "- see it yourself: {}", code(&line.see));
    text
}

fn points(n: u32) -> String {
    if n == 1 { "1 point".into() } else { format!("{n} points") }
}

/// Returns the text as inline code, so that nothing in it is markup: the fence is longer than any run of
/// backticks in the text.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\t'], " ");
    let most = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(most + 1);
    if text.is_empty() {
        "nothing".into()
    } else if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}
