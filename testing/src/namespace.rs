//! Private namespaces for tests.
//!
//! A test that needs IPC runs its body in a private namespace. The test executes its own program
//! again, for that one test, with its own `/dev/shm` and `/dev/mqueue`. Tests can therefore run in
//! parallel, and whatever a body leaves behind is visible in the namespace.

use crate::container::confinement;
use crate::requirement::{note, skip};
use crate::run::{describe, stderr, stdout};
use crate::sample::replay;
use crate::user::{NOBODY, User, become_user};
use ipc_workbook::private::{Namespace, available};
use nix::unistd::{Gid, Uid};
use std::process::{Command, Stdio};

/// Whether /dev/mqueue is mounted in a private namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mqueue {
    Mounted,
    Absent,
}

const INSIDE: &str = "IPC_WORKBOOK_TEST_INSIDE";

/// Runs a test's body in a private namespace. `body` must be a closure of the test function itself,
/// because the closure's type name gives the name of the test.
pub fn private<F: FnOnce()>(body: F) {
    private_as(User::Me, Mqueue::Mounted, body);
}

/// Runs a test's body like [`private`], as another user or without /dev/mqueue. A test may call it only once.
pub fn private_as<F: FnOnce()>(user: User, mqueue: Mqueue, body: F) {
    let path = std::any::type_name::<F>();
    let path = path.split_once("::").expect("a crate").1;
    inside(path.trim_end_matches("::{{closure}}"), user, mqueue, body);
}

/// Returns the name of the test in whose private namespace this process already runs.
pub fn is_inside() -> Option<String> {
    std::env::var(INSIDE).ok()
}

/// Runs `body` in a private namespace, in a process that runs only the test `name`.
pub fn inside(name: &str, user: User, mqueue: Mqueue, body: impl FnOnce()) {
    inside_of(name, user, || namespace_of(user, mqueue), body);
}

/// Runs `body` like [`inside`], in a sandbox like a container's.
pub fn inside_container(name: &str, user: User, body: impl FnOnce()) {
    let confine = confinement();
    inside_of(name, user, || namespace_of(user, Mqueue::Absent).confined_by(confine), body);
}

fn inside_of(name: &str, user: User, namespace: impl Fn() -> Namespace, body: impl FnOnce()) {
    if is_inside().is_some_and(|inside| inside == name) {
        body();
        let left = leftovers();
        assert!(left.is_empty(), "left behind: {left:?}");
        return;
    }
    let [mut small, mut large] = [true, false].map(|own_processes| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .args([name, "--exact", "--nocapture", "--test-threads=1"])
            .env(INSIDE, name)
            .stdin(Stdio::null());
        become_user(&mut command, user);
        let namespace = namespace();
        if own_processes { namespace.with_own_processes() } else { namespace }.before_exec(&mut command);
        command
    });
    // A container may refuse to mount a /proc. The machine's /proc works too, but takes longer to search.
    let output = small.output().or_else(|_| large.output());
    let output =
        output.unwrap_or_else(|error| panic!("cannot enter a private namespace: {error}; {:?}", available()));
    assert!(
        output.status.success() && stdout(&output).contains("1 passed"),
        "in the private namespace: {}\nto repeat it: {}",
        describe(&output),
        replay(name)
    );
    for line in stderr(&output).lines() {
        if let Some(reason) = line.strip_prefix("skipped: ") {
            skip(&format!("{name}: {reason}"));
        } else if let Some(what) = line.strip_prefix("note: ") {
            note(what);
        }
    }
}

/// Sets `command` up to start as `user` in a new private namespace.
pub fn enter(command: &mut Command, user: User, mqueue: Mqueue) {
    become_user(command, user);
    namespace_of(user, mqueue).before_exec(command);
}

/// Sets `command` up like [`enter`], in a PID namespace of its own: all its processes end with it.
pub fn enter_with_own_processes(command: &mut Command, user: User, mqueue: Mqueue) {
    become_user(command, user);
    namespace_of(user, mqueue).with_own_processes().before_exec(command);
}

fn namespace_of(user: User, mqueue: Mqueue) -> Namespace {
    let namespace = match user {
        User::Me => Namespace::new(),
        User::Nobody => Namespace::of(Uid::from_raw(NOBODY), Gid::from_raw(NOBODY)),
    };
    if mqueue == Mqueue::Absent { namespace.without_mqueue() } else { namespace }
}

/// Returns whether queues can be listed, that is, whether a file system of type mqueue is mounted on
/// /dev/mqueue. The path may also be an ordinary folder, or be missing.
pub fn mqueue_is_mounted() -> bool {
    let mounts = std::fs::read_to_string("/proc/self/mounts").expect("/proc is mounted");
    let at_place = |line: &&str| line.split(' ').nth(1) == Some("/dev/mqueue");
    mounts.lines().rfind(at_place).is_some_and(|line| line.split(' ').nth(2) == Some("mqueue"))
}

/// Returns every IPC object in this namespace.
pub fn leftovers() -> Vec<String> {
    let mut all = Vec::new();
    for directory in ["/dev/shm", "/dev/mqueue"] {
        let entries = std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
        all.extend(entries.map(|entry| entry.path().display().to_string()));
    }
    for kind in ["msg", "sem", "shm"] {
        let table = std::fs::read_to_string(format!("/proc/sysvipc/{kind}")).unwrap_or_default();
        all.extend(table.lines().skip(1).map(|line| format!("{kind} {line}")));
    }
    all
}

/// Panics if any IPC object is left in this namespace.
pub fn nothing_left(when: &str) {
    let left = leftovers();
    assert!(left.is_empty(), "{when}: left behind: {left:?}");
}
