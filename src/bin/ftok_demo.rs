//! ftok puts only 16 bits of the inode number into a key, so two files can have the same key.
//!
//!     cargo run --bin ftok_demo
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: ftok(3), stat(2), inode(7), sysvipc(7).
//! Previous: key_vs_id. Next: svmsg_types.

use ipc_workbook::observe::{Unseen, signed, two_files_of_one_key};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{close, link, unlink, write};
use ipc_workbook::{fcntl::open, lesson, stat::stat, stdio::rename};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::ENOENT;
use std::ffi::CStr;
use std::process::ExitCode;

/// The lesson looks at no more files than this to find two that have the same key.
const BOUND: usize = 20_000;

fn main() -> ExitCode {
    lesson!(key_file, |lesson| {
        // The scratch files first: this waits for another run to end, which removes its key file.
        let [path, moved, second, copy] =
            lesson.scratch_files("/ftok_demo", ["path", "moved", "second", "copy"])?;
        let file = lesson.key_file("/ftok_demo")?;
        let create = |path: &CStr| open(path, O_CREAT | O_EXCL | O_RDWR, 0o600);

        // ANCHOR: composed
        lesson.step("A file, and the three numbers that its key is made from");
        let identity = stat(&file)?;
        let _ = lesson.show("the file", "st_dev", Ok(signed(identity.st_dev)));
        let _ = lesson.show("the file", "st_ino", Ok(signed(identity.st_ino)));
        let key = ftok(&file, 1)?;
        let composed =
            (1 << 24) | ((signed(identity.st_dev) & 0xff) << 16) | (signed(identity.st_ino) & 0xffff);
        let (key_text, composed) = (format!("{key:#x}"), format!("{composed:#x}"));
        lesson.claim("a-key-has-8-bits-of-project-id-8-of-device-and-16-of-inode", key_text, composed);
        // ANCHOR_END: composed

        lesson.step("Other project ids");
        let question = "257 is 0x101, and ends in the same 8 bits as 1. What does ftok return for it?";
        lesson.predict(question, &["another key", "the same key", "EINVAL"]);
        lesson.claim("only-8-bits-of-the-project-id-count", same(ftok(&file, 0x101)?, key), "the same key");
        lesson.claim("another-project-id-gives-another-key", same(ftok(&file, 2)?, key), "another key");
        lesson.claim("glibc-accepts-the-project-id-0", &ftok(&file, 0), "success");

        lesson.step("A file is written to, moved, linked and copied");
        let fd = create(&path)?;
        let key = ftok(&path, 1)?;
        write(&fd, b"settings")?;
        let written = same(ftok(&path, 1)?, key);
        lesson.claim("the-contents-of-the-file-do-not-change-its-key", written, "the same key");
        rename(&path, &moved)?;
        let question = "The file has another path now. What does ftok return?";
        lesson.predict(question, &["the same key", "another key", "ENOENT"]);
        lesson.claim("a-moved-file-keeps-its-key", same(ftok(&moved, 1)?, key), "the same key");
        link(&moved, &second)?;
        lesson.claim("a-hard-link-has-the-key-of-its-file", same(ftok(&second, 1)?, key), "the same key");
        write(create(&copy)?, b"settings")?;
        // One of 65536 inode numbers ends in the same 16 bits, and this may be that one.
        let inode = lesson.muted(|| stat(&moved))?.st_ino & 0xffff;
        let apart = |path: &CStr, other| match lesson.muted(|| stat(path)) {
            Ok(stat) if stat.st_ino & 0xffff == inode => {
                Err(Unseen("by chance both inodes end in the same 16 bits; run it again".into()))
            }
            _ => Ok(same(key, other).to_string()),
        };
        lesson.claim("a-copy-has-another-key", apart(&copy, ftok(&copy, 1)?), "another key");

        lesson.step("The file is deleted, and created again with the same path and the same text");
        // The old file is still open, so that the file system cannot give its inode to the new one.
        unlink(&moved)?;
        write(create(&moved)?, b"settings")?;
        let question = "The server made its key before. A client makes its key now. What does it get?";
        lesson.predict(question, &["the same key", "another key", "ENOENT"]);
        lesson.claim("a-file-created-again-has-another-key", apart(&moved, ftok(&moved, 1)?), "another key");
        close(fd)?;
        for path in [&moved, &second, &copy] {
            unlink(path)?;
        }

        // ANCHOR: missing
        lesson.step("The file is missing, and the program does not check the result of ftok");
        let missing = ftok(&path, 1);
        lesson.claim("without-the-file-ftok-fails", missing, ENOENT);
        let unchecked = missing.unwrap_or(-1); // what a program in C goes on with
        // Another program with this mistake may use key -1, so B tries it in a namespace of its own.
        let mut b = lesson.apart("B", |turn| {
            turn.report_or_end(msgget(unchecked, IPC_CREAT | 0o600))?;
            turn.report(&msgget(ftok(&copy, 2).unwrap_or(-1), IPC_CREAT | IPC_EXCL | 0o600))
        })?;
        lesson.predict("msgget gets the key -1. What is the result?", &["EINVAL", "ENOENT", "success"]);
        lesson.claim("an-unchecked-failure-is-a-key-like-any-other", b.turn()?, "success");
        lesson.claim("programs-that-do-not-check-ftok-share-one-key", b.turn()?, "EEXIST");
        b.finish()?;
        // ANCHOR_END: missing

        lesson.step("Two files of this machine that have the same key");
        let keys = match two_files_of_one_key(BOUND) {
            Ok([one, other]) => Ok(same(ftok(&one, 1)?, ftok(&other, 1)?).to_string()),
            Err(unseen) => Err(unseen),
        };
        lesson.claim("two-files-may-have-one-key", keys, "the same key");
        Ok(())
    })
}

fn same(key: key_t, other: key_t) -> &'static str {
    if key == other { "the same key" } else { "another key" }
}
