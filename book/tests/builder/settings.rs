//! What whoever puts the book somewhere may set with mdBook's own variables, and what mdBook sees to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the book with some variables set, into a folder; returns all of its pages.
fn built(folder: &Path, variables: &[(&str, &str)]) -> Vec<(PathBuf, String)> {
    let mut book = Command::new(env!("CARGO_BIN_EXE_book"));
    book.arg("build").env("MDBOOK_BUILD__BUILD_DIR", folder).envs(variables.iter().copied());
    let output = book.output().expect("the builder");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut pages, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                let text = fs::read_to_string(&path).expect("a page");
                pages.push((path, text));
            }
        }
    }
    pages
}

#[test]
fn the_edit_link_of_each_page_leads_to_what_it_is_made_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let begin = "https://example.invalid/edit/book/";
    let template = format!("{begin}{{path}}");
    let pages = built(folder.path(), &[("MDBOOK_OUTPUT__HTML__EDIT_URL_TEMPLATE", &template)]);
    let mut seen = 0;
    for (page, text) in pages {
        let Some(rest) = text.split(begin).nth(1) else { continue };
        let path = rest.split('"').next().unwrap_or_default();
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{}: {path}", page.display());
        seen += 1;
    }
    assert!(seen > 50, "{seen} pages have an edit link");
}

#[test]
fn a_page_that_has_moved_leads_to_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let moved = r#"{"/refcount.html": "13-refcount/index.html"}"#;
    built(folder.path(), &[("MDBOOK_OUTPUT__HTML__REDIRECT", moved)]);
    let text = fs::read_to_string(folder.path().join("refcount.html")).expect("the old page");
    assert!(text.contains("http-equiv=\"refresh\"") && text.contains("13-refcount/index.html"), "{text}");
}

#[test]
fn the_page_for_a_wrong_address_finds_its_style_below_the_address_that_is_set() {
    let folder = tempfile::tempdir().expect("a folder");
    built(folder.path(), &[("MDBOOK_OUTPUT__HTML__SITE_URL", "/workbook/")]);
    let text = fs::read_to_string(folder.path().join("404.html")).expect("the page");
    assert!(text.contains("<base href=\"/workbook/\">"), "{text:.2000}");
}
