//! The console blocks of a chapter's text. One that has a name is a claim, which the tests run.
//!
//! ````text
//! <!-- console: posix-objects-are-files -->
//! ```console
//! $ ls /dev/mqueue
//! ```
//! ````

const OPEN: &str = "<!-- console: ";
const CLOSE: &str = " -->";

/// A console block that has a name.
#[derive(Debug)]
pub struct Block<'a> {
    /// The claim's identifier without its chapter.
    pub name: &'a str,
    /// Whether it is marked `, as root`, and takes a second user.
    pub as_root: bool,
    /// What is typed, line by line.
    pub commands: Vec<&'a str>,
}

/// The blocks of a text that have a name.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(mark) = mark(line) else { continue };
        let (name, who) = mark.split_once(", ").unwrap_or((mark, ""));
        let body = lines.by_ref().skip(1).take_while(|line| !line.starts_with("```"));
        let commands = body.filter_map(|line| line.strip_prefix("$ ")).collect();
        blocks.push(Block { name, as_root: !who.is_empty(), commands });
    }
    blocks
}

/// The block's name, if this line is the mark above one.
#[must_use]
pub fn name(line: &str) -> Option<&str> {
    mark(line)?.split(", ").next()
}

fn mark(line: &str) -> Option<&str> {
    line.strip_prefix(OPEN)?.strip_suffix(CLOSE)
}
