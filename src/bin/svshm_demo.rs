//! IPC_RMID removes the key of a segment at once, and the memory when the last process detaches.
//!
//!     cargo run --bin svshm_demo
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: shmget(2), shmop(2), shmctl(2),
//! proc_pid_maps(5). Previous: svmsg_excl. Next: key_vs_id.

use ipc_workbook::lesson;
use ipc_workbook::lesson::segments_must_stay;
use ipc_workbook::observe::maps_entry;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::stat::octal;
use ipc_workbook::sysv::shm::*;
use nix::errno::Errno::{EINVAL, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        segments_must_stay()?;
        let key = lesson.key(55555)?;
        let hello = format!("Hello from PID {}", std::process::id());
        let nattch = |shmid| lesson.row(Table::Shm, shmid).and_then(|row| row.fact("nattch"));
        // B starts before the segment exists, so it inherits nothing.
        let mut b = lesson.process("B", |turn| {
            let memory = shmat(shmget(key, 0, 0)?, None, SHM_RDONLY)?;
            lesson.claim("another-process-reads-what-was-written", memory.text()?, hello.clone());
            turn.finish()?;
            Ok(shmdt(memory)?)
        })?;

        // ANCHOR: attach
        lesson.step("Create a segment, attach it, and attach it again");
        let shmid = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.claim("a-new-segment-is-attached-nowhere", nattch(shmid), 0);
        let memory = shmat(shmid, None, 0)?;
        let mut bytes = [0xff; 4096];
        memory.read(0, &mut bytes)?;
        lesson.claim("a-new-segment-reads-as-zero", bytes == [0; 4096], true);
        let twice = shmat(shmid, None, 0)?;
        lesson.predict("One process has attached it twice. What is nattch?", &["1", "2", "0"]);
        lesson.claim("nattch-counts-attachments-and-not-processes", nattch(shmid), 2);
        shmdt(twice)?;
        // ANCHOR_END: attach

        lesson.step("Write into it, and find it in /proc/self/maps");
        memory.write(0, hello.as_bytes())?;
        let mapped = maps_entry(memory.address());
        let inode = lesson.show("/proc/self/maps", "inode", mapped.clone().map(|(inode, _)| inode));
        lesson.claim("in-proc-maps-the-inode-is-the-identifier", inode, shmid.into());
        let path = mapped.map(|(_, path)| path);
        lesson.claim("in-proc-maps-the-name-is-the-key", path, format!("/SYSV{key:08x} (deleted)"));

        lesson.step("Process B attaches the segment by its key, and reads it");
        b.turn()?;
        lesson.claim("each-process-that-attaches-counts", nattch(shmid), 2);

        lesson.step("A forks C, and kills it");
        let c = lesson.process("C", |_| Ok(()))?;
        lesson.predict("A and B have it attached, and C makes no call. What is nattch?", &["2", "1", "3"]);
        lesson.claim("fork-attaches-the-child-too", nattch(shmid), 3);
        c.kill(lesson)?;
        lesson.claim("the-kernel-detaches-a-killed-process", nattch(shmid), 2);

        lesson.step("All processes detach");
        b.finish()?;
        shmdt(memory)?;
        let options = ["destroyed", "there, and empty", "there, with its text"];
        lesson.predict("No process has it attached. What happens to the segment?", &options);
        let left = nattch(shmid);
        let memory = shmat(shmid, None, 0)?;
        let there = if memory.text()? == hello { "there, with its text" } else { "there, and empty" };
        lesson.claim("a-segment-without-attachments-keeps-its-text", there, "there, with its text");
        lesson.claim("shmdt-counts-down-to-0-and-destroys-nothing", left, 0);

        // ANCHOR: remove
        lesson.step("Remove the segment while it is attached");
        shmctl(shmid, IPC_RMID)?;
        let ds = shmctl(shmid, IPC_STAT)?;
        let (mode, marked) = (octal(ds.shm_perm.mode), octal(SHM_DEST | 0o600));
        lesson.claim("IPC_RMID-adds-SHM_DEST-to-the-mode-while-it-is-attached", mode, marked);
        lesson.claim("IPC_RMID-takes-the-key-away", ds.shm_perm.key, 0);
        let question = "Another process looks for the key, without IPC_CREAT. What is the result of shmget?";
        lesson.predict(question, &["ENOENT", "EIDRM", "success"]);
        lesson.claim("the-key-of-a-removed-segment-is-free-at-once", shmget(key, 0, 0), ENOENT);
        let anew = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.claim("the-key-leads-to-another-segment-now", anew != shmid, true);
        // ANCHOR_END: remove

        lesson.step("Attach the removed segment once more, by its identifier");
        lesson.predict("What is the result of shmat?", &["EIDRM", "success", "EINVAL"]);
        let again = shmat(shmid, None, SHM_RDONLY);
        lesson.claim("linux-attaches-a-removed-segment-by-its-identifier", &again, "success");
        let again = again?;
        lesson.claim("the-removed-segment-still-has-its-text", again.text()?, hello);
        shmdt(again)?;

        lesson.step("The last shmdt");
        shmdt(memory)?;
        lesson.claim("the-last-shmdt-destroys-a-removed-segment", shmctl(shmid, IPC_STAT), EINVAL);
        shmctl(anew, IPC_RMID)?;
        lesson.claim(
            "IPC_RMID-destroys-a-segment-without-attachments-at-once",
            shmctl(anew, IPC_STAT),
            EINVAL,
        );
        Ok(())
    })
}
