//! Every lesson, as a student would drive it and misuse it: one trial for a sentence, a lesson,
//! a user, and with or without /dev/mqueue.
//!
//! What belongs to the lesson itself is tried with each lesson; what belongs to the layer that
//! all lessons share, with a few, others each day. `.ci/exhaustive` tries everything.
#![allow(unsafe_code)]

mod bad_input;
mod c_twins;
mod claims_hold;
mod class;
mod container;
mod events;
mod flags;
mod injection;
mod interrupts;
mod keys;
mod lies;
mod narration;
mod waits;

use ipc_workbook_testing::trials::Trials;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut trials = Trials::new();
    claims_hold::trials(&mut trials);
    container::trials(&mut trials);
    events::trials(&mut trials);
    c_twins::trials(&mut trials);
    flags::trials(&mut trials);
    keys::trials(&mut trials);
    class::trials(&mut trials);
    bad_input::trials(&mut trials);
    interrupts::trials(&mut trials);
    injection::trials(&mut trials);
    narration::trials(&mut trials);
    waits::trials(&mut trials);
    lies::trials(&mut trials);
    trials.run()
}
