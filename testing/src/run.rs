//! Runs programs of the workbook as a student runs them, and checks how they end.

use crate::until::{LIMIT, until};
use ipc_workbook::lesson::finished;
use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Builds a program of the workbook, and returns its path.
pub fn program(name: &str) -> PathBuf {
    assert_cmd::cargo::cargo_bin(name)
}

/// Returns a command that runs a program of the workbook.
pub fn workbook(name: &str) -> Command {
    let mut command = command(program(name));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Returns a shell command that runs `script`, in which `$0` is a program of the workbook.
pub fn shell(name: &str, script: &str) -> Command {
    let mut command = command("sh");
    command.arg("-c").arg(script).arg(program(name));
    command
}

/// Returns a command without input that starts as from a terminal, however the tests were started.
/// Its signals have their default actions, although `nohup` and a script's `&` ignore some of them. It
/// inherits only the three standard streams. The menu does not record it as run by the reader.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env(finished::VARIABLE, "");
    start_afresh(&mut command);
    command
}

/// Sets the default actions for the signals that a terminal sends, and closes the other descriptors.
fn start_afresh(command: &mut Command) {
    let reset = || {
        for each in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
            // SAFETY: the default action is not a function of this program.
            unsafe { signal(each, SigHandler::SigDfl) }?;
        }
        // Before Linux 5.11 the descriptors stay open, and a test that counts descriptors may fail.
        // SAFETY: the call only marks the descriptors; exec closes them.
        unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
        Ok(())
    };
    // SAFETY: the closure makes only system calls.
    unsafe { command.pre_exec(reset) };
}

/// Returns what a finished command printed.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Returns what a finished command wrote to standard error. Whether it had to wait for another cargo depends on
/// the tests that run beside this one, so that line is left out.
pub fn stderr(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let is_about_itself = |line: &&str| !line.contains("another cargo is building in the same folder");
    text.split_inclusive('\n').filter(is_about_itself).collect()
}

/// Returns everything about a finished command that helps to understand a failure.
pub fn describe(output: &Output) -> String {
    format!("{}\n--- stdout\n{}\n--- stderr\n{}", output.status, stdout(output), stderr(output))
}

/// Runs a command to its end. Panics if it exits with another code.
pub fn run(command: &mut Command, code: i32) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert_eq!(output.status.code(), Some(code), "{command:?}: {}", describe(&output));
    output
}

/// Runs a command like [`run`], and returns what it wrote to standard output and to standard error.
pub fn texts(command: &mut Command, code: i32) -> (String, String) {
    let output = run(command, code);
    no_panic(&output);
    (stdout(&output), stderr(&output))
}

/// Returns the events that a lesson printed with `--format json`.
pub fn events(output: &Output) -> Vec<serde_json::Value> {
    events_in(&stdout(output))
}

/// Parses events, one on each line.
pub fn events_in(stdout: &str) -> Vec<serde_json::Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    stdout.lines().map(parse).collect()
}

/// Returns the notes of a lesson about objects that an earlier run has left over.
pub fn leftover_notes(output: &Output) -> Vec<String> {
    let notes = events(output).into_iter().filter(|event| event["event"] == "note");
    let texts = notes.map(|note| note["text"].as_str().unwrap_or_default().to_string());
    texts.filter(|text| text.contains("left over")).collect()
}

/// Returns the lines of standard error.
pub fn complaints(output: &Output) -> Vec<String> {
    stderr(output).lines().filter(|line| !line.is_empty()).map(Into::into).collect()
}

/// Runs a command that must fail with this exit code and print exactly one line on standard error, which
/// contains all of `words`.
pub fn refused(command: &mut Command, code: i32, words: &[&str]) -> Output {
    let output = limited(command);
    let complaints = complaints(&output);
    let good = output.status.code() == Some(code)
        && complaints.len() == 1
        && words.iter().all(|word| complaints[0].contains(word));
    assert!(good, "{command:?}: not exit code {code} and one line with {words:?}: {}", describe(&output));
    no_panic(&output);
    output
}

/// Panics if the command has panicked or printed a message that is meant for developers.
pub fn no_panic(output: &Output) {
    let said = stderr(output);
    for word in ["panicked", "RUST_BACKTRACE", "a mistake in the workbook", "stack overflow"] {
        assert!(!said.contains(word), "panic text: {}", describe(output));
    }
    assert_ne!(output.status.signal(), Some(6), "aborted: {}", describe(output));
}

/// Runs a command to its end. Panics if it takes longer than [`LIMIT`].
pub fn limited(command: &mut Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    limited_as_it_is(command)
}

/// Runs a command like [`limited`], with the streams that it already has.
pub fn limited_as_it_is(command: &mut Command) -> Output {
    let (child, text) = started(command);
    end_of(child, &text)
}

/// Starts a command in a process group of its own. Returns it with its text.
fn started(command: &mut Command) -> (Child, String) {
    let text = format!("{command:?}");
    let child = command.process_group(0).spawn().unwrap_or_else(|error| panic!("{text}: {error}"));
    (child, text)
}

/// Waits until a child and all processes that share its streams have ended. Panics after [`LIMIT`].
pub fn end_of(child: Child, text: &str) -> Output {
    in_time(child, text).unwrap_or_else(|late| panic!("{late}"))
}

/// Runs a command like [`limited`]. If it takes too long, returns what it has printed by then.
pub fn limited_or_late(command: &mut Command) -> Result<Output, String> {
    let (child, text) = started(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    in_time(child, &text)
}

fn in_time(child: Child, text: &str) -> Result<Output, String> {
    let pid = i32::try_from(child.id()).expect("a pid");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || send.send(child.wait_with_output()));
    if let Ok(output) = receive.recv_timeout(LIMIT) {
        return Ok(output.unwrap_or_else(|error| panic!("{text}: {error}")));
    }
    // Kill the child's process group, if it leads one, and the child. Its pid is not yet free for reuse.
    let _ = kill(Pid::from_raw(-pid), Signal::SIGKILL);
    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    let output = receive.recv_timeout(Duration::from_secs(2)).ok().and_then(Result::ok);
    let output = output.map_or("(another process keeps its streams open)".into(), |output| describe(&output));
    Err(format!("{text}: still running after {LIMIT:?}: {output}"))
}

/// Waits until a child has ended. Panics after [`LIMIT`].
pub fn wait_for_end(child: &mut Child, text: &str) -> ExitStatus {
    until(&format!("end of {text}"), || child.try_wait().expect("a child"))
}
