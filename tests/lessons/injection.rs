//! Each system call of a lesson made to fail, with each errno that its manual
//! page lists: strace puts the error in the kernel's mouth. The lesson must end
//! by itself, say which call failed and why, claim nothing that it did not see,
//! and leave nothing.
//!
//! Which calls a lesson makes is found by looking: a first run is recorded. Every
//! occurrence of each call (of many, the edges and some in between) is tried with one errno,
//! and the first with each errno. That is thousands of runs, so each day tries a few of them,
//! and `.ci/exhaustive` all.

use ipc_workbook_testing::prelude::*;
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

/// A system call, and how it may fail.
struct Call {
    name: &'static str,
    /// What its manual page lists (what can be asked of the kernel at all).
    errnos: &'static [&'static str],
    /// The C names by which a lesson may call it.
    c_names: &'static [&'static str],
    /// Whether only calls on the lesson's objects are meant. The others of these
    /// look at /proc, and there are as many as there are processes.
    on_objects: bool,
}

const fn call(name: &'static str, errnos: &'static [&'static str], c_names: &'static [&'static str]) -> Call {
    Call { name, errnos, c_names, on_objects: false }
}

const fn on_objects(mut call: Call) -> Call {
    call.on_objects = true;
    call
}

const FILES: &[&str] = &[
    "EACCES",
    "EINTR",
    "ELOOP",
    "EMFILE",
    "ENAMETOOLONG",
    "ENFILE",
    "ENOENT",
    "ENOMEM",
    "ENOSPC",
    "EPERM",
    "EROFS",
];

const CALLS: &[Call] = &[
    // POSIX message queues
    call(
        "mq_open",
        &[
            "EACCES",
            "EEXIST",
            "EINVAL",
            "EMFILE",
            "ENAMETOOLONG",
            "ENFILE",
            "ENOENT",
            "ENOMEM",
            "ENOSPC",
            "ENOSYS",
        ],
        &["mq_open"],
    ),
    call("mq_unlink", &["EACCES", "ENAMETOOLONG", "ENOENT", "EPERM"], &["mq_unlink"]),
    call(
        "mq_timedsend",
        &["EAGAIN", "EBADF", "EINTR", "EINVAL", "EMSGSIZE", "ETIMEDOUT"],
        &["mq_send", "mq_timedsend"],
    ),
    call(
        "mq_timedreceive",
        &["EAGAIN", "EBADF", "EINTR", "EINVAL", "EMSGSIZE", "ETIMEDOUT"],
        &["mq_receive", "mq_timedreceive"],
    ),
    call("mq_getsetattr", &["EBADF", "EINVAL"], &["mq_getattr", "mq_setattr"]),
    call("mq_notify", &["EBADF", "EBUSY", "EINVAL", "ENOMEM"], &["mq_notify"]),
    // POSIX semaphores and shared memory
    on_objects(call("openat", FILES, &["shm_open", "sem_open", "open"])),
    call(
        "link",
        &["EACCES", "EDQUOT", "EEXIST", "ENOMEM", "ENOSPC", "EPERM", "EROFS"],
        &["sem_open", "link"],
    ),
    on_objects(call(
        "unlink",
        &["EACCES", "EBUSY", "EIO", "ENOENT", "ENOMEM", "EPERM", "EROFS"],
        &["sem_unlink", "shm_unlink"],
    )),
    call("rename", &["EACCES", "EEXIST", "ENOENT", "ENOMEM", "ENOSPC", "EPERM", "EROFS"], &["rename"]),
    call("ftruncate", &["EFBIG", "EINTR", "EINVAL", "EIO", "EPERM"], &["ftruncate"]),
    call(
        "mmap",
        &["EACCES", "EAGAIN", "EINVAL", "ENFILE", "ENODEV", "ENOMEM", "EPERM"],
        &["mmap", "sem_open"],
    ),
    // sem_open unmaps what it has prepared, where the semaphore is there already,
    // and gives the errno of that.
    call("munmap", &["EINVAL", "ENOMEM"], &["munmap", "sem_close", "sem_open"]),
    call("futex", &["EAGAIN", "EINTR", "EINVAL", "ETIMEDOUT"], &["sem_wait", "sem_timedwait", "sem_post"]),
    // System V
    call("msgget", &["EACCES", "EEXIST", "ENOENT", "ENOMEM", "ENOSPC"], &["msgget"]),
    call("msgsnd", &["EACCES", "EAGAIN", "EIDRM", "EINTR", "EINVAL", "ENOMEM"], &["msgsnd"]),
    call("msgrcv", &["E2BIG", "EACCES", "EIDRM", "EINTR", "EINVAL", "ENOMSG", "ENOSYS"], &["msgrcv"]),
    call("msgctl", &["EACCES", "EIDRM", "EINVAL", "EPERM"], &["msgctl"]),
    call("semget", &["EACCES", "EEXIST", "EINVAL", "ENOENT", "ENOMEM", "ENOSPC"], &["semget"]),
    call(
        "semop",
        &["E2BIG", "EACCES", "EAGAIN", "EFBIG", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"],
        &["semop"],
    ),
    call("semtimedop", &["EAGAIN", "EIDRM", "EINTR", "EINVAL", "ENOMEM", "ERANGE"], &["semtimedop", "semop"]),
    call("semctl", &["EACCES", "EIDRM", "EINVAL", "EPERM", "ERANGE"], &["semctl"]),
    call(
        "shmget",
        &["EACCES", "EEXIST", "EINVAL", "ENFILE", "ENOENT", "ENOMEM", "ENOSPC", "EPERM"],
        &["shmget"],
    ),
    call("shmat", &["EACCES", "EIDRM", "EINVAL", "ENOMEM"], &["shmat"]),
    call("shmdt", &["EINVAL"], &["shmdt"]),
    // shmat asks how long the segment is.
    call("shmctl", &["EACCES", "EIDRM", "EINVAL", "ENOMEM", "EOVERFLOW", "EPERM"], &["shmctl", "shmat"]),
    // Descriptors, sockets and processes
    on_objects(call("close", &["EDQUOT", "EINTR", "EIO", "ENOSPC"], &["close", "mq_close"])),
    call("dup", &["EBADF", "EMFILE"], &["dup"]),
    call("dup2", &["EBADF", "EBUSY", "EINTR", "EMFILE"], &["dup2"]),
    call("dup3", &["EBADF", "EBUSY", "EINTR", "EINVAL", "EMFILE"], &["dup3"]),
    call("fcntl", &["EINVAL", "EMFILE"], &["fcntl"]),
    call("pipe2", &["EMFILE", "ENFILE"], &["pipe", "pipe2"]),
    call("socket", &["EACCES", "EAFNOSUPPORT", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"], &["socket"]),
    call("bind", &["EACCES", "EINVAL", "ENOMEM"], &["bind"]),
    call(
        "socketpair",
        &["EAFNOSUPPORT", "EMFILE", "ENFILE", "EOPNOTSUPP", "EPROTONOSUPPORT"],
        &["socketpair"],
    ),
    call(
        "sendmsg",
        &["EAGAIN", "ECONNRESET", "EINTR", "ENOBUFS", "ENOMEM", "EPIPE", "ETOOMANYREFS"],
        &["sendmsg"],
    ),
    call("recvmsg", &["EAGAIN", "ECONNREFUSED", "EINTR", "ENOMEM"], &["recvmsg"]),
    call("sendto", &["EAGAIN", "ECONNRESET", "EINTR", "ENOBUFS", "ENOMEM"], &["send"]),
    call("recvfrom", &["EAGAIN", "ECONNREFUSED", "EINTR", "ENOMEM"], &["recv"]),
    call("clone", &["EAGAIN", "ENOMEM", "ENOSYS"], &["fork"]),
    call("prctl", &["EINVAL"], &["prctl"]),
    call(
        "execve",
        &[
            "E2BIG", "EACCES", "EIO", "ELOOP", "EMFILE", "ENFILE", "ENOENT", "ENOEXEC", "ENOMEM", "EPERM",
            "ETXTBSY",
        ],
        &["execv", "execve"],
    ),
    call("kill", &["EINVAL", "EPERM", "ESRCH"], &["kill"]),
    call("wait4", &["ECHILD", "EINTR", "EINVAL"], &["waitpid"]),
    call("nanosleep", &["EINTR", "EINVAL"], &["nanosleep"]),
    call("prlimit64", &["EINVAL", "EPERM"], &["getrlimit", "setrlimit", "mq_open"]),
    // Who a process is, and what it may
    call("fchmod", &["EPERM", "EROFS"], &["fchmod"]),
    call("fchown", &["EPERM", "EROFS"], &["fchown"]),
    call("fsetxattr", &["ENOSPC", "EOPNOTSUPP", "EPERM", "EROFS"], &["fsetxattr"]),
    call("setxattr", &["ENOSPC", "EOPNOTSUPP", "EPERM", "EROFS"], &["setxattr"]),
    call("setgroups", &["EINVAL", "EPERM"], &["setgroups"]),
    call("setresgid", &["EINVAL", "EPERM"], &["setresgid"]),
    call("setresuid", &["EAGAIN", "EINVAL", "EPERM"], &["setresuid"]),
    call("capset", &["EPERM"], &["capset"]),
    call("unshare", &["ENOMEM", "ENOSPC", "EPERM"], &["unshare"]),
    // Looking
    call("kcmp", &["EBADF", "EINVAL", "ENOSYS", "EPERM", "ESRCH"], &["kcmp"]),
    call("statfs", &["EACCES", "EINTR", "EIO", "ENOENT", "ENOMEM", "ENOSYS"], &["statvfs", "statfs"]),
    call("pread64", &["EINTR", "EIO"], &["read"]),
    call("newfstatat", &["ENOMEM"], &["fstat", "stat", "lstat", "sem_open", "ftok"]),
    call("statx", &["ENOMEM"], &["/proc", "stat"]),
    call("getdents64", &["ENOMEM"], &["/proc"]),
    call("read", &["EINTR", "EIO"], &["/proc", "read"]),
    // Speaking
    call("write", &["EDQUOT", "EFBIG", "EIO", "ENOSPC", "EPIPE"], &["write", "standard output", "sem_open"]),
];

/// The name that the lessons use here.
const NAME: &str = "/usual";
const PATHS: [&str; 3] = ["/dev/shm/usual", "/dev/shm/sem.usual", "/usual"];

pub(crate) fn trials(trials: &mut Trials) {
    if !have("strace") {
        trials.skip("each call made to fail", "there is no strace here");
        return;
    }
    for lesson in lessons() {
        for place in Place::each_user(Mqueue::Mounted) {
            let name = format!("{lesson}: calls fail{}", place.words());
            let lesson = lesson.clone();
            trials.add(name, place, move || calls_fail(&lesson));
        }
    }
    for (call, body) in [("mq_unlink", queue_stays as fn(&str)), ("unlink", file_stays)] {
        let sentence = format!("what {call} cannot remove is reported, with its remedy");
        trials.shared_layer(
            &sentence,
            &[Place::EASIEST],
            ipc_workbook_testing::lessons::Profile::makes_something,
            body,
        );
    }
    let blind_sentence = "what cannot be looked at is not claimed";
    trials.shared_layer(blind_sentence, &[Place::EASIEST], |_| true, blind);
}

/// How many failures are tried with each lesson and user; all of them in the exhaustive run.
const FAILURES: usize = 1;

/// One way for a lesson to meet a refusal: the call, its occurrence, and the errno.
type Failure = (&'static Call, u32, &'static str);

/// Finds out which calls the lesson makes, and lets them fail.
fn calls_fail(lesson: &str) {
    let usual = LazyCell::new(|| usual(lesson));
    let user = nix::unistd::geteuid();
    for (call, occurrence, errno) in sample(failures(lesson), &format!("{lesson} {user} fails"), FAILURES) {
        let happened = fails_once(lesson, call, errno, occurrence, &usual);
        assert!(happened, "{} at {occurrence} was not injected: the recorded run was another", call.name);
    }
}

/// Every errno at the first occurrence of each call, and every occurrence with one errno.
fn failures(lesson: &str) -> Vec<Failure> {
    let mut all = Vec::new();
    for (name, occurrences) in record(lesson) {
        let call = CALLS.iter().find(|call| call.name == name).expect("a call of the table");
        for (n, errno) in call.errnos.iter().enumerate() {
            for (i, occurrence) in occurrences.iter().enumerate() {
                if i == 0 || i % call.errnos.len() == n {
                    all.push((call, *occurrence, *errno));
                }
            }
        }
    }
    all
}

fn queue_stays(lesson: &str) {
    for errno in ["EACCES", "EPERM", "EROFS"] {
        cannot_clean_up(lesson, "mq_unlink", errno);
    }
}

fn file_stays(lesson: &str) {
    for errno in ["EACCES", "EPERM", "EROFS"] {
        cannot_clean_up(lesson, "unlink", errno);
    }
}

/// A file for strace to write to, removed in the end.
struct TraceFile(std::path::PathBuf);

impl TraceFile {
    fn new() -> Self {
        TraceFile(std::env::temp_dir().join(format!("ipc-workbook-strace.{}", mark())))
    }

    fn read(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap_or_default()
    }
}

impl Drop for TraceFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Runs the lesson under strace, undisturbed, and counts its calls.
fn record(lesson: &str) -> BTreeMap<String, Vec<u32>> {
    let file = TraceFile::new();
    let names: Vec<&str> = CALLS.iter().map(|call| call.name).chain(["rt_sigaction"]).collect();
    let mut command = command("strace");
    command.args(["-f", "-y", "-qq", "--seccomp-bpf", "-o"]).arg(&file.0);
    // Not every machine has every call.
    let trace: Vec<String> = names.iter().map(|name| format!("?{name}")).collect();
    command.arg("-e").arg(format!("trace={}", trace.join(",")));
    command.arg(program(lesson)).args(["--format", "json", "--name", NAME]);
    let output = limited(&mut command);
    let trace = file.read();
    assert!(output.status.success() && !trace.is_empty(), "strace of {lesson}: {}", tell(&output));

    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut occurrences: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let leader = trace.split_whitespace().next().expect("a pid");
    // What comes before is the loader's and the runtime's.
    let mut begun = false;
    let mut before: BTreeMap<&str, u32> = BTreeMap::new();
    let mut elsewhere: Vec<&str> = Vec::new();
    for line in trace.lines() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = rest.trim_start().split_once('(') else { continue };
        begun |= name == "rt_sigaction" && arguments.starts_with("SIGINT, {sa_handler=0x");
        let Some(call) = CALLS.iter().find(|call| call.name == name) else { continue };
        if name == "futex" && !arguments.contains("FUTEX_WAIT") {
            continue; // a library's own
        }
        let on_object = PATHS.iter().any(|path| {
            arguments.contains(&format!("\"{path}\"")) || arguments.contains(&format!("<{path}>"))
        });
        if call.on_objects && !on_object {
            continue;
        }
        let count = counts.entry((pid, call.name)).or_default();
        *count += 1;
        if !begun {
            before.insert(call.name, *count);
        }
        // strace counts in each process anew, so that a number that is early
        // enough for a child may mean the leader's loader.
        let early = name != "execve" && before.get(call.name).is_some_and(|loader| *count <= *loader);
        if begun && !early && !elsewhere.contains(&pid) {
            occurrences.entry(name.to_string()).or_default().push(*count);
        }
        if name == "execve" && pid != leader && rest.contains(" = 0") {
            elsewhere.push(pid); // another program from now on
        }
    }
    for list in occurrences.values_mut() {
        list.sort_unstable();
        list.dedup();
        *list = edges(list);
    }
    occurrences
}

/// All, or of many the first, the last, and some in between.
fn edges(all: &[u32]) -> Vec<u32> {
    const EDGE: usize = 3;
    if all.len() <= 4 * EDGE {
        return all.to_vec();
    }
    let between = &all[EDGE..all.len() - EDGE];
    let mut some: Vec<u32> = all[..EDGE].to_vec();
    some.extend(between.iter().step_by(between.len().div_ceil(EDGE)));
    some.extend(&all[all.len() - EDGE..]);
    some
}

/// Runs the lesson while occurrence `when` of `call` fails; also what strace saw.
fn injected(lesson: &str, call: &str, on_objects: bool, errno: &str, when: &str) -> (Output, String) {
    let file = TraceFile::new();
    let mut command = command("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o"]).arg(&file.0);
    command.arg("-e").arg(format!("trace={call}"));
    command.arg("-e").arg(format!("inject={call}:error={errno}:when={when}"));
    if on_objects {
        for path in PATHS {
            command.args(["-P", path]);
        }
    }
    command.arg(program(lesson)).args(["--format", "json", "--name", NAME]);
    // strace ends when all the processes it follows have ended, so none is left.
    let output = limited(&mut command);
    let trace = file.read();
    let injections: Vec<&str> = trace.lines().filter(|line| line.contains("(INJECTED)")).collect();
    (output, injections.join("\n"))
}

/// One run, in which one call fails: whether it happened at all.
fn fails_once(
    lesson: &str,
    call: &Call,
    errno: &str,
    occurrence: u32,
    usual: &LazyCell<Usual, impl FnOnce() -> Usual>,
) -> bool {
    let (output, injections) = injected(lesson, call.name, call.on_objects, errno, &occurrence.to_string());
    let told = format!("{} with {errno} at {occurrence}: {injections}\n{}", call.name, tell(&output));
    no_panic(&output);
    assert_eq!(output.status.signal(), None, "{told}");
    let complaints = complaints(&output);
    let names_it = complaints.iter().any(|line| {
        let why = line.contains(errno) || translated(call.name, errno, line);
        why && call.c_names.iter().any(|name| line.contains(name))
    });
    match output.status.code() {
        Some(0) => all_claims_held(&output, usual, &told),
        // The reader has gone.
        Some(141) => assert!(call.name == "write" && errno == "EPIPE" && complaints.is_empty(), "{told}"),
        Some(1 | 3) => assert!(names_it, "nobody says what failed: {told}"),
        _ => panic!("{told}"),
    }
    remove_what_glibc_forgets();
    // sem_open looks at the semaphore after it has linked it, and does not
    // unlink it when it cannot. And strace counts in each process anew, so that
    // it may hit the clean-up as well as the call. The next run finds what is left.
    let hit_more = injections.lines().count() > 1;
    if (call.name == "newfstatat" || hit_more) && !leftovers().is_empty() {
        run(workbook(lesson).args(["--name", NAME]), 0);
    }
    nothing_left(&told);
    !injections.is_empty()
}

/// glibc gives some calls another errno than the kernel gave it.
fn translated(call: &str, errno: &str, line: &str) -> bool {
    match call {
        "mq_unlink" | "unlink" => errno == "EPERM" && line.contains("EACCES"),
        "munmap" => line.contains("sem_close") && line.contains("EINVAL"),
        // Whether its name for the beginning is free.
        "newfstatat" => line.contains("sem_open"),
        // The next call runs into the limit that was not put back.
        "prlimit64" => line.contains("mq_open") && line.contains("EMFILE"),
        _ => false,
    }
}

/// Exit 0 says: every claim was looked at and held, or told as not seen.
fn all_claims_held(output: &Output, usual: &Usual, told: &str) {
    let events = events(output);
    let claims: Vec<_> = events.iter().filter(|event| event["event"] == "claim").collect();
    assert!(claims.iter().all(|claim| claim["held"] != false), "exit 0, and a claim failed: {told}");
    let ids: Vec<&str> = claims.iter().filter_map(|claim| claim["id"].as_str()).collect();
    let usual: Vec<&str> = usual.claims.iter().map(|(id, _)| &**id).collect();
    assert_eq!(ids, usual, "exit 0, and not all was claimed: {told}");
    assert_eq!(events.last().map(|end| end["exit"] == 0), Some(true), "{told}");
}

/// `sem_open` makes the semaphore under a name that nobody can foresee, links it to
/// the wanted one, and does not look whether it could unlink the first.
fn remove_what_glibc_forgets() {
    for path in leftovers() {
        let name = path.strip_prefix("/dev/shm/sem.").unwrap_or_default();
        if name.len() == 6 && name != "usual" {
            std::fs::remove_file(&path).expect("a file of one's own");
        }
    }
}

/// The clean-up itself fails, each time: the lesson says what is left, and what
/// it says removes it.
fn cannot_clean_up(lesson: &str, call: &str, errno: &str) {
    let (output, injections) = injected(lesson, call, false, errno, "1+");
    no_panic(&output);
    remove_what_glibc_forgets();
    let left = leftovers();
    let told = format!("{injections}\nleft {left:?}\n{}", tell(&output));
    let complaints = complaints(&output);
    // A file in /tmp, which no namespace has for itself.
    for file in complaints.iter().filter_map(|line| line.split("(rm ").nth(1)?.split(')').next()) {
        if file.starts_with("/tmp/") {
            std::fs::remove_file(file).expect("what could not be removed is there");
        }
    }
    if left.is_empty() {
        assert!(
            usual(lesson)
                .objects
                .iter()
                .all(|kind| (*kind == ipc_workbook::observe::Kind::Queue) != (call == "mq_unlink")),
            "{told}"
        );
        return;
    }
    assert!(matches!(output.status.code(), Some(1 | 3)), "{told}");
    for object in &left {
        let line = complaints.iter().find(|line| line.contains("could not remove") && line.contains(object));
        let line = line.unwrap_or_else(|| panic!("{object} is not mentioned: {told}"));
        assert!(line.contains(errno), "{told}");
        let remedy =
            line.split(['(', ')']).find(|part| part.starts_with("rm ") || part.starts_with("ipcrm "));
        let remedy = remedy.unwrap_or_else(|| panic!("no remedy: {told}"));
        run(Command::new("sh").args(["-c", remedy]), 0);
    }
    nothing_left(&told);
}

/// With /proc out of reach nothing can be said of who holds an object.
fn blind(lesson: &str) {
    for errno in ["EMFILE", "ENOMEM", "EIO"] {
        let mut command = command("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-P", "/proc", "-e", "trace=openat"]);
        command.arg("-e").arg(format!("inject=openat:error={errno}:when=1+"));
        let output = limited(command.arg(program(lesson)).args(["--format", "json"]));
        assert_eq!(output.status.code(), Some(0), "{errno}: {}", tell(&output));
        for event in events(&output) {
            for count in ["open_file_descriptions", "mappings"] {
                assert!(event.get(count).is_none_or(serde_json::Value::is_null), "{event}");
            }
        }
        nothing_left(errno);
    }
}
