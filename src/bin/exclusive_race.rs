//! Of all who create with O_CREAT and O_EXCL at the same time, exactly one succeeds.
//!
//!     cargo run --bin exclusive_race
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: sem_open(3), sem_overview(7).
//! Previous: exclusive_sem. Next: name_rules.

use ipc_workbook::lesson;
use ipc_workbook::lesson::Outcome;
use ipc_workbook::mman::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE};
use nix::errno::Errno::EEXIST;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::thread::yield_now;

const RACERS: usize = 8;
const LABELS: [&str; RACERS] = ["B", "C", "D", "E", "F", "G", "H", "I"];
/// One race may be won by chance before the others have begun; not so each of many.
const RACES: u8 = 100;
const OVER: u8 = 255;

/// Where the starting gun lies on the board, behind a byte for each racer: the number of the race.
const GUN: usize = RACERS;
/// What a racer writes into its byte.
const CREATED: &[u8] = b"1";
const TOO_LATE: &[u8] = b"E";
const FAILED: &[u8] = b"?";

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [sem_name, shm_name] = lesson.names([Kind::Semaphore, Kind::SharedMemory], "/exclusive_race")?;

        // ANCHOR: race
        lesson.step("Eight processes wait for the same moment, and then all create it at once: 100 times");
        let fd = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&fd, 4096)?;
        let board = mmap(None, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        let mut racers = Vec::new();
        for (lane, label) in LABELS.iter().enumerate() {
            racers.push(lesson.process(label, |_| {
                for race in 1..=RACES {
                    when(&board, |bytes| bytes[GUN] >= race)?;
                    // Which process comes first is chance, so the calls are not reported.
                    let created = lesson.muted(|| sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1));
                    let result = match &created {
                        Ok(_) => CREATED,
                        Err(EEXIST) => TOO_LATE,
                        Err(_) => FAILED,
                    };
                    board.write(lane, result)?;
                    if result == FAILED {
                        drop(created?);
                    }
                }
                Ok(())
            })?);
        }
        for racer in &mut racers {
            racer.start()?;
        }
        lesson.note("each of them, each time: sem_open(name, O_CREAT|O_EXCL, 0600, 1)");
        let (mut created, mut too_late) = (Vec::new(), Vec::new());
        for race in 1..=RACES {
            board.write(0, &[0; RACERS])?;
            board.write(GUN, &[race])?;
            let bytes = when(&board, |bytes| !bytes[..GUN].contains(&0))?;
            let how_many = |what: &[u8]| bytes[..GUN].iter().filter(|result| what.contains(result)).count();
            if how_many(FAILED) > 0 {
                break;
            }
            created.push(how_many(CREATED));
            too_late.push(how_many(TOO_LATE));
            if race < RACES {
                let _ = lesson.muted(|| sem_unlink(&sem_name));
            }
        }
        board.write(GUN, &[OVER])?;
        for racer in racers {
            racer.finish()?;
        }
        lesson.predict("Eight create it at once. How many succeed?", &["8", "1", "0"]);
        lesson.claim("of-eight-at-once-exactly-one-creates-it", in_each_race(&created), "1".to_string());
        lesson.claim("the-other-seven-get-EEXIST", in_each_race(&too_late), "7".to_string());
        // ANCHOR_END: race

        lesson.step("What they raced for");
        let sem = sem_open(&sem_name, 0, 0, 0)?;
        lesson.claim("what-they-raced-for-is-one-semaphore-of-value-1", lesson.look(&sem)?.fact("value"), 1);

        lesson.step("Remove it, and the board");
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        munmap(board)?;
        shm_unlink(&shm_name)?;
        Ok(())
    })
}

/// The board, when it is as `ready` says.
fn when(board: &Mapping, ready: impl Fn(&[u8]) -> bool) -> Outcome<[u8; RACERS + 1]> {
    loop {
        let mut bytes = [0; RACERS + 1];
        board.read(0, &mut bytes)?;
        if ready(&bytes) {
            return Ok(bytes);
        }
        yield_now();
    }
}

/// The number that all races have in common, or the different ones: `1 or 2`.
fn in_each_race(counts: &[usize]) -> String {
    let different: BTreeSet<usize> = counts.iter().copied().collect();
    different.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ")
}
