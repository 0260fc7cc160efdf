//! Text in lines that fit a terminal.

/// The columns of a terminal that nobody has made wider.
const WIDTH: usize = 80;

/// The text in lines that fit, the first after `head`, the others under it.
#[must_use]
pub fn paragraph(head: &str, text: &str) -> String {
    let indent = head.chars().count();
    let (mut out, mut column) = (String::from(head), indent);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}
