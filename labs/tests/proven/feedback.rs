//! A lost line says what is wrong. What was observed differs from what is required, a line that was not
//! reached names the lost line that prevented it, and the printed commands run and show what the program
//! does.

use crate::support::*;
use ipc_workbook_testing::compiler::cc_submission;
use ipc_workbook_testing::namespace::{Mqueue, enter_with_own_processes};
use ipc_workbook_testing::user::User;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Returns what is unclear in the report of a grade.
pub(crate) fn unclear(lab: &Path, graded: &Value) -> Result<Vec<String>, String> {
    let solved = observed_of_the_solution(lab)?;
    let lost: Vec<&Value> = lines(graded).filter(|line| line["passed"] == false).collect();
    let is_a_cause = |id: &Value| lost.iter().any(|line| line["id"] == *id && line["not_reached"].is_null());
    let mut unclear = Vec::new();
    for line in &lost {
        let [id, observed, required] = ["id", "observed", "required"].map(|part| text(line, part));
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                unclear.push(format!("{id}: {what}: {observed}"));
            }
        };
        let cause = &line["not_reached"];
        demand(cause.is_null() || is_a_cause(&cause["id"]), "the line that it names was lost");
        let seen = without_counts(&observed);
        demand(seen != required, "observed must differ from required");
        demand(
            solved.get(&id).is_none_or(|solved| *solved != seen),
            "observed must differ from what the solution shows",
        );
        demand(!observed.contains("did not get this far"), "observed must name the line that prevented it");
        demand(!observed.is_empty(), "something must be observed");
    }
    Ok(unclear)
}

/// Returns what was seen, without the number of failures and the first schedule.
fn without_counts(observed: &str) -> String {
    let seen = match observed.split_once(": ") {
        Some((head, seen)) if head.starts_with("failed ") || head.starts_with("in round ") => seen,
        _ => observed,
    };
    let end = [", under ", ", in each of "].iter().filter_map(|tail| seen.rfind(tail)).min();
    seen[..end.unwrap_or(seen.len())].to_string()
}

/// Returns what each line shows for the lab's solution, which is graded once.
fn observed_of_the_solution(lab: &Path) -> Result<HashMap<String, String>, String> {
    static KNOWN: Mutex<Option<HashMap<PathBuf, HashMap<String, String>>>> = Mutex::new(None);
    let mut known = KNOWN.lock().map_err(|error| error.to_string())?;
    let known = known.get_or_insert_default();
    if let Some(solved) = known.get(lab) {
        return Ok(solved.clone());
    }
    let ends = ["c", "sh"].map(|end| lab.join("solution").with_extension(end));
    let solution = ends.iter().find(|file| file.exists()).ok_or("the lab has no solution in C or shell")?;
    let graded = graded(&name(lab), solution)?;
    let solved: HashMap<String, String> =
        lines(&graded).map(|line| (text(line, "id"), without_counts(&text(line, "observed")))).collect();
    known.insert(lab.into(), solved.clone());
    Ok(solved)
}

fn text(value: &Value, part: &str) -> String {
    value[part].as_str().unwrap_or_default().into()
}

/// Runs the command of each lost line of the graded program.
pub(crate) fn commands_show(graded: &Value, source: &Path, scratch: &Folder) -> Result<(), String> {
    let program = build(source, scratch);
    let lost = lines(graded).filter(|line| line["passed"] == false && line["not_reached"].is_null());
    for line in lost {
        let command = text(line, "see").replace("PROGRAM", &program.display().to_string());
        shows(&command).map_err(|why| format!("{}: {command}\n{why}", text(line, "id")))?;
    }
    Ok(())
}

fn build(source: &Path, scratch: &Folder) -> PathBuf {
    if source.extension().is_some_and(|end| end != "c") {
        return source.into();
    }
    let program = scratch.join("program");
    run(&mut cc_submission(source, &program), 0);
    program
}

/// Runs a command in a namespace of its own, with a time limit for programs that hang. Its folder has links to
/// all that the workbook has, so a file that the program writes does not stay in the workbook.
fn shows(line: &str) -> Result<(), String> {
    let folder = Folder::new("see");
    for entry in entries(root()) {
        let link = std::os::unix::fs::symlink(&entry, folder.join(name(&entry)));
        link.map_err(|error| error.to_string())?;
    }
    let mut command = command("timeout");
    command.args(["--signal=KILL", "20", "sh", "-c", line]).current_dir(&*folder);
    enter_with_own_processes(&mut command, User::Me, Mqueue::Mounted);
    let output = command.output().map_err(|error| error.to_string())?;
    let printed = format!("{}{}", stdout(&output), stderr(&output));
    let demand = |holds: bool, what: &str| {
        if holds { Ok(()) } else { Err(format!("{what}\n{printed}")) }
    };
    let complaint = printed.lines().find(|line| is_a_complaint(line));
    demand(complaint.is_none(), complaint.unwrap_or_default())?;
    if let Some((_, rest)) = line.split_once("strace ") {
        let calls = rest.split_once("-e ").and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default();
        demand(calls.split(',').any(|call| printed.contains(call)), "one of the named calls must be made")?;
    }
    let injects = line.contains("inject=") && !line.contains(":delay");
    let injected = ["INJECTED", "+++ killed by", "--- SIG"].iter().any(|mark| printed.contains(mark));
    demand(!injects || injected, "the injected fault or signal must happen")
}

/// Whether this is an error of the shell, of strace or of Python.
fn is_a_complaint(line: &str) -> bool {
    let of_the_shell =
        line.starts_with("sh: ") && (line.contains("not found") || line.contains("Syntax error"));
    let of_strace = line.starts_with("strace: ") && !line.starts_with("strace: Process ");
    of_the_shell || of_strace || line.starts_with("Traceback") || line.contains("invalid option")
}
