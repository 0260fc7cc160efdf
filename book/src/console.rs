//! Marks the parts of a console block: the prompt, the command and the output. A reader who copies the block
//! gets the commands alone: theme/copy.js leaves the other parts out.

const BEGIN: &str = "<code class=\"language-console\">";
const END: &str = "</code>";
const PROMPT: &str = "$ ";

/// Returns a built page in which the parts of each console block are marked.
pub(crate) fn with_parts(html: &str) -> String {
    let mut pieces = html.split(BEGIN);
    let mut page = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (block, rest) = piece.split_once(END).unwrap_or((piece, ""));
        page.extend([BEGIN, &parts(block), END, rest]);
    }
    page
}

/// Marks the parts of one block. A line with a prompt is a command, and all lines below it are its output.
/// A block without a prompt continues the output of another block.
fn parts(block: &str) -> String {
    if !block.lines().any(|line| line.starts_with(PROMPT)) {
        return block.into();
    }
    let mut html = String::new();
    let mut is_output = false;
    for line in block.split_inclusive('\n') {
        let command = line.strip_prefix(PROMPT);
        match (is_output, command.is_none()) {
            (false, true) => html.push_str("<span class=\"output\">"),
            (true, false) => html.push_str("</span>"),
            _ => {}
        }
        is_output = command.is_none();
        match command {
            Some(command) => html.extend(["<span class=\"prompt\">", PROMPT, "</span>", command]),
            None => html.push_str(line),
        }
    }
    html.push_str(if is_output { "</span>" } else { "" });
    html
}
