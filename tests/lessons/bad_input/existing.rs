//! Objects that exist already.

use super::*;
use ipc_workbook::observe::Kind;
use std::os::unix::fs::MetadataExt;

pub(super) fn own_leftover(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        drop(make(*kind, "/taken", 0o600));
        let output = run(workbook(lesson).args(["--name", "/taken", "--format", "json"]), 0);
        let notes = leftover_notes(&output);
        assert!(notes.len() == 1 && notes[0].contains("/taken"), "{kind:?}: {}", describe(&output));
        assert!(complaints(&output).is_empty(), "{kind:?}: {}", describe(&output));
        nothing_left("a leftover of an earlier run");
    }
}

/// Returns the inode, by which a new object of the same name differs from the old one.
fn identity(kind: Kind, held: &Held, name: &str) -> u64 {
    match held {
        Held::Descriptor(fd) => std::fs::metadata(format!("/proc/self/fd/{fd}")).expect("an fd").ino(),
        Held::Semaphore(_) => {
            let c_name = std::ffi::CString::new(name).expect("no NUL");
            std::fs::metadata(kind.path(&c_name)).expect("a semaphore").ino()
        }
    }
}

pub(super) fn held_by_a_process(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        let held = make(*kind, "/taken", 0o600);
        let before = identity(*kind, &held, "/taken");
        let me = std::process::id().to_string();
        let output =
            refused(workbook(lesson).args(["--name", "/taken"]), 3, &["/taken", "pid", &me, "--name"]);
        assert_eq!(identity(*kind, &held, "/taken"), before, "{kind:?}: {}", describe(&output));
        drop(held);
        unmake(*kind, "/taken"); // the run created nothing else
        nothing_left("an object that a process has open");
    }
}

pub(super) fn made_by_another(lesson: &str) {
    let usual = usual(lesson);
    for kind in &usual.objects {
        // An object of root and a lesson of nobody, then the reverse.
        for (runner, mode) in [(User::Nobody, 0o600), (User::Nobody, 0o666), (User::Me, 0o600)] {
            let held = make(*kind, "/taken", 0o600);
            let owner = if runner == User::Me { 65534 } else { 0 };
            set_owner(*kind, &held, "/taken", owner, mode);
            let before = identity(*kind, &held, "/taken");
            drop(held);
            let mut command = workbook(lesson);
            become_user(&mut command, runner);
            let output = refused(command.args(["--name", "/taken"]), 3, &["/taken", "--name"]);
            let again = reopen(*kind, "/taken");
            let when = format!("{kind:?}, {runner:?}, {mode:o}");
            assert_eq!(identity(*kind, &again, "/taken"), before, "{when}: {}", describe(&output));
            drop(again);
            unmake(*kind, "/taken");
            nothing_left(&when);
        }
    }
}

fn set_owner(kind: Kind, held: &Held, name: &str, uid: u32, mode: libc::mode_t) {
    let path = match held {
        Held::Descriptor(fd) => format!("/proc/self/fd/{fd}"),
        Held::Semaphore(_) => kind.path(&std::ffi::CString::new(name).expect("no NUL")).display().to_string(),
    };
    std::os::unix::fs::chown(&path, Some(uid), Some(uid)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(&path, mode).unwrap_or_else(|error| panic!("{path}: {error}"));
}

fn reopen(kind: Kind, name: &str) -> Held {
    let c_name = std::ffi::CString::new(name).expect("no NUL");
    // SAFETY: the name ends with a NUL.
    unsafe {
        match kind {
            Kind::Queue => Held::Descriptor(libc::mq_open(c_name.as_ptr(), libc::O_RDONLY)),
            Kind::SharedMemory => Held::Descriptor(libc::shm_open(c_name.as_ptr(), libc::O_RDONLY, 0)),
            Kind::Semaphore => Held::Semaphore(libc::sem_open(c_name.as_ptr(), 0)),
        }
    }
}
