//! The built book, and helpers to read its pages.

use crate::chromium::Chromium;
use crate::pool::Pool;
use crate::{server, support};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The built book.
pub(crate) struct Book {
    pub(crate) folder: PathBuf,
    /// The address at which it is served.
    pub(crate) home: String,
    /// All pages, by their chapter's folder, such as "13-refcount/"; "" for those outside chapters.
    pub(crate) pages: BTreeMap<String, Vec<String>>,
    /// The browsers that open its pages.
    pub(crate) browsers: Pool,
}

impl Book {
    /// Builds the book in a folder, and serves it.
    pub(crate) fn build(folder: &Path) -> Book {
        let mut pages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for page in support::built(folder, &[]) {
            let page =
                page.strip_prefix(folder).expect("a path in the folder").to_string_lossy().into_owned();
            // Each page contains toc.html in a frame, for readers without JavaScript.
            if page != "toc.html" {
                let name = page.find('/').map_or("", |slash| &page[..=slash]).to_string();
                pages.entry(name).or_default().push(page);
            }
        }
        for pages in pages.values_mut() {
            pages.sort();
        }
        assert!(pages.len() > 3, "{pages:?}");
        Book { folder: folder.into(), home: server::serve(folder), pages, browsers: Pool::default() }
    }

    /// Whether the source of a page contains this text. Most pages lack some of the controls, and need not
    /// be opened for their tests.
    pub(crate) fn has(&self, page: &str, text: &str) -> bool {
        std::fs::read_to_string(self.folder.join(page)).is_ok_and(|source| source.contains(text))
    }

    pub(crate) fn open(&self, browser: &mut Chromium, page: &str) {
        browser.open(&format!("{}{page}", self.home));
    }
}

/// Returns the strings of a list.
pub(crate) fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}
