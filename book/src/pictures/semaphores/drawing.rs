//! Draws each semaphore with its value, and below it who waits, and what the kernel will undo.

use super::Set;
use crate::pictures::svg::Svg;
use std::fmt::Write;

impl Set {
    pub(super) fn drawn(&self) -> Svg {
        let mut svg = Svg::default();
        for ((value, n), column) in self.values.iter().zip(0..).zip(0..) {
            let x = 1 + column * 164;
            svg.text("faint", (x, 14), &format!("semaphore {n}"));
            svg.labelled(
                if self.removed { "dashed" } else { "shaded" },
                (x, 22),
                (152, 40),
                &if self.removed { "removed".into() } else { value.to_string() },
            );
            svg.text("faint", (x, 86), "waiting");
            svg.text("faint", (x, 140), "undo at the end of");
            let waiting = self.waiting.iter().filter(|(_, semaphore)| *semaphore == n);
            for ((process, _), place) in waiting.zip(0..) {
                svg.labelled("", (x + place * 78, 92), (72, 28), &format!("{process}: for 0"));
            }
            if !self.waiting.iter().any(|(_, semaphore)| *semaphore == n) {
                svg.text("", (x, 108), "none");
            }
            let undo = self.undo.iter().filter(|(_, undo)| undo[n] != 0);
            for ((pid, undo), place) in undo.zip(0..) {
                svg.labelled(
                    "dashed",
                    (x + place * 78, 146),
                    (72, 28),
                    &format!("{}: {:+}", self.labels[pid], undo[n]),
                );
            }
            if !self.undo.values().any(|undo| undo[n] != 0) {
                svg.text("", (x, 162), "none");
            }
        }
        svg
    }

    pub(super) fn in_words(&self) -> String {
        let values: Vec<String> = self.values.iter().map(i64::to_string).collect();
        let mut says = format!("Values: {}.", values.join(", "));
        for (process, semaphore) in &self.waiting {
            let _ = write!(says, " {process} waits until semaphore {semaphore} is 0.");
        }
        for (pid, undo) in &self.undo {
            let _ = write!(says, " When {} ends, the kernel adds {undo:?}.", self.labels[pid]);
        }
        says
    }
}
