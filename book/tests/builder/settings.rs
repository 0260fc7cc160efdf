//! The settings of a publisher: mdBook's own variables, redirects, and what follows from the address of the book.

use crate::support::built;
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::run::{command, no_panic, run, stderr};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ADDRESS: &str = "https://example.invalid/workbook/";
const EDIT: &str = "https://example.invalid/edit/book/";

/// A build takes seconds, so one build shows all settings.
#[test]
fn the_settings_of_a_publisher_take_effect() {
    let folder = Folder::new("book");
    let files = built(
        &folder,
        &[
            ("MDBOOK_OUTPUT__HTML__SITE_URL", ADDRESS),
            ("MDBOOK_OUTPUT__HTML__EDIT_URL_TEMPLATE", &format!("{EDIT}{{path}}")),
            ("MDBOOK_OUTPUT__HTML__REDIRECT", r#"{"/refcount.html": "13-refcount/index.html"}"#),
        ],
    );
    let pages: BTreeMap<PathBuf, String> = files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(&*folder).expect("a path in the folder").to_path_buf();
            (name, fs::read_to_string(&file).expect("a page"))
        })
        .collect();
    the_edit_link_of_each_page_leads_to_its_source(&pages);
    a_page_that_has_moved_redirects(&pages);
    each_page_names_its_own_address(&pages);
    the_page_for_a_wrong_address_has_its_style_below_the_path_of_the_site(&pages);
    the_site_map_lists_each_page_once(&pages, &folder);
}

#[test]
fn a_wrong_address_of_the_book_is_refused() {
    let mut book = command(env!("CARGO_BIN_EXE_book"));
    let output = run(book.arg("build").env("MDBOOK_OUTPUT__HTML__SITE_URL", "example.org"), 1);
    no_panic(&output);
    let said = stderr(&output);
    assert!(said.contains("site-url is \"example.org\"") && said.contains("write it as https://"), "{said}");
}

type Pages = BTreeMap<PathBuf, String>;

fn the_edit_link_of_each_page_leads_to_its_source(pages: &Pages) {
    let mut seen = 0;
    for (name, text) in pages {
        let Some(rest) = text.split(EDIT).nth(1) else { continue };
        let path = rest.split('"').next().unwrap_or_default();
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{}: {path}", name.display());
        seen += 1;
    }
    assert!(seen > 50, "only {seen} pages have an edit link");
}

fn a_page_that_has_moved_redirects(pages: &Pages) {
    let text = &pages[Path::new("refcount.html")];
    assert!(text.contains("http-equiv=\"refresh\"") && text.contains("13-refcount/index.html"), "{text}");
}

/// The pages that have an address of their own.
fn with_address(pages: &Pages) -> impl Iterator<Item = (String, &String)> {
    let aside = ["404.html", "print.html", "toc.html", "refcount.html"];
    let names = pages.iter().map(|(name, text)| (name.to_string_lossy().into_owned(), text));
    names.filter(move |(name, _)| !aside.contains(&&**name))
}

fn address_of(name: &str) -> String {
    format!("{ADDRESS}{}", if name == "index.html" { "" } else { name })
}

fn each_page_names_its_own_address(pages: &Pages) {
    for (name, text) in with_address(pages) {
        let address = address_of(&name);
        for tag in [
            format!("<link rel=\"canonical\" href=\"{address}\">"),
            format!("<meta property=\"og:url\" content=\"{address}\">"),
        ] {
            assert!(text.contains(&tag), "{name} does not contain {tag}");
        }
    }
}

/// A copy of the book on another host must not ask the host of the address.
fn the_page_for_a_wrong_address_has_its_style_below_the_path_of_the_site(pages: &Pages) {
    let text = &pages[Path::new("404.html")];
    assert!(text.contains("<base href=\"/workbook/\">"), "{text:.2000}");
    assert!(text.contains("There is no such page") && text.contains("href=\"index.html\""), "{text}");
}

fn the_site_map_lists_each_page_once(pages: &Pages, folder: &Path) {
    let map = fs::read_to_string(folder.join("sitemap.xml")).expect("a site map");
    let listed: Vec<&str> =
        map.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next()).collect();
    let mut expected: Vec<String> = with_address(pages).map(|(name, _)| address_of(&name)).collect();
    let mut listed: Vec<String> = listed.into_iter().map(String::from).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}
