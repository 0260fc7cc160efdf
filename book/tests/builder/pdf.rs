//! The PDF of the book.

use crate::broken::Copy;
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::requirement::{have, skip};
use ipc_workbook_testing::run::{command, no_panic, run, stderr, stdout};
use std::fs;

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

/// One page, because the whole book takes chromium most of a minute.
#[test]
fn a_page_is_printed_with_its_headings_as_bookmarks() {
    if !have("chromium") {
        skip("a page as PDF: chromium is not installed");
        return;
    }
    let copy = Copy::new();
    let file = copy.file("handout.pdf");
    let output = run(copy.command("pdf").args(["--page", "13-refcount/questions.html"]).arg(&file), 0);
    let pdf = fs::read(&file).expect("the PDF");
    let said = stdout(&output);
    assert!(said.contains(&format!("{} bytes in ", pdf.len())), "{said}");
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"), "not a complete PDF");
    let count = |piece: &[u8]| pdf.windows(piece.len()).filter(|window| window == &piece).count();
    // The page has 29 questions with all their answers.
    let pages = count(b"/Type /Page\n");
    assert!(pages > 10, "only {pages} pages");
    assert!(count(b"/Outlines") > 0, "no bookmarks");
}

#[test]
fn an_unknown_page_is_refused() {
    if !have("chromium") {
        skip("an unknown page as PDF: chromium is not installed");
        return;
    }
    let copy = Copy::new();
    let output = run(copy.command("pdf").args(["--page", "moon.html"]).arg(copy.file("moon.pdf")), 2);
    no_panic(&output);
    let said = stderr(&output);
    assert!(said.contains("the book has no page moon.html; name one as its address does"), "{said}");
    assert!(!copy.file("moon.pdf").exists(), "an empty file is left");
}
