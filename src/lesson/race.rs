//! Races: several processes make the same call at the same moment, many times.

use super::process::Process;
use super::speak::{Lesson, Outcome};
use crate::call::{Errno::EEXIST, Result as CallResult};
use crate::cli::Failure;
use crate::memory::Bytes;
use crate::observe::is_exiting;
use std::array::from_fn;
use std::collections::BTreeSet;
use std::thread::yield_now;

/// How many processes race.
pub const RACERS: usize = 8;
const LABELS: [&str; RACERS] = ["B", "C", "D", "E", "F", "G", "H", "I"];
/// In one race, a process may finish by chance before the others begin. That cannot happen in all hundred.
const RACES: u8 = 100;

/// The offset of the starting signal on the board, behind one byte for each process. The signal is the
/// number of the race.
const GUN: usize = RACERS;
/// The starting signal after the last race.
const OVER: u8 = 255;

/// What a process writes into its byte.
const FIRST: &[u8] = b"1";
const TOO_LATE: &[u8] = b"E";
const FAILED: &[u8] = b"?";

impl Lesson {
    // ANCHOR: race
    /// Lets [`RACERS`] processes make `call` at the same moment, a hundred times. The narration shows `text`
    /// for the call. After each race except the last, `remove` removes the object. Returns how many calls
    /// succeeded in each race and how many got EEXIST, as one number if it was always the same, and otherwise
    /// as a list such as `1 or 2`. `board` is memory that all the processes share.
    pub fn race<T>(
        &self,
        board: &Bytes,
        text: &str,
        call: impl Fn() -> CallResult<T>,
        remove: impl Fn() -> CallResult<()>,
    ) -> Outcome<(String, String)> {
        let mut racers = Vec::new();
        for (lane, label) in LABELS.iter().enumerate() {
            racers.push(self.process(label, |_| self.run_races(board, lane, &call))?);
        }
        for racer in &mut racers {
            racer.start()?;
        }
        self.note(&format!("each of them, each time: {text}"));
        let (mut first, mut too_late, mut races) = (BTreeSet::new(), BTreeSet::new(), 0);
        for race in 1..=RACES {
            board.write(0, &[0; RACERS])?;
            board.write(GUN, &[race])?;
            let bytes = results(board, &racers)?;
            let how_many = |what: &[u8]| bytes[..GUN].iter().filter(|result| what.contains(result)).count();
            if bytes[..GUN].contains(&0) || how_many(FAILED) > 0 {
                break; // that process reports the reason
            }
            first.insert(how_many(FIRST));
            too_late.insert(how_many(TOO_LATE));
            races = race;
            if race < RACES {
                let _ = self.muted(&remove); // if it fails, nobody succeeds in the next race
            }
        }
        board.write(GUN, &[OVER])?;
        for racer in racers {
            racer.finish()?;
        }
        if races < RACES {
            return Err(Failure::Machine("a process ended before its race; run the lesson again".into()));
        }
        Ok((numbers(&first), numbers(&too_late)))
    }
    // ANCHOR_END: race

    /// Takes part in all races. Runs in one of the processes.
    fn run_races<T>(&self, board: &Bytes, lane: usize, call: impl Fn() -> CallResult<T>) -> Outcome {
        for race in 1..=RACES {
            when(board, |bytes| bytes[GUN] >= race)?;
            // The order of the processes is random, so the calls are not reported.
            let result = self.muted(&call);
            board.write(
                lane,
                match &result {
                    Ok(_) => FIRST,
                    Err(EEXIST) => TOO_LATE,
                    Err(_) => FAILED,
                },
            )?;
            match result {
                Ok(_) | Err(EEXIST) => {}
                Err(errno) => Err(errno)?,
            }
        }
        Ok(())
    }
}

/// Returns the board as soon as each process has written its byte, or has ended without doing so.
fn results(board: &Bytes, racers: &[Process]) -> Outcome<[u8; RACERS + 1]> {
    let mut has_ended = [false; RACERS];
    let mut looks = 0_u32;
    when(board, |bytes| {
        // `has_ended` is older than the board: a process that had ended by then writes no byte any more.
        let no_more_come = bytes.iter().zip(has_ended).all(|(byte, ended)| *byte != 0 || ended);
        looks += 1;
        if looks.is_multiple_of(4096) {
            // This check is slow.
            has_ended = from_fn(|lane| is_exiting(racers[lane].pid()));
        }
        no_more_come
    })
}

/// Returns the board as soon as `ready` accepts it.
fn when(board: &Bytes, mut ready: impl FnMut(&[u8]) -> bool) -> Outcome<[u8; RACERS + 1]> {
    loop {
        let mut bytes = [0; RACERS + 1];
        board.read(0, &mut bytes)?;
        if ready(&bytes) {
            return Ok(bytes);
        }
        yield_now();
    }
}

/// Writes the counts as `1`, or as `1 or 2`.
fn numbers(counts: &BTreeSet<usize>) -> String {
    counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ")
}
