//! watch_ipc.sh.

use super::*;
use std::io::Read;
use std::process::{Command, Stdio};

#[test]
fn watch_shows_changes() {
    private(|| {
        for shell in shells() {
            let mut command = shell.script("watch_ipc.sh");
            command.args(["-c", "3", "-s", "1"]).stdout(Stdio::piped());
            let mut child = command.spawn().expect("the script");
            let mut printed = printed_up_to(&mut child, "\n\n");
            assert!(printed.contains("objects 0,"), "{}: {printed}", shell.program);
            drop(shm("/new"));
            child.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("read");
            assert!(child.wait().expect("the exit status").success());
            assert_eq!(printed.matches("objects ").count(), 3, "{printed}");
            assert!(printed.contains("/new\n"), "{printed}");
            remove_all();
        }
    });
}

#[test]
fn watch_repaints_a_terminal_and_cuts_lines() {
    private(|| {
        if !have("script") {
            return skip("script(1) is not installed");
        }
        for n in 0..60 {
            drop(shm(format!("/{n:0100}")));
        }
        for shell in shells() {
            let words = shell.arguments.join(" ");
            let watch = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/watch_ipc.sh");
            let line = format!("stty rows 10 columns 40; exec {} {words} '{watch}' -c 2", shell.program);
            let output =
                Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output();
            let output = output.expect("script");
            if text(&output.stderr).contains("failed to create pseudo-terminal") {
                skip("this user may not open a pseudo-terminal");
                break;
            }
            assert!(output.status.success(), "{}", describe(&output));
            let printed = text(&output.stdout);
            assert_eq!(printed.matches("\x1b[H").count(), 2, "{printed:?}");
            let last = printed.rsplit("\x1b[H").next().expect("a frame");
            assert!(last.matches('\n').count() < 10, "{last:?}");
            for row in last.split("\x1b[K").map(|row| row.trim_matches(['\r', '\n'])) {
                assert!(row.trim_end_matches("\x1b[J").len() <= 40, "{row:?}");
            }
        }
        remove_all();
    });
}

#[test]
fn watch_ends_when_its_reader_has_exited() {
    private(|| {
        for shell in shells() {
            let mut child = shell
                .script("watch_ipc.sh")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the script");
            drop(child.stdout.take());
            let mut complaint = String::new();
            child.stderr.take().expect("a pipe").read_to_string(&mut complaint).expect("read");
            let status = child.wait().expect("the exit status");
            assert!(!status.success(), "{}: {status}", shell.program);
        }
    });
}
