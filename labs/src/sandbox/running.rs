//! A program that runs in the sandbox: its output, and how it ends, or where it waits if it does not end.

use super::child;
use super::clock::Clock;
use super::end::{End, FLOOD};
use super::fault::Fault;
use super::filter::Announced;
use super::guard::Report;
use super::held::limit_descriptors;
use super::process::Process;
use super::record::RunRecord;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The first [`KEPT`] bytes of an output. The rest is only counted.
#[derive(Debug, Default)]
struct Captured {
    text: Vec<u8>,
    bytes: u64,
}

const KEPT: usize = 64 << 10;

/// The index of standard error in the two outputs.
const STDERR: usize = 1;

impl Captured {
    /// Reads what is available, but not without limit from a program that prints without end. Passes
    /// everything that it reads to `heard`. Returns false at the end of the output.
    fn read(&mut self, from: &mut File, mut heard: impl FnMut(&[u8])) -> bool {
        const AT_ONCE: u32 = 128;
        let mut buffer = [0; 8 << 10];
        for _ in 0..AT_ONCE {
            match from.read(&mut buffer) {
                Ok(0) => return false,
                Ok(n) => {
                    heard(&buffer[..n]);
                    self.bytes += n as u64;
                    let room = KEPT.saturating_sub(self.text.len());
                    self.text.extend_from_slice(&buffer[..n.min(room)]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
        true
    }
}

/// A program that was started in the sandbox. It may have ended.
#[derive(Debug)]
pub(crate) struct Running {
    pid: Pid,
    pidfd: Option<OwnedFd>,
    stdin: Option<File>,
    /// Input that the pipe has had no room for yet.
    unsent: Vec<u8>,
    /// Whether standard input ends after that.
    input_ends: bool,
    outputs: [Option<File>; 2],
    captured: [Captured; 2],
    /// The descriptor where a scheduled program's calls are announced.
    pub(crate) listener: Option<Rc<OwnedFd>>,
    /// The reports of the guard, which may have killed it.
    guard: Option<Rc<Report>>,
    end: Option<End>,
    record: RunRecord,
}

impl Running {
    #[allow(unsafe_code)]
    pub(super) fn new(
        ends: child::Ends,
        announced: Announced,
        clock: &Clock,
        guard: Option<Rc<Report>>,
        record: RunRecord,
    ) -> Self {
        let listener = ends.listener.map(Rc::new);
        if let Some(listener) = listener.clone().filter(|_| announced == Announced::Waits) {
            clock.listen_to(listener);
        }
        // SAFETY: the call takes numbers and returns a new descriptor or -1.
        let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, ends.pid.as_raw(), 0) };
        // SAFETY: this descriptor was just created.
        let pidfd = Errno::result(pidfd)
            .ok()
            .map(|fd| unsafe { OwnedFd::from_raw_fd(i32::try_from(fd).unwrap_or(-1)) });
        Running {
            pid: ends.pid,
            pidfd,
            stdin: ends.stdin,
            unsent: Vec::new(),
            input_ends: false,
            outputs: [Some(ends.stdout), Some(ends.stderr)],
            captured: Default::default(),
            listener: listener.filter(|_| announced == Announced::AllButHarmless),
            guard,
            end: None,
            record,
        }
    }

    /// Returns a program that never ran, for this reason.
    pub(super) fn never(why: End, record: RunRecord) -> Self {
        record.ends(&why);
        Running {
            pid: Pid::from_raw(0),
            pidfd: None,
            stdin: None,
            unsent: Vec::new(),
            input_ends: false,
            outputs: [None, None],
            captured: Default::default(),
            listener: None,
            guard: None,
            end: Some(why),
            record,
        }
    }

    /// Returns its process id as this process sees it; 0 if it was never executed.
    pub(crate) fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Returns how it ended, if it has ended.
    pub(crate) fn ended(&mut self) -> Option<&End> {
        if self.end.is_none() {
            self.reap(libc::WNOHANG);
        }
        self.end.as_ref()
    }

    /// Returns how it ended; a timeout if it has not ended.
    pub(crate) fn end(&self) -> End {
        self.end.clone().unwrap_or(End::TimedOut(Vec::new()))
    }

    /// Whether it exited with this code.
    pub(crate) fn exited(&self, code: i32) -> bool {
        self.end.as_ref().is_some_and(|end| end.exited(code))
    }

    /// Kills it, because it did not end in time. `waiting` are the processes of the sandbox at that moment.
    pub(super) fn give_up(&mut self, waiting: Vec<Process>) {
        const DEATH_TIMEOUT: Duration = Duration::from_secs(1);
        self.kill(Signal::SIGKILL);
        // A process that traces this one may delay its end until the sandbox is renewed.
        let until = Instant::now() + DEATH_TIMEOUT;
        while self.ended().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.has_ended(End::TimedOut(waiting));
    }

    fn has_ended(&mut self, end: End) {
        self.record.ends(&end);
        self.end = Some(end);
    }

    /// Records that the grader kills it before this call.
    pub(crate) fn is_killed_before(&self, call: &str) {
        self.record.is_killed_before(call);
    }

    /// Lets it open `more` further descriptors; `None` restores the limit that it started with.
    pub(crate) fn limit_descriptors(&mut self, more: Option<u64>) -> Result<(), Errno> {
        if self.ended().is_some() { Ok(()) } else { limit_descriptors(self.pid(), more) }
    }

    /// Sends it a signal.
    pub(crate) fn kill(&self, signal: Signal) {
        // Process 0 would be this process's own group, and the number of an ended process may be reused.
        if self.end.is_none() && self.pid.as_raw() > 0 {
            let _ = kill(self.pid, signal);
        }
    }

    /// Writes to its standard input: what fits into the pipe now, the rest later. It does not wait until the
    /// program has read it.
    pub(crate) fn write(&mut self, text: &str) {
        self.unsent.extend_from_slice(text.as_bytes());
        self.send_input();
    }

    /// Ends its standard input.
    pub(crate) fn close_input(&mut self) {
        self.input_ends = true;
        self.send_input();
    }

    /// Sends what fits into the pipe. A program that does not read must not make the grader wait.
    fn send_input(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        while !self.unsent.is_empty() {
            match stdin.write(&self.unsent) {
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // The program has closed its standard input.
                Err(_) => self.unsent.clear(),
            }
        }
        if self.input_ends {
            self.stdin = None;
        }
    }

    /// Returns the pipe of its standard input, as a link in /proc names it.
    pub(super) fn input_pipe(&self) -> Option<String> {
        let meta = self.stdin.as_ref()?.metadata().ok()?;
        Some(format!("pipe:[{}]", meta.ino()))
    }

    /// Whether it has read all of its standard input.
    #[allow(unsafe_code)]
    pub(super) fn has_read_its_input(&self) -> bool {
        let mut unread: libc::c_int = 0;
        if let Some(stdin) = &self.stdin {
            // SAFETY: the request writes one int.
            unsafe { libc::ioctl(stdin.as_raw_fd(), libc::FIONREAD, &raw mut unread) };
        }
        unread == 0 && self.unsent.is_empty()
    }

    /// Returns what it has printed on standard output, up to 64 KiB.
    pub(crate) fn stdout(&mut self) -> String {
        self.read();
        String::from_utf8_lossy(&self.captured[0].text).into_owned()
    }

    /// Returns the same as bytes, for output that is not text.
    pub(crate) fn stdout_bytes(&mut self) -> &[u8] {
        self.read();
        &self.captured[0].text
    }

    /// Returns what it has printed on standard error, up to 64 KiB.
    pub(crate) fn stderr(&mut self) -> String {
        self.read();
        String::from_utf8_lossy(&self.captured[1].text).into_owned()
    }

    /// Waits until it prints, reads its input, or ends, or until a call is announced at one of these
    /// listeners; `at_most` is the time limit.
    pub(super) fn listen(&mut self, listeners: &[Rc<OwnedFd>], at_most: Duration) -> Result<(), Fault> {
        let mut fds: Vec<PollFd> = Vec::new();
        fds.extend(self.pidfd.iter().map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN)));
        fds.extend(listeners.iter().map(|listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN)));
        let sends = self.stdin.iter().filter(|_| !self.unsent.is_empty());
        fds.extend(sends.map(|file| PollFd::new(file.as_fd(), PollFlags::POLLOUT)));
        fds.extend(self.outputs.iter().flatten().map(|file| PollFd::new(file.as_fd(), PollFlags::POLLIN)));
        let at_most =
            PollTimeout::try_from(at_most.min(Duration::from_secs(3600))).unwrap_or(PollTimeout::MAX);
        match poll(&mut fds, at_most) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Fault::call("poll", errno)),
        }
        self.read();
        Ok(())
    }

    /// Reads what it has printed, and sends what fits into the pipe of its standard input. Returns whether it
    /// had printed something.
    pub(crate) fn read(&mut self) -> bool {
        self.send_input();
        let bytes = |running: &Self| running.captured.iter().map(|captured| captured.bytes).sum::<u64>();
        let before = bytes(self);
        for (n, (captured, output)) in self.captured.iter_mut().zip(&mut self.outputs).enumerate() {
            let heard = |bytes: &[u8]| {
                if n == STDERR {
                    self.record.complains(bytes);
                }
            };
            if output.as_mut().is_some_and(|file| !captured.read(file, heard)) {
                *output = None;
            }
        }
        if self.has_flooded() {
            self.kill(Signal::SIGKILL);
            // A child that goes on printing gets SIGPIPE.
            self.outputs = [None, None];
        }
        bytes(self) > before
    }

    fn has_flooded(&self) -> bool {
        self.captured.iter().any(|captured| captured.bytes > FLOOD)
    }

    #[allow(unsafe_code)]
    fn reap(&mut self, flags: i32) {
        let mut status = 0;
        // SAFETY: the status outlives the call. (nix's waitpid does not know real-time signals.)
        let reaped = unsafe { libc::waitpid(self.pid.as_raw(), &raw mut status, flags) };
        if reaped == self.pid.as_raw() {
            self.has_ended(if self.has_flooded() {
                End::Flooded
            } else if libc::WIFEXITED(status) {
                End::Exited(libc::WEXITSTATUS(status))
            } else if let Some(why) = self.guard.as_ref().and_then(|guard| guard.read()) {
                End::TookTooMuch(why)
            } else {
                let signal = libc::WTERMSIG(status);
                Signal::try_from(signal).map_or(End::KilledInRealTime(signal), End::Killed)
            });
        } else if reaped == -1 && Errno::last() == Errno::ECHILD {
            // The sandbox was renewed, which killed and reaped the program.
            self.has_ended(End::Killed(Signal::SIGKILL));
        }
    }
}
