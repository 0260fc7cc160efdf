//! An object whose holders cannot be seen is listed as unknown, never as an orphan.

use super::*;
use nix::mount::MsFlags;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::chown;

#[test]
fn nothing_is_removed_if_holders_cannot_be_seen() {
    private(|| {
        if User::all().len() < 2 {
            return skip("only root can create objects of another user");
        }
        for shell in shells() {
            drop(shm("/name"));
            chown("/dev/shm/name", Some(NOBODY), Some(NOBODY)).expect("chown");
            // Nobody may not look into this process, which belongs to root and holds the object.
            let held = fs::File::open("/dev/shm/name").expect("open");
            let nobody = |words: &[&str]| {
                let mut command = shell.script("cleanup_ipc.sh");
                become_id(command.args(words), NOBODY);
                text(&run(&mut command, 0).stdout)
            };
            let cleaned = nobody(&["-y"]);
            assert!(cleaned.contains("objects 0,"), "{cleaned}");
            assert!(cleaned.contains("kept: shm /name: some processes may not be looked into"), "{cleaned}");
            assert!(cleaned.contains("not seen: who uses an object"), "{cleaned}");
            assert!(exists("/dev/shm/name"));
            // Root sees the holder.
            assert_eq!(object(&shell.list(), "shm", "/name")["holders"], json!([std::process::id()]));
            drop(held);
            let cleaned = nobody(&["-y", "--unseen"]);
            assert!(cleaned.contains("1 removed"), "{cleaned}");
        }
    });
}

#[test]
fn an_incomplete_search_finds_no_orphans() {
    private(|| {
        drop(shm("/name"));
        let queue = sv_queue();
        in_child(|| send(queue)).expect("sent");
        for (tool, does, complaint) in [
            // Some holders are missing, so no object may be listed as having none.
            ("grep", "kill -9 $$", "grep was stopped before its end"),
            ("grep", "exit 127", "grep was stopped before its end"),
            ("grep", "echo 'grep: out of memory' >&2; exit 2", "grep: out of memory"),
        ] {
            let (_folder, path) = path_with(tool, does);
            let output = run(a_shell().script("list_ipc.sh").env("PATH", path).arg("--json"), 0);
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            for object in list["objects"].as_array().expect("objects") {
                assert_eq!(object["orphan"], Value::Null, "{does}: {object:#}");
            }
            assert!(list["unseen"].to_string().contains(complaint), "{list:#}");
        }
        // All processes are missing, or the result is incomplete.
        for (tool, does) in [
            ("cat", "exit 1"),
            ("sed", "case $* in *process*) kill -9 $$;; *) exec sed \"$@\";; esac"),
            ("awk", "case $* in *judge*) exec awk \"$@\" | head -n 1;; *) exec awk \"$@\";; esac"),
        ] {
            let (_folder, path) = path_with(tool, does);
            for (script, words) in [
                ("list_ipc.sh", &[][..]),
                ("list_ipc.sh", &["--json"]),
                ("cleanup_ipc.sh", &["-y", "--in-use"]),
            ] {
                let output =
                    a_shell().script(script).env("PATH", &path).args(words).output().expect("the script");
                assert_eq!(output.status.code(), Some(3), "{tool} {script}: {}", describe(&output));
                assert!(text(&output.stderr).contains("cut short"), "{}", describe(&output));
            }
        }
        assert!(exists("/dev/shm/name"));
        remove_all();
    });
}

/// On some file systems nobody may stat the files. Here, a replaced stat(1) reports that.
#[test]
fn a_descriptor_of_another_file_causes_no_doubt() {
    private(|| {
        drop(shm("/name"));
        let me = std::process::id();
        let elsewhere = fs::File::open("/proc/version").expect("a file");
        let fd = elsewhere.as_raw_fd();
        let complain = format!(
            "case $* in *'fd %d'*) echo \"stat: cannot statx '{me}/fd/{fd}': Permission denied\" >&2;; esac; stat \"$@\""
        );
        let (_folder, path) = path_with("stat", &complain);
        let list = || {
            let output = run(a_shell().script("list_ipc.sh").env("PATH", &path).arg("--json"), 0);
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            object(&list, "shm", "/name")["orphan"].clone()
        };
        assert_eq!(list(), true);
        // The same for a descriptor whose file is unknown.
        drop(elsewhere);
        assert_eq!(list(), Value::Null);
        remove_all();
    });
}

#[test]
fn nothing_is_removed_if_processes_are_hidden() {
    private(|| {
        if User::all().len() < 2 {
            return skip("only root can create objects of another user");
        }
        drop(shm("/name"));
        chown("/dev/shm/name", Some(NOBODY), Some(NOBODY)).expect("chown");
        let none: Option<&str> = None;
        let hide = Some("hidepid=2");
        if nix::mount::mount(none, "/proc", none, MsFlags::MS_REMOUNT, hide).is_err() {
            skip("/proc cannot be remounted in this namespace");
            return remove_all();
        }
        for shell in shells() {
            let mut command = shell.script("cleanup_ipc.sh");
            become_id(command.arg("-y"), NOBODY);
            let cleaned = text(&run(&mut command, 0).stdout);
            assert!(cleaned.contains("/proc does not show all processes"), "{}: {cleaned}", shell.program);
            assert!(exists("/dev/shm/name"));
        }
        // Root sees all processes nevertheless.
        assert!(a_shell().clean(&["-y", "--user", "65534"]).contains("1 removed"));
    });
}
