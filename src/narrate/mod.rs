//! Reports what a lesson is about to do, what the calls returned,
//! what the kernel shows and which claims held.
//!
//! This module makes no IPC call. It receives [`Event`]s and reports them, as text
//! for people (`text`, broken into lines by `wrap`) or as JSON lines for programs (`json`).

pub mod ask;
mod claim;
mod event;
mod json;
mod narrator;
mod text;

pub use claim::{Evidence, Value, Verdict, outcome};
pub use event::{Event, Tally};
pub use narrator::{Format, Narrator};
