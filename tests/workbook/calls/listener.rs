//! The events that a listener gets about the calls. Without a listener nothing is written.

use super::private;
use ipc_workbook::call::{Call, Errno, Listener, Object, listen, unreported};
use ipc_workbook::mman::{mmap, munmap, shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, mq_close, mq_open, mq_receive, mq_send, mq_unlink};
use ipc_workbook::semaphore::{sem_close, sem_open, sem_post, sem_unlink};
use ipc_workbook::unistd::{close, dup};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::cell::RefCell;
use std::io::Write as _;

/// Returns the events of `calls`. A test may call it only once, because the listener stays registered for
/// the thread.
pub(super) fn heard(calls: impl FnOnce()) -> Vec<String> {
    let listener: &'static Recorder = Box::leak(Box::default());
    listen(listener);
    calls();
    listener.0.take()
}

/// Records all events, one on each line.
#[derive(Default)]
struct Recorder(RefCell<Vec<String>>);

impl Recorder {
    fn record(&self, line: String) {
        self.0.borrow_mut().push(line);
    }
}

impl Listener for Recorder {
    fn announced(&self, text: &str) {
        self.record(format!("announced {text}"));
    }
    fn called(&self, call: Call) {
        assert!(call.text.starts_with(&format!("{}(", call.name)), "{call:?}");
        self.record(call.to_string());
    }
    fn creating(&self) {
        self.record("creating".into());
    }
    fn created(&self, object: Object<'_>) {
        self.record(format!("created {}", named(object)));
    }
    fn settled(&self) {
        self.record("settled".into());
    }
    fn removed(&self, object: Object<'_>) {
        self.record(format!("removed {}", named(object)));
    }
}

fn named(object: Object<'_>) -> String {
    match object {
        Object::Queue(name) => format!("queue {}", name.to_string_lossy()),
        Object::Semaphore(name) => format!("semaphore {}", name.to_string_lossy()),
        Object::SharedMemory(name) => format!("shared memory {}", name.to_string_lossy()),
        other => format!("{other:?}"),
    }
}

/// Makes a successful and a failing call of each header.
fn some_calls() {
    let attr = MqAttr::new(1, 8);
    let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).expect("mq_open");
    mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).unwrap_err();
    mq_send(&mq, b"message", 1).expect("mq_send");
    mq_receive(&mq, &mut [0; 8]).expect("mq_receive");
    mq_unlink(c"/q").expect("mq_unlink");
    mq_close(mq).expect("mq_close");
    let sem = sem_open(c"/s", O_CREAT | O_EXCL, 0o600, 0).expect("sem_open");
    sem_open(c"/s", O_CREAT | O_EXCL, 0o600, 0).unwrap_err();
    sem_post(&sem).expect("sem_post");
    sem_unlink(c"/s").expect("sem_unlink");
    sem_close(sem).expect("sem_close");
    let fd = shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, 0o600).expect("shm_open");
    shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap_err();
    let memory = mmap(None, 4096, libc::PROT_READ, libc::MAP_SHARED, &fd, 0).expect("mmap");
    munmap(memory).expect("munmap");
    shm_unlink(c"/m").expect("shm_unlink");
    close(dup(&fd).expect("dup")).expect("close");
}

/// Returns what `calls` write to standard output and standard error.
fn written(calls: impl FnOnce()) -> String {
    std::io::stdout().flush().expect("flush");
    let page = memfd_create(c"page", MFdFlags::empty()).expect("memfd_create");
    let (out, err) = (std::io::stdout(), std::io::stderr());
    let (old_out, old_err) = (dup(&out).expect("dup"), dup(&err).expect("dup"));
    nix::unistd::dup2_stdout(&page).expect("dup2");
    nix::unistd::dup2_stderr(&page).expect("dup2");
    calls();
    std::io::stdout().flush().expect("flush");
    nix::unistd::dup2_stdout(old_out).expect("dup2");
    nix::unistd::dup2_stderr(old_err).expect("dup2");
    let mut bytes = [0; 4096];
    let length = nix::sys::uio::pread(&page, &mut bytes, 0).expect("pread");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[test]
fn without_a_listener_the_calls_write_nothing() {
    private(|| {
        assert_eq!(written(some_calls), "");
        // The capture itself must work, or the result would always be empty.
        assert_eq!(written(|| print!("out")), "out");
        assert_eq!(written(|| eprint!("err")), "err");
    });
}

#[test]
fn a_listener_gets_every_call_except_silent_ones() {
    private(|| {
        let mut silent = None;
        let all = heard(|| {
            some_calls();
            silent = Some(unreported(|| mq_unlink(c"/silent")));
            mq_unlink(c"/loud").unwrap_err();
        });
        assert_eq!(silent, Some(Err(Errno::ENOENT)));
        let calls = all.iter().filter(|line| line.contains('(')).collect::<Vec<_>>();
        assert_eq!(calls.len(), 19, "{calls:#?}");
        assert_eq!(calls[18], r#"mq_unlink("/loud") = -1 ENOENT (No such file or directory)"#);
        let created = all.iter().filter(|line| line.starts_with("created")).collect::<Vec<_>>();
        assert_eq!(created, ["created queue /q", "created semaphore /s", "created shared memory /m"]);
        let removed = all.iter().filter(|line| line.starts_with("removed")).collect::<Vec<_>>();
        assert_eq!(removed, ["removed queue /q", "removed semaphore /s", "removed shared memory /m"]);
        let held = |what: &str| all.iter().filter(|line| line.as_str() == what).count();
        assert_eq!((held("creating"), held("settled")), (6, 6), "{all:#?}");
    });
}
