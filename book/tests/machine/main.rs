//! The Linux in the page: every C program runs there, in headless chromium, and each of its claims gets what was recorded. The
//! starters and solutions of the labs are checked there.
//!
//! `cargo run -p ipc-workbook-book -- machine` builds it. Without it or without chromium the tests are reported as skipped, and
//! in CI they fail.

#[path = "../browser/book.rs"]
#[allow(dead_code, reason = "the tests of the pages use more of it")]
mod book;
#[path = "../browser/chromium.rs"]
#[allow(dead_code, reason = "the tests of the pages use more of it")]
mod chromium;
#[path = "../browser/each_page.rs"]
#[allow(dead_code, reason = "the tests of the pages use more of it")]
mod each_page;
mod labs;
#[path = "../browser/pool.rs"]
#[allow(dead_code, reason = "the tests of the pages use more of it")]
mod pool;
mod programs;
#[path = "../browser/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;

use book::{Book, texts};
use chromium::Chromium;
use each_page::{GET_AXE, SCHEMES, SERIOUS, axe};
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::harness::{self, Arguments, Failed, Trial, arguments};
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::root;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// One page with one machine, which all trials use.
type Page = Arc<Mutex<Chromium>>;

/// The expression for what the panel says.
const STATE: &str = "(document.querySelector('#machine .state')?.textContent ?? '')";

fn main() -> ExitCode {
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let built = root().join("target/machine/site").is_dir();
    for (there, what) in [
        (built, "it is not built; `cargo run -p ipc-workbook-book -- machine` builds it"),
        (chromium::installed().is_some(), "chromium is not installed"),
    ] {
        if !there {
            skip(&format!("the Linux in the page: {what}"));
            return if ci { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    }
    let folder = Folder::new("machine");
    let book = Book::build(&folder);
    let mut browser = Chromium::start();
    browser.width(1280);
    book.open(&mut browser, "13-refcount/refcount_demo.html");
    let page: Page = Arc::new(Mutex::new(browser));
    // The first trial starts the machine, so the trials run one after the other.
    let mut trials = vec![trial("the button starts a Linux, which runs the lesson's program", &page, button)];
    trials.push(trial(
        "the program waits after each claim, while the second terminal shows its object",
        &page,
        waits,
    ));
    trials.push(trial("what the reader has changed is compiled and run", &page, edited));
    let axe_is_missing = axe().is_none();
    if axe_is_missing {
        skip(&format!("accessibility of the panel: axe-core is not installed; {GET_AXE}"));
    }
    let sentence = "the panel fits a telephone, and axe finds nothing serious in light and dark";
    trials.push(trial(sentence, &page, panel).with_ignored_flag(axe_is_missing && !ci));
    trials.extend(programs::trials(&page));
    trials.push(trial("the machine goes on while the reader turns pages", &page, turned));
    trials.extend(labs::trials(&page));
    let conclusion = harness::run(&Arguments { test_threads: 1, ..arguments().clone() }, trials);
    drop(folder);
    conclusion
}

/// A trial with the one page. The first starts the machine.
fn trial(
    sentence: &str,
    page: &Page,
    body: impl Fn(&mut Chromium) -> Result<(), String> + Send + 'static,
) -> Trial {
    let page = Arc::clone(page);
    Trial::test(sentence, move || {
        let mut browser =
            page.lock().map_err(|_| Failed::from("another trial has failed with the browser"))?;
        start(&mut browser)?;
        body(&mut browser).map_err(Failed::from)
    })
}

/// Starts the machine with the button of the page, unless it runs already.
fn start(browser: &mut Chromium) -> Result<(), String> {
    if browser.js("!window.machinePanel") == true {
        browser.js("document.querySelector('.run-here button').click()");
        until(browser, &format!("/has ended|cannot/.test({STATE})"))?;
    }
    Ok(())
}

/// Waits until an expression is true: ten minutes, because a busy machine takes long.
fn until(browser: &mut Chromium, condition: &str) -> Result<(), String> {
    for _ in 0..60 {
        if browser.comes_true(condition) {
            return Ok(());
        }
    }
    let state = browser.js(STATE);
    Err(format!(
        "this does not come true: {condition}; the panel says {state}; the terminal shows:\n{}",
        shown(browser, 0)
    ))
}

/// Runs a command of the machine's shell. Returns its output and its exit code.
fn command(browser: &mut Chromium, text: &str) -> Result<(String, i64), String> {
    browser.js(&format!(
        "window.ended = null; machinePanel.then(panel => panel.command('{text}')).then(ended => {{ window.ended = ended; }}); 0"
    ));
    until(browser, "window.ended !== null")?;
    let ended = browser.js("window.ended");
    Ok((ended["output"].as_str().unwrap_or_default().into(), ended["code"].as_i64().unwrap_or(-1)))
}

/// The expression for the text of a terminal.
fn text_of(terminal: u32) -> String {
    format!(
        "machinePanel.then(panel => {{ const lines = panel.terminals[{terminal}].xterm.buffer.active; \
         return Array.from({{ length: lines.length }}, (_, n) => lines.getLine(n).translateToString(true)).join('\\n').trimEnd(); }})"
    )
}

fn shown(browser: &mut Chromium, terminal: u32) -> String {
    browser.js(&text_of(terminal)).as_str().unwrap_or_default().to_string()
}

fn expect(text: &str, words: &str) -> Result<(), String> {
    if text.contains(words) { Ok(()) } else { Err(format!("{words} is missing in:\n{text}")) }
}

fn press(browser: &mut Chromium, does: &str) {
    browser.js(&format!("document.querySelector('#machine [data-does={does}]').click()"));
}

fn button(browser: &mut Chromium) -> Result<(), String> {
    let complaints = browser.complaints("http://127.0.0.1");
    if !complaints.is_empty() {
        return Err(complaints.join("\n"));
    }
    expect(&shown(browser, 0), "a-nameless-queue-still-delivers: \"sent without a name\"")
}

fn waits(browser: &mut Chromium) -> Result<(), String> {
    browser.js("document.querySelector('#machine .wait').click()");
    press(browser, "run");
    until(browser, &format!("{}.then(text => text.endsWith('Press Enter to continue:'))", text_of(0)))?;
    let (seen, _) = command(browser, "cat /dev/mqueue/refcount_demo")?;
    expect(&seen, "QSIZE:")?;
    browser.js("document.getElementById('machine-tab-second').click()");
    browser.js("machinePanel.then(panel => panel.terminals[1].type('ls /dev/mqueue\\r'))");
    until(browser, &format!("{}.then(text => /^refcount_demo$/m.test(text))", text_of(1)))?;
    for _ in 0..20 {
        press(browser, "next");
        browser.js("new Promise(done => setTimeout(done, 300))");
        if browser.js(&format!("{STATE}.includes('has ended')")) == true {
            break;
        }
    }
    until(browser, &format!("{STATE}.includes('has ended')"))?;
    browser.js("document.querySelector('#machine .wait').click()");
    Ok(())
}

fn edited(browser: &mut Chromium) -> Result<(), String> {
    browser.js(
        "machinePanel.then(panel => panel.editor.open(panel.editor.text.replaceAll('sent without a name', 'written by the reader')))",
    );
    press(browser, "edited");
    until(browser, &format!("{STATE}.includes('has ended')"))?;
    expect(&shown(browser, 0), "a-nameless-queue-still-delivers: \"written by the re")
}

/// What is wider than the panel, and cannot be scrolled.
const STICKING_OUT: &str = r"
    [...document.querySelectorAll('#machine :is(header, .buttons, .panes, .pane, p, button, label)')]
        .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
        .map(element => element.outerHTML.slice(0, 150))";

fn panel(browser: &mut Chromium) -> Result<(), String> {
    let mut wrong = Vec::new();
    for width in [360, 1280] {
        browser.width(width);
        let out = browser.js(STICKING_OUT);
        wrong.extend(texts(&out).map(|element| format!("at {width} pixels this sticks out: {element}")));
    }
    browser.js(&format!("{}; 0", axe().expect(GET_AXE)));
    for (scheme, options) in SCHEMES {
        browser.scheme(scheme);
        let theme = if scheme == "dark" { "navy" } else { "light" };
        browser.js(&format!("document.documentElement.classList.remove('light', 'navy'); document.documentElement.classList.add('{theme}')"));
        browser.js("new Promise(done => setTimeout(done, 300))");
        let found = browser
            .js(&SERIOUS.replace("axe.run(document", "axe.run('#machine'").replace("OPTIONS", options));
        wrong.extend(texts(&found).map(|rule| format!("in {scheme}: {rule}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn turned(browser: &mut Chromium) -> Result<(), String> {
    browser.js("document.querySelector('a[href$=\"unlink_demo.html\"]').click()");
    let button =
        "document.getElementById('machine-page')?.contentDocument?.querySelector('.run-here button')";
    until(browser, &format!("!!{button}"))?;
    if browser.js("location.pathname.endsWith('/unlink_demo.html')") != true {
        return Err("the address is not that of the page in the frame".into());
    }
    browser.js(&format!("{button}.click()"));
    until(browser, &format!("{STATE} === 'unlink_demo has ended.'"))
}
