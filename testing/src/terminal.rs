//! A program in a pseudo-terminal.

use crate::run::LIMIT;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A lesson in a pseudo-terminal.
pub struct Terminal {
    pub child: Child,
    keyboard: File,
    screen: mpsc::Receiver<Vec<u8>>,
    seen: Vec<u8>,
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
        let child = command.spawn().expect("a lesson in a terminal");
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
        Terminal { child, keyboard: File::from(master), screen: receive, seen: Vec::new() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).replace('\r', "")
    }

    /// Waits until `n` prompts have come; false if the lesson ends before.
    pub fn prompts(&mut self, prompt: &str, n: usize) -> bool {
        let deadline = Instant::now() + LIMIT;
        while self.text().matches(prompt).count() < n {
            match self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(chunk) => self.seen.extend(chunk),
                Err(mpsc::RecvTimeoutError::Disconnected) => return false,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("no {n} times {prompt:?}:\n{}", self.text());
                }
            }
        }
        true
    }

    pub fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// What was on the screen, and the exit code.
    pub fn end(mut self) -> (String, Option<i32>) {
        self.prompts("\0never", 1);
        let deadline = Instant::now() + LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return (self.text(), status.code());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = self.child.kill();
        panic!("still running:\n{}", self.text());
    }
}
