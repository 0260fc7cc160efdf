//! What the menu does, one file a command.

pub(crate) mod contents;
pub(crate) mod run;
pub(crate) mod verify;

use colored::Colorize;
use contents::Contents;
use ipc_workbook::cli::{Failure, print};

/// What the menu calls itself in messages.
pub(crate) const PROGRAM: &str = "ipc-workbook";

/// Lists the chapters and lessons, and says how to run each.
pub(crate) fn list(contents: &Contents) -> Result<u8, Failure> {
    let mut text =
        String::from("The IPC workbook: lessons that run on your own kernel, and say only what it shows.\n");
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for chapter in &contents.chapters {
        let folder = &chapter.folder;
        line(format!("\n{}  {}", folder.bold(), chapter.title));
        for lesson in &chapter.lessons {
            line(format!("  cargo run --bin {:<24} {}", lesson.name.green(), lesson.title.dimmed()));
        }
        if chapter.lessons.is_empty() {
            line(format!("  to read and type: lessons/{folder}/README.md"));
            continue;
        }
        line(format!(
            "  cargo run -- run {folder:<23} the whole chapter; its text is lessons/{folder}/README.md"
        ));
    }
    line(
        "\ncargo run -- verify                       every lesson, every claim, in private namespaces".into(),
    );
    line("\nEach lesson takes --pause, --predict, --private and more; --help tells.".into());
    print(PROGRAM, &text)?;
    Ok(0)
}
