//! Shared by the tests of the book: builds the book.

use ipc_workbook_testing::folder::files_below;
use ipc_workbook_testing::run::{command, run};
use std::path::{Path, PathBuf};

/// Builds the book in a folder, with the given variables of mdBook. Returns the files of all pages.
pub(crate) fn built(folder: &Path, variables: &[(&str, &str)]) -> Vec<PathBuf> {
    let mut book = command(env!("CARGO_BIN_EXE_book"));
    run(book.arg("build").env("MDBOOK_BUILD__BUILD_DIR", folder).envs(variables.iter().copied()), 0);
    pages_in(folder)
}

/// Returns the files of all pages of a built book.
pub(crate) fn pages_in(folder: &Path) -> Vec<PathBuf> {
    let mut pages = files_below(folder);
    pages.retain(|file| file.extension().is_some_and(|end| end == "html"));
    pages
}
