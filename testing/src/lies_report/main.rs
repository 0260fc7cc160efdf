//! Reports which claims of the lessons notice a kernel that lies.
//!
//! Each lesson runs in its own process and private namespace. As many run at a time as there are
//! processors.

use clap::{Arg, ArgAction, Command};
use ipc_workbook::cli::{Failure, explain};
use ipc_workbook_testing::lessons::lessons;
use ipc_workbook_testing::lies::{Claim, Effect, Findings, lie_to, reasons::reasons};
use ipc_workbook_testing::namespace::{Mqueue, enter_with_own_processes};
use ipc_workbook_testing::run::{command, describe, program, stdout};
use ipc_workbook_testing::user::User;
use std::collections::{BTreeMap, VecDeque};
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};

fn main() -> ExitCode {
    let flags = Command::new("lies")
        .about("Lie to each lesson about its system calls, and report which claims notice")
        .after_help("For each lesson the lies continue until each claim has turned or no lie is left.\nExit codes: 0, every claim turns or has a reason; 1, a claim does neither; 2, wrong usage; 3, it cannot be tried here.")
        .arg(Arg::new("LESSON").action(ArgAction::Append).help("Lie only to these lessons"))
        .arg(Arg::new("here").long("here").value_name("LESSON").hide(true))
        .try_get_matches();
    let flags = match flags {
        Ok(flags) => flags,
        Err(error) => return explain("lies", &error),
    };
    let result = match flags.get_one::<String>("here") {
        Some(lesson) => here(lesson),
        None => report(flags.get_many::<String>("LESSON").into_iter().flatten().cloned().collect()),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.report("lies")),
    }
}

/// Runs inside the namespace, and prints the findings as one line.
fn here(lesson: &str) -> Result<u8, Failure> {
    let findings = lie_to(&program(lesson), |_| false)
        .map_err(|error| Failure::Machine(format!("{lesson}: {error}")))?;
    println!("{}", findings.line());
    Ok(0)
}

/// Lies to the given lessons, or to all, and reports each when it is done.
fn report(wanted: Vec<String>) -> Result<u8, Failure> {
    if let Some(unknown) = wanted.iter().find(|lesson| !lessons().contains(lesson)) {
        return Err(Failure::Usage(format!("there is no lesson {unknown:?}; see src/bin for the lessons")));
    }
    let wanted = if wanted.is_empty() { lessons().to_vec() } else { wanted };
    let mut all = Vec::new();
    for (lesson, findings) in in_parallel(wanted) {
        let findings = findings?;
        show(&lesson, &findings);
        all.push(findings);
    }
    Ok(conclude(&all))
}

/// Lies to the lessons, several at a time, and yields each with its findings.
fn in_parallel(lessons: Vec<String>) -> mpsc::IntoIter<(String, Result<Findings, Failure>)> {
    let waiting: &'static Mutex<VecDeque<String>> = Box::leak(Box::new(Mutex::new(lessons.into())));
    let (send, done) = mpsc::channel();
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let send = send.clone();
        std::thread::spawn(move || {
            while let Some(lesson) = waiting.lock().ok().and_then(|mut waiting| waiting.pop_front()) {
                let findings = in_a_namespace(&lesson);
                if send.send((lesson, findings)).is_err() {
                    return;
                }
            }
        });
    }
    done.into_iter()
}

/// Lies to a lesson in a process of its own.
fn in_a_namespace(lesson: &str) -> Result<Findings, Failure> {
    let cannot = |why: &dyn std::fmt::Display| Failure::Machine(format!("{lesson}: {why}"));
    let mut command = command(std::env::current_exe().map_err(|error| cannot(&error))?);
    command.args(["--here", lesson]);
    enter_with_own_processes(&mut command, User::Me, Mqueue::Mounted);
    let output = command.output().map_err(|error| cannot(&error))?;
    Findings::read(&stdout(&output)).ok_or_else(|| cannot(&describe(&output)))
}

/// Prints each claim of a lesson, with the lie that turned it.
fn show(lesson: &str, findings: &Findings) {
    let Findings { claims, lies, hangs } = findings;
    println!("\n{lesson}: {} claims, {lies} lies; it hung after {hangs} of them", claims.len());
    for Claim { id, effect, lie, .. } in claims {
        println!("  {:<8}  {id}", effect.word());
        if !lie.is_empty() {
            println!("            {lie}");
        }
    }
}

/// Prints the totals and what is wrong, and returns the exit code.
fn conclude(all: &[Findings]) -> u8 {
    let reasons = reasons();
    let claims: Vec<&Claim> = all.iter().flat_map(|findings| &findings.claims).collect();
    let count = |effect| claims.iter().filter(|claim| claim.effect == effect).count();
    let (lies, hangs) =
        all.iter().fold((0, 0), |(lies, hangs), findings| (lies + findings.lies, hangs + findings.hangs));
    println!("\n{} claims, {lies} lies; a lesson hung after {hangs} of them", claims.len());
    println!("{} failed under a lie, {} were not seen", count(Effect::Failed), count(Effect::NotSeen));
    println!(
        "{} were absent under some lie and held under all others, {} always held",
        count(Effect::Absent),
        count(Effect::Held)
    );
    let by_look: Vec<_> = claims.iter().filter(|claim| claim.has_turned() && claim.by_look).collect();
    println!("{} turned only by a lie about a call that looks at something:", by_look.len());
    for claim in by_look {
        println!("  {}", claim.id);
    }
    show_reasons(&claims, &reasons);
    let wrong: Vec<String> = all.iter().flat_map(|findings| findings.wrong(&reasons)).collect();
    for line in &wrong {
        println!("  {line}");
    }
    u8::from(!wrong.is_empty())
}

fn show_reasons(claims: &[&Claim], reasons: &BTreeMap<String, String>) {
    let unturned = claims.iter().filter(|claim| !claim.has_turned());
    let with_reason: Vec<_> =
        unturned.filter_map(|claim| Some((&claim.id, reasons.get(&claim.id)?))).collect();
    println!("{} turned by no lie, but with a reason in claims.toml:", with_reason.len());
    for (id, reason) in with_reason {
        println!("  {id}: {reason}");
    }
}
