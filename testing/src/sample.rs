//! Seeded samples of what would take too long to try completely: errnos, calls, lessons, users, moments.
//!
//! The seed changes every day, so that in time everything is tried. A failure prints the seed and the
//! command that repeats it. With `IPC_WORKBOOK_EXHAUSTIVE=1` in the environment, which
//! `.ci/exhaustive` sets, nothing is left out.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

/// The environment variable with the seed.
pub const SEED: &str = "IPC_WORKBOOK_SEED";

/// The environment variable that turns sampling off.
pub const EXHAUSTIVE: &str = "IPC_WORKBOOK_EXHAUSTIVE";

/// Returns whether everything is tried.
#[must_use]
pub fn exhaustive() -> bool {
    std::env::var_os(EXHAUSTIVE).is_some_and(|value| value == "1")
}

/// Returns the seed: that in the environment, or the number of days since 1970.
#[must_use]
pub fn seed() -> u64 {
    match std::env::var(SEED) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{SEED} is {text:?}, not a number; unset it")),
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400),
    }
}

/// Returns `how_many` items of `all`, in their order. The exhaustive run returns all of them. The
/// `label` makes samples of the same list differ.
#[must_use]
pub fn sample<T>(all: Vec<T>, label: &str, how_many: usize) -> Vec<T> {
    if exhaustive() { all } else { drawn(all, seed(), label, how_many) }
}

/// Draws a sample like [`sample`], with a given seed.
#[must_use]
pub fn drawn<T>(all: Vec<T>, seed: u64, label: &str, how_many: usize) -> Vec<T> {
    if all.len() <= how_many {
        return all;
    }
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by_cached_key(|place| number(seed, label, *place));
    places.truncate(how_many);
    all.into_iter().enumerate().filter(|(place, _)| places.contains(place)).map(|(_, item)| item).collect()
}

/// Returns the items in an order that depends on the seed and the `label`.
#[must_use]
pub fn shuffled<T>(all: Vec<T>, label: &str) -> Vec<T> {
    let mut placed: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    placed.sort_by_cached_key(|(place, _)| number(seed(), label, *place));
    placed.into_iter().map(|(_, item)| item).collect()
}

/// Returns true for one label in `n`, and for every label in the exhaustive run.
#[must_use]
pub fn is_in_sample(label: &str, n: u64) -> bool {
    exhaustive() || number(seed(), label, 0).is_multiple_of(n)
}

/// Returns a number that depends on the seed, the label and the place.
fn number(seed: u64, label: &str, place: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, label, place).hash(&mut hasher);
    hasher.finish()
}

/// Returns the command that repeats the test `name` of this program with the same seed.
#[must_use]
pub fn replay(name: &str) -> String {
    let everything = if exhaustive() { format!("{EXHAUSTIVE}=1 ") } else { String::new() };
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Cargo adds a hash to the name of a test program.
    let test = program.rsplit_once('-').map_or(&*program, |(test, _)| test);
    format!("{everything}{SEED}={} cargo test --test {test} -- --exact '{name}'", seed())
}
