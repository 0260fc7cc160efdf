//! A seeded sample of what multiplies: errnos, calls, lessons, users, moments.
//!
//! Each day has another seed, so that in time everything is tried. A failure names the seed
//! and the command that tries the same again. With `IPC_WORKBOOK_EXHAUSTIVE=1` in the
//! environment nothing is left out: that is `.ci/exhaustive`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

/// The environment variable that names a seed.
pub const SEED: &str = "IPC_WORKBOOK_SEED";

/// The environment variable that asks for everything.
pub const EXHAUSTIVE: &str = "IPC_WORKBOOK_EXHAUSTIVE";

/// Whether everything is tried.
#[must_use]
pub fn exhaustive() -> bool {
    std::env::var_os(EXHAUSTIVE).is_some_and(|value| value == "1")
}

/// The seed: the one that the environment names, or the number of today since 1970.
#[must_use]
pub fn seed() -> u64 {
    match std::env::var(SEED) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{SEED} is {text:?}, which is no number")),
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400),
    }
}

/// Of `all` as many as `how_many`, in their order; all of them in the exhaustive run. Another
/// `label` picks others, so that two samples of the same list are not the same.
#[must_use]
pub fn sample<T>(all: Vec<T>, label: &str, how_many: usize) -> Vec<T> {
    if exhaustive() { all } else { drawn(all, seed(), label, how_many) }
}

/// As [`sample`], with this seed.
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

/// The same, in another order for each seed and each `label`.
#[must_use]
pub fn shuffled<T>(all: Vec<T>, label: &str) -> Vec<T> {
    let mut placed: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    placed.sort_by_cached_key(|(place, _)| number(seed(), label, *place));
    placed.into_iter().map(|(_, item)| item).collect()
}

/// Whether a sample has this one, if it is to have one in `n`; in the exhaustive run it has all.
#[must_use]
pub fn is_in_sample(label: &str, n: u64) -> bool {
    exhaustive() || number(seed(), label, 0).is_multiple_of(n)
}

/// A number that the seed, the label and the place decide.
fn number(seed: u64, label: &str, place: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, label, place).hash(&mut hasher);
    hasher.finish()
}

/// How to try the same again: the command for the test of this program that is called `name`.
#[must_use]
pub fn replay(name: &str) -> String {
    let everything = if exhaustive() { format!("{EXHAUSTIVE}=1 ") } else { String::new() };
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // Cargo puts a hash behind the test's name.
    let test = program.rsplit_once('-').map_or(&*program, |(test, _)| test);
    format!("{everything}{SEED}={} cargo test --test {test} -- --exact '{name}'", seed())
}
