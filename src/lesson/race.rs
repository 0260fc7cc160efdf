//! Processes that make the same call at the same moment.

use super::speak::{Lesson, Outcome};
use crate::call::{Errno::EEXIST, Result as CallResult};
use crate::memory::Bytes;

/// How many processes race.
pub const RACERS: usize = 8;
const LABELS: [&str; RACERS] = ["B", "C", "D", "E", "F", "G", "H", "I"];
const FIRST: &[u8] = b"1";
const TOO_LATE: &[u8] = b"E";

impl Lesson {
    // ANCHOR: race
    /// Has [`RACERS`] processes make `call`, which reads like `text`, at the same moment: how many
    /// succeed, and how many get EEXIST. `board` is memory that they share: a byte for each to say how it
    /// fared, and then one that is the starting gun.
    pub fn race<T>(
        &self,
        board: &Bytes,
        text: &str,
        call: impl Fn() -> CallResult<T>,
    ) -> Outcome<(usize, usize)> {
        let mut racers = Vec::new();
        for (lane, label) in LABELS.iter().enumerate() {
            racers.push(self.process(label, |_| {
                let mut gun = [0];
                while gun == [0] {
                    board.read(RACERS, &mut gun)?;
                    std::thread::yield_now();
                }
                // Which of them returns first is chance, so the calls are not reported.
                match self.muted(&call) {
                    Ok(_) => board.write(lane, FIRST)?,
                    Err(EEXIST) => board.write(lane, TOO_LATE)?,
                    Err(errno) => Err(errno)?,
                }
                Ok(())
            })?);
        }
        for racer in &mut racers {
            racer.start()?;
        }
        self.note(&format!("each of them: {text}"));
        board.write(RACERS, b"!")?;
        for racer in racers {
            racer.finish()?;
        }
        let mut results = [0; RACERS];
        board.read(0, &mut results)?;
        let count = |what: &[u8]| results.iter().filter(|result| what.contains(result)).count();
        Ok((count(FIRST), count(TOO_LATE)))
    }
    // ANCHOR_END: race
}
