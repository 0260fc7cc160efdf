//! What the tests that misuse lessons share: one trial per lesson, user and
//! namespace; lessons that are paused; commands with a time limit; what a lesson is
//! like when nothing goes wrong.
//!
//! Nothing here names a lesson: the next one is covered without an edit.
#![allow(dead_code, unreachable_pub, unsafe_code)] // each test file uses its own part

use crate::support::*;
use ipc_workbook::observe::Kind;
use libtest_mimic::{Arguments, Failed, Trial};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::ffi::CString;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// No lesson takes a second; a debug build on a busy machine may take a few.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The trials of one test file.
pub struct Trials(Vec<Trial>);

impl Trials {
    pub fn new() -> Self {
        Trials(Vec::new())
    }

    /// A trial with a private namespace of its own.
    pub fn add(&mut self, name: String, user: User, mqueue: Mqueue, body: impl FnOnce() + Send + 'static) {
        let whole = name.clone();
        self.0.push(Trial::test(name, move || told(|| inside(&whole, user, mqueue, body))));
    }

    /// A trial of every lesson, as every user, with and without /dev/mqueue.
    pub fn everywhere(&mut self, sentence: &str, body: fn(&str)) {
        for mqueue in [Mqueue::Mounted, Mqueue::Absent] {
            self.each_user(sentence, mqueue, body);
        }
    }

    /// A trial of every lesson at its easiest and at its hardest: as who runs
    /// the tests, with /dev/mqueue; and as nobody, without.
    pub fn corners(&mut self, sentence: &str, body: fn(&str)) {
        self.each(sentence, User::Me, Mqueue::Mounted, body);
        self.each(sentence, users().pop().expect("one user at least"), Mqueue::Absent, body);
    }

    /// A trial of every lesson, as every user.
    pub fn each_user(&mut self, sentence: &str, mqueue: Mqueue, body: fn(&str)) {
        for user in users() {
            self.each(sentence, user, mqueue, body);
        }
    }

    /// A trial of every lesson.
    pub fn each(&mut self, sentence: &str, user: User, mqueue: Mqueue, body: fn(&str)) {
        let whose = if user == User::Nobody { ", as nobody" } else { "" };
        let place = if mqueue == Mqueue::Absent { ", without /dev/mqueue" } else { "" };
        for lesson in lessons() {
            self.add(format!("{lesson}: {sentence}{whose}{place}"), user, mqueue, move || body(&lesson));
        }
    }

    /// A trial that cannot run here: it is listed as ignored, with the reason.
    pub fn skip(&mut self, sentence: &str, reason: &str) {
        self.0
            .push(Trial::test(format!("{sentence} (skipped: {reason})"), || Ok(())).with_ignored_flag(true));
    }

    pub fn push(&mut self, trial: Trial) {
        self.0.push(trial);
    }

    pub fn run(self) -> ExitCode {
        libtest_mimic::run(&Arguments::from_args(), self.0).exit_code()
    }
}

/// All users that can be had here. Inside its namespace a trial may be nobody
/// already, and its name has to stay the same.
fn users() -> Vec<User> {
    match is_inside() {
        Some(name) if name.contains(", as nobody") => vec![User::Me, User::Nobody],
        _ => User::all(),
    }
}

/// Whether this process is in the namespace of the trial `name` already.
pub fn is_inside() -> Option<String> {
    std::env::var("IPC_WORKBOOK_TEST_INSIDE").ok()
}

/// A panic's message as libtest-mimic shows it, with its lines.
fn told(body: impl FnOnce()) -> Result<(), Failed> {
    // The message is told once, below.
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Failed::from(
            text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default(),
        )
    })
}

/// What a lesson is like here when nothing goes wrong.
pub struct Usual {
    pub steps: usize,
    /// The identifiers of its claims, in order, and whether each held.
    pub claims: Vec<(String, Option<bool>)>,
    /// The C names of the calls it makes.
    pub calls: Vec<String>,
    /// The objects it makes under `/usual`.
    pub objects: Vec<Kind>,
    /// The System V calls with which it makes objects that have a key.
    pub keyed: Vec<&'static str>,
}

/// Runs the lesson once, undisturbed.
pub fn usual(lesson: &str) -> Usual {
    let output = run(workbook(lesson).args(["--format", "json", "--name", "/usual"]), 0);
    let events = events(&output);
    let of = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    let calls: Vec<String> = of("call").filter_map(|call| call["call"].as_str().map(Into::into)).collect();
    let makes = |call: &str| {
        of("call").any(|event| {
            let text = event["text"].as_str().unwrap_or_default();
            event["call"] == call && text.contains("\"/usual\"") && text.contains("O_CREAT")
        })
    };
    let mut objects = Vec::new();
    for (kind, call) in
        [(Kind::Queue, "mq_open"), (Kind::Semaphore, "sem_open"), (Kind::SharedMemory, "shm_open")]
    {
        if makes(call) {
            objects.push(kind);
        }
    }
    let claims = of("claim")
        .map(|claim| (claim["id"].as_str().unwrap_or_default().to_string(), claim["held"].as_bool()));
    let made: Vec<(&str, String)> = keyed(&events);
    let keyed =
        ["msgget", "semget", "shmget"].into_iter().filter(|call| made.iter().any(|(made, _)| made == call));
    Usual { steps: of("step").count(), claims: claims.collect(), calls, objects, keyed: keyed.collect() }
}

/// The System V objects that the lesson made with a key: the call, and the key. What a
/// process made that went into a namespace of its own is nobody else's affair.
pub fn keyed(events: &[serde_json::Value]) -> Vec<(&str, String)> {
    let apart: Vec<_> =
        events.iter().filter(|event| event["call"] == "unshare").map(|event| &event["process"]).collect();
    let made = events.iter().filter(|event| event["ok"] == true && !apart.contains(&&event["process"]));
    let made = made.filter_map(|event| event["text"].as_str()).filter(|text| text.contains("IPC_CREAT"));
    made.filter_map(|text| {
        let (call, rest) = text.split_once("(0x")?;
        let call = call.ends_with("get").then_some(call)?;
        Some((call, format!("0x{}", rest.split(',').next()?)))
    })
    .collect()
}

impl Usual {
    /// Whether it makes anything that another run could find.
    pub fn makes_something(&self) -> bool {
        !self.objects.is_empty() || !self.keyed.is_empty()
    }
    pub fn makes(&self, kind: Kind) -> bool {
        self.objects.contains(&kind)
    }
    /// Whether it needs /dev/shm.
    pub fn needs_dev_shm(&self) -> bool {
        self.calls.iter().any(|call| call == "sem_open" || call == "shm_open")
    }
}

/// The lines of standard error.
pub fn complaints(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stderr).lines().filter(|line| !line.is_empty()).map(Into::into).collect()
}

/// Demands this exit code, and exactly one line on standard error that holds all of `words`.
pub fn refused(command: &mut Command, code: i32, words: &[&str]) -> Output {
    let output = limited(command);
    let complaints = complaints(&output);
    let good = output.status.code() == Some(code)
        && complaints.len() == 1
        && words.iter().all(|word| complaints[0].contains(word));
    assert!(good, "{command:?}: not {code} with one line that has {words:?}: {}", tell(&output));
    no_panic(&output);
    output
}

/// No panic reaches a user.
pub fn no_panic(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    for word in ["panicked", "RUST_BACKTRACE", "a mistake in the workbook", "stack overflow"] {
        assert!(!stderr.contains(word), "panic text: {}", tell(output));
    }
    assert_ne!(output.status.signal(), Some(6), "aborted: {}", tell(output));
}

/// Demands that nothing is left in this namespace.
pub fn nothing_left(when: &str) {
    let left = leftovers();
    assert!(left.is_empty(), "{when}: left behind: {left:?}");
}

/// Runs a command to its end, which must come within [`LIMIT`].
pub fn limited(command: &mut Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    limited_as_it_is(command)
}

/// As [`limited`], with the streams that the command has.
pub fn limited_as_it_is(command: &mut Command) -> Output {
    let text = format!("{command:?}");
    let child = command.process_group(0).spawn().unwrap_or_else(|error| panic!("{text}: {error}"));
    end_of(child, &text)
}

/// Waits for the end of a child, and of whoever has its streams; it must come within [`LIMIT`].
pub fn end_of(child: Child, text: &str) -> Output {
    let pid = i32::try_from(child.id()).expect("a pid");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || send.send(child.wait_with_output()));
    if let Ok(output) = receive.recv_timeout(LIMIT) {
        return output.unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    // Its group, if it leads one, and itself. Whoever has not been waited for still has its id.
    let _ = kill(Pid::from_raw(-pid), Signal::SIGKILL);
    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    let output = receive.recv_timeout(Duration::from_secs(2)).ok().and_then(Result::ok);
    let told = output.map_or("(and its streams stay open)".into(), |output| tell(&output));
    panic!("{text}: still running after {LIMIT:?}: {told}");
}

/// A lesson that runs with `--pause`, and is fed Enter by Enter.
pub struct Paused {
    pub child: Child,
    text: String,
    stdin: Option<ChildStdin>,
    chunks: mpsc::Receiver<Vec<u8>>,
    complaints: mpsc::Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

pub const PROMPT: &str = "Enter goes on ";

impl Paused {
    pub fn start(lesson: &str, args: &[&str]) -> Paused {
        Paused::of(workbook(lesson).arg("--pause").args(args))
    }

    pub fn of(command: &mut Command) -> Paused {
        let text = format!("{command:?}");
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{text}: {error}"));
        let stdin = child.stdin.take();
        let chunks = chunks_of(child.stdout.take().expect("a pipe"));
        let complaints = chunks_of(child.stderr.take().expect("a pipe"));
        Paused { child, text, stdin, chunks, complaints, seen: Vec::new() }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a pid"))
    }

    /// Waits until the prompt has come `n` times, and returns all that was said.
    pub fn prompts(&mut self, n: usize) -> String {
        self.wait_for(&format!("{n} prompts"), |text| text.matches(PROMPT).count() >= n)
    }

    pub fn wait_for(&mut self, what: &str, found: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if found(&text) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if let Ok(chunk) = self.chunks.recv_timeout(left) {
                self.seen.extend(chunk);
            } else {
                let _ = self.child.kill();
                let stderr = String::from_utf8_lossy(&rest_of(&self.complaints)).into_owned();
                panic!("{}: no {what}\n--- stdout\n{text}\n--- stderr\n{stderr}", self.text);
            }
        }
    }

    /// Gives it `n` lines.
    pub fn enter(&mut self, n: usize) {
        let stdin = self.stdin.as_mut().expect("an open pipe");
        stdin.write_all(&vec![b'\n'; n]).unwrap_or_else(|error| panic!("{}: {error}", self.text));
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap_or_else(|error| panic!("{}: {error}", self.text));
    }

    /// Its end, which must come by itself. Standard input stays open until then.
    pub fn end(mut self) -> Output {
        let status = wait_for_end(&mut self.child, &self.text);
        self.seen.extend(rest_of(&self.chunks));
        let stderr = rest_of(&self.complaints);
        Output { status, stdout: std::mem::take(&mut self.seen), stderr }
    }

    /// Closes its standard input, and waits for its end.
    pub fn close_input(mut self) -> Output {
        self.stdin = None;
        self.end()
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // Only after a failed assertion is it still there.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the pipe in a thread of its own, so that nobody waits for ever.
fn chunks_of(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut chunk = vec![0; 4096];
        while let Ok(n @ 1..) = pipe.read(&mut chunk) {
            if send.send(chunk[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

/// What still comes; a process that is left and keeps the pipe open is not waited for.
fn rest_of(chunks: &mpsc::Receiver<Vec<u8>>) -> Vec<u8> {
    let mut rest = Vec::new();
    while let Ok(chunk) = chunks.recv_timeout(Duration::from_secs(2)) {
        rest.extend(chunk);
    }
    rest
}

/// Waits for the end of a child, which must come soon.
pub fn wait_for_end(child: &mut Child, text: &str) -> ExitStatus {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        assert!(Instant::now() < deadline, "{text}: still running after {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What a lesson's processes carry in their environment, so that they can be found.
pub const MARK: &str = "IPC_WORKBOOK_TEST_RUN";

/// A mark that no other test has.
pub fn mark() -> String {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Each namespace has processes of its own, and so the same ids as the others.
    let namespace = std::fs::metadata("/proc/self/ns/ipc").map_or(0, |meta| meta.ino());
    format!("{namespace}.{}.{}", std::process::id(), NEXT.fetch_add(1, SeqCst))
}

/// Demands that no process with this mark is alive, soon.
pub fn no_process_left(mark: &str, when: &str) {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let alive = marked(mark);
        if alive.is_empty() {
            return;
        }
        if Instant::now() > deadline {
            let name = |pid: &Pid| ipc_workbook::observe::command_of(pid.as_raw()).unwrap_or_default();
            let names: Vec<String> = alive.iter().map(|pid| format!("{pid} {}", name(pid))).collect();
            // They are this trial's own, and would outlive it.
            for pid in alive {
                let _ = kill(pid, Signal::SIGKILL);
            }
            panic!("{when}: still alive: {names:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The processes with this mark.
fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK}={mark}").into_bytes();
    let pids = std::fs::read_dir("/proc").expect("/proc");
    pids.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|variable| variable == wanted)
        })
        .map(Pid::from_raw)
        .collect()
}

/// Children of a killed lesson become this process's, which reaps them at the end of the trial.
pub fn adopt_orphans() {
    // SAFETY: a flag of this process.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// Makes an object, as an earlier run would have left it, and keeps it open.
pub fn make(kind: Kind, name: &str, mode: libc::mode_t) -> Held {
    let c_name = CString::new(name).expect("no NUL");
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR;
    // SAFETY: the name ends in a NUL; the results are checked below.
    let held = unsafe {
        match kind {
            Kind::Queue => {
                let mut attr: libc::mq_attr = std::mem::zeroed();
                (attr.mq_maxmsg, attr.mq_msgsize) = (1, 1);
                Held::Descriptor(libc::mq_open(c_name.as_ptr(), flags, mode, &raw const attr))
            }
            Kind::SharedMemory => Held::Descriptor(libc::shm_open(c_name.as_ptr(), flags, mode)),
            Kind::Semaphore => Held::Semaphore(libc::sem_open(c_name.as_ptr(), flags, mode, 0)),
        }
    };
    let good = match held {
        Held::Descriptor(fd) => fd >= 0,
        Held::Semaphore(sem) => sem != libc::SEM_FAILED,
    };
    assert!(good, "making the {kind:?} {name}: {}", std::io::Error::last_os_error());
    held
}

/// An object held open.
pub enum Held {
    Descriptor(i32),
    Semaphore(*mut libc::sem_t),
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: each is this handle's own, and closed once.
        unsafe {
            match self {
                Held::Descriptor(fd) => libc::close(*fd),
                Held::Semaphore(sem) => libc::sem_close(*sem),
            };
        }
    }
}

/// Removes the name of an object, which must be there.
pub fn unmake(kind: Kind, name: &str) {
    let c_name = CString::new(name).expect("no NUL");
    // SAFETY: the name ends in a NUL.
    let done = unsafe {
        match kind {
            Kind::Queue => libc::mq_unlink(c_name.as_ptr()),
            Kind::Semaphore => libc::sem_unlink(c_name.as_ptr()),
            Kind::SharedMemory => libc::shm_unlink(c_name.as_ptr()),
        }
    };
    assert_eq!(done, 0, "the {kind:?} {name} is gone: {}", std::io::Error::last_os_error());
}
