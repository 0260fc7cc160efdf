//! Submissions can be graded without namespaces, and the grade says so. A private namespace plays the machine
//! here, so that it can be compared before and after.

use crate::support::known_bad::write_program;
use crate::support::*;
use crate::{Group, Named};
use ipc_workbook_testing::harness::Failed;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A lab, one of its programs, and whether that gets full marks.
const GRADES: [(&str, &str, bool); 6] = [
    ("exact-mode", "solution.c", true),
    ("exact-mode", "bad/leaves-a-semaphore.diff", false),
    ("exclusive-creation", "solution.c", true),
    ("exclusive-creation", "bad/looks-before-it-creates.diff", false),
    ("clean-up-on-signals", "solution.c", true),
    ("hand-over", "bad/leaks-the-second.diff", false),
];

const HOSTILE: [&str; 2] = ["stays-behind.c", "forks-without-end.c"];

pub(crate) fn groups() -> Vec<Group> {
    let grades = GRADES.map(|(lab, file, full)| {
        let name = format!("shared::{lab}::{}_gets_the_same_grade", file.trim_start_matches("bad/"));
        Named::new(name, move || the_same_grade(lab, file, full))
    });
    let hostile = HOSTILE.map(|file| {
        let what = file.trim_end_matches(".c").replace('-', "_");
        Named::new(format!("shared::what_{what}_is_ended_and_removed"), move || ended_and_removed(file))
    });
    let taken = Named::new("shared::what_has_a_name_that_graders_use_is_left_alone".into(), left_alone);
    vec![
        Group { label: "shared", enough: 1, trials: grades.into_iter().chain(hostile).collect() },
        Group { label: "shared, and a name is taken", enough: 1, trials: vec![taken] },
    ]
}

/// Creates an object, grades, and checks that everything is as it was before.
const BESIDE: &str = r#"
listing() { ls -i /dev/shm /dev/mqueue; cat /proc/sysvipc/*; ls "$TMPDIR" | grep -v lock$; cat /proc/[0-9]*/comm | grep -c program; }
echo before >/dev/shm/before
before=$(listing)
"$LAB" check "$1" --shared --format json --program "$2"
code=$?
[ "$before" = "$(listing)" ] || { echo "$before"; listing; exit 99; } >&2
exit $code
"#;

/// Returns a shell in a private namespace that will run a script beside `lab`. `temporary` is its TMPDIR.
fn beside(script: &str, temporary: &Path) -> Command {
    let mut shell = command("sh");
    shell.args(["-c", script, "sh"]).env("LAB", env!("CARGO_BIN_EXE_lab")).env("TMPDIR", temporary);
    enter_with_own_processes(&mut shell, User::Me, Mqueue::Mounted);
    shell
}

fn shared(lab: &str, file: &Path) -> Result<(Output, Value), Failed> {
    let scratch = Folder::new(&format!("shared-{lab}-{}", name(file)));
    let output = beside(BESIDE, &scratch).arg(lab).arg(file).output()?;
    let graded =
        serde_json::from_slice(&output.stdout).map_err(|_| format!("no grade: {}", describe(&output)))?;
    Ok((output, graded))
}

/// Writes a program of a lab into this folder.
fn program(lab: &str, file: &str, folder: &Path) -> Result<PathBuf, Failed> {
    let lab = labs().into_iter().find(|found| name(found) == lab).expect("the lab");
    Ok(write_program(&lab.join(file), folder)?)
}

fn the_same_grade(lab: &str, file: &str, full: bool) -> Result<(), Failed> {
    let scratch = Folder::new(&format!("shared-grade-{lab}-{full}"));
    let program = program(lab, file, &scratch)?;
    let (output, there) = shared(lab, &program)?;
    let here = graded(lab, &program)?;
    let same = there["lines"] == here["lines"]
        && (&there["shared"], &here["shared"]) == (&true.into(), &false.into());
    let code = output.status.code() == Some(i32::from(!full));
    if same && code {
        Ok(())
    } else {
        Err(format!("{there:#}\nnot shared: {here:#}\n{}", describe(&output)).into())
    }
}

fn ended_and_removed(hostile: &str) -> Result<(), Failed> {
    let scratch = Folder::new(&format!("shared-{hostile}"));
    let program = scratch.join("program");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(hostile);
    run(&mut cc_submission(&source, &program), 0);
    let (output, there) = shared("exact-mode", &program)?;
    let nothing = lines(&there).all(|line| line["passed"] == false);
    let code = output.status.code() == Some(1);
    if nothing && code { Ok(()) } else { Err(format!("{there:#}\n{}", describe(&output)).into()) }
}

/// Creates an object with a name that graders use, and grades.
const TAKEN: &str = r#"
echo mine >/dev/shm/lab
"$LAB" check exact-mode --shared --program "$1"
code=$?
cat /dev/shm/lab
exit $code
"#;

fn left_alone() -> Result<(), Failed> {
    let scratch = Folder::new("shared-taken");
    let source = Folder::new("shared-taken-source");
    let program = program("exact-mode", "solution.c", &source)?;
    let output = beside(TAKEN, &scratch).arg(program).output()?;
    let said = stderr(&output).contains("already exists: shared memory object /lab (mode 0644)");
    let mut left = entries(&scratch);
    left.retain(|path| path.extension().is_none_or(|end| end != "lock"));
    if output.status.code() == Some(3) && output.stdout == b"mine\n" && said && left.is_empty() {
        Ok(())
    } else {
        Err(format!("left behind: {left:?}\n{}", describe(&output)).into())
    }
}
