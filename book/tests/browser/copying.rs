//! What a reader gets who copies a console block.

use crate::book::Book;
use crate::chromium::Chromium;
use serde_json::json;

/// The block with a command and its output.
const BLOCK: &str = "window.block = [...document.querySelectorAll('main code.language-console')]
        .find(block => block.querySelector('.prompt') && block.querySelector('.output')); block.scrollIntoView({ block: 'center' }); 0";

/// Keeps what goes into the clipboard: the text of our script, or else what is selected. The button selects its text
/// in an element of its own.
const LISTEN: &str = "addEventListener('copy', event => {
        window.copied = event.defaultPrevented ? event.clipboardData.getData('text/plain')
            : event.target.value ?? getSelection().toString();
    })";

pub(crate) fn copying(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/index.html");
    browser.js(LISTEN);
    browser.js(BLOCK);
    let mut wrong = Vec::new();
    let mut copies = |how: &str, copied: &str, expected: &str| {
        if copied != expected {
            wrong.push(format!("{how} copies {copied:?}, not {expected:?}"));
        }
    };
    let text = browser.js("block.textContent");
    let text = text.as_str().unwrap_or_default();
    let command = text.lines().next().and_then(|line| line.strip_prefix("$ ")).unwrap_or_default();
    let output = text.split_once('\n').map_or("", |(_, output)| output);

    browser.click("block.closest('pre').querySelector('.clip-button')");
    copies("the button", &browser.clipboard(), command);
    browser.js("getSelection().selectAllChildren(block)");
    browser.copy();
    copies("a selection of the block", &browser.clipboard(), command);
    browser.js("getSelection().selectAllChildren(block.querySelector('.output'))");
    browser.copy();
    copies("a selection of the output", browser.clipboard().trim_end(), output.trim_end());

    // Other blocks are copied as they are.
    browser.js("window.other = document.querySelector('main code.language-rust'); getSelection().selectAllChildren(other)");
    let other = browser.js("other.textContent.trimEnd()");
    browser.copy();
    copies(
        "a selection of another block",
        browser.clipboard().trim_end(),
        other.as_str().unwrap_or_default(),
    );
    wrong
}

impl Chromium {
    /// Returns the text that was copied last.
    fn clipboard(&mut self) -> String {
        self.js("window.copied").as_str().unwrap_or("nothing").to_string()
    }

    /// Copies the selection, as the keys Ctrl and C do.
    fn copy(&mut self) {
        let keys = json!({ "type": "rawKeyDown", "key": "c", "modifiers": 2, "commands": ["copy"] });
        self.call("Input.dispatchKeyEvent", &keys);
    }

    /// Clicks an element with the mouse.
    fn click(&mut self, element: &str) {
        let place = self.js(&format!(
            "(box => [box.x + box.width / 2, box.y + box.height / 2])({element}.getBoundingClientRect())"
        ));
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let at = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &at);
        }
    }
}
