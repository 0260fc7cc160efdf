//! Draws the address spaces beside each other, and below them the pages that all of them map.

use super::{Memory, Space};
use crate::pictures::svg::Svg;

/// The width of the drawing: that of a small telephone.
const WIDTH: i32 = 316;
/// The top of the first mapping, and the size of a mapping.
const TOP: i32 = 26;
const HEIGHT: i32 = 30;
/// The top of the pages.
const PAGES: i32 = 170;

impl Memory {
    pub(super) fn drawn(&self) -> Svg {
        let mut svg = Svg::default();
        let spaces: Vec<&Space> = self.spaces.iter().collect();
        let columns = i32::try_from(spaces.len()).unwrap_or(i32::MAX).max(2);
        let width = (WIDTH - 12 * (columns - 1)) / columns;
        for (space, column) in spaces.into_iter().zip(0..) {
            self.space_drawn(&mut svg, space, (1 + column * (width + 12), width));
        }
        self.pages_drawn(&mut svg);
        svg
    }

    /// Draws an address space: its mappings below each other, with lines to both ends of the pages.
    fn space_drawn(&self, svg: &mut Svg, space: &Space, (x, width): (i32, i32)) {
        svg.text("faint", (x, 14), &space.name());
        let class = if space.end.is_some() { "dashed" } else { "" };
        let mut bottom = TOP;
        for (address, line) in space.addresses.iter().zip(0..) {
            let top = TOP + line * (HEIGHT + 6);
            svg.labelled(class, (x, top), (width, HEIGHT), address);
            bottom = top + HEIGHT;
        }
        if space.addresses.is_empty() {
            svg.text("", (x, TOP + 20), "not mapped");
            return;
        }
        if space.end.is_none() {
            svg.line("faint", (x, bottom), (1, PAGES));
            svg.line("faint", (x + width, bottom), (WIDTH, PAGES));
        }
        if self.touches == space.label && self.touches.is_some() {
            svg.arrow("", (x + width - 3, bottom), (WIDTH - 3, PAGES));
        }
        if let Some(end) = space.end.as_deref() {
            svg.text("end strong", (x + width, bottom + 20), end);
        }
    }

    fn pages_drawn(&self, svg: &mut Svg) {
        let (used, below) = (self.used_width(), PAGES + HEIGHT);
        if self.gone() {
            svg.labelled("dashed", (1, PAGES), (WIDTH, HEIGHT), "freed");
        } else {
            if used < WIDTH {
                svg.rect("dashed", (1, PAGES), (WIDTH, HEIGHT));
            }
            if used > 0 {
                svg.rect("shaded", (1, PAGES), (used, HEIGHT));
            }
            if self.used > 0 && used < WIDTH {
                svg.line("", (used + 1, PAGES - 8), (used + 1, below + 8));
                if self.spaces.iter().any(|space| space.end.as_deref() == Some("SIGBUS")) {
                    svg.text("strong", (used + 8, PAGES + 20), "beyond this edge: SIGBUS");
                }
            }
        }
        let [first, second] = self.labels();
        svg.text("", (1, below + 22), &first);
        svg.text("faint", (1, below + 42), &second);
    }

    /// Returns the width of the pages with content.
    fn used_width(&self) -> i32 {
        let part = i64::from(WIDTH) * self.used / self.length.max(1);
        i32::try_from(part).unwrap_or(WIDTH).min(WIDTH)
    }

    fn labels(&self) -> [String; 2] {
        let name = self.name.as_deref().unwrap_or("the memory");
        if self.room.is_none() {
            let key = if self.removed { "; its key is gone" } else { "" };
            return [
                format!("segment {name}: {}{key}", bytes(self.length)),
                match self.mappings() {
                    1 => "attached once".into(),
                    times => format!("attached {times} times"),
                },
            ];
        }
        let full = if self.room == Some(self.used) { "; no room for more" } else { "" };
        [format!("{name}: {} long", bytes(self.length)), format!("pages for {}{full}", bytes(self.used))]
    }

    pub(super) fn in_words(&self) -> String {
        let spaces = self.spaces.iter().map(|space| match (&space.end, space.addresses.len()) {
            (Some(end), _) => format!("{}: {end}", space.name()),
            (None, 0) => format!("{}: not mapped", space.name()),
            (None, 1) => format!("{}: mapped once", space.name()),
            (None, n) => format!("{}: mapped {n} times", space.name()),
        });
        let [first, second] = self.labels();
        let pages = if self.gone() { "The memory is freed".into() } else { format!("{first}, {second}") };
        format!("{pages}. {}", spaces.map(|space| space + ". ").collect::<String>())
    }
}

impl Space {
    fn name(&self) -> String {
        self.label.clone().map_or_else(|| "a child process".into(), |label| format!("process {label}"))
    }
}

/// Writes a size as people do.
pub(super) fn bytes(size: i64) -> String {
    match size {
        0 => "no bytes".into(),
        size if size % (1 << 20) == 0 => format!("{} MiB", size >> 20),
        size if size % 1024 == 0 => format!("{} KiB", size >> 10),
        size => format!("{size} bytes"),
    }
}
