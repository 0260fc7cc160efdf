//! A lesson that runs with `--pause`, one Enter at a time.

use crate::run::{wait_for_end, workbook};
use crate::until::LIMIT;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A lesson that runs with `--pause`, one Enter at a time.
pub struct Paused {
    pub child: Child,
    text: String,
    stdin: Option<ChildStdin>,
    chunks: mpsc::Receiver<Vec<u8>>,
    complaints: mpsc::Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

pub const PROMPT: &str = "press Enter to continue ";

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

    /// Waits until the prompt has appeared `n` times, and returns everything printed so far.
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
                panic!("{}: still no {what}\n--- stdout\n{text}\n--- stderr\n{stderr}", self.text);
            }
        }
    }

    /// Sends `n` empty lines.
    pub fn enter(&mut self, n: usize) {
        let stdin = self.stdin.as_mut().expect("an open pipe");
        stdin.write_all(&vec![b'\n'; n]).unwrap_or_else(|error| panic!("{}: {error}", self.text));
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap_or_else(|error| panic!("{}: {error}", self.text));
    }

    /// Waits until the lesson has exited by itself. Standard input stays open until then.
    pub fn end(mut self) -> Output {
        let status = wait_for_end(&mut self.child, &self.text);
        self.seen.extend(rest_of(&self.chunks));
        let stderr = rest_of(&self.complaints);
        Output { status, stdout: std::mem::take(&mut self.seen), stderr }
    }

    /// Closes the lesson's standard input, and waits until it has exited.
    pub fn close_input(mut self) -> Output {
        self.stdin = None;
        self.end()
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // The child still runs here only if an assertion has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the pipe in a separate thread, so that the test itself can give up after the time limit.
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

/// Returns the rest of the output. Does not wait for a leftover process that keeps the pipe open.
fn rest_of(chunks: &mpsc::Receiver<Vec<u8>>) -> Vec<u8> {
    let mut rest = Vec::new();
    while let Ok(chunk) = chunks.recv_timeout(Duration::from_secs(2)) {
        rest.extend(chunk);
    }
    rest
}
