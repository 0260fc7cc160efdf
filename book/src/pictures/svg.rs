//! Draws shapes. A class of theme/pictures.css gives each shape its look, so that it fits a light and a
//! dark theme.

use ipc_workbook_tools::html::escape;
use std::fmt::Write;

/// A point: x to the right, y down, in pixels.
pub(crate) type Point = (i32, i32);

/// A drawing.
#[derive(Default)]
pub(crate) struct Svg {
    body: String,
    /// The right and lower edge of what has been drawn so far.
    edge: Point,
}

impl Svg {
    pub(crate) fn line(&mut self, class: &str, from: Point, to: Point) {
        self.reach(from);
        self.reach(to);
        let ((x1, y1), (x2, y2)) = (from, to);
        self.shape(&format!(r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#));
    }

    /// A line with a head at its end.
    pub(crate) fn arrow(&mut self, class: &str, from: Point, to: Point) {
        const HEAD: f64 = 9.0;
        let angle = f64::from(to.1 - from.1).atan2(f64::from(to.0 - from.0));
        let corner = |turn: f64| {
            let (x, y) = (
                f64::from(to.0) - HEAD * (angle + turn).cos(),
                f64::from(to.1) - HEAD * (angle + turn).sin(),
            );
            format!("{x:.1},{y:.1}")
        };
        self.line(class, from, to);
        let points = format!("{},{} {} {}", to.0, to.1, corner(0.45), corner(-0.45));
        self.shape(&format!(r#"<polygon class="head {class}" points="{points}"/>"#));
    }

    pub(crate) fn rect(&mut self, class: &str, (x, y): Point, (width, height): Point) {
        self.reach((x + width, y + height));
        self.shape(&format!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="3"/>"#
        ));
    }

    pub(crate) fn circle(&mut self, class: &str, (x, y): Point, radius: i32) {
        self.reach((x + radius, y + radius));
        self.shape(&format!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#));
    }

    /// Text whose baseline begins at this point; the classes `middle` and `end` move it to the left.
    pub(crate) fn text(&mut self, class: &str, (x, y): Point, text: &str) {
        let width = width_of(text);
        let classes = || class.split(' ');
        let right = if classes().any(|class| class == "middle") { width / 2 } else { width };
        self.reach((if classes().any(|class| class == "end") { x } else { x + right }, y + 5));
        self.shape(&format!(r#"<text class="{class}" x="{x}" y="{y}">{}</text>"#, escape(text)));
    }

    /// A box with text in its middle.
    pub(crate) fn labelled(&mut self, class: &str, (x, y): Point, (width, height): Point, text: &str) {
        self.rect(class, (x, y), (width, height));
        self.text(&format!("middle {class}"), (x + width / 2, y + height / 2 + 5), text);
    }

    /// Shapes that a script finds by their class.
    pub(crate) fn group(&mut self, class: &str, draw: impl FnOnce(&mut Svg)) {
        let _ = write!(self.body, r#"<g class="{class}">"#);
        draw(self);
        self.body.push_str("</g>\n");
    }

    /// Shapes that a pointer names: the title appears beside it.
    pub(crate) fn titled(&mut self, title: &str, draw: impl FnOnce(&mut Svg)) {
        let _ = write!(self.body, "<g><title>{}</title>", escape(title));
        draw(self);
        self.body.push_str("</g>\n");
    }

    /// Shapes that are a link. The title is its name for a screen reader.
    pub(crate) fn link(&mut self, href: &str, title: &str, draw: impl FnOnce(&mut Svg)) {
        let (href, title) = (escape(href), escape(title));
        let _ = write!(self.body, r#"<a href="{href}" aria-label="{title}"><title>{title}</title>"#);
        draw(self);
        self.body.push_str("</a>\n");
    }

    /// The right and lower edge of the drawing.
    pub(crate) fn edge(&self) -> Point {
        self.edge
    }

    /// Returns the finished picture. `id` must be unique on its page, and `size` is at least `edge`.
    pub(crate) fn picture(&self, id: &str, title: &str, says: &str, (width, height): Point) -> String {
        // A picture with links is a group. Otherwise, a screen reader would not find the links.
        let role = if self.body.contains("<a ") { "group" } else { "img" };
        format!(
            r#"<svg role="{role}" aria-labelledby="{id}-title {id}-desc" viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">
<title id="{id}-title">{}</title>
<desc id="{id}-desc">{}</desc>
{}</svg>"#,
            escape(title),
            escape(says),
            self.body
        )
    }

    /// Returns a small picture without a name, for a legend.
    pub(crate) fn sample(&self) -> String {
        let (width, height) = self.edge;
        format!(
            r#"<svg aria-hidden="true" viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">{}</svg>"#,
            self.body.replace('\n', "")
        )
    }

    fn reach(&mut self, (x, y): Point) {
        self.edge = (self.edge.0.max(x + 2), self.edge.1.max(y + 2));
    }

    fn shape(&mut self, shape: &str) {
        self.body.push_str(shape);
        self.body.push('\n');
    }
}

/// Returns about how wide a text is, so that a box can be made wide enough for it.
fn width_of(text: &str) -> i32 {
    i32::try_from(text.chars().count() * 15 / 2).unwrap_or(i32::MAX)
}
