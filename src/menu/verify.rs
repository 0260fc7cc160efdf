//! `verify`: runs every lesson in a private namespace, in parallel, and counts
//! the claims.

use super::contents::Contents;
use colored::Colorize;
use ipc_workbook::cli::{Failure, print};
use ipc_workbook::lesson::{kernel_release, libc_version};
use ipc_workbook::narrate::Tally;
use ipc_workbook::narrate::json::{Object, array, field};
use ipc_workbook::private;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

/// How one lesson fared.
struct Report {
    name: String,
    chapter: String,
    tally: Tally,
    exit: Option<i32>,
    millis: u128,
    /// The claim events, as the lesson wrote them.
    claims: Vec<String>,
    /// What it had to say on standard error.
    complaint: String,
}

/// Runs all lessons; 1 if a claim failed, 3 if a lesson could not run.
pub(crate) fn verify(contents: &Contents, json: bool) -> Result<u8, Failure> {
    let folder = contents.built()?;
    let refused = private::available().err();
    if let Some(refused) = &refused {
        eprintln!(
            "ipc-workbook: no private namespaces here ({refused}); running one lesson after another in the shared one"
        );
    }
    let lessons: Vec<(&str, &str)> =
        contents.lessons().map(|(chapter, lesson)| (chapter, lesson.name.as_str())).collect();
    let workers =
        if refused.is_some() { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((chapter, name)) = lessons.get(next.fetch_add(1, SeqCst)) {
                    let mut command = Command::new(folder.join(name));
                    command.args(["--format", "json"]).args(refused.is_none().then_some("--private"));
                    let report = play(&mut command, chapter, name);
                    if let Ok(mut reports) = reports.lock() {
                        reports.push(report);
                    }
                }
            });
        }
    });
    let mut reports = reports.into_inner().unwrap_or_default();
    reports.sort_by_key(|report| lessons.iter().position(|(_, name)| *name == report.name));
    let printed = print(super::PROGRAM, &if json { as_json(&reports) } else { as_table(&reports) });
    Ok(match total(&reports) {
        Tally { failed: 1.., .. } => 1,
        // The kernel refused what the lesson says it grants, before any claim.
        _ if reports.iter().any(|report| report.exit == Some(1)) => 1,
        _ if reports.iter().any(|report| report.exit != Some(0)) => 3,
        _ => printed.map_or_else(|failure| failure.exit_code(), |()| 0),
    })
}

#[allow(unsafe_code)]
fn play(command: &mut Command, chapter: &str, name: &str) -> Report {
    // A lesson that hangs is ended, and told as one that did not end by itself.
    const SECONDS: u32 = 60;
    let limit = || {
        nix::unistd::alarm::set(SECONDS);
        Ok(())
    };
    // SAFETY: one system call; the alarm outlives exec.
    unsafe { command.pre_exec(limit) };
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
    let claims: Vec<String> =
        stdout.lines().filter(|line| field(line, "event") == Some("claim")).map(String::from).collect();
    let count = |held: &str| {
        let n = claims.iter().filter(|claim| field(claim, "held") == Some(held)).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    };
    let tally = Tally { held: count("true"), failed: count("false"), unseen: count("null") };
    Report { name: name.into(), chapter: chapter.into(), tally, exit, millis, claims, complaint }
}

fn total(reports: &[Report]) -> Tally {
    reports.iter().fold(Tally::default(), |sum, report| Tally {
        held: sum.held + report.tally.held,
        failed: sum.failed + report.tally.failed,
        unseen: sum.unseen + report.tally.unseen,
    })
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
    let _ = writeln!(text, "{}", row("in all", "", total(reports)).bold());
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

/// The claims that were not seen, under each reason why.
fn unseen_by_reason(reports: &[Report]) -> BTreeMap<&str, Vec<String>> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for report in reports {
        for claim in report.claims.iter().filter(|claim| field(claim, "held") == Some("null")) {
            let (id, why) = (field(claim, "id").unwrap_or_default(), field(claim, "why").unwrap_or_default());
            reasons.entry(why).or_default().push(format!("  {:<26} {id}", report.name));
        }
    }
    reasons
}

fn as_json(reports: &[Report]) -> String {
    let tally = |object: Object, tally: Tally| {
        object.raw("held", tally.held).raw("failed", tally.failed).raw("unseen", tally.unseen)
    };
    let lessons = reports.iter().map(|report| {
        let claims = report.claims.iter().map(|claim| {
            let (id, held) = (field(claim, "id").unwrap_or_default(), field(claim, "held").unwrap_or("null"));
            Object::new().text("id", id).raw("held", held).end()
        });
        tally(Object::new().text("name", &report.name).text("chapter", &report.chapter), report.tally)
            .raw("exit", report.exit.map_or("null".into(), |code| code.to_string()))
            .raw("millis", report.millis)
            .raw("claims", array(claims))
            .end()
    });
    let object = Object::new().text("kernel", &kernel_release()).text("libc", &libc_version());
    tally(object, total(reports)).raw("lessons", array(lessons)).end() + "\n"
}
