//! Draws the way from the number in a call to the object, and below it the tables of slots.

use super::{KINDS, Object, Tables, key_text};
use crate::pictures::svg::{Point, Svg};

impl Tables {
    pub(super) fn drawn(&self) -> Svg {
        let mut svg = Svg::default();
        let (space, boxes) = &self.chain;
        for ((first, second), column) in boxes.iter().zip(0..) {
            let x = 1 + column * 110;
            svg.rect("", (x, 1), (96, 44));
            svg.text("middle", (x + 48, 19), first);
            svg.text("middle strong", (x + 48, 37), second);
            if column < 2 {
                svg.arrow("", (x + 96, 23), (x + 110, 23));
            }
        }
        for ((kind, (_, name, _)), line) in KINDS.iter().enumerate().zip(0..) {
            let top = 62 + line * 98;
            let of =
                if space.is_empty() { String::new() } else { format!(" in the IPC namespace of {space}") };
            svg.text("faint", (0, top + 12), &format!("slots of the {name}{of}"));
            let row = self.slots.iter().filter(|((other, of, _), _)| other == space && *of == kind);
            if !self.slots.keys().any(|(other, of, _)| other == space && *of == kind) {
                svg.text("", (1, top + 34), "none used yet");
            }
            for (((.., slot), object), column) in row.zip(0..) {
                draw_slot(&mut svg, (1 + column * 80, top + 20), *slot, object.as_ref());
            }
        }
        svg
    }

    pub(super) fn in_words(&self) -> String {
        let (space, boxes) = &self.chain;
        let boxes: Vec<String> = boxes.iter().map(|(first, second)| format!("{first} {second}")).collect();
        let row = self.slots.iter().filter(|((other, ..), _)| other == space);
        let slots = row.map(|((_, kind, slot), object)| match object {
            Some(Object { sequence, key }) => {
                format!(
                    "slot {slot} of the {}: sequence number {sequence}, key {}",
                    KINDS[*kind].1,
                    key_text(*key)
                )
            }
            None => format!("slot {slot} of the {} is empty", KINDS[*kind].1),
        });
        format!("From {}. Now: {}.", boxes.join(" to "), slots.collect::<Vec<_>>().join("; "))
    }
}

fn draw_slot(svg: &mut Svg, (x, y): Point, slot: i64, object: Option<&Object>) {
    svg.rect(if object.is_some() { "shaded" } else { "dashed" }, (x, y), (78, 62));
    let (sequence, key) = match object {
        Some(Object { sequence, key: 0 }) => (format!("sequence {sequence}"), "key 0".into()),
        Some(Object { sequence, key }) => (format!("sequence {sequence}"), key_text(*key)),
        None => ("empty".into(), String::new()),
    };
    for (text, line) in [format!("slot {slot}"), sequence, key].iter().zip(1..) {
        svg.text("middle", (x + 39, y + line * 18), text);
    }
}
