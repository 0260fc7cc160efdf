//! Exported files are used as the other services use them: unpacked, called, and their results read.

use crate::support::course::*;
use crate::support::*;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use yaml_rust2::{Yaml, YamlLoader};

/// Returns Gradescope's folder, with the autograder unpacked and a submission in it.
fn gradescope(submission: &str) -> Course {
    let course = Course::new();
    let zip = course.path("autograder.zip");
    run(lab(&["export", "gradescope", LAB, "--out"]).arg(&zip), 0);
    let mut zip = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).unwrap();
        let mode = file.unix_mode().unwrap() & 0o777;
        let to = course.path("source").join(file.enclosed_name().unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        fs::write(&to, bytes).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::create_dir(course.path("submission")).unwrap();
    fs::write(course.path("submission/mine.c"), submission).unwrap();
    course
}

fn run_autograder(course: &Course) -> Command {
    let mut autograder = command(course.path("source/run_autograder"));
    autograder.env("AUTOGRADER", course.path("")).env("LAB_PROGRAM", env!("CARGO_BIN_EXE_lab"));
    // A killed autograder leaves its temporary folder behind.
    autograder.env("TMPDIR", course.path(""));
    autograder
}

fn results(course: &Course) -> PathBuf {
    course.path("results/results.json")
}

#[test]
fn gradescopes_autograder_grades_a_submission() {
    let course = gradescope(&source("bad/trusts-the-umask.diff"));
    run(&mut run_autograder(&course), 0);
    let results = read_json(&results(&course));
    let scores = results["tests"].as_array().unwrap().iter().map(|test| test["score"].as_u64().unwrap());
    assert_eq!((scores.sum::<u64>(), results.get("score")), (6, None));
    let left: Vec<PathBuf> = files_below(&course.path("results"));
    assert_eq!(left.len(), 1, "nothing else is left there: {left:?}");
    run(command("sh").arg("-n").arg(course.path("source/setup.sh")), 0);
}

#[test]
fn the_zip_has_one_lab_and_no_solution() {
    let course = gradescope("");
    let labs = course.path("source/workbook/lessons");
    let files = files_below(&labs)
        .into_iter()
        .filter(|file| file.components().any(|part| part.as_os_str() == "labs"));
    let mut names: Vec<String> =
        files.map(|file| file.strip_prefix(&labs).unwrap().display().to_string()).collect();
    names.sort();
    let folder = "12-permissions/labs/exact-mode";
    let wanted = ["README.md", "grader.rs", "inside.sh", "lab.toml", "starter.c", "starter.rs"];
    assert_eq!(names, wanted.map(|name| format!("{folder}/{name}")));
    let setup = fs::read_to_string(course.path("source/setup.sh")).unwrap();
    assert!(setup.contains("--default-toolchain 1.") && !setup.contains('@'), "{setup}");
}

#[test]
fn the_zip_has_the_workbook_whole_and_nothing_that_was_built() {
    let course = gradescope("");
    let workbook = course.path("source/workbook");
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "labs/src/main.rs",
        "src/lib.rs",
        "lessons/12-permissions/labs/exact-mode/grader.rs",
    ] {
        assert_eq!(fs::read(workbook.join(file)).unwrap(), fs::read(root().join(file)).unwrap(), "{file}");
    }
    assert!(!workbook.join("target").exists() && !workbook.join(".git").exists());
    if has_rust() {
        let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["metadata", "--offline", "--no-deps", "--format-version", "1", "--manifest-path"]);
        let output = run(cargo.arg(workbook.join("Cargo.toml")), 0);
        assert!(stdout(&output).contains("ipc-workbook-labs"), "cargo finds every package");
    }
}

#[test]
fn a_container_that_is_killed_has_left_a_result_without_points() {
    let course = gradescope(&source("bad/hangs-afterwards.diff"));
    let mut running = run_autograder(&course).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until_so_within(GRADING_LIMIT, "results.json", || results(&course).exists());
    let early = read_json(&results(&course));
    let children = format!("/proc/{0}/task/{0}/children", running.id());
    for child in fs::read_to_string(children).unwrap().split_whitespace() {
        let _ = kill(Pid::from_raw(child.parse().unwrap()), Signal::SIGKILL);
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(early["tests"][0]["score"], 0);
    assert_eq!(early["tests"][0]["max_score"], 10);
    assert!(early.get("score").is_none() && early["output"].to_string().contains("did not finish"));
    assert_eq!(early["tests"][0]["output"], read_json(&results(&course))["tests"][0]["output"]);
}

/// Creates a folder of programs that come before the machine's own in PATH. Returns that PATH.
fn stand_ins(course: &Course) -> String {
    let bin = course.path("bin");
    fs::create_dir(&bin).unwrap();
    let lab = env!("CARGO_BIN_EXE_lab");
    // A real build would take minutes; this one links the program under test.
    let cargo = format!(
        "#!/bin/sh\nset -e\n[ \"$1 $3\" = 'build ipc-workbook-labs' ]\nmkdir -p workbook/target/debug\nln -s '{lab}' workbook/target/debug/lab\n"
    );
    for (name, text) in [
        ("cargo", cargo.as_str()),
        ("sudo", "#!/bin/sh\n[ \"$1\" = sysctl ]\n"),
        ("rustup", "#!/bin/sh\n[ \"$1 $2\" = 'toolchain install' ] && [ \"$3\" = \"$RUSTUP_TOOLCHAIN\" ]\n"),
    ] {
        fs::write(bin.join(name), text).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default())
}

#[test]
fn github_classrooms_workflow_grades_a_push() {
    let course = Course::new();
    let git = |args: &[&str]| {
        let names = ["-c", "user.name=lecturer", "-c", "user.email=lecturer@example.org"];
        run(command("git").args(names).args(args).current_dir(course.path("workbook.git")), 0);
    };
    fs::create_dir(course.path("workbook.git")).unwrap();
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "a workbook"]);
    let head = run(command("git").args(["rev-parse", "HEAD"]).current_dir(course.path("workbook.git")), 0);
    let commit = stdout(&head).trim().to_string();
    // A later commit must not be used for grading.
    git(&["commit", "--quiet", "--allow-empty", "-m", "a later workbook"]);
    let url = format!("file://{}", course.path("workbook.git").display());
    let file = course.path("classroom.yml");
    let mut export =
        lab(&["export", "github-classroom", LAB, "--workbook", &url, "--commit", &commit, "--out"]);
    run(export.arg(&file), 0);

    let workflow = YamlLoader::load_from_str(&fs::read_to_string(file).unwrap()).unwrap().remove(0);
    assert_eq!(workflow["env"]["WORKBOOK"].as_str(), Some(&*url));
    assert_eq!(workflow["permissions"]["contents"].as_str(), Some("read"));
    let steps = workflow["jobs"]["grade"]["steps"].as_vec().unwrap();
    let uses: Vec<&str> = steps.iter().filter_map(|step| step["uses"].as_str()).collect();
    // Each action is pinned by its commit, the machine and the toolchain by their versions.
    for action in ["actions/checkout@", "actions/cache@", "classroom-resources/autograding-grading-reporter@"]
    {
        let commit = uses.iter().find_map(|uses| uses.strip_prefix(action)).expect("the action");
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{action}{commit}");
    }
    assert!(!workflow["jobs"]["grade"]["runs-on"].as_str().unwrap().contains("latest"));
    let cargo = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let rust = workflow["env"]["RUSTUP_TOOLCHAIN"].as_str().unwrap();
    assert!(cargo.contains(&format!("rust-version = \"{rust}\"")), "{rust}");
    assert_eq!(workflow["env"]["COMMIT"].as_str(), Some(&*commit));

    // The submission is checked out into the folder that its step names.
    let place = steps.iter().find_map(|step| step["with"]["path"].as_str().filter(|_| is_checkout(step)));
    let place = course.path(place.unwrap());
    fs::create_dir(&place).unwrap();
    fs::write(place.join("main.c"), source("bad/trusts-the-umask.diff")).unwrap();
    let path = stand_ins(&course);
    for step in steps {
        let Some(script) = step["run"].as_str() else { continue };
        if script.contains("lab doctor") && !has_rust() {
            skip("without Rust lab doctor exits with code 3");
            continue;
        }
        let mut shell = command("bash");
        shell.args(["-e", "-c", script]).current_dir(course.path(""));
        shell.env("PATH", &path).env("WORKBOOK", &url).env("COMMIT", &commit);
        if script.contains("rustup") {
            // The other steps use the toolchain of this machine.
            shell.env("RUSTUP_TOOLCHAIN", rust);
        }
        shell.env("GITHUB_OUTPUT", course.path("output")).env("GITHUB_STEP_SUMMARY", course.path("summary"));
        run(&mut shell, 0);
    }
    let graded_by = run(command("git").args(["rev-parse", "HEAD"]).current_dir(course.path("workbook")), 0);
    assert_eq!(stdout(&graded_by).trim(), commit);
    let summary = fs::read_to_string(course.path("summary")).unwrap();
    assert!(summary.contains("6 of 10 points"), "{summary}");
    // Decode the result as the reporter does.
    let output = fs::read_to_string(course.path("output")).unwrap();
    let encoded = output.trim().strip_prefix("result=").unwrap();
    let decoded = run(command("sh").args(["-c", "printf %s \"$1\" | base64 -d", "sh", encoded]), 0);
    let results: Value = serde_json::from_slice(&decoded.stdout).unwrap();
    let scores = results["tests"].as_array().unwrap().iter().map(|test| test["score"].as_u64().unwrap());
    assert_eq!((scores.sum::<u64>(), results["max_score"].as_u64()), (6, Some(10)));
}

fn is_checkout(step: &Yaml) -> bool {
    step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout"))
}

#[test]
fn what_cannot_be_exported_is_one_line() {
    let course = Course::new();
    let nowhere = course.path("no/such\0".trim_end_matches('\0'));
    fs::write(course.path("no"), "a file").unwrap();
    for (args, code, said) in [
        (&["export", "gradescope", "exact-mod"][..], 2, "do you mean exact-mode?"),
        (&["export", "github-classroom", LAB], 2, "--workbook"),
        (&["export", "github-classroom", LAB, "--workbook", "a'b"], 2, "cannot clone"),
        (&["export", "github-classroom", LAB, "--workbook", "x", "--commit", "a b"], 2, "is not a commit"),
        (&["export", "gradescope", LAB, "--out", nowhere.to_str().unwrap()], 3, "cannot write"),
    ] {
        refused(lab(args).current_dir(course.path("")), code, &[said]);
    }
}
