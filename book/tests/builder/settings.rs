//! Settings for publishing the book with mdBook's own variables, and redirects.

use crate::support::built;
use ipc_workbook_testing::folder::Folder;
use std::fs;
use std::path::Path;

#[test]
fn the_edit_link_of_each_page_leads_to_its_source() {
    let folder = Folder::new("book");
    let begin = "https://example.invalid/edit/book/";
    let template = format!("{begin}{{path}}");
    let pages = built(&folder, &[("MDBOOK_OUTPUT__HTML__EDIT_URL_TEMPLATE", &template)]);
    let mut seen = 0;
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        let Some(rest) = text.split(begin).nth(1) else { continue };
        let path = rest.split('"').next().unwrap_or_default();
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{}: {path}", page.display());
        seen += 1;
    }
    assert!(seen > 50, "only {seen} pages have an edit link");
}

#[test]
fn a_page_that_has_moved_redirects() {
    let folder = Folder::new("book");
    let moved = r#"{"/refcount.html": "13-refcount/index.html"}"#;
    built(&folder, &[("MDBOOK_OUTPUT__HTML__REDIRECT", moved)]);
    let text = fs::read_to_string(folder.join("refcount.html")).expect("the old page");
    assert!(text.contains("http-equiv=\"refresh\"") && text.contains("13-refcount/index.html"), "{text}");
}

#[test]
fn the_page_for_a_wrong_address_has_its_style_below_the_site_url() {
    let folder = Folder::new("book");
    built(&folder, &[("MDBOOK_OUTPUT__HTML__SITE_URL", "/workbook/")]);
    let text = fs::read_to_string(folder.join("404.html")).expect("the page");
    assert!(text.contains("<base href=\"/workbook/\">"), "{text:.2000}");
}
