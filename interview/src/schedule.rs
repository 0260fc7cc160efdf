//! When a question comes again (FSRS), and which comes next.

use crate::state::{Grade, Review, State};
use chrono::DateTime;
use ipc_workbook::fnv::fnv1a;
use rs_fsrs::{Card, FSRS, Rating};

/// One question in so many is new, as long as others are due.
const NEW_EVERY: usize = 4;

/// What the reviews of a question, oldest first, leave in memory; `None` without any.
pub(crate) fn memory(reviews: &[Review]) -> Option<Card> {
    let fsrs = FSRS::default();
    reviews.iter().fold(None, |card, review| {
        let rating = match review.1 {
            Grade::Again => Rating::Again,
            Grade::Hard => Rating::Hard,
            Grade::Good => Rating::Good,
            Grade::Easy => Rating::Easy,
        };
        let at = DateTime::from_timestamp_millis(review.0).unwrap_or_default();
        Some(fsrs.next(card.unwrap_or_else(|| new_card(at)), at, rating).card)
    })
}

fn new_card(at: DateTime<chrono::Utc>) -> Card {
    Card { due: at, last_review: at, ..Card::default() }
}

/// The next question among `ids`, after `asked` others: what has been due longest,
/// with something new now and then. `fresh` says whether something new is wanted.
pub(crate) fn next<'a>(
    state: &State,
    ids: &[&'a str],
    now: i64,
    asked: usize,
    fresh: bool,
) -> Option<&'a str> {
    let due_at = |id: &str| state.questions.get(id).and_then(|record| record.due);
    let due = || ids.iter().filter(|id| due_at(id).is_some_and(|due| due <= now)).min_by_key(|id| due_at(id));
    // In an order of their own, so that the first day is not all chapter 11.
    let new = || {
        let unseen = ids.iter().filter(|id| !state.questions.contains_key(**id));
        fresh.then(|| unseen.min_by_key(|id| seed(id, 0)))?
    };
    let pick = if asked % NEW_EVERY == NEW_EVERY - 1 { new().or_else(due) } else { due().or_else(new) };
    pick.copied()
}

/// A number that an id and a count always give again, and no other pair soon.
pub(crate) fn seed(id: &str, count: usize) -> u64 {
    fnv1a(id.bytes().chain(count.to_le_bytes()))
}

/// The numbers below `n` in an order that the seed alone decides (Fisher and Yates,
/// over splitmix64).
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

/// `in 3 days`, from milliseconds.
pub(crate) fn wait(milliseconds: i64) -> String {
    let minutes = (milliseconds.max(0) + 30_000) / 60_000;
    let (n, unit) = match minutes {
        0..=89 => (minutes.max(1), "minute"),
        90..=2159 => ((minutes + 30) / 60, "hour"),
        _ => ((minutes + 720) / 1440, "day"),
    };
    format!("in {n} {unit}{}", if n == 1 { "" } else { "s" })
}
