//! Nobody holds a queue or a set open: these tests check its last user, and whether that process is alive.

use super::*;
use ipc_workbook::call::Errno;
use ipc_workbook::sysv::sem::{Sembuf, semop};
use std::fs;
use std::path::Path;
use std::process::{Child, Command};

#[test]
fn an_unused_queue_or_set_is_kept() {
    private(|| {
        let (_queue, _set) = (sv_queue(), sv_set(1));
        for shell in shells() {
            let list = shell.list();
            for object in list["objects"].as_array().expect("objects") {
                assert_eq!(object["orphan"], Value::Null, "{object:#}");
            }
            assert!(shell.clean(&["-y"]).contains("nobody has used it yet"), "{}", shell.program);
            assert_eq!(count(&shell.list()), 2);
        }
        assert!(a_shell().clean(&["-y", "--unseen"]).contains("2 removed"));
    });
}

#[test]
fn a_process_that_waits_for_a_semaphore_is_a_user() {
    private(|| {
        let set = sv_set(1);
        in_child(|| increment(set)).expect("incremented");
        let waiting = Forked::start(|| semop(set, &[Sembuf::new(0, -9, 0)]));
        for shell in shells() {
            let list = until("holder", || {
                let list = shell.list();
                (object(&list, "svsem", &set.to_string())["orphan"] == false).then_some(list)
            });
            assert_eq!(object(&list, "svsem", &set.to_string())["why"], "processes waiting for it: 1");
        }
        remove_all();
        assert_eq!(waiting.result(), Err(Errno::EIDRM));
    });
}

#[test]
fn a_semaphore_without_a_last_user_is_an_orphan_only_in_the_initial_pid_namespace() {
    private(|| {
        let set = sv_set(2);
        in_child(|| increment(set)).expect("incremented"); // changes only the first of the two
        let initial = fs::read_link("/proc/self/ns/pid").expect("a link") == Path::new("pid:[4026531836]");
        for shell in shells() {
            let list = shell.list();
            let expected = if initial { Value::Bool(true) } else { Value::Null };
            assert_eq!(object(&list, "svsem", &set.to_string())["orphan"], expected, "{list:#}");
        }
        remove_all();
    });
}

#[test]
fn a_reused_pid_is_not_the_last_user() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            return skip("only root can choose the id of the next process");
        }
        let queue = sv_queue();
        let child = Forked::start(|| send(queue));
        let sender = child.pid();
        child.result().expect("sent");
        // The start time of a process and the time of a message are rounded to seconds.
        std::thread::sleep(std::time::Duration::from_secs(4));
        let heir = until("process with that id", || {
            if fs::write("/proc/sys/kernel/ns_last_pid", (sender - 1).to_string()).is_err() {
                return Some(None);
            }
            let heir = Command::new("sleep").arg("60").spawn().expect("sleep");
            if heir.id() == sender.cast_unsigned() {
                return Some(Some(heir));
            }
            end(heir);
            None
        });
        let Some(heir) = heir else {
            skip("the id of the next process cannot be set here");
            return remove_all();
        };
        for shell in shells() {
            let list = shell.list();
            let object = object(&list, "svmsg", &queue.to_string());
            assert_eq!(object["orphan"], true, "{} {object:#}", shell.program);
        }
        assert!(a_shell().clean(&["-y"]).contains("1 removed"));
        end(heir);
    });
}

fn end(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("the exit status");
}

#[test]
fn a_last_user_in_an_invisible_pid_namespace_may_be_alive() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            return skip("only root can create a namespace in this one");
        }
        let ids = [sv_queue(), sv_set(1)];
        in_child(|| send(ids[0]).and_then(|()| increment(ids[1]))).expect("used");
        for shell in shells() {
            let mut inside = Command::new("unshare");
            let script = shell.script("list_ipc.sh");
            inside.args(["--pid", "--fork", "--mount-proc"]).arg(script.get_program());
            inside
                .args(script.get_args())
                .arg("--json")
                .envs(script.get_envs().filter_map(|(k, v)| Some((k, v?))));
            let output = inside.output().expect("unshare");
            if !output.status.success() && text(&output.stderr).starts_with("unshare") {
                skip("a namespace cannot be created in this one");
                break;
            }
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            for object in list["objects"].as_array().expect("objects") {
                assert_eq!(object["orphan"], Value::Null, "{} {object:#}", shell.program);
                assert_eq!(object["why"], "its last users cannot be seen");
            }
        }
        remove_all();
    });
}
