//! What the menu does, one file a command.

pub(crate) mod build;
pub(crate) mod contents;
pub(crate) mod run;
pub(crate) mod verify;

use colored::Colorize;
use contents::Contents;
use std::io::Write;

/// Prints to standard output; a reader who has left has seen enough.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Lists the chapters and lessons, and says how to run each.
pub(crate) fn list(contents: &Contents) -> u8 {
    let mut text =
        String::from("The IPC workbook: lessons that run on your own kernel, and say only what it shows.\n");
    for chapter in &contents.chapters {
        text += &format!("\n{}  {}\n", chapter.folder.bold(), chapter.title);
        for lesson in &chapter.lessons {
            text += &format!("  cargo run --bin {:<24} {}\n", lesson.name.green(), lesson.title.dimmed());
        }
        text += &format!(
            "  cargo run -- run {:<25} the whole chapter; its text is lessons/{}/README.md\n",
            chapter.folder, chapter.folder
        );
    }
    text += "\ncargo run -- verify                        every lesson, every claim, in private namespaces\n";
    text += "\nEach lesson takes --pause, --predict, --private and more; --help tells.\n";
    print(&text);
    0
}
