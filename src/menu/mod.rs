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
    print("The IPC workbook: lessons that run on your own kernel, and say only what it shows.\n");
    for chapter in &contents.chapters {
        print(&format!("\n{}  {}\n", chapter.folder.bold(), chapter.title));
        for lesson in &chapter.lessons {
            print(&format!("  cargo run --bin {:<24} {}\n", lesson.name.green(), lesson.title.dimmed()));
        }
        let folder = &chapter.folder;
        print(&format!(
            "  cargo run -- run {folder:<24} the whole chapter; its text is lessons/{folder}/README.md\n"
        ));
    }
    print("\ncargo run -- verify                         every lesson, every claim, in private namespaces\n");
    print("\nEach lesson takes --pause, --predict, --private and more; --help tells.\n");
    0
}
