//! A new object has the mode that was asked for, less the bits of the umask.
//!
//!     cargo run --bin perm_demo -- --mode 0666 --umask 0027
//!
//! Chapter: lessons/12-permissions. Manual pages: umask(2), mq_open(3), sem_open(3),
//! shm_open(3), chmod(2), execve(2). Next: access_demo.

use clap::Arg;
use ipc_workbook::capability::capset;
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, outcome};
use ipc_workbook::lesson::{Outcome, Turn};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, may_execute_from};
use ipc_workbook::semaphore::*;
use ipc_workbook::stat::{an_octal, fchmod, fstat, octal, stat, umask};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{close, execve};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, mode_t};
use nix::errno::Errno::EACCES;
use std::ffi::CStr;
use std::process::ExitCode;

fn main() -> ExitCode {
    let flag = |id, usual, help| Arg::new(id).long(id).value_name("OCTAL").default_value(usual).help(help);
    let mode = flag("mode", "0660", "Ask for this mode").value_parser(an_octal);
    let mask = flag("umask", "0022", "Ask under this umask").value_parser(an_octal);
    lesson!(keys, [mode, mask], |lesson| {
        let bits = |id| mode_t::from_str_radix(lesson.flag(id).unwrap_or_default(), 8).unwrap_or_default();
        let (mode, mask) = (bits("mode"), bits("umask"));
        let left = octal(mode & !mask);
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/perm_demo")?;
        let key = lesson.key("/perm_demo")?;

        // ANCHOR: umask
        lesson.step("Set the umask, and ask for a queue of some mode");
        umask(mask);
        lesson.predict("Which mode has the queue?", &[&octal(mode), &left, &octal(mode & mask)]);
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, mode, Some(&MqAttr::new(2, 64)))?;
        lesson.claim("a-new-queue-lacks-the-bits-of-the-umask", fstat(&mq)?.mode(), left.clone());
        // ANCHOR_END: umask

        lesson.step("The same for a semaphore, and for shared memory");
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, mode, 0)?;
        let semaphore = stat(&sem_name.path())?; // it has no descriptor to ask
        lesson.claim("a-new-semaphore-lacks-the-bits-of-the-umask", semaphore.mode(), left.clone());
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, mode)?;
        lesson.look(&shm)?;
        lesson.claim("new-shared-memory-lacks-the-bits-of-the-umask", fstat(&shm)?.mode(), left);

        // ANCHOR: sysv
        lesson.step("System V has permissions too, and knows no umask");
        lesson.predict("Under a umask of 0777, which mode has the queue?", &["0000", "0666", "0600"]);
        umask(0o777);
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o666)?;
        let queue = msgctl(msqid, IPC_STAT)?;
        msgctl(msqid, IPC_RMID)?;
        let mode = octal(queue.msg_perm.mode);
        lesson.claim("a-system-v-queue-has-the-mode-asked-for-whatever-the-umask", mode, octal(0o666));
        // ANCHOR_END: sysv

        // ANCHOR: fchmod
        lesson.step("The way round the umask, which is at 0777 still: change the mode afterwards");
        fchmod(&mq, 0o666)?;
        lesson.claim("fchmod-of-a-queue-passes-the-umask-by", fstat(&mq)?.mode(), octal(0o666));
        fchmod(&shm, 0o666)?;
        lesson.claim("fchmod-of-shared-memory-passes-the-umask-by", fstat(&shm)?.mode(), octal(0o666));
        // ANCHOR_END: fchmod

        // ANCHOR: bits
        lesson.step("The six bits, one by one: for the owner, for one of the group, for anybody else");
        let gid = nix::unistd::getegid().as_raw();
        let mut group = lesson.other_user("B", gid, |turn| knock(turn, &mq_name))?;
        let mut other = lesson.other_user("C", NOBODY, |turn| knock(turn, &mq_name))?;
        capset(0)?; // root passes all mode bits; an ordinary user has nothing to lay down
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
        // ANCHOR_END: bits

        // ANCHOR: first
        lesson.step("The owner's class is looked at first, and then no other");
        lesson
            .predict("Mode 0066: everybody but the owner may. May the owner?", &["both", "read", "nothing"]);
        lesson.claim("the-owner-is-judged-by-the-owners-bits-alone", may("owner", 0o066)?, "nothing");
        // ANCHOR_END: first
        group.finish()?;
        other.finish()?;

        // ANCHOR: execute
        lesson.step("The execute bits: kept, and no way into a queue");
        fchmod(&mq, 0o111)?;
        lesson.claim("execute-bits-are-kept", fstat(&mq)?.mode(), octal(0o111));
        lesson.claim("execute-bits-open-no-queue", mq_open(&mq_name, O_RDONLY, 0, None), EACCES);

        lesson.step("But shared memory is a file in /dev/shm, and execve looks at its execute bits");
        close(shm)?; // what is open for writing would be ETXTBSY
        let shm = shm_open(&shm_name, O_RDONLY, 0)?;
        let run = || may_execute_from("/dev/shm").and_then(|()| outcome(&execve(&shm_name.path())));
        lesson.claim("execve-refuses-shared-memory-without-execute-bits", run(), "EACCES");
        fchmod(&shm, 0o766)?;
        lesson.predict(
            "Now it has one, and is empty. What does execve say?",
            &["ENOEXEC", "EACCES", "success"],
        );
        lesson.claim("with-an-execute-bit-execve-goes-on-to-the-content", run(), "ENOEXEC");
        // ANCHOR_END: execute
        close(shm)?;
        shm_unlink(&shm_name)?;
        mq_close(mq)?;
        mq_unlink(&mq_name)?;
        Ok(())
    })
}

/// Somebody else, who tries the one way in and the other, for each of two modes.
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
