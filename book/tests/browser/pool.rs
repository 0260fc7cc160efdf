//! Browsers that the trials use one after the other. The start of a browser costs more than opening a page.

use crate::book::Book;
use crate::chromium::Chromium;
use std::sync::Mutex;

/// The browsers that no trial uses now.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Chromium>>);

impl Pool {
    /// Runs a check with a browser that looks new. If the check panics, its browser is not used again.
    pub(crate) fn with_browser<T>(&self, book: &Book, check: impl FnOnce(&mut Chromium) -> T) -> T {
        let idle = self.0.lock().expect("no check holds the lock").pop();
        let mut browser = idle.unwrap_or_else(Chromium::start);
        browser.reset(&book.home);
        let result = check(&mut browser);
        self.0.lock().expect("no check holds the lock").push(browser);
        result
    }
}
