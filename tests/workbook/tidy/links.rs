//! The blocks, anchors and links of the pages.

use ipc_workbook_testing::prelude::*;
use ipc_workbook_tools::workbook::copies::{Origin, origins};
use ipc_workbook_tools::workbook::{pages, prose};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Returns the pages of this workbook, each with its text.
fn all_pages(root: &Path) -> Vec<(PathBuf, String)> {
    let pages = pages::pages(root).expect("the pages");
    pages.into_iter().map(|page| (page.clone(), text_if_there(&page))).collect()
}

/// Returns the copied blocks whose file, anchor or recording does not exist.
pub(super) fn origins_that_are_not_there(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for (page, text) in all_pages(root) {
        for (line, origin) in origins(&text) {
            if let Err(what) = origin.copy(root) {
                wrong.push(format!("{}:{line}: {what}", page.display()));
            }
        }
    }
    wrong
}

/// Returns the anchors in the sources that no page uses.
pub(super) fn anchors_that_no_page_shows(root: &Path) -> Vec<String> {
    let mut shown = BTreeSet::new();
    for (_, text) in all_pages(root) {
        for (_, origin) in origins(&text) {
            if let Origin::Source { file, anchor } = origin {
                shown.insert((root.join(file), anchor.to_string()));
            }
        }
    }
    let mut unused = Vec::new();
    for file in files_below(&root.join("src")) {
        for anchor in anchors(&file) {
            if !shown.contains(&(file.clone(), anchor.clone())) {
                unused.push(format!("{}: no page shows the anchor {anchor}", name(&file)));
            }
        }
    }
    unused
}

/// Returns the anchors in a file.
fn anchors(file: &Path) -> Vec<String> {
    let text = text_if_there(file);
    text.lines().filter_map(|line| Some(line.split_once("ANCHOR: ")?.1.to_string())).collect()
}

/// Returns the relative links of the pages that lead to no file.
pub(super) fn links_that_lead_nowhere(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for (page, text) in all_pages(root) {
        for line in prose::lines(&text).filter(|line| !line.is_code) {
            for link in line.text.split("](").skip(1) {
                let link = link.split([')', '#']).next().unwrap_or_default();
                let outside = link.is_empty() || link.contains("://");
                if !outside && !page.parent().expect("a folder").join(link).exists() {
                    wrong.push(format!("{}:{}: there is no file {link}", page.display(), line.number));
                }
            }
        }
    }
    wrong
}
