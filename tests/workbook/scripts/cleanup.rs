//! cleanup_ipc.sh asks, checks the objects again, and removes them.

use super::*;
use ipc_workbook::sysv::sem::{IPC_RMID, semctl};
use nix::mount::MsFlags;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Output, Stdio};

/// Starts cleanup_ipc.sh, and returns it with its output when it asks for confirmation.
fn asked(shell: &Shell, words: &[&str]) -> (Child, String) {
    let mut command = shell.script("cleanup_ipc.sh");
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the script");
    let printed = printed_up_to(&mut child, "[y/N] ");
    assert!(printed.ends_with("[y/N] "), "{}: it does not ask for confirmation: {printed}", shell.program);
    (child, printed)
}

fn answer(mut child: Child, answer: &str) -> Output {
    child.stdin.take().expect("a pipe").write_all(answer.as_bytes()).expect("written");
    child.wait_with_output().expect("the output")
}

#[test]
fn objects_that_change_while_it_asks_are_not_removed() {
    private(|| {
        for shell in shells() {
            let ids = six_orphans();
            for name in ["/goes", "/replaced", "/taken", "/stays"] {
                drop(shm(name));
            }
            let (child, printed) = asked(&shell, &[]);
            assert!(printed.contains("Remove these 10 objects?"), "{printed}");
            fs::remove_file("/dev/shm/goes").expect("removed");
            fs::remove_file("/dev/mqueue/queue").expect("removed");
            fs::remove_file("/dev/shm/replaced").expect("removed");
            drop(shm("/replaced"));
            let replaced = fs::metadata("/dev/shm/replaced").expect("the new object").ino();
            let taken = fs::File::open("/dev/shm/taken").expect("open");
            semctl(ids[1], 0, IPC_RMID).expect("semctl");
            send(ids[0]).expect("sent");
            let output = answer(child, "y\n");
            let printed = text(&output.stdout);
            assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
            for line in ["vanished shm /goes\n", "vanished mq /queue\n", "vanished shm /replaced\n"] {
                assert!(printed.contains(line), "{}: no {line} in {printed}", shell.program);
            }
            let me = std::process::id();
            assert!(printed.contains(&format!("kept shm /taken: held by {me}\n")), "{printed}");
            assert!(printed.contains(&format!("its last users live: {me}")), "{printed}");
            assert!(
                printed.contains("4 removed, 4 vanished, 2 kept, 0 failed"),
                "{}: {printed}",
                shell.program
            );
            assert_eq!(fs::metadata("/dev/shm/replaced").expect("the new object").ino(), replaced);
            drop(taken);
            remove_all();
        }
    });
}

/// Replaces an object at the last possible moment, between the second check and the removal.
#[test]
fn objects_replaced_after_the_second_check_are_not_removed() {
    private(|| {
        for name in ["/a", "/b", "/c", "/d"] {
            drop(shm(name));
        }
        let (_folder, path) = path_with(
            "awk",
            "case $* in *plan*)
                awk \"$@\" >/dev/shm/plan
                mkfifo /dev/shm/new; mv /dev/shm/new /dev/shm/b
                rm /dev/shm/a /dev/shm/c; : >/dev/shm/a; mkdir /dev/shm/c
                cat /dev/shm/plan; rm /dev/shm/plan ;;
            *) exec awk \"$@\" ;; esac",
        );
        let output = run(a_shell().script("cleanup_ipc.sh").env("PATH", path).arg("-y"), 0);
        let printed = text(&output.stdout);
        assert!(printed.ends_with("1 removed, 3 vanished, 0 kept, 0 failed\n"), "{}", describe(&output));
        let mut left = leftovers();
        left.sort();
        assert_eq!(left, ["/dev/shm/a", "/dev/shm/b", "/dev/shm/c"]);
        fs::remove_dir("/dev/shm/c").expect("removed");
        fs::remove_file("/dev/shm/b").expect("removed");
        remove_all();
    });
}

#[test]
fn nothing_is_removed_without_a_yes() {
    private(|| {
        drop(shm("/name"));
        for shell in shells() {
            for no in ["n\n", "\n", "", "yesterday\n", "N", " \\y\n"] {
                let (child, _) = asked(&shell, &[]);
                let output = answer(child, no);
                assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
                assert!(text(&output.stdout).ends_with("Nothing is removed.\n"), "{}", describe(&output));
            }
            let mut command = shell.script("cleanup_ipc.sh");
            let mut child =
                command.arg("-n").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the script");
            // Without a terminal the script does not ask, so it may have ended already.
            let _ = child.stdin.take().expect("a pipe").write_all(b"y\n");
            let output = child.wait_with_output().expect("the output");
            assert!(!text(&output.stdout).contains("[y/N]"), "{}", describe(&output));
            assert!(exists("/dev/shm/name"), "{}", shell.program);
        }
        for yes in ["y\n", "Y\n", "yes\n", "YES"] {
            let (child, _) = asked(&a_shell(), &[]);
            assert!(text(&answer(child, yes).stdout).contains("1 removed"), "{yes}");
            drop(shm("/name"));
        }
        remove_all();
    });
}

#[test]
fn objects_that_cannot_be_removed_are_reported_at_the_end() {
    private(|| {
        for name in ["/a", "/b: busy\n", "/c"] {
            drop(shm(name));
        }
        // A file that is a mount point cannot be removed.
        let file = Path::new(OsStr::from_bytes(b"/dev/shm/b: busy\n"));
        let none: Option<&str> = None;
        if nix::mount::mount(Some(file), file, none, MsFlags::MS_BIND, none).is_err() {
            skip("only root can mount something on a file");
            return remove_all();
        }
        for shell in shells() {
            for name in ["/a", "/c"] {
                if !exists(&format!("/dev/shm{name}")) {
                    drop(shm(name));
                }
            }
            let output = run(shell.script("cleanup_ipc.sh").arg("-y"), 1);
            let printed = text(&output.stdout);
            assert!(printed.ends_with("2 removed, 0 vanished, 0 kept, 1 failed\n"), "{printed}");
            let failed = text(&output.stderr);
            assert_eq!(
                failed, "failed shm /b:\\0040busy\\0012: Device or resource busy\n",
                "{}",
                shell.program
            );
            assert!(printed.contains(&failed), "{printed}");
        }
        nix::mount::umount(file).expect("unmounted");
        remove_all();
    });
}
