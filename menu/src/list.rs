//! `list`: the chapters and lessons, and how to run each.

use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, show};
use ipc_workbook_tools::workbook::Contents;

/// Prints the list.
pub(crate) fn list(contents: &Contents) -> Result<u8, Failure> {
    let mut text =
        String::from("The IPC workbook: lessons that run on your own kernel, and say only what it shows.\n");
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for chapter in &contents.chapters {
        let folder = &chapter.folder;
        line(format!("\n{}  {}", folder.bold(), chapter.title()));
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
    show(&text)?;
    Ok(0)
}
