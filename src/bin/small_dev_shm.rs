//! A full /dev/shm refuses memory late: when a page is used for the first time, and then by a signal.
//!
//!     cargo run --bin small_dev_shm
//!
//! Chapter: lessons/36-linux. Manual pages: tmpfs(5), shm_overview(7), ftruncate(2), shmget(2).
//! Previous: pause_container. Next: queue_charge_users.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Namespaces};
use ipc_workbook::mman::{ftruncate, mmap, shm_open, shm_unlink};
use ipc_workbook::mount::mount;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::signal;
use ipc_workbook::sysv::shm::{IPC_PRIVATE, shmat, shmget};
use ipc_workbook::unistd::{read, write};
use libc::{
    CLONE_NEWIPC, CLONE_NEWNS, MAP_SHARED, MS_NODEV, MS_NOSUID, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, PROT_READ,
    PROT_WRITE,
};
use nix::errno::Errno::ENOSPC;
use nix::sys::signal::Signal;
use std::ffi::CStr;
use std::process::ExitCode;

/// The size of /dev/shm in B. Docker gives a container 64 MiB; 64 KiB show the same faster.
const SIZE: usize = 64 << 10;
const SIZE_OPTION: &CStr = c"size=64k";
/// The size of the object.
const LONG: usize = 1 << 20;
const NAME: &CStr = c"/long";

/// The claims that need a /dev/shm of their own.
const CLAIMS: [&str; 6] = [
    "ftruncate-beyond-the-size-of-dev-shm-succeeds",
    "write-to-a-full-dev-shm-fails-with-ENOSPC",
    "read-returns-the-zeros-of-a-hole-although-dev-shm-is-full",
    "System-V-memory-can-be-larger-than-dev-shm",
    "a-write-to-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS",
    "a-read-from-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::SharedMemory, "/small_dev_shm")?;
        lesson.step("A creates shared memory in the usual /dev/shm");
        let ours = shm_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        lesson.look(&ours)?;

        // ANCHOR: full
        lesson.step("B has a /dev/shm of 64 KiB of its own");
        let b = lesson.process_in("B", Lesson::become_container, &CLAIMS, |turn| {
            mount(c"none", c"/dev/shm", c"tmpfs", MS_NOSUID | MS_NODEV, Some(SIZE_OPTION))?;
            let object = shm_open(NAME, O_CREAT | O_RDWR, 0o600)?;
            turn.report(&ftruncate(&object, 1 << 20))?;
            write(&object, &vec![b'x'; SIZE])?;
            let next = write(&object, b"x");
            lesson.claim("write-to-a-full-dev-shm-fails-with-ENOSPC", next, ENOSPC);
            let mut hole = [b'x'; 4];
            read(&object, &mut hole)?;
            let id = "read-returns-the-zeros-of-a-hole-although-dev-shm-is-full";
            lesson.claim(id, &hole[..], b"\0\0\0\0");
            turn.finish()?;
            // ANCHOR_END: full

            let memory = shmat(shmget(IPC_PRIVATE, LONG, 0o600)?, None, 0)?;
            memory.write(0, &vec![b'y'; LONG])?;
            let mut last = [0];
            memory.read(LONG - 1, &mut last)?;
            lesson.claim("System-V-memory-can-be-larger-than-dev-shm", &last[..], b"y");
            turn.finish()
        })?;
        if let Some(mut b) = b {
            lesson.predict("What does ftruncate to 1 MiB return?", &["ENOSPC", "success", "EFBIG"]);
            lesson.claim("ftruncate-beyond-the-size-of-dev-shm-succeeds", b.outcome()?, "success");
            b.turn()?;
            lesson.step("B uses a System V segment of 1 MiB");
            b.turn()?;

            // ANCHOR: touch
            lesson.step("C and D map the object in B's /dev/shm, and use a page that it does not have yet");
            let container = Namespaces::of(b.pid())?;
            let c = lesson.process("C", |_| {
                lesson.join(&container, CLONE_NEWIPC | CLONE_NEWNS)?;
                let object = shm_open(NAME, O_RDWR, 0)?;
                let memory = mmap(None, LONG, PROT_READ | PROT_WRITE, MAP_SHARED, &object, 0)?;
                signal(Signal::SIGBUS)?; // the lesson's own handler would report the page
                lesson.note("C writes the last byte.");
                Ok(memory.write(LONG - 1, b"x")?)
            })?;
            lesson.predict("No call is made. How does C end?", &["SIGBUS", "SIGSEGV", "exited 0"]);
            lesson.claim(
                "a-write-to-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS",
                c.end(lesson)?.as_str(),
                "SIGBUS",
            );
            let d = lesson.process("D", |_| {
                lesson.join(&container, CLONE_NEWIPC | CLONE_NEWNS)?;
                let object = shm_open(NAME, O_RDONLY, 0)?;
                let memory = mmap(None, LONG, PROT_READ, MAP_SHARED, &object, 0)?;
                signal(Signal::SIGBUS)?;
                lesson.note("D reads the last byte.");
                Ok(memory.read(LONG - 1, &mut [0])?)
            })?;
            lesson.claim(
                "a-read-from-a-mapped-hole-of-a-full-dev-shm-raises-SIGBUS",
                d.end(lesson)?.as_str(),
                "SIGBUS",
            );
            // ANCHOR_END: touch
            b.finish()?;
        }
        Ok(shm_unlink(&name)?)
    })
}
