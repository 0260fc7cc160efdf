//! Shared memory is freed when its name, its last descriptor and its last mapping are all gone.
//!
//!     cargo run --bin what_keeps_memory
//!
//! Chapter: lessons/13-refcount. Manual pages: shm_overview(7), shm_unlink(3), mmap(2).
//! Previous: what_counts.

use ipc_workbook::lesson;
use ipc_workbook::mman::{ftruncate, mmap, munmap, shm_open, shm_unlink};
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE};
use std::process::ExitCode;

const SIZE: usize = 4 << 20;

fn main() -> ExitCode {
    lesson!(private, |lesson| {
        let shm_name = lesson.name(Kind::SharedMemory, "/what_keeps_memory")?;

        // ANCHOR: memory
        lesson.step("Create shared memory of 4 MiB, and touch every page");
        let fd = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&fd, 4 << 20)?;
        lesson.claim("untouched-pages-take-no-room-in-dev-shm", lesson.mebibytes_in_dev_shm(), 0);
        lesson.look(&fd)?;
        let memory = mmap(None, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        for page in (0..SIZE).step_by(4096) {
            memory.write(page, b"x")?;
        }
        lesson.claim("touched-pages-take-room-in-dev-shm", lesson.mebibytes_in_dev_shm(), 4);

        lesson.step("Unlink the name and unmap the memory: only the descriptor is left");
        lesson.predict("There is no name and no mapping. How many MiB are in use?", &["0", "4", "2"]);
        shm_unlink(&shm_name)?;
        munmap(memory)?;
        let used = lesson.mebibytes_in_dev_shm();
        lesson.claim("a-descriptor-keeps-the-memory-after-unlink-and-munmap", used, 4);

        lesson.step("Map it again and close the descriptor: only the mapping is left");
        let memory = mmap(None, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        lesson.predict("There is no name and no descriptor. How many MiB are in use?", &["4", "0", "2"]);
        close(fd)?;
        lesson.claim("a-mapping-keeps-the-memory-after-unlink-and-close", lesson.mebibytes_in_dev_shm(), 4);
        let held = lesson.look(&memory)?;
        lesson.claim("no-descriptor-of-the-memory-is-left", held.descriptors(), 0);
        lesson.claim("the-mapping-is-the-last-reference", held.mappings(), 1);

        lesson.step("Unmap it: the memory is freed");
        munmap(memory)?;
        lesson.claim("the-last-munmap-frees-the-memory", lesson.mebibytes_in_dev_shm(), 0);
        // ANCHOR_END: memory
        Ok(())
    })
}
