//! The shells under which the scripts run.

use super::text;
use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

/// A shell, and the folder of tools that it finds first.
pub(super) struct Shell {
    pub(super) program: &'static str,
    pub(super) arguments: &'static [&'static str],
    tools: Option<Folder>,
}

/// Returns one of the installed shells, another one for each test and day. The exhaustive run gets all of
/// them, and in CI all must be installed.
pub(super) fn shells() -> Vec<Shell> {
    sample(shells_that_are_here(), &is_inside().unwrap_or_default(), 1)
}

fn shells_that_are_here() -> Vec<Shell> {
    let mut shells = Vec::new();
    for program in ["dash", "bash", "busybox"] {
        if !have(program) {
            skip(&format!("{program} is not installed"));
        } else if program == "busybox" {
            // As on Alpine, all tools are those of busybox, not only the shell.
            shells.push(Shell { program, arguments: &["sh"], tools: Some(busybox_tools()) });
        } else {
            shells.push(Shell { program, arguments: &[], tools: None });
        }
    }
    assert!(!shells.is_empty(), "no shell is installed");
    shells
}

/// Returns the first shell, for tests in which the shell does not matter.
pub(super) fn a_shell() -> Shell {
    shells().remove(0)
}

/// Creates a folder with a link for each tool of busybox.
fn busybox_tools() -> Folder {
    let folder = Folder::new("busybox");
    let list = run(Command::new("busybox").arg("--list"), 0);
    let path = std::env::split_paths(&std::env::var_os("PATH").expect("PATH"))
        .map(|folder| folder.join("busybox"))
        .find(|file| file.is_file())
        .expect("busybox");
    for tool in stdout(&list).lines() {
        symlink(&path, folder.join(tool)).expect("a link");
    }
    folder
}

impl Shell {
    /// Returns a command that runs a script.
    pub(super) fn script(&self, name: &str) -> Command {
        let mut command = Command::new(self.program);
        command.args(self.arguments).arg(root().join("scripts").join(name));
        if let Some(folder) = &self.tools {
            let path = std::env::var_os("PATH").expect("PATH");
            let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(folders).expect("PATH"));
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs `list_ipc.sh --json`, and returns its output.
    pub(super) fn list(&self) -> Value {
        let output = run(self.script("list_ipc.sh").arg("--json"), 0);
        assert!(output.stderr.is_empty(), "{}", describe(&output));
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.program, describe(&output)))
    }

    /// Runs `cleanup_ipc.sh` with these arguments, and returns its output.
    pub(super) fn clean(&self, words: &[&str]) -> String {
        let output = run(self.script("cleanup_ipc.sh").args(words), 0);
        assert!(output.stderr.is_empty(), "{}", describe(&output));
        text(&output.stdout)
    }
}

/// Returns a PATH on which `tool` is replaced by a script.
pub(super) fn path_with(tool: &str, does: &str) -> (Folder, String) {
    let folder = Folder::new("another");
    let file = folder.join(tool);
    let path = std::env::var("PATH").expect("PATH");
    fs::write(&file, format!("#!/bin/sh\nPATH='{path}'\n{does}\n")).expect("a script");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("chmod");
    let path = format!("{}:{path}", folder.display());
    (folder, path)
}
