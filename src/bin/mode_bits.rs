//! Each mode bit gives one class of users one right, and only the first class that fits counts.
//!
//!     cargo run --bin mode_bits
//!
//! Chapter: lessons/12-permissions. Manual pages: mq_open(3), shm_open(3), chmod(2), inode(7),
//! execve(2). Previous: perm_demo. Next: access_demo.

use ipc_workbook::capability::capset;
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, Outcome, Turn, outcome};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, may_execute_from};
use ipc_workbook::stat::{fchmod, fstat, octal};
use ipc_workbook::unistd::{close, execve};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::EACCES;
use std::ffi::CStr;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [mq_name, shm_name] = lesson.names([Kind::Queue, Kind::SharedMemory], "/mode_bits")?;

        lesson.step("Create a queue and shared memory");
        // Not O_RDWR: execve fails with ETXTBSY for a file that is open for writing.
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDONLY, 0o600)?;
        lesson.look(&shm)?;
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;

        lesson.step("Try the six bits one by one: as the owner, as a member of the group, as another user");
        let gid = nix::unistd::getegid().as_raw();
        let mut group = lesson.other_user("B", gid, |turn| knock(turn, &mq_name))?;
        let mut other = lesson.other_user("C", NOBODY, |turn| knock(turn, &mq_name))?;
        capset(0)?; // root would pass all checks; an ordinary user has no capabilities to drop
        let mut may = |whose: &str, bit| -> Result<Result<String, Unseen>, Failure> {
            fchmod(&mq, bit)?;
            let [read, write] = match whose {
                "owner" => [O_RDONLY, O_WRONLY].map(|way| outcome(&mq_open(&mq_name, way, 0, None))),
                "group" => [group.turn()?, group.turn()?],
                _ => [other.turn()?, other.turn()?],
            };
            Ok(read.and_then(|read| Ok(in_words(&read, &write?))))
        };
        lesson.claim("bit-0400-lets-the-owner-read-and-no-more", may("owner", 0o400)?, "read");
        lesson.claim("bit-0200-lets-the-owner-write-and-no-more", may("owner", 0o200)?, "write");
        lesson.claim("bit-0040-lets-the-group-read-and-no-more", may("group", 0o040)?, "read");
        lesson.claim("bit-0020-lets-the-group-write-and-no-more", may("group", 0o020)?, "write");
        lesson.claim("bit-0004-lets-others-read-and-no-more", may("other", 0o004)?, "read");
        lesson.claim("bit-0002-lets-others-write-and-no-more", may("other", 0o002)?, "write");

        lesson.step("Set the mode to 0066, and let the owner try again");
        let question = "Group and others may read and write. Which access does the owner get?";
        lesson.predict(question, &["both", "read", "nothing"]);
        lesson.claim("only-the-owners-bits-count-for-the-owner", may("owner", 0o066)?, "nothing");
        group.finish()?;
        other.finish()?;

        // ANCHOR: execute
        lesson.step("Set the execute bits of the queue and try to open it");
        fchmod(&mq, 0o111)?;
        lesson.claim("execute-bits-are-kept", fstat(&mq)?.mode(), octal(0o111));
        lesson.claim(
            "execute-bits-do-not-let-a-process-open-a-queue",
            mq_open(&mq_name, O_RDONLY, 0, None),
            EACCES,
        );

        lesson.step("Shared memory is a file in /dev/shm: try to execute it");
        let run = || may_execute_from("/dev/shm").and_then(|()| outcome(&execve(&shm_name.path())));
        lesson.claim("execve-refuses-shared-memory-without-execute-bits", run(), "EACCES");
        fchmod(&shm, 0o766)?;
        let question = "The file is empty and now has an execute bit. What is the result of execve?";
        lesson.predict(question, &["ENOEXEC", "EACCES", "success"]);
        lesson.claim("with-an-execute-bit-execve-goes-on-and-reads-the-content", run(), "ENOEXEC");
        // ANCHOR_END: execute
        close(shm)?;
        shm_unlink(&shm_name)?;
        mq_close(mq)?;
        mq_unlink(&mq_name)?;
        Ok(())
    })
}

/// Another user opens the queue for reading and for writing, for each of two modes.
fn knock(turn: &mut Turn, name: &CStr) -> Outcome {
    for _ in 0..2 {
        turn.report(&mq_open(name, O_RDONLY, 0, None).map(drop))?;
        turn.report(&mq_open(name, O_WRONLY, 0, None).map(drop))?;
    }
    Ok(())
}

fn in_words(read: &str, write: &str) -> String {
    let words = match (read, write) {
        ("success", "success") => "both",
        ("success", "EACCES") => "read",
        ("EACCES", "success") => "write",
        ("EACCES", "EACCES") => "nothing",
        _ => return format!("{read}, {write}"),
    };
    words.into()
}
