//! Programs of the workbook, run as a student runs them, and what is demanded of their end.

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

/// A program of the workbook, built.
pub fn program(name: &str) -> PathBuf {
    assert_cmd::cargo::cargo_bin(name)
}

/// A program of the workbook, about to run.
pub fn workbook(name: &str) -> Command {
    let mut command = command(program(name));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// A shell about to run `script`, in which `$0` is a program of the workbook.
pub fn shell(name: &str, script: &str) -> Command {
    let mut command = command("sh");
    command.arg("-c").arg(script).arg(program(name));
    command
}

/// A command without input that starts as a terminal starts it, however the tests were started:
/// its signals have their default actions, which `nohup` and a script's `&` change; and it
/// inherits no descriptor but the three streams. What it runs is not noted as run by the reader.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env(finished::VARIABLE, "");
    start_afresh(&mut command);
    command
}

/// Gives the signals that a terminal sends their default actions in the command.
fn start_afresh(command: &mut Command) {
    let reset = || {
        for each in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM] {
            // SAFETY: the default action is no function of ours.
            unsafe { signal(each, SigHandler::SigDfl) }?;
        }
        // Before Linux 5.11 they stay open, and a test that counts descriptors may fail.
        // SAFETY: it closes nothing now; the descriptors are closed by exec.
        unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
        Ok(())
    };
    // SAFETY: it makes system calls alone.
    unsafe { command.pre_exec(reset) };
}

/// What a finished command printed.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a finished command wrote to standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Everything about a finished command that helps to understand a failure.
pub fn describe(output: &Output) -> String {
    format!("{}\n--- stdout\n{}\n--- stderr\n{}", output.status, stdout(output), stderr(output))
}

/// Runs a command to its end, and demands this exit code.
pub fn run(command: &mut Command, code: i32) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert_eq!(output.status.code(), Some(code), "{command:?}: {}", describe(&output));
    output
}

/// As [`run`]: what it printed, and what it wrote to standard error.
pub fn texts(command: &mut Command, code: i32) -> (String, String) {
    let output = run(command, code);
    no_panic(&output);
    (stdout(&output), stderr(&output))
}

/// The events of a lesson that was run with `--format json`.
pub fn events(output: &Output) -> Vec<serde_json::Value> {
    events_in(&stdout(output))
}

/// The events of such an output, one on each line.
pub fn events_in(stdout: &str) -> Vec<serde_json::Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    stdout.lines().map(parse).collect()
}

/// The lines of standard error.
pub fn complaints(output: &Output) -> Vec<String> {
    stderr(output).lines().filter(|line| !line.is_empty()).map(Into::into).collect()
}

/// Demands this exit code, and exactly one line on standard error that holds all of `words`.
pub fn refused(command: &mut Command, code: i32, words: &[&str]) -> Output {
    let output = limited(command);
    let complaints = complaints(&output);
    let good = output.status.code() == Some(code)
        && complaints.len() == 1
        && words.iter().all(|word| complaints[0].contains(word));
    assert!(good, "{command:?}: not {code} with one line that has {words:?}: {}", describe(&output));
    no_panic(&output);
    output
}

/// No panic reaches a user.
pub fn no_panic(output: &Output) {
    let said = stderr(output);
    for word in ["panicked", "RUST_BACKTRACE", "a mistake in the workbook", "stack overflow"] {
        assert!(!said.contains(word), "panic text: {}", describe(output));
    }
    assert_ne!(output.status.signal(), Some(6), "aborted: {}", describe(output));
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
    let told = output.map_or("(and its streams stay open)".into(), |output| describe(&output));
    panic!("{text}: still running after {LIMIT:?}: {told}");
}

/// Waits for the end of a child, which must come soon.
pub fn wait_for_end(child: &mut Child, text: &str) -> ExitStatus {
    until(&format!("end of {text}"), || child.try_wait().expect("a child"))
}
