//! mount_mqueue.sh.

use super::*;
use nix::mount::MsFlags;
use std::fs;

#[test]
fn it_says_where_mqueue_is_mounted() {
    private(|| {
        for shell in shells() {
            let printed = text(&run(&mut shell.script("mount_mqueue.sh"), 0).stdout);
            assert_eq!(printed, "mqueue is mounted on /dev/mqueue\n", "{}", shell.program);
        }
    });
}

#[test]
fn a_mount_over_mqueue_is_not_taken_for_mqueue() {
    private(|| {
        let over = Some("tmpfs");
        let none: Option<&str> = None;
        if nix::mount::mount(over, "/dev/mqueue", over, MsFlags::empty(), none).is_err() {
            return skip("only root can mount something over it");
        }
        fs::write("/dev/mqueue/file", "").expect("a file");
        for shell in shells() {
            let list = shell.list();
            assert_eq!(count(&list), 0, "{list:#}");
            assert!(list["unseen"].to_string().contains("no mqueue file system is mounted"), "{list:#}");
            run(&mut shell.script("mount_mqueue.sh"), 1);
        }
        nix::mount::umount("/dev/mqueue").expect("unmounted");
    });
}

#[test]
fn mqueue_is_mounted_where_root_asks() {
    private_as(User::Me, Mqueue::Absent, || {
        let folder = Folder::new("a mount");
        for shell in shells() {
            let printed = text(&run(&mut shell.script("mount_mqueue.sh"), 1).stdout);
            assert!(printed.contains("\nmqueue /dev/mqueue mqueue nosuid,nodev,noexec 0 0\n"), "{printed}");
            let mut mount = shell.script("mount_mqueue.sh");
            let output = mount.arg("--mount").arg(&*folder).output().expect("the script");
            if !nix::unistd::geteuid().is_root() {
                assert_eq!(output.status.code(), Some(3), "{}", describe(&output));
                assert!(text(&output.stderr).contains("--private"), "{}", describe(&output));
                continue;
            }
            assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
            let line = format!("mqueue {} mqueue", folder.display().to_string().replace(' ', "\\040"));
            assert!(text(&output.stdout).contains(&line), "{line}: {}", describe(&output));
            // The scripts find the queues at the place where it is mounted.
            drop(queue("/queue"));
            assert_eq!(object(&shell.list(), "mq", "/queue")["orphan"], true, "{}", shell.program);
            assert!(shell.clean(&["-y"]).contains("removed mq /queue\n"), "{}", shell.program);
            run(shell.script("mount_mqueue.sh").arg("--mount").arg(&*folder), 0);
            nix::mount::umount(&*folder).expect("unmounted once");
        }
    });
}

/// Creates a queue by creating a file in /dev/mqueue, and exits with 7. The script passes exit codes on.
const PRIVATELY: &str = r#": >/dev/mqueue/q; : >/dev/shm/m; "$@" --json; exit 7"#;

#[test]
fn every_user_can_list_queues_in_a_private_namespace() {
    // Runs outside of any private namespace, because the script creates one itself.
    for user in User::all() {
        for shell in shells() {
            let mut command = shell.script("mount_mqueue.sh");
            command.args(["--private", "sh", "-c", PRIVATELY, "sh"]).arg(shell.program).args(shell.arguments);
            command.arg(root().join("scripts/list_ipc.sh"));
            become_user(&mut command, user);
            let output = command.output().expect("the script");
            if output.status.code() == Some(3) && text(&output.stderr).contains("no private namespace") {
                skip(&format!("no private namespace: {}", text(&output.stderr).trim()));
                continue;
            }
            assert_eq!(output.status.code(), Some(7), "{} {user:?}: {}", shell.program, describe(&output));
            let list: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(count(&list), 2, "{list:#}");
            assert_eq!(object(&list, "mq", "/q")["orphan"], true, "{} {list:#}", shell.program);
        }
    }
}
