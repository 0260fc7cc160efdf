//! Objects of other users.

use super::*;
use ipc_workbook::mman::shm_open;
use ipc_workbook::mqueue::{MqAttr, mq_open};
use ipc_workbook::sysv::ipc::IPC_PRIVATE;
use ipc_workbook::sysv::msg::msgget;
use ipc_workbook::sysv::sem::semget;
use ipc_workbook::sysv::shm::shmget;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::chown;

/// Creates objects of all six kinds that belong to this user.
fn orphans_of(uid: u32) {
    let name = CString::new(format!("/of-{uid}")).expect("no NUL");
    let new = O_CREAT | O_EXCL | O_RDWR;
    let made = as_id(uid, || {
        shm_open(&name, new, 0o666)?;
        mq_open(&name, new, 0o666, Some(&MqAttr::new(1, 8)))?;
        send(msgget(IPC_PRIVATE, 0o666)?)?;
        increment(semget(IPC_PRIVATE, 1, 0o666)?)?;
        shmget(IPC_PRIVATE, 10, 0o666)
    });
    made.expect("objects of five kinds");
    fs::write(format!("/dev/shm/sem.of-{uid}"), [0; 32]).expect("a semaphore");
    chown(format!("/dev/shm/sem.of-{uid}"), Some(uid), Some(uid)).expect("chown");
}

fn uids(list: &Value) -> Vec<u64> {
    let mut all: Vec<u64> = list["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .filter_map(|object| object["uid"].as_u64())
        .collect();
    all.sort_unstable();
    all
}

#[test]
fn objects_of_other_users_are_never_touched() {
    private(|| {
        if User::all().len() < 2 {
            return skip("only root can create objects of other users");
        }
        for shell in shells() {
            for uid in [0, 1, NOBODY] {
                orphans_of(uid);
            }
            // Root removes its own objects.
            let cleaned = shell.clean(&["-y", "--in-use"]);
            assert!(cleaned.contains("6 removed, 0 vanished, 0 kept, 0 failed"), "{cleaned}");
            assert_eq!(uids(&shell.list()), [[1; 6], [u64::from(NOBODY); 6]].concat(), "{}", shell.program);

            // Another user removes its own objects, and no others even with --user.
            let nobody = |words: &[&str], code| {
                let mut command = shell.script("cleanup_ipc.sh");
                become_id(command.args(words), NOBODY);
                text(&run(&mut command, code).stdout)
            };
            nobody(&["-y", "--user", "1"], 2);
            assert!(nobody(&["-y", "--in-use"], 0).contains("6 removed, 0 vanished, 0 kept, 0 failed"));
            assert_eq!(uids(&shell.list()), [1; 6], "{}", shell.program);
            assert!(nobody(&["-y", "--in-use"], 0).contains("objects 0,"));

            // Root removes the objects of the user that it names.
            assert!(shell.clean(&["-y", "--user", "65534"]).contains("objects 0,"));
            assert!(shell.clean(&["-n", "--user", "1"]).contains("objects 6,"));
            assert!(shell.clean(&["-y", "--user", "1"]).contains("6 removed, 0 vanished, 0 kept, 0 failed"));
            assert_eq!(leftovers(), Vec::<String>::new());
        }
    });
}

#[test]
fn a_user_can_be_given_by_name() {
    private(|| {
        let me = nix::unistd::User::from_uid(nix::unistd::geteuid()).expect("users");
        let Some(me) = me else { return skip("the current user has no name") };
        for shell in shells() {
            drop(shm("/mine"));
            assert!(shell.clean(&["-y", "--user", &me.name]).contains("1 removed"), "{}", shell.program);
        }
    });
}
