//! Draws the slots, and the processes that wait above and below them.

use super::Queue;
use crate::pictures::svg::{Point, Svg};

impl Queue {
    pub(super) fn drawn(&self) -> Svg {
        let mut svg = Svg::default();
        row(&mut svg, 0, "waiting to send", self.senders.len(), |svg, n, place| {
            let (process, message) = &self.senders[n];
            two_lines(svg, "", place, &format!("{process}, prio {}", message.priority), &message.text);
        });
        let named = if self.nameless { "slots (the queue has no name)" } else { "slots" };
        row(&mut svg, 84, named, self.slots, |svg, n, place| match self.messages.get(n) {
            Some(message) => {
                two_lines(svg, "shaded", place, &format!("prio {}", message.priority), &message.text);
            }
            None => svg.labelled("dashed", place, BOX, "free"),
        });
        row(&mut svg, 168, "waiting to receive", self.receivers.len(), |svg, n, place| {
            svg.labelled("", place, BOX, &self.receivers[n]);
        });
        svg
    }

    pub(super) fn in_words(&self) -> String {
        let messages: Vec<String> = self
            .messages
            .iter()
            .map(|message| format!("{} with priority {}", message.text, message.priority))
            .collect();
        let senders: Vec<&str> = self.senders.iter().map(|(process, _)| process.as_str()).collect();
        let receivers: Vec<&str> = self.receivers.iter().map(String::as_str).collect();
        format!(
            "Slots: {}. Messages in the order of receiving: {}. Waiting to send: {}. Waiting to receive: {}.",
            self.slots,
            listed(&messages),
            listed(&senders),
            listed(&receivers)
        )
    }
}

/// The size of a slot, and of a waiting process.
const BOX: Point = (76, 44);

/// Draws a label and a row of boxes below it.
fn row(svg: &mut Svg, top: i32, label: &str, boxes: usize, mut draw: impl FnMut(&mut Svg, usize, Point)) {
    svg.text("faint", (0, top + 14), label);
    for (n, column) in (0..boxes).zip(0..) {
        draw(svg, n, (1 + column * (BOX.0 + 4), top + 22));
    }
    if boxes == 0 {
        svg.text("", (8, top + 48), "none");
    }
}

fn two_lines(svg: &mut Svg, class: &str, (x, y): Point, first: &str, second: &str) {
    svg.rect(class, (x, y), BOX);
    svg.text("middle", (x + BOX.0 / 2, y + 18), first);
    svg.text("middle strong", (x + BOX.0 / 2, y + 36), second);
}

fn listed(items: &[impl AsRef<str>]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    if items.is_empty() { "none".into() } else { items.join(", ") }
}
