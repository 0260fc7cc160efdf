//! A name can have 255 bytes, a semaphore's only 251, because its file is called sem.NAME.
//!
//!     cargo run --bin name_lengths
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_overview(7), sem_overview(7),
//! shm_overview(7). Previous: raw_names. Next: exec_demo.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{open, since_glibc_2_34, unlink};
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EINVAL, ENAMETOOLONG};
use std::ffi::CString;
use std::process::ExitCode;

const CREATE: i32 = O_CREAT | O_EXCL | O_RDWR;

/// The kind, the length of its longest name, and the length at which the path no longer fits into
/// the buffer of glibc, since 2.34. The kernel gets a queue's name without a path.
const LENGTHS: [(Kind, usize, Option<usize>); 3] = [
    (Kind::Queue, 255, None),
    (Kind::Semaphore, 251, Some(256)), // sem_open puts "sem." in front of the name
    (Kind::SharedMemory, 255, Some(260)),
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let names = lesson.names(LENGTHS.map(|(kind, ..)| kind), "/name_lengths")?;
        let mut held = Vec::new();
        for ((kind, most, buffer), name) in LENGTHS.into_iter().zip(&names) {
            lesson.step(&format!("The longest name of a {}: {most} bytes after the slash", kind.noun()));
            let id = |length: usize, what| format!("a-{}-name-{what}-{length}-bytes", kind.slug());
            let too_long = format!("{}-is-ENAMETOOLONG", id(most + 1, "of"));
            let edge = buffer.map(|buffer| {
                let still = format!("{}-is-still-ENAMETOOLONG", id(buffer - 1, "of"));
                (buffer, still, format!("{}-is-EINVAL", id(buffer, "of")))
            });
            if let Some((_, still, einval)) = &edge
                && let Err(unseen) = since_glibc_2_34()
            {
                lesson.not_seen(&[&id(most, "may-have"), &too_long, still, einval], &unseen)?;
                continue;
            }
            let longest = lesson.grown(name, most)?;
            let object = open(kind, &longest, CREATE)?;
            lesson.claim(&id(most, "may-have"), lesson.look(&*object)?.st_nlink(), 1);
            unlink(&longest)?;

            let create = |length| {
                let name = CString::new(name.grown_to(length)).unwrap_or_default();
                open(kind, &name, CREATE)
            };
            lesson.predict("What happens with one byte more?", &["ENAMETOOLONG", "EINVAL", "success"]);
            lesson.claim(&too_long, create(most + 1), ENAMETOOLONG);
            if let Some((buffer, still, einval)) = edge {
                lesson.claim(&still, create(buffer - 1), ENAMETOOLONG);
                lesson.claim(&einval, create(buffer), EINVAL);
            }
            // Only the name was wrong: with the lesson's own name the same call succeeds.
            let object = open(kind, name, CREATE)?;
            lesson.look(&*object)?;
            held.push((object, name));
        }
        held.into_iter().try_for_each(|(object, name)| {
            drop(object);
            Ok(unlink(name)?)
        })
    })
}
