//! The command lines of the scripts.

use super::*;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[test]
fn wrong_usage_is_reported_in_one_line() {
    private(|| {
        let wrong: &[(&str, &[&str])] = &[
            ("list_ipc.sh", &["--nonsense"]),
            ("list_ipc.sh", &["--name"]),
            ("list_ipc.sh", &["word"]),
            ("cleanup_ipc.sh", &["-x"]),
            ("cleanup_ipc.sh", &["-y", "-n"]),
            ("cleanup_ipc.sh", &["--name"]),
            ("cleanup_ipc.sh", &["--name", ""]),
            ("cleanup_ipc.sh", &["--user"]),
            ("cleanup_ipc.sh", &["--user", "no such user"]),
            ("cleanup_ipc.sh", &["--user", "-1"]),
            ("cleanup_ipc.sh", &["everything"]),
            ("mount_mqueue.sh", &["--nonsense"]),
            ("mount_mqueue.sh", &["--mount", "a", "b"]),
            ("watch_ipc.sh", &["-s"]),
            ("watch_ipc.sh", &["-s", "soon"]),
            ("watch_ipc.sh", &["-c", "-1"]),
            ("watch_ipc.sh", &["--nonsense"]),
        ];
        for shell in shells() {
            for (script, words) in wrong {
                let output = run(shell.script(script).args(*words), 2);
                let complaint = text(&output.stderr);
                assert_eq!(complaint.lines().count(), 1, "{script} {words:?}: {}", describe(&output));
                assert!(complaint.starts_with(&format!("{script}: ")), "{complaint}");
                assert!(output.stdout.is_empty(), "{}", describe(&output));
            }
        }
    });
}

#[test]
fn help_is_the_comment_at_the_top_of_the_script() {
    for shell in shells() {
        for script in ["list_ipc.sh", "cleanup_ipc.sh", "mount_mqueue.sh", "watch_ipc.sh"] {
            let help = text(&run(shell.script(script).arg("--help"), 0).stdout);
            assert!(help.contains(script) && help.contains("Exit code: "), "{script}: {help}");
            assert!(!help.contains('#'), "{help}");
            assert_eq!(text(&run(shell.script(script).arg("-h"), 0).stdout), help);
        }
    }
}

#[test]
fn a_script_works_through_a_link() {
    private(|| {
        let folder = Folder::new("links");
        let link = folder.join("list");
        symlink(root().join("scripts/list_ipc.sh"), &link).expect("a link");
        for shell in shells() {
            let mut command = Command::new(shell.program);
            run(command.args(shell.arguments).arg(&link).current_dir("/"), 0);
        }
    });
}

#[test]
fn a_missing_tool_is_named() {
    private(|| {
        let tools = Folder::new("tools");
        for tool in ["sh", "dirname", "readlink", "sed", "awk", "date", "id", "printf"] {
            let found = std::env::split_paths(&std::env::var_os("PATH").expect("PATH"))
                .map(|folder: PathBuf| folder.join(tool))
                .find(|file| file.is_file())
                .expect("a tool");
            symlink(found, tools.join(tool)).expect("a link");
        }
        for script in ["list_ipc.sh", "cleanup_ipc.sh"] {
            let mut command = Command::new("/bin/sh");
            command.arg(format!("{}/scripts/{script}", env!("CARGO_MANIFEST_DIR")));
            let output = run(command.env("PATH", tools.as_os_str()).stdin(Stdio::null()), 3);
            assert!(text(&output.stderr).contains("find is not installed"), "{}", describe(&output));
        }
    });
}
