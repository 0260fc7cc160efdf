//! The lesson's other processes. They take turns: one runs while the others
//! wait, so that the story has an order.

use super::refusal::{failed, forget, last_failure, refused, remember_anothers};
use super::{Lesson, Outcome, exit};
use crate::call::{Call, Errno, Listener, Result as CallResult};
use crate::cli::Failure;
use crate::narrate::outcome_text;
use crate::observe::{Unseen, is_exiting, wait_until_blocked_in};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use std::ffi::{CStr, c_char};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const GO: u8 = b'g';
/// A turn is over; an errno or another number follows, then words, a NUL, and the text of the last failed call.
const OVER: u8 = b'o';
/// All is done.
const DONE: u8 = b'd';
/// It ends early, and has reported why. No byte of a text, so that it is seen at the end of what came together with it.
const REPORTED: u8 = 0xfe;
/// The longest message of a process: that its turn is over, a number, words, and its last failed call.
const MESSAGE: usize = 512;

/// Whether it has reported why it ends, maybe after what its turn was about.
fn has_reported(answers: &[u8]) -> bool {
    answers.last() == Some(&REPORTED)
}

/// Another process of the lesson, as the lesson sees it.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    label: String,
    baton: UnixStream,
    /// Whether it has been let go already, to its end.
    started: bool,
    /// The errno of its last [`Turn::report`], or 0.
    pub(super) reported: i32,
    /// What it reported in words with its last [`Turn::answer`].
    words: String,
}

/// A process's turn, as it sees it itself.
#[derive(Debug)]
pub struct Turn {
    baton: UnixStream,
}

impl Lesson {
    /// Forks a process called `label` that runs `body`, and waits for its first
    /// [`Process::turn`]. What the lesson has open, it has too: `fork(2)`.
    pub fn process(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Result<Process, Failure> {
        let (mine, theirs) = UnixStream::pair().map_err(failed("socketpair"))?;
        exit::hold_signals();
        let parent = nix::unistd::getpid();
        // SAFETY: a lesson has one thread, so the child may do all that the parent may.
        let forked = unsafe { fork() };
        let child = match forked {
            Ok(ForkResult::Parent { child }) => {
                exit::remember_child(child.as_raw());
                self.narrator.introduce(label, child.as_raw());
                Ok(child)
            }
            Ok(ForkResult::Child) => {
                drop(mine);
                self.live(parent, label, Turn { baton: theirs }, body);
            }
            Err(errno) => Err(errno),
        };
        exit::let_signals_in();
        self.called(Call { name: "fork", text: "fork()".into(), result: child.map(|pid| pid.to_string()) });
        let pid = child?;
        Ok(Process {
            pid,
            label: label.into(),
            baton: mine,
            started: false,
            reported: 0,
            words: String::new(),
        })
    }

    /// The life of a forked process.
    fn live(&self, parent: Pid, label: &str, mut turn: Turn, body: impl FnOnce(&mut Turn) -> Outcome) -> ! {
        // Whatever kills the lesson, SIGKILL included, ends this process too.
        let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
        if nix::unistd::getppid() != parent {
            // It was killed before it could be asked to take this process along.
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(1) }
        }
        exit::let_signals_in();
        forget();
        self.narrator.become_process(label, nix::unistd::getpid().as_raw());
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            turn.wait()?;
            body(&mut turn)
        }));
        let code = match outcome {
            Ok(Ok(())) => 0,
            Ok(Err(failure)) => failure.report(self.source.name()),
            Err(_) => 1,
        };
        let _ = turn.baton.write_all(&[if code == 0 { DONE } else { REPORTED }]);
        // The parent's guards and handles are not this process's to drop.
        // SAFETY: _exit runs nothing of ours.
        unsafe { libc::_exit(i32::from(code)) }
    }
}

impl Process {
    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Lets it run until its [`Turn::finish`], its end, or an exec.
    pub fn turn(&mut self) -> Result<(), Failure> {
        self.go()?;
        self.wait_for_turn()
    }

    /// Waits for what it reports by [`Turn::report`], in a turn that [`Process::start`]
    /// has begun, while whoever it waits for goes on.
    pub fn reported(&mut self) -> Result<CallResult<()>, Failure> {
        self.wait_for_turn()?;
        self.started = false; // it waits for its next turn
        Ok(if self.reported == 0 { Ok(()) } else { Err(Errno::from_raw(self.reported)) })
    }

    /// Waits until a call in [`Turn::blocking_call`] has come back, lets it report that call,
    /// and waits for what it reports next by [`Turn::report`].
    pub fn resume(&mut self) -> Result<CallResult<()>, Failure> {
        self.wait_for_turn()?;
        self.go()?;
        self.reported()
    }

    /// Waits until it waits in the call, and shows what /proc shows.
    pub fn wait_until_blocked_in(&self, lesson: &Lesson, call: &str) -> Result<(), Unseen> {
        let seen = wait_until_blocked_in(self.pid(), call);
        if seen.is_err() {
            std::thread::sleep(Duration::from_millis(20)); // it should wait by then, unseen
        }
        lesson.show(&format!("process {}", self.label), "syscall", seen).map(drop)
    }

    fn wait_for_turn(&mut self) -> Result<(), Failure> {
        let mut answer = [0; MESSAGE];
        // One write of so few bytes comes in one piece.
        let n = self.baton.read(&mut answer).map_err(failed("recv"))?;
        let reported = has_reported(&answer[..n]);
        if n > 0 && !reported {
            self.reported = i32::from_le_bytes([answer[1], answer[2], answer[3], answer[4]]);
            let text = String::from_utf8_lossy(answer.get(5..n).unwrap_or_default());
            let (words, failure) = text.split_once('\0').unwrap_or((&text, ""));
            self.words = words.into();
            // So that a claim that fails can name the call, whoever made it.
            if !failure.is_empty() {
                remember_anothers(&format!("{} {failure}", self.label));
            }
            return Ok(());
        }
        // The baton is closed by exec, and by death, which may still be under way.
        let dying = reported || is_exiting(self.pid());
        match self.wait(if dying { None } else { Some(WaitPidFlag::WNOHANG) })? {
            WaitStatus::StillAlive => Ok(()),
            status => {
                exit::forget_child(self.pid());
                Err(self.died(status, reported))
            }
        }
    }

    /// Lets it run until its next [`Turn::report`]: `success`, or the errno's name.
    pub fn outcome(&mut self) -> Result<Result<String, Unseen>, Failure> {
        self.turn()?;
        Ok(reported_text(self.reported))
    }

    /// Lets it run until its next [`Turn::answer`], which is returned.
    pub fn answer(&mut self) -> Result<Result<String, Unseen>, Failure> {
        self.turn()?;
        let words = std::mem::take(&mut self.words);
        Ok(if self.reported == 0 { Ok(words) } else { Err(Unseen(words)) })
    }

    /// Lets it run, and does not wait: for processes that are to run at the same
    /// time. [`Process::finish`] waits for its end.
    pub fn start(&mut self) -> Result<(), Failure> {
        self.started = true;
        self.go()
    }

    fn go(&mut self) -> Result<(), Failure> {
        match self.baton.write_all(&[GO]) {
            // A process that is gone already says why when it is waited for.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(failed("send")),
        }
    }

    /// Lets it run to its end.
    pub fn finish(mut self) -> Result<(), Failure> {
        let (status, reported) = self.run_out()?;
        if status == WaitStatus::Exited(self.pid, 0) { Ok(()) } else { Err(self.died(status, reported)) }
    }

    /// Lets it run to its end, and reaps it: how it ended, and whether it has reported why.
    fn run_out(&mut self) -> Result<(WaitStatus, bool), Failure> {
        if !self.started {
            self.go()?;
        }
        // Whatever it still says on its way.
        let mut answers = Vec::new();
        self.baton.read_to_end(&mut answers).map_err(failed("recv"))?;
        let status = self.wait(None)?;
        exit::forget_child(self.pid());
        Ok((status, has_reported(&answers)))
    }

    /// Kills it with SIGKILL, against which no process can do anything, and reaps it.
    pub fn kill(self, lesson: &Lesson) -> Result<(), Failure> {
        let result = kill(self.pid, Signal::SIGKILL);
        lesson.called(Call {
            name: "kill",
            text: format!("kill({}, SIGKILL)", self.pid),
            result: result.map(|()| "0".into()),
        });
        result?;
        self.wait(None)?;
        exit::forget_child(self.pid());
        Ok(())
    }

    /// Lets it run to an end that may come by a signal or from another program,
    /// and returns what the kernel says of it: `exited 0`, `SIGKILL`.
    pub fn end(mut self, lesson: &Lesson) -> Result<String, Failure> {
        let (status, reported) = self.run_out()?;
        if reported {
            return Err(self.died(status, true));
        }
        let (shown, end) = match status {
            WaitStatus::Exited(_, code) => (format!("exited {code}"), format!("exited {code}")),
            WaitStatus::Signaled(_, signal, _) => (format!("killed by {signal}"), signal.to_string()),
            other => (format!("{other:?}"), format!("{other:?}")),
        };
        let text = format!("waitpid({}, [{shown}], 0)", self.pid);
        lesson.called(Call { name: "waitpid", text, result: Ok(self.pid.to_string()) });
        Ok(end)
    }

    fn wait(&self, flags: Option<WaitPidFlag>) -> Result<WaitStatus, Failure> {
        waitpid(self.pid, flags).map_err(|errno| refused(&format!("waitpid({})", self.pid), "waitpid", errno))
    }

    fn died(&self, status: WaitStatus, reported: bool) -> Failure {
        match status {
            // It has reported why, and its code is the lesson's; not so a program it has become.
            // One that cannot speak any more says nothing here either.
            WaitStatus::Exited(_, code) if reported || code == 3 || code == 128 + 13 => {
                Failure::Reported(u8::try_from(code).unwrap_or(1))
            }
            status => Failure::Machine(format!(
                "process {} ended before its time: {status:?}; run it again",
                self.label
            )),
        }
    }
}

impl Turn {
    /// Ends this turn, and waits for the next.
    pub fn finish(&mut self) -> Outcome {
        self.report(&Ok(()))
    }

    /// Makes a call in which it waits for another process. It comes back at the same
    /// moment as the call that wakes it, and the two could be reported in either order;
    /// so this one is reported in the turn after, which [`Process::resume`] begins.
    pub fn blocking_call<T>(
        &mut self,
        lesson: &Lesson,
        call: impl FnOnce() -> CallResult<T>,
    ) -> Result<CallResult<T>, Failure> {
        let (result, calls) = lesson.deferred(call);
        self.finish()?;
        for call in calls {
            lesson.called(call);
        }
        Ok(result)
    }

    /// Ends this turn with the outcome of a call, for [`Process::outcome`] or
    /// [`OtherUser::turn`](super::OtherUser::turn), and waits for the next.
    pub fn report<T>(&mut self, outcome: &CallResult<T>) -> Outcome {
        self.report_number(outcome.as_ref().err().map_or(0, |errno| *errno as i32))
    }

    /// Ends this turn with a number for [`OtherUser::number`](super::OtherUser::number), and waits for the next.
    pub fn report_number(&mut self, number: i32) -> Outcome {
        self.end(number, "")
    }

    /// Ends this turn with what it has seen, or why not, for [`Process::answer`], and waits for the next.
    pub fn answer(&mut self, seen: &Result<String, Unseen>) -> Outcome {
        match seen {
            Ok(text) => self.end(0, text),
            Err(Unseen(why)) => self.end(-1, why),
        }
    }

    fn end(&mut self, number: i32, words: &str) -> Outcome {
        let [a, b, c, d] = number.to_le_bytes();
        let mut message = vec![OVER, a, b, c, d];
        message.extend(words.bytes().chain([0]).chain(last_failure().bytes()).take(MESSAGE - message.len()));
        self.baton.write_all(&message).map_err(failed("send"))?;
        self.wait()
    }

    fn wait(&mut self) -> Outcome {
        let mut go = [0];
        match self.baton.read(&mut go).map_err(failed("recv"))? {
            0 => Err(Failure::Reported(1)), // the lesson is gone
            _ => Ok(()),
        }
    }
}

/// What a process reports with [`Turn::report`], as text.
pub(super) fn reported_text(errno: i32) -> Result<String, Unseen> {
    outcome_text(if errno == 0 { Ok(()) } else { Err(Errno::from_raw(errno)) })
}

/// `int execv(const char *pathname, char *const argv[]);`
///
/// Replaces the program that this process runs; returns only to fail. As the
/// program is gone if it succeeds, the narration shows the call before it is made.
/// (Not `execvp`: at `ENOEXEC` that runs a shell, and hides the error.)
///
/// Manual page: [exec(3)](https://man7.org/linux/man-pages/man3/exec.3.html).
pub fn execv(lesson: &Lesson, pathname: &CStr, argv: &[&CStr]) -> CallResult<()> {
    let shown: Vec<String> = argv.iter().map(|word| format!("{word:?}")).collect();
    let text = format!("execv({pathname:?}, [{}])", shown.join(", "));
    lesson.note(&text);
    let mut pointers: Vec<*const c_char> = argv.iter().map(|word| word.as_ptr()).collect();
    pointers.push(std::ptr::null());
    // SAFETY: the strings end in NULs, and the array in a null pointer.
    unsafe { libc::execv(pathname.as_ptr(), pointers.as_ptr()) };
    let errno = Errno::last();
    lesson.called(Call { name: "execv", text, result: Err(errno) });
    Err(errno)
}
