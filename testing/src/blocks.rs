//! The console blocks of the chapters: commands that a reader types, and their output.
//!
//! A block that the tests run has a name, in a comment on the line above it:
//!
//!     <!-- console: rm-removes-only-the-name-of-a-queue -->
//!
//! The name is a claim of its chapter, `from-the-shell/rm-removes-only-the-name-of-a-queue`. Each block
//! runs in one shell, and the blocks of a chapter run one after the other in one private namespace. In
//! the output, `[..]` stands for anything within a line, and a blank for one or more blanks.

use crate::folder::{name, text_if_there};
use crate::lessons::chapters;
use crate::root;
use crate::run::stdout;
use snapbox::IntoData;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A named block.
pub struct Block {
    /// `from-the-shell/rm-removes-only-the-name-of-a-queue`
    pub claim: String,
    /// Whether it needs root and a second user.
    pub as_root: bool,
    /// The text between the fences.
    pub text: String,
}

const MARK: &str = "<!-- console: ";

/// Returns the named blocks of all chapters, in order.
pub fn blocks() -> Vec<Block> {
    let of_chapter = |folder: &PathBuf| {
        let text = text_if_there(&folder.join("README.md"));
        blocks_of(&name(folder), &text)
    };
    chapters(root()).iter().flat_map(of_chapter).collect()
}

/// Returns the named blocks of a chapter's text.
pub fn blocks_of(folder: &str, text: &str) -> Vec<Block> {
    let chapter = folder.split_once('-').map_or(folder, |(_, name)| name);
    let block = |part: &str| {
        let (mark, rest) =
            part.split_once(" -->\n```console\n").expect("the line below a mark begins a console block");
        let (name, who) = mark.split_once(", ").unwrap_or((mark, ""));
        assert!(["", "as root"].contains(&who), "{name}: unknown words after the name: {who:?}");
        let text = rest.split_once("\n```").expect("a block ends").0;
        Block { claim: format!("{chapter}/{name}"), as_root: who == "as root", text: format!("{text}\n") }
    };
    text.split(MARK).skip(1).map(block).collect()
}

impl Block {
    /// Runs the block, and compares its output with the text. The error is the difference.
    pub fn run(&self) -> Result<(), String> {
        let output = Command::new("sh")
            .args(["-c", &self.script()])
            .current_dir(root())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .expect("sh");
        compare(&self.claim, &stdout(&output), &self.text)
    }

    /// Returns the shell script of the block: before each command, a line that prints it.
    fn script(&self) -> String {
        let mut script = String::from("exec 2>&1\n");
        for command in self.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let quoted = command.replace('\'', r"'\''");
            let _ = writeln!(script, "printf '%s\\n' '$ {quoted}'\n{command}");
        }
        script
    }
}

/// Compares what was printed with what the text shows. The error is the difference.
pub fn compare(what: &str, printed: &str, shown: &str) -> Result<(), String> {
    snapbox::Assert::new()
        .normalize_paths(false) // keep backslashes as they are
        .try_eq(Some(&what), with_single_blanks(printed).into_data(), with_single_blanks(shown).into_data())
        .map_err(|difference| difference.to_string())
}

/// Replaces several blanks by one, because the width of some columns depends on the longest user name.
fn with_single_blanks(text: &str) -> String {
    let line =
        |line: &str| line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ") + "\n";
    text.lines().map(line).collect()
}
