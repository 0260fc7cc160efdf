//! The same seed draws the same sample.

use ipc_workbook_testing::sample::{drawn, exhaustive, sample, seed, shuffled};

#[test]
fn a_seed_always_draws_the_same_sample() {
    let draw = |seed, label| drawn((0..100).collect(), seed, label, 10);
    let first: Vec<u32> = draw(7, "labs");
    assert_eq!(first, draw(7, "labs"));
    assert!(first.len() == 10 && first.is_sorted(), "{first:?}");
    assert_ne!(first, draw(8, "labs"));
    assert_ne!(first, draw(7, "starters"));
    assert_eq!(drawn(vec![1, 2], 7, "few", 10), [1, 2]);
}

#[test]
fn every_item_is_drawn_sooner_or_later() {
    let days = 1..=200;
    let mut never: Vec<u32> = (0..30).collect();
    for day in days {
        let today = drawn((0..30).collect::<Vec<u32>>(), day, "labs", 3);
        never.retain(|one| !today.contains(one));
    }
    assert!(never.is_empty(), "{never:?}");
}

#[test]
fn todays_sample_is_that_of_its_seed_unless_everything_runs() {
    let today = sample((0..100).collect::<Vec<u32>>(), "labs", 10);
    let wanted =
        if exhaustive() { (0..100).collect() } else { drawn((0..100).collect(), seed(), "labs", 10) };
    assert_eq!(today, wanted);
}

#[test]
fn an_order_depends_on_its_label_and_is_complete() {
    let mut order = shuffled((0..100).collect::<Vec<u32>>(), "lessons");
    assert_eq!(order, shuffled((0..100).collect(), "lessons"));
    assert_ne!(order, shuffled((0..100).collect(), "labs"));
    order.sort_unstable();
    assert_eq!(order, (0..100).collect::<Vec<u32>>());
}
