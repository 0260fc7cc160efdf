//! The check in the Linux of the page: a lab's `inside.sh`, run here in private namespaces with busybox. It may leave lines
//! to the grader, but the two never contradict each other.

use crate::support::known_bad::{known_bad, loses, write_program};
use crate::support::*;
use crate::{Group, Named};
use ipc_workbook_testing::harness::Failed;
use ipc_workbook_tools::workbook::labs::{Lab, lab as lab_named};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How many programs are checked at a time. A check mostly waits.
const AT_ONCE: usize = 3;

/// How often a check is repeated that contradicts the grader.
const ATTEMPTS: usize = 4;

pub(crate) fn groups() -> Vec<Group> {
    if !have("busybox") {
        skip("the check in the page: busybox is not installed");
        return Vec::new();
    }
    let trial = |lab: PathBuf| {
        let sentence = format!("labs/{}::the_check_in_the_page_agrees_with_the_grader", name(&lab));
        Named::new(sentence, move || agrees(&lab))
    };
    let usage = Named::new("the_check_in_the_page_reports_bad_input_in_one_line".into(), bad_input);
    vec![
        Group { label: "inside", enough: 1, trials: labs().into_iter().map(trial).collect() },
        Group { label: "usage of check", enough: 1, trials: vec![usage] },
    ]
}

/// A program, and the lines that it loses with the grader. `None`: the starter, which must not pass.
struct Case {
    program: PathBuf,
    loses: Option<Vec<String>>,
}

impl Case {
    /// Returns whether the check may see this.
    fn allows(&self, seen: &Seen) -> bool {
        match &self.loses {
            None => !seen.passes,
            // A program that only sleeps for long is ended, and loses nothing.
            Some(lines) if lines.is_empty() => seen.failed.is_empty(),
            Some(lines) => seen.failed.iter().all(|(id, _)| lines.contains(id)),
        }
    }
}

fn agrees(lab: &Path) -> Result<(), Failed> {
    let machine = Machine::new(&name(lab));
    let ids = machine.add(lab)?;
    let scratch = Folder::new(&format!("inside-programs-{}", name(lab)));
    let cases = cases(lab, &scratch)?;
    let mut seen = Vec::new();
    for some in cases.chunks(AT_ONCE) {
        let check = |case: &Case| {
            let program = case.program.to_string_lossy();
            let look = || Seen::of(&machine.check(&[&name(lab), &program]));
            // A check waits only a few seconds, and a program may give up because its peer is slow. On a busy machine
            // only what is seen each time counts.
            let mut seen = look()?;
            for _ in 1..ATTEMPTS {
                if case.allows(&seen) {
                    break;
                }
                seen = look()?;
            }
            Ok(seen)
        };
        let checked: Vec<Result<Seen, String>> = std::thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|case| scope.spawn(move || check(case))).collect();
            running.into_iter().map(|one| one.join().expect("no panic")).collect()
        });
        seen.extend(checked);
    }
    let mut wrong = Vec::new();
    let mut judged: Option<BTreeSet<String>> = None;
    let mut caught = BTreeSet::new();
    for (case, seen) in cases.iter().zip(seen) {
        let program = name(&case.program);
        let seen = seen.map_err(|why| format!("{program}: {why}"))?;
        if seen.all != ids {
            wrong.push(format!("{program}: the lines are not those of lab.toml: {:?}", seen.all));
        }
        // The solution comes first.
        if judged.is_none() && !seen.passes {
            wrong.push(format!("the solution does not pass: {:?}, too slow: {:?}", seen.failed, seen.slow));
        }
        let of_solution = judged.get_or_insert_with(|| seen.judged.clone());
        if *of_solution != seen.judged {
            wrong.push(format!("{program}: other lines are judged than for the solution: {:?}", seen.judged));
        }
        if !case.allows(&seen) {
            wrong.push(format!(
                "{program} loses {:?} with the grader, and here {:?}",
                case.loses, seen.failed
            ));
        }
        if case.loses.is_some() {
            caught.extend(seen.failed.into_iter().map(|(id, _)| id));
        }
    }
    let judged = judged.unwrap_or_default();
    let said = about(lab)?.judged_in_the_page().map_err(|error| error.to_string())?;
    if judged.is_empty() || judged.len() != said {
        wrong.push(format!("{} lines are judged, and the book says {said}", judged.len()));
    }
    let never = judged.difference(&caught);
    wrong.extend(never.map(|id| format!("no known-bad program fails {id}, so its judgement proves nothing")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn about(lab: &Path) -> Result<Lab, String> {
    lab_named(root(), &name(lab)).map_err(|error| error.to_string())
}

/// Returns the programs that the machine could run: in C, or scripts of the shell.
fn cases(lab: &Path, scratch: &Folder) -> Result<Vec<Case>, String> {
    let end = if lab.join("solution.sh").exists() { "sh" } else { "c" };
    let right = |program: PathBuf| Case { program, loses: Some(Vec::new()) };
    let mut cases = vec![
        right(lab.join("solution").with_extension(end)),
        Case { program: lab.join("starter").with_extension(end), loses: None },
    ];
    // The utilities of busybox have fewer options than those that a script may use here.
    let in_c = |file: &PathBuf| file.extension().is_some_and(|of| of == "c");
    cases.extend(files(&lab.join("good")).into_iter().filter(in_c).map(right));
    for bad in known_bad(lab) {
        let program = write_program(&bad, scratch)?;
        if program.extension().is_some_and(|of| of == "c" || of == "sh") {
            cases.push(Case { program, loses: Some(loses(&bad)?) });
        }
    }
    Ok(cases)
}

/// What a check has printed.
struct Seen {
    /// The ids of all lines, in their order.
    all: Vec<String>,
    /// Those that are judged.
    judged: BTreeSet<String>,
    /// Those that have failed, with what was printed.
    failed: Vec<(String, String)>,
    /// Those whose run was ended because it took too long. With the grader, only a program that hangs loses them.
    slow: Vec<String>,
    /// The exit code is 0.
    passes: bool,
}

impl Seen {
    fn of(output: &Output) -> Result<Seen, String> {
        let complete = matches!(output.status.code(), Some(0 | 1)) && output.stderr.is_empty();
        if !complete {
            return Err(describe(output));
        }
        let passes = output.status.success();
        let mut seen =
            Seen { all: Vec::new(), judged: BTreeSet::new(), failed: Vec::new(), slow: Vec::new(), passes };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let Some((last, lines)) = lines.split_last() else { return Err("it prints nothing".into()) };
        if !last.starts_with("This is no grade.") {
            return Err(format!("the last line is {last}"));
        }
        for line in lines {
            let (verdict, rest) =
                line.split_once(": ").ok_or_else(|| format!("this is no verdict: {line}"))?;
            let id = rest.split(' ').next().unwrap_or_default().to_string();
            seen.all.push(id.clone());
            match verdict {
                "not judged here" => continue,
                "failed" => seen.failed.push((id.clone(), line.to_string())),
                "undecided" => seen.slow.push(id.clone()),
                "passed" => {}
                _ => return Err(format!("this is no verdict: {line}")),
            }
            seen.judged.insert(id);
        }
        if passes != (seen.failed.is_empty() && seen.slow.is_empty()) {
            return Err(format!("the exit code contradicts the lines:\n{text}"));
        }
        Ok(seen)
    }
}

/// A folder that has the command `check` and the labs as the Linux in the page has them.
struct Machine(Folder);

impl Machine {
    fn new(what: &str) -> Self {
        let machine = Machine(Folder::new(&format!("inside-{what}")));
        let from = root().join("book/machine/guest/check");
        for folder in ["bin", "check", "labs"] {
            fs::create_dir(machine.0.join(folder)).expect("a new folder");
        }
        let (sources, scripts): (Vec<PathBuf>, Vec<PathBuf>) = files(&from)
            .into_iter()
            .partition(|file| file.extension().is_some_and(|of| of == "c" || of == "h"));
        for script in scripts {
            fs::copy(&script, machine.0.join("check").join(name(&script))).expect("a copy");
        }
        let mut cc = Command::new("cc");
        cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread"]);
        cc.args(sources.iter().filter(|file| file.extension().is_some_and(|of| of == "c")));
        done(cc.arg("-o").arg(machine.0.join("check/peer")).arg("-lrt"));
        // The utilities are those of the machine.
        done(Command::new("busybox").args(["--install", "-s"]).arg(machine.0.join("bin")));
        machine
    }

    /// Adds a lab, and returns the ids of its rubric.
    fn add(&self, lab: &Path) -> Result<Vec<String>, String> {
        let lab = about(lab)?;
        lab.write_for_the_page(&self.0.join("labs")).map_err(|error| error.to_string())?;
        Ok(lab.about.rubric.into_iter().map(|demand| demand.id).collect())
    }

    /// Runs `check` in private namespaces.
    fn check(&self, args: &[&str]) -> Output {
        let mut path = self.0.join("bin").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let mut check = Command::new(root().join("scripts/mount_mqueue.sh"));
        check.arg("--private").arg(self.0.join("bin/sh")).arg(self.0.join("check/check")).args(args);
        check.env("PATH", path).env("LABS", self.0.join("labs")).env("CC", "cc");
        check.output().expect("the check starts")
    }
}

fn done(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", describe(&output));
}

fn bad_input() -> Result<(), Failed> {
    let machine = Machine::new("usage");
    let lab = labs().into_iter().find(|lab| lab.join("starter.c").exists()).expect("a lab");
    machine.add(&lab)?;
    let lab = name(&lab);
    let broken = machine.0.join("broken.c");
    fs::write(&broken, "int main(void) { return missing; }\n")?;
    let broken = broken.to_string_lossy();
    for (args, says) in [
        (&["no-such-lab"][..], "there is no lab no-such-lab"),
        (&["../labs"], "there is no lab ../labs"),
        (&[&lab, "missing.c"], "there is no file missing.c"),
        (&[&lab, &broken], "does not compile"),
        (&[&lab, &broken, "three"], "too many arguments"),
    ] {
        let output = machine.check(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let clear = output.status.code() == Some(2) && output.stdout.is_empty();
        if !clear || said.lines().count() != 1 || !said.contains(says) {
            return Err(format!("check {args:?}: {}", describe(&output)).into());
        }
    }
    Ok(())
}
