//! Computes when a question is asked again (FSRS).

use crate::review::{Grade, Review};
use chrono::DateTime;
use rs_fsrs::{Card, FSRS, Rating};

/// Returns the memory state after these reviews, oldest first; `None` if there are no reviews.
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

/// Turns milliseconds into words: `in 3 days`.
pub(crate) fn wait(milliseconds: i64) -> String {
    let minutes = (milliseconds.max(0) + 30_000) / 60_000;
    let (n, unit) = match minutes {
        0..=89 => (minutes.max(1), "minute"),
        90..=2159 => ((minutes + 30) / 60, "hour"),
        _ => ((minutes + 720) / 1440, "day"),
    };
    format!("in {n} {unit}{}", if n == 1 { "" } else { "s" })
}
