//! Runs a program in a pseudo-terminal.

use crate::until::{LIMIT, until_within};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A program in a pseudo-terminal.
pub struct Terminal {
    pub child: Child,
    keyboard: File,
    screen: mpsc::Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// The position on the screen up to which [`Terminal::expect`] has read.
    expected: usize,
    limit: Duration,
}

impl Terminal {
    pub fn start(command: &mut Command) -> Terminal {
        let (mut master, mut slave) = (-1, -1);
        let (no_name, no_settings, no_size) = (std::ptr::null_mut(), std::ptr::null(), std::ptr::null());
        // SAFETY: the call writes the two descriptors. The other arguments are null.
        let opened = unsafe { libc::openpty(&raw mut master, &raw mut slave, no_name, no_settings, no_size) };
        assert_eq!(opened, 0, "openpty: {}", std::io::Error::last_os_error());
        // SAFETY: the call has just created the descriptors.
        let (master, slave) = unsafe { (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        let stream = || Stdio::from(slave.try_clone().expect("a copy"));
        command.stdin(stream()).stdout(stream()).stderr(stream());
        let master_number = master.as_raw_fd();
        // SAFETY: the closure makes three system calls: it starts a session with this terminal.
        unsafe {
            command.pre_exec(move || {
                libc::close(master_number);
                if libc::setsid() == -1 || libc::ioctl(0, libc::TIOCSCTTY, 0) == -1 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().expect("a program in a terminal");
        // The command keeps copies of the slave, and while one is open, reading the screen never ends.
        *command = Command::new("true");
        drop(slave);
        let mut screen = File::from(master.try_clone().expect("a copy"));
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            let mut ends = 0;
            // EIO means that no process has the terminal open any more. When eight processes exited at once,
            // EIO came before the last lines, so read again.
            while ends < 3 {
                if let Ok(n @ 1..) = screen.read(&mut chunk) {
                    ends = 0;
                    if send.send(chunk[..n].to_vec()).is_err() {
                        return;
                    }
                } else {
                    ends += 1;
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        });
        Terminal {
            child,
            keyboard: File::from(master),
            screen: receive,
            seen: Vec::new(),
            expected: 0,
            limit: LIMIT,
        }
    }

    /// Sets the time limit of every wait, instead of [`LIMIT`].
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Terminal {
        self.limit = limit;
        self
    }

    /// Returns everything that has appeared on the screen.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).replace('\r', "")
    }

    /// Waits until `n` prompts have appeared. Returns false if the program ends first.
    pub fn prompts(&mut self, prompt: &str, n: usize) -> bool {
        self.read_until(&format!("{n} prompts {prompt:?}"), |text| text.matches(prompt).count() >= n)
    }

    /// Waits until these words appear after those of the last call, and returns the text between. Panics if
    /// the program ends first.
    pub fn expect(&mut self, words: &str) -> String {
        let from = self.expected;
        let come = self.read_until(&format!("{words:?}"), |text| text[from..].contains(words));
        let text = self.text();
        assert!(come, "the program ended without printing {words:?}:\n{text}");
        let (between, _) = text[from..].split_once(words).expect("the words that were found");
        self.expected = from + between.len() + words.len();
        between.into()
    }

    pub fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a terminal");
    }

    pub fn type_line(&mut self, line: &str) {
        self.type_in(&format!("{line}\n"));
    }

    /// Types Ctrl and the key.
    pub fn type_control(&mut self, key: char) {
        let code = char::from(u8::try_from(key.to_ascii_uppercase()).expect("ASCII") & 0x1f);
        self.type_in(&code.to_string());
    }

    /// Waits until the program has ended by itself. Returns everything on the screen and the exit status.
    pub fn end(mut self) -> (String, ExitStatus) {
        self.read_until("end", |_| false);
        let ended = until_within(self.limit, || self.child.try_wait().expect("a child"));
        let Some(status) = ended else { self.give_up("end") };
        (self.text(), status)
    }

    /// Waits like [`Terminal::end`], but returns only the text after the last [`Terminal::expect`].
    pub fn rest(self) -> (String, ExitStatus) {
        let from = self.expected;
        let (text, status) = self.end();
        (text[from..].into(), status)
    }

    /// Reads until `is_so` returns true. Returns false if the screen ends first.
    fn read_until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) -> bool {
        let deadline = Instant::now() + self.limit;
        while !is_so(&self.text()) {
            match self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(chunk) => self.seen.extend(chunk),
                Err(mpsc::RecvTimeoutError::Disconnected) => return false,
                Err(mpsc::RecvTimeoutError::Timeout) => self.give_up(what),
            }
        }
        true
    }

    fn give_up(&mut self, what: &str) -> ! {
        let _ = self.child.kill();
        panic!("still no {what} after {:?}:\n{}", self.limit, self.text());
    }
}
