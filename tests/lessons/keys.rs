//! `--key` and `--key-file`, with which several people can share a machine. Exactly the lessons with a
//! System V key have these flags. Objects of other users are never touched, and a planted symbolic
//! link is not followed.

use ipc_workbook_testing::prelude::*;
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

pub(crate) fn trials(trials: &mut Trials) {
    let corners = Place::corners();
    trials.shared_layer("a lesson without keys refuses --key", &corners, has_no_key, not_offered);
    trials.shared_layer("a wrong key is refused with exit 2", &corners, has_key, no_keys);
    trials.shared_layer("--key sets the key, in decimal or hexadecimal", &corners, has_key, key);
    trials.shared_layer(
        "a missing key file is created, and removed at the end",
        &corners,
        has_key_file,
        key_file,
    );
    trials.shared_layer(
        "a key file that it created is removed after a signal, too",
        &corners,
        has_key_file,
        interrupted,
    );
    trials.shared_layer("a key file that was there before stays", &corners, has_key_file, own_key_file);
    trials.shared_layer(
        "a link in place of the key file is neither followed nor removed",
        &corners,
        has_key_file,
        planted,
    );
    trials.shared_layer(
        "a leftover of an earlier run with the key is reported and removed",
        &corners,
        has_key,
        own_leftover,
    );
    trials.shared_layer(
        "an object that a living process has used is left alone",
        &corners,
        has_key,
        used_by_a_process,
    );
    let anothers = "an object of another user with the key is left alone";
    if users_of_trials().len() > 1 || nix::unistd::geteuid().is_root() {
        trials.shared_layer(anothers, &[Place::EASIEST], has_key, made_by_another);
    } else {
        trials.skip(anothers, "only root can run it as two users");
    }
}

fn has_key(lesson: &Profile) -> bool {
    lesson.makes_keyed
}

fn has_no_key(lesson: &Profile) -> bool {
    !lesson.makes_keyed
}

fn has_key_file(lesson: &Profile) -> bool {
    lesson.uses_key_file
}

const FLAGS: [&str; 2] = ["--key <N>", "--key-file <PATH>"];
const KEY: i32 = 0x00c0_ffee;

fn uses_keys(lesson: &str) -> bool {
    has(lesson, FLAGS[0])
}

fn uses_key_files(lesson: &str) -> bool {
    has(lesson, FLAGS[1])
}

fn has(lesson: &str, flag: &str) -> bool {
    stdout(&run(workbook(lesson).arg("--help"), 0)).contains(flag)
}

/// Panics unless a lesson has the flags for keys exactly if these events of it show that it uses keys.
pub(crate) fn offered_where_used(lesson: &str, events: &[serde_json::Value]) {
    let help = stdout(&run(workbook(lesson).arg("--help"), 0));
    let with_key = !keyed(events).is_empty();
    let with_file = with_key || events.iter().any(|event| event["call"] == "ftok");
    for (flag, used) in FLAGS.into_iter().zip([with_key, with_file]) {
        assert_eq!(help.contains(flag), used, "{lesson}: whether it has {flag}: {help}");
    }
}

fn not_offered(lesson: &str) {
    refused(workbook(lesson).args(["--key", "1"]), 2, &["--key", "--help"]);
}

fn no_keys(lesson: &str) {
    if !uses_keys(lesson) {
        return;
    }
    for wrong in [
        "",
        "0",
        "0x0",
        "-0",
        "x",
        "0x",
        "0xg",
        "4294967296",
        "0x100000000",
        "-2147483649",
        "1 ",
        "+1",
        "1.5",
    ] {
        let output = refused(workbook(lesson).arg(format!("--key={wrong}")), 2, &["--key", "--help"]);
        assert!(output.stdout.is_empty(), "{wrong:?}: the lesson began: {}", describe(&output));
    }
    for wrong in ["", "/", "/tmp/", "/tmp/.", "/tmp/..", "."] {
        refused(workbook(lesson).arg(format!("--key-file={wrong}")), 2, &["file"]);
    }
    refused(workbook(lesson).args(["--key-file", &format!("/tmp/{}", "n".repeat(251))]), 2, &["255 bytes"]);
    refused(workbook(lesson).args(["--key", "1", "--key-file", "/tmp/x"]), 2, &["--key", "--key-file"]);
    refused(workbook(lesson).args(["--key", "1", "--key", "2"]), 2, &["--key"]);
    nothing_left("no keys");
}

/// Returns the keys with which objects were created.
fn keys(output: &std::process::Output) -> Vec<String> {
    keyed(&events(output)).into_iter().map(|(_, key)| key).collect()
}

fn key(lesson: &str) {
    if !uses_keys(lesson) {
        return;
    }
    for (given, shown) in
        [("12345", "0x3039"), ("0x3039", "0x3039"), ("-5", "0xfffffffb"), ("0xFFFFFFFB", "0xfffffffb")]
    {
        let output = run(workbook(lesson).args(["--format", "json", "--key", given]), 0);
        let keys = keys(&output);
        assert!(keys.contains(&shown.to_string()), "{given}: {keys:?}: {}", describe(&output));
        nothing_left(given);
    }
}

/// Returns a command that runs the lesson with this key file.
fn with_key_file(lesson: &str, file: &Path) -> Command {
    let mut command = workbook(lesson);
    command.arg("--key-file").arg(file);
    command
}

fn ftok(meta: &fs::Metadata) -> String {
    format!("{:#x}", 1 << 24 | (meta.dev() & 0xff) << 16 | meta.ino() & 0xffff)
}

fn key_file(lesson: &str) {
    if !uses_key_files(lesson) {
        return;
    }
    let folder = Folder::new("key-file");
    let file = folder.join("key");
    let output = run(with_key_file(lesson, &file).args(["--format", "json"]), 0);
    assert!(!file.exists(), "the key file is still there: {}", describe(&output));
    // A killed run leaves the file, and the next run recognises it.
    fs::write(&file, "a key file of the IPC workbook, made by process 999999999\n").expect("a file");
    let output = run(with_key_file(lesson, &file).args(["--format", "json"]), 0);
    assert!(!file.exists(), "the key file is still there: {}", describe(&output));
    // The same for a run that was killed before it wrote anything to the file.
    fs::write(&file, "").expect("a file");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o1600)).expect("a mode");
    let output = run(with_key_file(lesson, &file).args(["--format", "json"]), 0);
    assert!(!file.exists(), "the key file is still there: {}", describe(&output));
    let nowhere = file.join("nowhere");
    let words = [&*nowhere.to_string_lossy(), "ENOENT", "--key-file"];
    refused(&mut with_key_file(lesson, &nowhere), 3, &words);
    nothing_left("--key-file");
}

fn interrupted(lesson: &str) {
    if !uses_key_files(lesson) {
        return;
    }
    adopt_orphans();
    let folder = Folder::new("key-file");
    let file = folder.join("key");
    for signal in [Signal::SIGINT, Signal::SIGKILL] {
        let mut paused = Paused::of(with_key_file(lesson, &file).arg("--pause"));
        paused.prompts(1);
        assert!(file.exists(), "{signal}: the key file was not created");
        paused.signal(signal);
        let output = paused.end();
        assert_eq!(file.exists(), signal == Signal::SIGKILL, "{}", describe(&output));
    }
    // The next run recognises the file of a killed run, and thereby the key.
    run(&mut with_key_file(lesson, &file), 0);
    assert!(!file.exists(), "the next run left the key file");
    nothing_left("a key file after a kill");
}

fn own_key_file(lesson: &str) {
    if !uses_key_files(lesson) {
        return;
    }
    let folder = Folder::new("key-file");
    let file = folder.join("key");
    let mine = format!("a key file of the IPC workbook, made by process {}\n", std::process::id());
    for text in ["", "mine", &mine] {
        fs::write(&file, text).expect("a file");
        let wanted = ftok(&fs::metadata(&file).expect("a file"));
        let output = run(with_key_file(lesson, &file).args(["--format", "json"]), 0);
        assert!(stdout(&output).contains(&wanted), "{wanted}: {}", describe(&output));
        assert_eq!(fs::read_to_string(&file).expect("a file"), text, "{}", describe(&output));
    }
    nothing_left("a key file that was there before");
}

fn planted(lesson: &str) {
    if !uses_key_files(lesson) {
        return;
    }
    let folder = Folder::new("key-file");
    fs::set_permissions(&*folder, PermissionsExt::from_mode(0o1777)).expect("a folder like /tmp");
    let target = folder.join("target");
    fs::write(&target, "precious").expect("a file");
    let nowhere = folder.join("nowhere");
    for (to, what) in [(&target, "a link to a file"), (&nowhere, "a link to nothing")] {
        let link = folder.join(what);
        symlink(to, &link).expect("a link");
        let words = ["symbolic link", &*link.to_string_lossy(), "--key-file"];
        let output = refused(&mut with_key_file(lesson, &link), 3, &words);
        assert!(!stdout(&output).contains(" = "), "{what}: {}", describe(&output));
        assert_eq!(fs::read_link(&link).expect("the link"), *to, "{what}");
    }
    assert_eq!(fs::read_to_string(&target).expect("the target"), "precious");
    assert!(!nowhere.exists(), "the link was followed");
    refused(&mut with_key_file(lesson, &folder), 3, &["not a regular file", "--key-file"]);
    if User::all().len() > 1 {
        let anothers = folder.join("anothers");
        fs::write(&anothers, "").expect("a file");
        std::os::unix::fs::chown(&anothers, Some(NOBODY), Some(NOBODY)).expect("a file of another user");
        let words = ["belongs to user 65534", &*anothers.to_string_lossy(), "--key-file"];
        refused(&mut with_key_file(lesson, &anothers), 3, &words);
        assert!(anothers.exists());
    }
    nothing_left("planted");
}

const KINDS: [&str; 3] = ["msg", "sem", "shm"];

/// Creates an object with the key, and returns its identifier.
fn make_with_key(kind: &str) -> i32 {
    let flags = libc::IPC_CREAT | libc::IPC_EXCL | 0o600;
    // SAFETY: the calls take no pointers.
    let id = unsafe {
        match kind {
            "msg" => libc::msgget(KEY, flags),
            "sem" => libc::semget(KEY, 2, flags),
            _ => libc::shmget(KEY, 4096, flags),
        }
    };
    assert!(id >= 0, "{kind}: {}", std::io::Error::last_os_error());
    id
}

fn remove(kind: &str, id: i32) {
    // SAFETY: the calls do not use their pointers.
    let removed = unsafe {
        match kind {
            "msg" => libc::msgctl(id, libc::IPC_RMID, std::ptr::null_mut()),
            "sem" => libc::semctl(id, 0, libc::IPC_RMID),
            _ => libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()),
        }
    };
    assert_eq!(removed, 0, "{kind} {id} no longer exists");
}

fn id_of(kind: &str) -> i32 {
    // SAFETY: the calls take no pointers.
    unsafe {
        match kind {
            "msg" => libc::msgget(KEY, 0),
            "sem" => libc::semget(KEY, 0, 0),
            _ => libc::shmget(KEY, 0, 0),
        }
    }
}

fn own_leftover(lesson: &str) {
    if !uses_keys(lesson) {
        return;
    }
    for kind in KINDS {
        // A process that has exited by now created and used it.
        let used = in_child(|| {
            make_with_key(kind);
            use_it(kind, id_of(kind));
            Ok(())
        });
        used.expect("the object was created and used");
        let output = run(workbook(lesson).args(["--format", "json", "--key", "0xc0ffee"]), 0);
        assert_eq!(leftover_notes(&output).len(), 1, "{kind}: {}", describe(&output));
        assert!(complaints(&output).is_empty(), "{kind}: {}", describe(&output));
        nothing_left("a leftover of an earlier run");
    }
}

/// Uses the object, so that the kernel records the pid.
fn use_it(kind: &str, id: i32) {
    // SAFETY: an empty message, one operation, and an address that the kernel chooses.
    unsafe {
        match kind {
            "msg" => assert_eq!(libc::msgsnd(id, (&raw const MESSAGE).cast(), 0, libc::IPC_NOWAIT), 0),
            "sem" => {
                let mut add = libc::sembuf { sem_num: 1, sem_op: 1, sem_flg: 0 };
                assert_eq!(libc::semop(id, &raw mut add, 1), 0);
            }
            _ => {
                let address = libc::shmat(id, std::ptr::null(), 0);
                assert_ne!(address as isize, -1);
                libc::shmdt(address);
            }
        }
    }
}

static MESSAGE: libc::c_long = 1;

fn used_by_a_process(lesson: &str) {
    if !uses_keys(lesson) {
        return;
    }
    let me = std::process::id().to_string();
    for kind in KINDS {
        let id = make_with_key(kind);
        use_it(kind, id);
        let words = ["0xc0ffee", &*id.to_string(), "pid", &me, "--key"];
        let output = refused(workbook(lesson).args(["--key", "0xc0ffee"]), 3, &words);
        assert_eq!(id_of(kind), id, "{kind}: {}", describe(&output));
        remove(kind, id);
        nothing_left("used by a process"); // the run created nothing else
    }
    // Attached by a process that neither created it nor was the last to use it.
    let id = make_with_key("shm");
    // SAFETY: the kernel chooses the address.
    let address = unsafe { libc::shmat(id, std::ptr::null(), 0) };
    refused(workbook(lesson).args(["--key", "0xc0ffee"]), 3, &["attached", "--key"]);
    // SAFETY: the segment is attached there.
    unsafe { libc::shmdt(address) };
    remove("shm", id);
}

fn made_by_another(lesson: &str) {
    if !uses_keys(lesson) || User::all().len() < 2 {
        return;
    }
    for kind in KINDS {
        // An object of root and a lesson of nobody, then the reverse.
        for runner in [User::Nobody, User::Me] {
            let make = || {
                make_with_key(kind);
                Ok(())
            };
            let made = if runner == User::Me { as_nobody(make) } else { in_child(make) };
            made.expect("the object was created");
            let id = id_of(kind);
            let mut command = workbook(lesson);
            become_user(&mut command, runner);
            let words = ["0xc0ffee", "belongs to user", "--key"];
            let output = refused(command.args(["--key", "0xc0ffee"]), 3, &words);
            assert_eq!(id_of(kind), id, "{kind}, {runner:?}: {}", describe(&output));
            remove(kind, id);
            nothing_left(kind);
        }
    }
    assert!(Path::new("/proc/sysvipc/msg").exists());
}
