//! The console blocks of the chapters: what a reader types, and what comes of it.
//!
//! A block that tests run has a name, in a comment on the line above it:
//!
//!     <!-- console: rm-removes-only-the-name-of-a-queue -->
//!
//! and is a claim of its chapter, `from-the-shell/rm-removes-only-the-name-of-a-queue`. Each block is
//! one shell, the blocks of a chapter follow each other in one private namespace. `[..]` in an
//! output stands for anything within a line, and a blank for any number of them.

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
    /// Whether it takes root and a second user.
    pub as_root: bool,
    /// What stands between the fences.
    pub text: String,
}

const MARK: &str = "<!-- console: ";

/// The named blocks of all chapters, in their order.
pub fn blocks() -> Vec<Block> {
    let of_chapter = |folder: &PathBuf| {
        let text = text_if_there(&folder.join("README.md"));
        blocks_of(&name(folder), &text)
    };
    chapters(root()).iter().flat_map(of_chapter).collect()
}

/// The named blocks of a chapter's text.
pub fn blocks_of(folder: &str, text: &str) -> Vec<Block> {
    let chapter = folder.split_once('-').map_or(folder, |(_, name)| name);
    let block = |part: &str| {
        let (mark, rest) =
            part.split_once(" -->\n```console\n").expect("a mark stands right above its block");
        let (name, who) = mark.split_once(", ").unwrap_or((mark, ""));
        assert!(["", "as root"].contains(&who), "{name}: as whom is {who:?}?");
        let text = rest.split_once("\n```").expect("a block ends").0;
        Block { claim: format!("{chapter}/{name}"), as_root: who == "as root", text: format!("{text}\n") }
    };
    text.split(MARK).skip(1).map(block).collect()
}

impl Block {
    /// Runs it, and compares; the difference is the error.
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

    /// Each command, after a line that shows it.
    fn script(&self) -> String {
        let mut script = String::from("exec 2>&1\n");
        for command in self.text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let quoted = command.replace('\'', r"'\''");
            let _ = writeln!(script, "printf '%s\\n' '$ {quoted}'\n{command}");
        }
        script
    }
}

/// Whether what was printed is what the text shows; the difference is the error.
pub fn compare(what: &str, printed: &str, shown: &str) -> Result<(), String> {
    snapbox::Assert::new()
        .normalize_paths(false) // a backslash is one
        .try_eq(Some(&what), with_single_blanks(printed).into_data(), with_single_blanks(shown).into_data())
        .map_err(|difference| difference.to_string())
}

/// Columns are as wide as the longest user's name, so blanks count as one.
fn with_single_blanks(text: &str) -> String {
    let line =
        |line: &str| line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ") + "\n";
    text.lines().map(line).collect()
}
