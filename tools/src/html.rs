//! Text inside HTML.

/// The text as HTML shows it, inside an element or between the quotes of an attribute.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
