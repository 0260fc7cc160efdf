//! The console blocks in a chapter's text. A block with a name is a claim, and the tests run it.
//!
//! ````text
//! <!-- console: posix-objects-are-files -->
//! ```console
//! $ ls /dev/mqueue
//! ```
//! ````

const OPEN: &str = "<!-- console: ";
const CLOSE: &str = " -->";

/// A console block with a name.
#[derive(Debug)]
pub struct Block<'a> {
    /// The claim's identifier without its chapter.
    pub name: &'a str,
    /// Whether it is marked `, as root`, so that it needs root and a second user.
    pub as_root: bool,
    /// The commands that are typed, one in each line.
    pub commands: Vec<&'a str>,
}

/// Returns the blocks of a text that have a name.
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

/// Returns the block's name, if this line is the mark above a block.
#[must_use]
pub fn name(line: &str) -> Option<&str> {
    mark(line)?.split(", ").next()
}

fn mark(line: &str) -> Option<&str> {
    line.strip_prefix(OPEN)?.strip_suffix(CLOSE)
}
