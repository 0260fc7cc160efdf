//! Every lesson, used and misused as a student would: one trial for each sentence, lesson, user, and
//! presence of /dev/mqueue.
//!
//! Properties of the lesson itself are tried with each lesson. Properties of the layer that all lessons
//! share are tried with a few lessons, different ones each day. What lesson and layer do together, such as to leave
//! nothing behind, is tried with a third of the lessons each day. `.ci/exhaustive` tries everything.
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
    lies::trials(&mut trials); // first, because it takes longest: it waits most of the time
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
    trials.run()
}
