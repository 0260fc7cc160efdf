//! The longest name has 255 bytes, and a semaphore's 251, as its file is called sem.NAME.
//!
//!     cargo run --bin name_lengths
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_overview(7), sem_overview(7),
//! shm_overview(7). Previous: name_rules. Next: exec_demo.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{open, unlink};
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EINVAL, ENAMETOOLONG};
use std::ffi::CString;
use std::process::ExitCode;

const CREATE: i32 = O_CREAT | O_EXCL | O_RDWR;

/// The kind, the longest name, and how many bytes are too many for the buffer in which glibc
/// builds the path of a file; the kernel takes a queue's name as it is.
const LENGTHS: [(Kind, usize, Option<usize>); 3] = [
    (Kind::Queue, 255, None),
    (Kind::Semaphore, 251, Some(256)), // sem_open puts "sem." in front of what the file is called
    (Kind::SharedMemory, 255, Some(260)),
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let names = lesson.names(LENGTHS.map(|(kind, ..)| kind), "/name_lengths")?;
        let mut held = Vec::new();
        for ((kind, most, buffer), name) in LENGTHS.into_iter().zip(&names) {
            let slug = kind.slug();
            lesson.step(&format!("The longest name of a {}: {most} bytes after the slash", kind.noun()));
            let longest = lesson.grown(name, most)?;
            let object = open(kind, &longest, CREATE)?;
            let links = lesson.look(&*object)?.st_nlink();
            lesson.claim(&format!("a-{slug}-name-may-have-{most}-bytes"), links, 1);
            unlink(&longest)?;

            let too_long = |length| {
                let name = CString::new(name.grown_to(length)).unwrap_or_default();
                open(kind, &name, CREATE)
            };
            lesson.predict("And with one byte more?", &["ENAMETOOLONG", "EINVAL", "success"]);
            let id = format!("a-{slug}-name-of-{}-bytes-is-ENAMETOOLONG", most + 1);
            lesson.claim(&id, too_long(most + 1), ENAMETOOLONG);
            if let Some(buffer) = buffer {
                let id = format!("a-{slug}-name-of-{}-bytes-is-ENAMETOOLONG-still", buffer - 1);
                lesson.claim(&id, too_long(buffer - 1), ENAMETOOLONG);
                let id = format!("a-{slug}-name-of-{buffer}-bytes-is-EINVAL");
                lesson.claim(&id, too_long(buffer), EINVAL);
            }
            // It is the name that is refused: with the lesson's own, the same call creates.
            let object = open(kind, name, CREATE)?;
            lesson.look(&*object)?;
            held.push(object);
        }
        drop(held);
        names.iter().try_for_each(|name| Ok(unlink(name)?))
    })
}
