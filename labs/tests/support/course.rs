//! A course for a test: a folder of submissions to exact-mode.

use super::known_bad::write_program;
use super::lab;
use ipc_workbook_testing::compiler::cc;
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::root;
use ipc_workbook_testing::run::run;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const LAB: &str = "exact-mode";

/// The folder of submissions, and the folder for results beside it.
pub struct Course {
    folder: Folder,
}

impl Course {
    pub fn new() -> Self {
        let folder = Folder::new("course");
        fs::create_dir(folder.join("subs")).expect("a folder");
        Course { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn subs(&self) -> PathBuf {
        self.path("subs")
    }

    pub fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// Adds a file to the folder of submissions.
    pub fn add(&self, name: impl AsRef<OsStr>, text: impl AsRef<[u8]>) -> PathBuf {
        let file = self.subs().join(name.as_ref());
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, text).expect("a file");
        file
    }

    /// Adds an executable script.
    pub fn add_script(&self, name: &str, text: &str) -> PathBuf {
        let file = self.add(name, text);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
        file
    }

    /// Adds a program that gets full marks.
    pub fn add_program(&self, name: impl AsRef<Path>) {
        run(&mut cc(&lab_folder().join("solution.c"), &self.subs().join(name)), 0);
    }

    /// Returns the command `lab grade` for this course.
    pub fn grade(&self, args: &[&str]) -> Command {
        let mut command = lab(&["grade"]);
        command.arg(self.subs()).arg("--out").arg(self.out()).args(args);
        command
    }

    /// Returns the results, from OUT.
    pub fn grades(&self) -> Value {
        read_json(&self.out().join("grades.json"))
    }

    /// Returns the student's result in the first lab.
    pub fn result(&self, student: &str) -> Value {
        let grades = self.grades();
        let students = grades["students"].as_array().expect("students");
        let found = students.iter().find(|found| found["student"] == student);
        found.unwrap_or_else(|| panic!("no {student} in {grades:#}"))["results"][0].clone()
    }

    pub fn points(&self, student: &str) -> u64 {
        points(&self.result(student)["graded"])
    }

    /// Returns why the student's submission is missing.
    pub fn missing(&self, student: &str) -> String {
        self.result(student)["missing"].as_str().unwrap_or_default().into()
    }

    pub fn refused(&self, student: &str) -> String {
        self.result(student)["graded"]["refused"].as_str().unwrap_or_default().into()
    }
}

pub fn points(graded: &Value) -> u64 {
    let lines = graded["lines"].as_array().unwrap_or_else(|| panic!("no lines: {graded:#}"));
    lines.iter().filter(|line| line["passed"] == true).filter_map(|line| line["points"].as_u64()).sum()
}

pub fn read_json(file: &Path) -> Value {
    let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

pub fn lab_folder() -> PathBuf {
    root().join("lessons/12-permissions/labs/exact-mode")
}

/// Returns the text of one of the lab's files; for a known-bad patch, the text of the program.
pub fn source(name: &str) -> String {
    let file = lab_folder().join(name);
    if !name.starts_with("bad/") {
        return fs::read_to_string(file).expect("a file of the lab");
    }
    let folder = Folder::new("known-bad");
    let program = write_program(&file, &folder).expect("a known-bad program");
    fs::read_to_string(program).expect("its text")
}

/// Returns the same command in an environment where no namespace can be created.
pub fn without_namespaces(command: &Command) -> Command {
    let script = "echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all \"$@\"";
    let mut inside = Command::new("unshare");
    inside.args(["--user", "--map-root-user", "sh", "-c", script, "sh"]);
    inside.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    inside
}
