//! A program in a pseudo-terminal.

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
    /// Up to where the screen has been waited for.
    expected: usize,
    limit: Duration,
}

impl Terminal {
    pub fn start(command: &mut Command) -> Terminal {
        let (mut master, mut slave) = (-1, -1);
        let (no_name, no_settings, no_size) = (std::ptr::null_mut(), std::ptr::null(), std::ptr::null());
        // SAFETY: two places for descriptors; no name, no settings, no size.
        let opened = unsafe { libc::openpty(&raw mut master, &raw mut slave, no_name, no_settings, no_size) };
        assert_eq!(opened, 0, "openpty: {}", std::io::Error::last_os_error());
        // SAFETY: the call has just made them.
        let (master, slave) = unsafe { (OwnedFd::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        let stream = || Stdio::from(slave.try_clone().expect("a copy"));
        command.stdin(stream()).stdout(stream()).stderr(stream());
        let master_number = master.as_raw_fd();
        // SAFETY: three system calls: a session of its own, whose terminal this is.
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
        // The command keeps copies of the slave, and while they are open the screen never ends.
        *command = Command::new("true");
        drop(slave);
        let mut screen = File::from(master.try_clone().expect("a copy"));
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            let mut ends = 0;
            // EIO says that nobody has the terminal open any more. It has been seen to come
            // before the last lines, with eight processes leaving at once; these are there then.
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

    /// Gives whatever is waited for this long, instead of [`LIMIT`].
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Terminal {
        self.limit = limit;
        self
    }

    /// All that has been on the screen.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).replace('\r', "")
    }

    /// Waits until `n` prompts have come; false if the program ends before.
    pub fn prompts(&mut self, prompt: &str, n: usize) -> bool {
        self.read_until(&format!("{n} times {prompt:?}"), |text| text.matches(prompt).count() >= n)
    }

    /// Waits for these words, which must come after those that were waited for last; returns
    /// what stands between.
    pub fn expect(&mut self, words: &str) -> String {
        let from = self.expected;
        let come = self.read_until(&format!("{words:?}"), |text| text[from..].contains(words));
        let text = self.text();
        assert!(come, "it ended without {words:?}:\n{text}");
        let (between, _) = text[from..].split_once(words).expect("they have come");
        self.expected = from + between.len() + words.len();
        between.into()
    }

    pub fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a terminal");
    }

    pub fn type_line(&mut self, line: &str) {
        self.type_in(&format!("{line}\n"));
    }

    /// Types the key together with Ctrl.
    pub fn type_control(&mut self, key: char) {
        let code = char::from(u8::try_from(key.to_ascii_uppercase()).expect("ASCII") & 0x1f);
        self.type_in(&code.to_string());
    }

    /// Waits for its end, which must come by itself: what was on the screen, and how it ended.
    pub fn end(mut self) -> (String, ExitStatus) {
        self.read_until("end", |_| false);
        let ended = until_within(self.limit, || self.child.try_wait().expect("a child"));
        let Some(status) = ended else { self.give_up("end") };
        (self.text(), status)
    }

    /// As [`Terminal::end`], with what came after the words that were waited for last.
    pub fn rest(self) -> (String, ExitStatus) {
        let from = self.expected;
        let (text, status) = self.end();
        (text[from..].into(), status)
    }

    /// Reads until it is so; false if the screen ends before.
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
        panic!("after {:?} there is no {what}:\n{}", self.limit, self.text());
    }
}
