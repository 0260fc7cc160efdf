//! Random orders that are the same each time for the same seed.

use ipc_workbook::fnv::fnv1a;

/// Returns a number that depends only on an id and a count.
pub(crate) fn seed(id: &str, count: usize) -> u64 {
    fnv1a(id.bytes().chain(count.to_le_bytes()))
}

/// Returns the numbers below `n` in an order that the seed decides (Fisher-Yates shuffle with splitmix64).
pub(crate) fn shuffled(n: usize, mut seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) ^ (z >> 31);
        let below = u64::try_from(last + 1).unwrap_or(1);
        order.swap(last, usize::try_from(z % below).unwrap_or(0));
    }
    order
}
