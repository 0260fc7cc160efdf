//! A title that gives an answer away stops the build.

use crate::broken::Copy;

pub(crate) const RECORDING: &str = "lessons/13-refcount/output/refcount_demo.jsonl";
pub(crate) const TITLE: &str = "Unlink the name of the queue while the queue is open";

#[test]
fn a_title_that_answers_a_prediction_below_it_stops_the_build() {
    let copy = Copy::new();
    copy.replace(RECORDING, TITLE, "Unlink the name: mq_open gives ENOENT");
    copy.stops(&[
        "src/bin/refcount_demo.rs",
        "step 4",
        "\"ENOENT\"",
        "write another title",
        "scripts/record",
    ]);
}
