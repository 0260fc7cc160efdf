//! Which processes have an object open or mapped.

use super::*;
use ipc_workbook::sysv::shm::{shmat, shmget};
use libc::IPC_CREAT;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::pause;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;

#[test]
fn objects_in_use_are_kept_with_their_holders_named() {
    private(|| {
        let me = std::process::id();
        for shell in shells() {
            let open = (shm("/open"), queue("/open"));
            let mapped = (map(&shm("/mapped")), semaphore("/mapped", 1));
            let (sent, operated, attached) = (sv_queue(), sv_set(2), sv_memory());
            send(sent).expect("sent");
            increment(operated).expect("incremented");
            let at = shmat(attached, None, 0).expect("shmat");
            drop(shm("/orphan"));

            let list = shell.list();
            for (kind, name) in [("shm", "/open"), ("mq", "/open"), ("shm", "/mapped"), ("sem", "/mapped")] {
                let object = object(&list, kind, name);
                assert_eq!(object["orphan"], false, "{} {object:#}", shell.program);
                assert_eq!(object["holders"], json!([me]), "{} {object:#}", shell.program);
            }
            for (kind, id) in [("svmsg", sent), ("svsem", operated), ("svshm", attached)] {
                let object = object(&list, kind, &id.to_string());
                assert_eq!(object["orphan"], false, "{} {object:#}", shell.program);
                assert_eq!(object["holders"], json!([me]), "{} {object:#}", shell.program);
            }
            let cleaned = shell.clean(&["-y"]);
            assert!(cleaned.contains("1 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
            for kept in ["shm /open", "mq /open", "shm /mapped", "sem /mapped"] {
                assert!(cleaned.contains(&format!("kept: {kept}: held by {me}\n")), "{cleaned}");
            }
            assert!(cleaned.contains(&format!("its last users live: {me}")), "{cleaned}");
            assert!(cleaned.contains("attachments: 1"), "{cleaned}");

            let cleaned = shell.clean(&["-y", "--in-use"]);
            assert!(cleaned.contains("7 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
            drop((open, mapped, at));
        }
    });
}

#[test]
fn the_scripts_do_not_list_themselves_as_holders() {
    private(|| {
        let held = shm("/name");
        let fd = held.as_raw_fd();
        for shell in shells() {
            let mut command = shell.script("list_ipc.sh");
            // The shell that runs the script holds the object, as after exec 5</dev/shm/name.
            // SAFETY: the closure makes one system call.
            unsafe {
                command.pre_exec(move || {
                    if libc::dup2(fd, 5) == 5 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
                })
            };
            let output = run(command.arg("--json"), 0);
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            let holders = &object(&list, "shm", "/name")["holders"];
            assert_eq!(*holders, json!([std::process::id()]), "{}", shell.program);
        }
        drop(held);
        remove_all();
    });
}

#[test]
fn an_open_old_object_does_not_keep_a_new_one_of_the_same_name() {
    private(|| {
        let old = shm("/name");
        fs::remove_file("/dev/shm/name").expect("unlinked");
        drop(shm("/name"));
        for shell in shells() {
            let list = shell.list();
            assert_eq!(object(&list, "shm", "/name")["orphan"], true, "{} {list:#}", shell.program);
        }
        assert!(a_shell().clean(&["-y"]).contains("removed shm /name\n"));
        drop(old);
    });
}

#[test]
fn another_name_of_an_open_object_is_kept() {
    private(|| {
        let held = shm("/name");
        fs::hard_link("/dev/shm/name", "/dev/shm/other").expect("a link");
        for shell in shells() {
            assert_eq!(object(&shell.list(), "shm", "/other")["orphan"], false, "{}", shell.program);
        }
        drop(held);
        assert!(a_shell().clean(&["-y"]).contains("2 removed"));
    });
}

#[test]
fn a_zombie_holds_nothing() {
    // The entries of a zombie in /proc belong to root, so an unprivileged user may not read them.
    private_as(User::all().pop().expect("one user at least"), Mqueue::Mounted, || {
        drop(shm("/name"));
        let child = Forked::start(|| Ok(())); // not reaped yet, so a zombie when it exits
        let dead =
            || fs::read_to_string(format!("/proc/{}/stat", child.pid())).unwrap_or_default().contains(") Z ");
        until_so("zombie", dead);
        for shell in shells() {
            assert_eq!(object(&shell.list(), "shm", "/name")["orphan"], true, "{}", shell.program);
        }
        drop(child);
        remove_all();
    });
}

#[test]
fn memory_in_another_namespace_with_the_same_identifier_is_other_memory() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            return skip("only root can create a namespace in this one");
        }
        let id = sv_memory();
        let child = Forked::start(|| {
            unshare(CloneFlags::CLONE_NEWIPC)?;
            assert_eq!(shmget(KEY, 4096, IPC_CREAT | 0o600), Ok(id), "the first identifier of a namespace");
            let _attached = shmat(id, None, 0)?;
            pause();
            Ok(())
        });
        let attached = shmat(id, None, 0).expect("shmat");
        let mapped = || {
            fs::read_to_string(format!("/proc/{}/maps", child.pid()))
                .unwrap_or_default()
                .contains("SYSV00112233")
        };
        let own = fs::read_link("/proc/self/ns/ipc").expect("a link");
        until_so("memory in another namespace", || {
            let elsewhere =
                fs::read_link(format!("/proc/{}/ns/ipc", child.pid())).is_ok_and(|other| other != own);
            elsewhere && mapped()
        });
        for shell in shells() {
            let list = shell.list();
            let object = object(&list, "svshm", &id.to_string());
            assert_eq!(object["holders"], json!([std::process::id()]), "{object:#}");
        }
        drop((child, attached));
        remove_all();
    });
}

#[test]
fn a_process_whose_first_thread_has_ended_may_hold_anything() {
    private(|| {
        drop(shm("/name"));
        let child = Forked::start(|| -> nix::Result<()> {
            std::thread::spawn(pause);
            // SAFETY: the call ends only this thread, the first one of the process.
            unsafe { libc::syscall(libc::SYS_exit, 0) };
            unreachable!("this thread has ended")
        });
        for shell in shells() {
            let list = until("object with unknown holders", || {
                let list = shell.list();
                (object(&list, "shm", "/name")["orphan"] != true).then_some(list)
            });
            assert_eq!(object(&list, "shm", "/name")["orphan"], Value::Null, "{list:#}");
        }
        drop(child);
        assert!(a_shell().clean(&["-y"]).contains("1 removed"));
    });
}
