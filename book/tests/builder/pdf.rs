//! The PDF of the book.

use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::run::{command, no_panic, run, stderr};

#[test]
fn without_a_browser_there_is_one_clear_line_instead_of_a_pdf() {
    let folder = Folder::new("pdf");
    let file = folder.join("book.pdf");
    let mut book = command(env!("CARGO_BIN_EXE_book"));
    let output = run(book.arg("pdf").arg(&file).env("PATH", &*folder), 3);
    no_panic(&output);
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("there is no chromium") && said.contains("apt-get install chromium"), "{said}");
    assert!(!file.exists(), "an empty file is left");
}
