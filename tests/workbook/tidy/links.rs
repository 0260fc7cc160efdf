//! What the pages include and link.

use super::labs;
use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An `{{#include ../../src/bin/x.rs:anchor}}` of a chapter's page.
struct Include {
    chapter: String,
    /// `../../src/bin/x.rs:anchor`
    mark: String,
    file: PathBuf,
    /// Empty if the whole file is included.
    anchor: String,
}

fn includes(root: &Path) -> Vec<Include> {
    let mut includes = Vec::new();
    for chapter in chapters(root) {
        for mark in marks(&text_if_there(&chapter.join("README.md")), "{{#include ") {
            let (file, anchor) = mark.split_once(':').unwrap_or((mark, ""));
            let (chapter, file) = (name(&chapter), chapter.join(file));
            includes.push(Include { chapter, mark: mark.into(), file, anchor: anchor.into() });
        }
    }
    includes
}

/// The file and the anchor of an include exist.
pub(super) fn includes_that_lead_nowhere(root: &Path) -> Vec<String> {
    let exists = |include: &Include| {
        let anchors = anchors(&include.file);
        if include.anchor.is_empty() { include.file.exists() } else { anchors.contains(&include.anchor) }
    };
    let wrong = includes(root).into_iter().filter(|include| !exists(include));
    wrong.map(|include| format!("{}: {}", include.chapter, include.mark)).collect()
}

/// An anchor in a source says that a page includes these lines.
pub(super) fn anchors_that_no_page_includes(root: &Path) -> Vec<String> {
    let place = |include: Include| Some((include.file.canonicalize().ok()?, include.anchor));
    let included: BTreeSet<(PathBuf, String)> = includes(root).into_iter().filter_map(place).collect();
    let mut unused = Vec::new();
    for file in files_below(&root.join("src").canonicalize().unwrap_or_default()) {
        for anchor in anchors(&file) {
            if !included.contains(&(file.clone(), anchor.clone())) {
                unused.push(format!("{}: no page includes the anchor {anchor}", name(&file)));
            }
        }
    }
    unused
}

/// The anchors in a file.
fn anchors(file: &Path) -> Vec<String> {
    let text = text_if_there(file);
    text.lines().filter_map(|line| Some(line.split_once("ANCHOR: ")?.1.to_string())).collect()
}

/// Relative links of all pages lead to files.
pub(super) fn links_that_lead_nowhere(root: &Path) -> Vec<String> {
    let mut pages = entries(root);
    pages.extend(entries(&root.join("lessons")));
    pages.extend(chapters(root).iter().flat_map(|chapter| entries(chapter)));
    pages.extend(labs::labs(root).iter().map(|lab| lab.join("README.md")));
    let mut wrong = Vec::new();
    for page in pages.into_iter().filter(|page| page.extension().is_some_and(|end| end == "md")) {
        for link in text_if_there(&page).split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            let outside = link.is_empty() || link.contains("://");
            if !outside && !page.parent().expect("a folder").join(link).exists() {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    wrong
}

#[test]
fn the_run_that_the_readme_shows_is_a_recorded_one() {
    let readme = text_of("README.md");
    let mark = "<!-- recorded: ";
    let shown = readme.split(mark).nth(1).expect("a recorded run");
    let words: Vec<&str> = shown.split(" -->").next().expect("a mark").split(' ').collect();
    let [chapter, lesson, step] = words[..] else { panic!("{words:?}") };
    let block = shown.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("a block");
    let recorded = text_of(format!("lessons/{chapter}/output/{lesson}.txt"));
    let recorded = recorded
        .split(&format!("ANCHOR: {step}\n"))
        .nth(1)
        .and_then(|rest| rest.split("\n\nANCHOR_END").next());
    assert_eq!(Some(block), recorded);
}
