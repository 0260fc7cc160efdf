//! What the tests share: private rooms, users, lessons as a student runs them.
//!
//! A test body that needs IPC runs in a private namespace: the test re-executes
//! its own program, for itself alone, in a private namespace. So tests run in
//! parallel, and what a body leaves behind is found by looking at the namespace.
#![allow(dead_code, unreachable_pub, unsafe_code)] // each test file uses its own part

use ipc_workbook::observe::has_uid;
use ipc_workbook::private::{Namespace, available};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid};
use std::ffi::CString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Who runs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Whoever runs the tests.
    Me,
    /// uid and gid 65534, with no capability.
    Nobody,
}

impl User {
    /// All that can be had here: only root can be somebody else, and only where
    /// that uid exists, which in a container it may not.
    pub fn all() -> Vec<User> {
        let exists = has_uid(65534).unwrap_or(false);
        if nix::unistd::geteuid().is_root() && exists { vec![User::Me, User::Nobody] } else { vec![User::Me] }
    }
}

/// Whether /dev/mqueue is mounted in a private namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mqueue {
    Mounted,
    Absent,
}

const INSIDE: &str = "IPC_WORKBOOK_TEST_INSIDE";

/// Runs a test's body in a private namespace. `body` must be a closure of the
/// test function itself, whose name it thus carries.
pub fn private<F: FnOnce()>(body: F) {
    private_as(User::Me, Mqueue::Mounted, body);
}

/// As [`private`], as another user, or without /dev/mqueue. At most one call a test.
pub fn private_as<F: FnOnce()>(user: User, mqueue: Mqueue, body: F) {
    let path = std::any::type_name::<F>();
    let path = path.split_once("::").expect("a crate").1;
    inside(path.trim_end_matches("::{{closure}}"), user, mqueue, body);
}

/// Runs `body` in a private namespace, in a process that runs the test `name` alone.
pub fn inside(name: &str, user: User, mqueue: Mqueue, body: impl FnOnce()) {
    if std::env::var(INSIDE).is_ok_and(|inside| inside == name) {
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
        let namespace = namespace_of(user, mqueue);
        become_user(&mut command, user);
        if own_processes { namespace.with_own_processes() } else { namespace }.before_exec(&mut command);
        command
    });
    // A container may refuse a /proc of one's own; the whole machine's will do, and takes longer to look through.
    let output = small.output().or_else(|_| large.output());
    let output = output.unwrap_or_else(|error| panic!("no private namespace: {error}; {:?}", available()));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("1 passed"), "in its namespace, {}", tell(&output));
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        if let Some(reason) = line.strip_prefix("skipped: ") {
            skip(&format!("{name}: {reason}"));
        } else if let Some(what) = line.strip_prefix("note: ") {
            note(what);
        }
    }
}

/// Says what is worth knowing and is no failure.
pub fn note(what: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "note: {what}");
}

/// Says that something is not tested here, and why. Written past the test
/// harness, which hides what a passing test prints.
pub fn skip(reason: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// Makes `command` start as `user`, in a new private namespace.
pub fn enter(command: &mut Command, user: User, mqueue: Mqueue) {
    become_user(command, user);
    namespace_of(user, mqueue).before_exec(command);
}

fn namespace_of(user: User, mqueue: Mqueue) -> Namespace {
    let namespace = match user {
        User::Me => Namespace::new(),
        User::Nobody => Namespace::of(Uid::from_raw(65534), Gid::from_raw(65534)),
    };
    if mqueue == Mqueue::Absent { namespace.without_mqueue() } else { namespace }
}

/// Makes `command` start as `user`.
pub fn become_user(command: &mut Command, user: User) {
    if user == User::Nobody {
        // SAFETY: four system calls.
        unsafe {
            command.pre_exec(|| {
                let nobody = 65534;
                let ok = libc::setgroups(0, std::ptr::null()) == 0
                    && libc::setresgid(nobody, nobody, nobody) == 0
                    && libc::setresuid(nobody, nobody, nobody) == 0;
                if ok { Ok(()) } else { Err(std::io::Error::last_os_error()) }
            });
        }
    }
}

/// Every IPC object there is in this namespace.
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

/// Whether the queue exists, also where /dev/mqueue does not.
pub fn queue_exists(name: &str) -> bool {
    let name = CString::new(name).expect("no NUL");
    // SAFETY: the name ends in a NUL; the descriptor is closed at once.
    unsafe {
        let fd = libc::mq_open(name.as_ptr(), libc::O_RDONLY);
        if fd >= 0 {
            libc::close(fd);
        }
        fd >= 0 || nix::errno::Errno::last() != nix::errno::Errno::ENOENT
    }
}

/// Runs `calls` with a lower soft limit. It is put back at the end, because the
/// harness, too, needs descriptors.
pub fn under_limit<T>(resource: Resource, soft: u64, calls: impl FnOnce() -> T) -> T {
    let (old, hard) = getrlimit(resource).expect("getrlimit");
    setrlimit(resource, soft, hard).expect("setrlimit");
    let result = calls();
    setrlimit(resource, old, hard).expect("setrlimit");
    result
}

/// A program of the workbook, built.
pub fn program(name: &str) -> PathBuf {
    assert_cmd::cargo::cargo_bin(name)
}

/// A program of the workbook, about to run.
pub fn workbook(name: &str) -> Command {
    let mut command = Command::new(program(name));
    command.stdin(Stdio::null()).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// All lessons there are: the programs in src/bin that name a chapter.
pub fn lessons() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin");
    let files = std::fs::read_dir(folder).expect("src/bin").map(|entry| entry.expect("an entry").path());
    let lessons = files.filter(|file| {
        let source = std::fs::read_to_string(file).unwrap_or_default();
        ipc_workbook::lesson::chapter_of(&source).is_some()
    });
    let mut names: Vec<String> =
        lessons.map(|file| file.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Whether a claim held; or was not seen because it takes another user, or root's
/// capabilities, and this user has neither.
pub fn held_or_excused(claim: &serde_json::Value) -> bool {
    let why = claim["why"].as_str().unwrap_or_default();
    let excuse = (why.starts_with("it takes another user") && User::all().len() < 2)
        || (why.starts_with("it takes root") && !nix::unistd::geteuid().is_root());
    claim["held"] == true || (claim["held"].is_null() && excuse)
}

/// Everything about a finished command that helps to understand a failure.
pub fn tell(output: &Output) -> String {
    format!(
        "{}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs a command to its end, and demands this exit code.
pub fn run(command: &mut Command, code: i32) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert_eq!(output.status.code(), Some(code), "{command:?}: {}", tell(&output));
    output
}

/// The events of a lesson that was run with `--format json`.
pub fn events(output: &Output) -> Vec<serde_json::Value> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    stdout.lines().map(parse).collect()
}

/// What a tool-needing test does where the tool is missing: in CI it fails,
/// elsewhere the caller skips and says so.
pub fn have(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    assert!(found || std::env::var("CI").is_err(), "{tool} is missing, and CI must have it");
    found
}
