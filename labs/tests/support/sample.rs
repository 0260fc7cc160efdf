//! What multiplies runs as a sample, another one each day, and in full when it is asked for.
//!
//! `IPC_WORKBOOK_SEED=N` draws the sample of that seed again; `IPC_WORKBOOK_EXHAUSTIVE=1` runs everything.

use std::time::{SystemTime, UNIX_EPOCH};

/// Whether everything is to run.
pub fn exhaustive() -> bool {
    std::env::var("IPC_WORKBOOK_EXHAUSTIVE").is_ok_and(|value| value == "1")
}

/// What samples are drawn by: the number of today's day, unless the environment names another.
pub fn seed() -> u64 {
    if let Ok(given) = std::env::var("IPC_WORKBOOK_SEED") {
        return given.parse().unwrap_or_else(|_| panic!("IPC_WORKBOOK_SEED is no number: {given:?}"));
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    since.as_secs() / (24 * 60 * 60)
}

/// This many of them, in their order: the same ones for the same seed and label. All, if everything is to run.
pub fn sample<T>(all: Vec<T>, label: &str, how_many: usize) -> Vec<T> {
    if exhaustive() { all } else { drawn(all, seed(), label, how_many) }
}

/// As [`sample`], by this seed.
pub fn drawn<T>(mut all: Vec<T>, seed: u64, label: &str, how_many: usize) -> Vec<T> {
    let mut random = oorandom::Rand64::new(u128::from(seed) << 64 | u128::from(number_of(label)));
    while all.len() > how_many {
        let dropped = random.rand_range(0..all.len() as u64);
        all.remove(usize::try_from(dropped).expect("an index"));
    }
    all
}

/// FNV-1a: another number for another label, the same one on each machine.
fn number_of(label: &str) -> u64 {
    label
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The command that runs a test again with the same samples; `test` is what `cargo test` is to run.
pub fn replay(test: &str) -> String {
    if exhaustive() {
        format!("IPC_WORKBOOK_EXHAUSTIVE=1 cargo test {test}")
    } else {
        format!("IPC_WORKBOOK_SEED={} cargo test {test}", seed())
    }
}
