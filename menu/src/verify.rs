//! `verify`: runs lessons in private namespaces, in parallel, and counts the claims.

use crate::tally::total;
use colored::Colorize;
use ipc_workbook::lesson::finished;
use ipc_workbook::lesson::{kernel_release, libc_version};
use ipc_workbook::narrate::Tally;
use ipc_workbook::private;
use ipc_workbook_tools::build;
use ipc_workbook_tools::child::end_after;
use ipc_workbook_tools::cli::{Failure, Progress, show, show_verbatim, warn};
use ipc_workbook_tools::workbook::events::{self, Claim};
use ipc_workbook_tools::workbook::{Chapter, Lesson};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

/// The result of one lesson.
struct Report {
    name: String,
    chapter: String,
    tally: Tally,
    exit: Option<i32>,
    millis: u128,
    claims: Vec<Claim>,
    /// What it printed on standard error.
    complaint: String,
}

/// Runs these lessons. Returns 1 if a claim failed, and 3 if a lesson could not run.
pub(crate) fn verify(root: &Path, lessons: &[(&Chapter, &Lesson)], json: bool) -> Result<u8, Failure> {
    let names: Vec<&str> = lessons.iter().map(|(_, lesson)| lesson.name.as_str()).collect();
    let folder = build::lessons(root, &names)?;
    let refused = private::available().err();
    if let Some(refused) = &refused {
        warn(&format!(
            "no private namespaces here ({refused}); the lessons run one after another in the shared namespace"
        ));
    }
    let workers =
        if refused.is_some() { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let next = AtomicUsize::new(0);
    let play_all = |tell: Sender<Report>| {
        while let Some((chapter, lesson)) = lessons.get(next.fetch_add(1, SeqCst)) {
            let mut command = Command::new(folder.join(&lesson.name));
            command.args(["--format", "json"]).args(refused.is_none().then_some("--private"));
            // The reader does not watch this run, so it does not count as progress.
            command.env(finished::VARIABLE, "");
            let _ = tell.send(play(&mut command, &chapter.folder, &lesson.name));
        }
    };
    let mut reports: Vec<Report> = std::thread::scope(|scope| {
        let (tell, told) = channel();
        for _ in 0..workers {
            let tell = tell.clone();
            scope.spawn(|| play_all(tell));
        }
        drop(tell);
        let mut progress = Progress::on_terminal(lessons.len());
        let reports = told.iter().inspect(|report: &Report| progress.advance("", &report.name)).collect();
        progress.end();
        reports
    });
    reports.sort_by_key(|report| names.iter().position(|name| *name == report.name));
    let printed = if json { show_verbatim(&as_json(&reports)?) } else { show(&as_table(&reports)) };
    Ok(match in_all(&reports) {
        Tally { failed: 1.., .. } => 1,
        // A call failed that must succeed, before the first claim.
        _ if reports.iter().any(|report| report.exit == Some(1)) => 1,
        _ if reports.iter().any(|report| report.exit != Some(0)) => 3,
        _ => printed.map_or_else(|failure| failure.exit_code(), |()| 0),
    })
}

fn play(command: &mut Command, chapter: &str, name: &str) -> Report {
    // A lesson that hangs is killed and reported.
    end_after(command, 60);
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let millis = start.elapsed().as_millis();
    let (stdout, complaint, exit) = match output {
        Ok(output) => (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).trim_end().to_string(),
            output.status.code(),
        ),
        Err(error) => (String::new(), error.to_string(), None),
    };
    let claims = events::claims(&stdout);
    let count = |held: Option<bool>| {
        let n = claims.iter().filter(|claim| claim.held == held).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    };
    let tally = Tally { held: count(Some(true)), failed: count(Some(false)), unseen: count(None) };
    Report { name: name.into(), chapter: chapter.into(), tally, exit, millis, claims, complaint }
}

fn in_all(reports: &[Report]) -> Tally {
    total(reports.iter().map(|report| report.tally))
}

fn as_table(reports: &[Report]) -> String {
    let mut text = format!("Linux {} · {}\n\n", kernel_release(), libc_version());
    let row = |name: &str, chapter: &str, tally: Tally| {
        format!("{name:<26} {chapter:<24} {:>5} {:>7} {:>9}", tally.held, tally.failed, tally.unseen)
    };
    let _ = writeln!(
        text,
        "{}",
        format!("{:<26} {:<24} {:>5} {:>7} {:>9}", "lesson", "chapter", "held", "failed", "not seen").bold()
    );
    for report in reports {
        let line = row(&report.name, &report.chapter, report.tally);
        let _ = match report.exit {
            Some(0) => writeln!(text, "{line}"),
            Some(code) => writeln!(text, "{}  exit {code}", line.red()),
            None => writeln!(text, "{}  did not end by itself", line.red()),
        };
    }
    let _ = writeln!(text, "{}", row("total", "", in_all(reports)).bold());
    for report in reports {
        for line in report.complaint.lines() {
            let _ = writeln!(text, "\n{line}");
        }
    }
    for (why, claims) in unseen_by_reason(reports) {
        let _ = writeln!(text, "\nnot seen: {why}\n{}", claims.join("\n"));
    }
    text
}

/// Returns the claims that were not seen, grouped by reason.
fn unseen_by_reason(reports: &[Report]) -> BTreeMap<&str, Vec<String>> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for report in reports {
        for claim in report.claims.iter().filter(|claim| claim.held.is_none()) {
            let why = claim.why.as_deref().unwrap_or_default();
            reasons.entry(why).or_default().push(format!("  {:<26} {}", report.name, claim.id));
        }
    }
    reasons
}

/// Returns the results as one JSON object.
fn as_json(reports: &[Report]) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Whole<'a> {
        kernel: String,
        libc: String,
        #[serde(flatten)]
        counts: Counts,
        lessons: Vec<OfLesson<'a>>,
    }
    #[derive(Serialize)]
    struct OfLesson<'a> {
        name: &'a str,
        chapter: &'a str,
        #[serde(flatten)]
        counts: Counts,
        exit: Option<i32>,
        millis: u128,
        /// What the lesson printed on standard error.
        #[serde(skip_serializing_if = "str::is_empty")]
        complaint: &'a str,
        claims: Vec<Checked<'a>>,
    }
    #[derive(Serialize)]
    struct Checked<'a> {
        id: &'a str,
        held: Option<bool>,
    }
    #[derive(Serialize)]
    struct Counts {
        held: u32,
        failed: u32,
        unseen: u32,
    }
    let counts = |Tally { held, failed, unseen }| Counts { held, failed, unseen };
    let lessons = reports.iter().map(|report| OfLesson {
        name: &report.name,
        chapter: &report.chapter,
        counts: counts(report.tally),
        exit: report.exit,
        millis: report.millis,
        complaint: &report.complaint,
        claims: report.claims.iter().map(|claim| Checked { id: &claim.id, held: claim.held }).collect(),
    });
    let whole = Whole {
        kernel: kernel_release(),
        libc: libc_version(),
        counts: counts(in_all(reports)),
        lessons: lessons.collect(),
    };
    let text = serde_json::to_string(&whole).map_err(std::io::Error::from)?;
    Ok(text + "\n")
}
