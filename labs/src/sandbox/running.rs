//! A program that runs in the sandbox: what it prints, how it ends, and, when it does not,
//! where it waits.

use super::child;
use super::clock::Clock;
use super::end::{End, FLOOD};
use super::fault::Fault;
use super::filter::Announced;
use super::held::limit_descriptors;
use super::process::Process;
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

/// As much of an output as is worth keeping; the rest is counted.
#[derive(Debug, Default)]
struct Captured {
    text: Vec<u8>,
    bytes: u64,
}

const KEPT: usize = 64 << 10;

impl Captured {
    /// Reads what is there, and not without end from a program that prints without end. False at
    /// the end of the output.
    fn read(&mut self, from: &mut File) -> bool {
        const AT_ONCE: u32 = 128;
        let mut buffer = [0; 8 << 10];
        for _ in 0..AT_ONCE {
            match from.read(&mut buffer) {
                Ok(0) => return false,
                Ok(n) => {
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

/// A program that was started in the sandbox.
#[derive(Debug)]
pub(crate) struct Running {
    pid: Pid,
    pidfd: Option<OwnedFd>,
    stdin: Option<File>,
    /// What its standard input had no room for yet.
    unsent: Vec<u8>,
    /// Whether its standard input ends behind that.
    input_ends: bool,
    outputs: [Option<File>; 2],
    captured: [Captured; 2],
    /// Where a scheduled program's calls are announced.
    pub(crate) listener: Option<Rc<OwnedFd>>,
    end: Option<End>,
}

impl Running {
    #[allow(unsafe_code)]
    pub(super) fn new(ends: child::Ends, announced: Announced, clock: &Clock) -> Self {
        let listener = ends.listener.map(Rc::new);
        if let Some(listener) = listener.clone().filter(|_| announced == Announced::Waits) {
            clock.listen_to(listener);
        }
        // SAFETY: the call takes numbers, and returns a new descriptor or -1.
        let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, ends.pid.as_raw(), 0) };
        // SAFETY: this descriptor has just been made.
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
            end: None,
        }
    }

    /// What never ran, and why.
    pub(super) fn never(why: End) -> Self {
        Running {
            pid: Pid::from_raw(0),
            pidfd: None,
            stdin: None,
            unsent: Vec::new(),
            input_ends: false,
            outputs: [None, None],
            captured: Default::default(),
            listener: None,
            end: Some(why),
        }
    }

    /// Its process id, as this process sees it; 0 if it was never executed.
    pub(crate) fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<&End> {
        if self.end.is_none() {
            self.reap(libc::WNOHANG);
        }
        self.end.as_ref()
    }

    /// How it ended; as long as it has not, as if its time were over.
    pub(crate) fn end(&self) -> End {
        self.end.clone().unwrap_or(End::TimedOut(Vec::new()))
    }

    /// Whether it ended with this exit code.
    pub(crate) fn exited(&self, code: i32) -> bool {
        self.end.as_ref().is_some_and(|end| end.exited(code))
    }

    /// It has not ended in time, and is killed; these processes were there.
    pub(super) fn give_up(&mut self, waiting: Vec<Process>) {
        const DEATH_TIMEOUT: Duration = Duration::from_secs(1);
        self.kill(Signal::SIGKILL);
        // A process that traces this one may keep its end to itself, until the sandbox is renewed.
        let until = Instant::now() + DEATH_TIMEOUT;
        while self.ended().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.end = Some(End::TimedOut(waiting));
    }

    /// Lets it open so many descriptors more, or as many as at its start.
    pub(crate) fn limit_descriptors(&mut self, more: Option<u64>) -> Result<(), Errno> {
        if self.ended().is_some() { Ok(()) } else { limit_descriptors(self.pid(), more) }
    }

    /// Sends it a signal.
    pub(crate) fn kill(&self, signal: Signal) {
        // Neither process 0, which is this process's group, nor a number that is given anew.
        if self.end.is_none() && self.pid.as_raw() > 0 {
            let _ = kill(self.pid, signal);
        }
    }

    /// Writes to its standard input, as much as there is room for, and the rest later. Whether it was
    /// read is another question.
    pub(crate) fn write(&mut self, text: &str) {
        self.unsent.extend_from_slice(text.as_bytes());
        self.send_input();
    }

    /// The end of its standard input.
    pub(crate) fn close_input(&mut self) {
        self.input_ends = true;
        self.send_input();
    }

    /// A program that does not read must not make its grader wait.
    fn send_input(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        while !self.unsent.is_empty() {
            match stdin.write(&self.unsent) {
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // It has closed its standard input.
                Err(_) => self.unsent.clear(),
            }
        }
        if self.input_ends {
            self.stdin = None;
        }
    }

    /// The pipe of its standard input, as a link in /proc names it.
    pub(super) fn input_pipe(&self) -> Option<String> {
        let meta = self.stdin.as_ref()?.metadata().ok()?;
        Some(format!("pipe:[{}]", meta.ino()))
    }

    /// Whether all that was written to its standard input has been read.
    #[allow(unsafe_code)]
    pub(super) fn has_read_its_input(&self) -> bool {
        let mut unread: libc::c_int = 0;
        if let Some(stdin) = &self.stdin {
            // SAFETY: the request writes one int.
            unsafe { libc::ioctl(stdin.as_raw_fd(), libc::FIONREAD, &raw mut unread) };
        }
        unread == 0 && self.unsent.is_empty()
    }

    /// What it has printed on standard output, up to 64 KiB.
    pub(crate) fn stdout(&mut self) -> String {
        self.read();
        String::from_utf8_lossy(&self.captured[0].text).into_owned()
    }

    /// The same, byte by byte: for what is no text.
    pub(crate) fn stdout_bytes(&mut self) -> &[u8] {
        self.read();
        &self.captured[0].text
    }

    /// What it has printed on standard error, up to 64 KiB.
    pub(crate) fn stderr(&mut self) -> String {
        self.read();
        String::from_utf8_lossy(&self.captured[1].text).into_owned()
    }

    /// Waits until it prints, reads what is unsent, or ends, or a wait is announced at one of these listeners,
    /// at most so long.
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

    /// Takes in what it has printed, and sends it what its standard input has room for.
    pub(crate) fn read(&mut self) {
        self.send_input();
        for (captured, output) in self.captured.iter_mut().zip(&mut self.outputs) {
            if output.as_mut().is_some_and(|file| !captured.read(file)) {
                *output = None;
            }
        }
        if self.captured.iter().any(|captured| captured.bytes > FLOOD) {
            self.kill(Signal::SIGKILL);
        }
    }

    #[allow(unsafe_code)]
    fn reap(&mut self, flags: i32) {
        let mut status = 0;
        // SAFETY: the status outlives the call. (nix's waitpid knows no real-time signals.)
        let reaped = unsafe { libc::waitpid(self.pid.as_raw(), &raw mut status, flags) };
        if reaped == self.pid.as_raw() {
            let flooded = self.captured.iter().any(|captured| captured.bytes > FLOOD);
            self.end = Some(if flooded {
                End::Flooded
            } else if libc::WIFEXITED(status) {
                End::Exited(libc::WEXITSTATUS(status))
            } else {
                let signal = libc::WTERMSIG(status);
                Signal::try_from(signal).map_or(End::KilledInRealTime(signal), End::Killed)
            });
        } else if reaped == -1 && Errno::last() == Errno::ECHILD {
            // The sandbox was renewed meanwhile.
            self.end = Some(End::Killed(Signal::SIGKILL));
        }
    }
}
