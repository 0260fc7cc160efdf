//! The book in a real browser: it is built, served from a plain file server, and
//! opened in headless chromium. Where there is no chromium, each test is reported
//! as skipped; in CI that is a failure.
//!
//! Every page is found by looking into the built book.

mod chromium;
mod server;
#[path = "../support/mod.rs"]
mod support;

use chromium::Chromium;
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::root;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The narrowest telephone, and a desk.
const WIDTHS: [u32; 2] = [360, 1280];
/// What a page may weigh before its images.
const HEAVIEST: u64 = 300_000;

/// The built book.
struct Book {
    folder: PathBuf,
    /// Where it is served.
    home: String,
    /// Every page, by the folder it lies in: "" or "13-refcount/".
    pages: BTreeMap<String, Vec<String>>,
}

/// A sentence, and what puts it to the test. It tells what is wrong.
type Check = fn(&Book, &mut Chromium) -> Vec<String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let lacks = |what: &str| {
        skip(what);
        !ci
    };
    let no_browser =
        chromium::installed().is_none() && lacks("the book in a browser: chromium is not installed");
    let no_axe =
        axe().is_none() && lacks(&format!("the rules of accessibility: there is no axe-core; {GET_AXE}"));

    let built = Folder::new("book");
    let book = Arc::new(Book::build(&built));
    let mut trials = vec![
        light(&book),
        of_the_book("search finds 'unlink', and leads to it", search, &book, no_browser),
        of_the_book("a prediction is asked for before the reveal", prediction, &book, no_browser),
        of_the_book("the pictures have a title and a description", pictures, &book, no_browser),
        of_the_book("the print page shows all of every run", print_page, &book, no_browser),
        of_the_book(
            "an address that leads nowhere shows the page that says so",
            missing_page,
            &book,
            no_browser,
        ),
    ];
    for folder in book.pages.keys() {
        let mut of_each = |sentence: &str, check: OnPage, ignored: bool| {
            let (book, of) = (Arc::clone(&book), folder.clone());
            let name = if of.is_empty() { "the pages at the root" } else { of.trim_end_matches('/') };
            let trial = Trial::test(format!("{name}: {sentence}"), move || {
                judge(&of_each_page(&book, &of, &mut Chromium::start(), check))
            });
            trials.push(trial.with_ignored_flag(ignored));
        };
        of_each("no page complains, or asks anybody else", quiet, no_browser);
        of_each("nothing sticks out, on a telephone or a desk", fits, no_browser);
        of_each("axe finds nothing serious, in light or dark", accessible, no_browser || no_axe);
        of_each("without JavaScript all of the text is there", without_scripts, no_browser);
        of_each("each link leads to a place that the reader sees", links, no_browser);
        of_each("the player steps to the end by keyboard", player, no_browser);
        of_each("answers fold and unfold by keyboard", folding, no_browser);
        of_each("tabs show Rust or C, by keyboard and by a link", tabs, no_browser);
    }
    if std::env::var("RECORD").is_ok() {
        trials = vec![of_the_book("screenshots are made", screenshots, &book, no_browser)];
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(built);
    conclusion.exit_code()
}

/// What a page is asked, once it is open or to be opened. It tells what is wrong.
type OnPage = fn(&Book, &mut Chromium, &str) -> Vec<String>;

fn of_the_book(sentence: &str, check: Check, book: &Arc<Book>, ignored: bool) -> Trial {
    let book = Arc::clone(book);
    Trial::test(sentence, move || judge(&check(&book, &mut Chromium::start()))).with_ignored_flag(ignored)
}

fn of_each_page(book: &Book, folder: &str, browser: &mut Chromium, check: OnPage) -> Vec<String> {
    // The print page is the whole book, each part of which is looked at by itself.
    let pages = book.pages[folder].iter().filter(|page| *page != "print.html");
    let told = pages.flat_map(|page| {
        let wrong = check(book, browser, page);
        wrong.into_iter().map(move |wrong| format!("{page}: {wrong}"))
    });
    told.collect()
}

fn judge(wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

impl Book {
    /// Builds the book into a folder, and serves it.
    fn build(folder: &Path) -> Book {
        let mut pages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for page in support::built(folder, &[]) {
            let page = page.strip_prefix(folder).expect("within").to_string_lossy().into_owned();
            // A part of every page, in a frame where there is no JavaScript.
            if page != "toc.html" {
                let name = page.rfind('/').map_or("", |slash| &page[..=slash]).to_string();
                pages.entry(name).or_default().push(page);
            }
        }
        for pages in pages.values_mut() {
            pages.sort();
        }
        assert!(pages.len() > 3, "{pages:?}");
        Book { folder: folder.into(), home: server::serve(folder), pages }
    }

    fn open(&self, browser: &mut Chromium, page: &str) {
        browser.open(&format!("{}{page}", self.home));
    }
}

fn light(book: &Arc<Book>) -> Trial {
    let book = Arc::clone(book);
    Trial::test("each page but the print page, which is the whole book, weighs under 300 kB", move || {
        let pages = book.pages.values().flatten().filter(|page| *page != "print.html");
        let weigh =
            |page: &String| (fs::metadata(book.folder.join(page)).expect("a page").len(), page.clone());
        let heavy: Vec<_> = pages.map(weigh).filter(|(weight, _)| *weight >= HEAVIEST).collect();
        judge(&heavy.iter().map(|(weight, page)| format!("{page}: {weight} bytes")).collect::<Vec<_>>())
    })
}

fn quiet(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    browser.complaints(&book.home)
}

/// mdBook's body hides what sticks out of it, and what the text lies in can be scrolled
/// as a whole, so the page's own width tells nothing: each element is asked, unless it, or
/// what it lies in within the text, can be scrolled.
const STICKING_OUT: &str = r"
    [...document.querySelectorAll('main *, #mdbook-menu-bar *')]
        .filter(element => {
            const box = element.getBoundingClientRect();
            if (box.width === 0 || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
            for (let outer = element; outer && !outer.matches('main, #mdbook-menu-bar'); outer = outer.parentElement) {
                if (['auto', 'scroll'].includes(getComputedStyle(outer).overflowX)) {
                    const edge = outer.getBoundingClientRect();
                    if (edge.right <= innerWidth + 1 && edge.left >= -1) return false;
                }
            }
            return true;
        })
        .map(element => element.outerHTML.slice(0, 150))
        .slice(0, 3)";

/// What is folded away, or behind a tab, is on the page as well.
const UNFOLD: &str = r"
    document.querySelectorAll('details').forEach(folded => folded.open = true);
    document.querySelectorAll('[role=tabpanel]').forEach(panel => panel.hidden = false)";

fn fits(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for width in WIDTHS {
        browser.width(width);
        book.open(browser, page);
        browser.js(UNFOLD);
        let out = browser.js(STICKING_OUT);
        wrong.extend(texts(&out).map(|element| format!("at {width} pixels, this sticks out: {element}")));
    }
    wrong
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

const GET_AXE: &str = "npm install --prefix target/browser axe-core@4 gets it";

fn axe() -> Option<String> {
    fs::read_to_string(root().join("target/browser/node_modules/axe-core/axe.min.js")).ok()
}

const SERIOUS: &str = r"
    axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations
        .filter(rule => ['serious', 'critical'].includes(rule.impact))
        .flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 150)} ${node.failureSummary}`))
        .slice(0, 5))";

fn accessible(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    let axe = axe().expect(GET_AXE);
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        book.open(browser, page);
        browser.js(UNFOLD);
        browser.js(&format!("{axe}; 0"));
        let found = browser.js(SERIOUS);
        wrong.extend(texts(&found).map(|rule| format!("in {scheme}: {rule}")));
    }
    wrong
}

/// What the source of the page says, is read: each step with all of its lines.
const UNREAD: &str = r"
    [...document.querySelectorAll('main h1, main h2, main h3, main .tabs pre, main .run .events > li')]
        .filter(element => !element.checkVisibility({ visibilityProperty: true }))
        .map(element => element.textContent.slice(0, 150))
        .slice(0, 3)";

fn without_scripts(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    browser.scripts(false);
    book.open(browser, page);
    let unread = browser.js(UNREAD);
    let mut wrong: Vec<String> = texts(&unread).map(|text| format!("not to be seen: {text}")).collect();
    let is_a_page =
        "document.querySelector('main h1, main a') !== null && !document.querySelector('.controls')";
    if browser.js(is_a_page) != true {
        wrong.push("it is no page, or scripts ran".into());
    }
    let contents = "document.querySelector('noscript iframe, iframe.sidebar-iframe-outer') !== null";
    if browser.js(contents) != true {
        wrong.push("there is no table of contents".into());
    }
    wrong
}

/// Links within the book, with what they lead to, as the browser resolves them.
const DEAD: &str = r"
    (async () => {
        const pages = window.pages ??= new Map();
        const dead = [];
        for (const link of document.querySelectorAll('a[href]')) {
            const to = new URL(link.href);
            if (to.origin !== location.origin) continue;
            // The page for any wrong address is at home nowhere, so a heading of it leads to the root.
            if (to.pathname === '/' && location.pathname === '/404.html') continue;
            const address = to.origin + to.pathname;
            if (!pages.has(address)) {
                const answer = await fetch(address);
                pages.set(address, answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html'));
            }
            const page = pages.get(address);
            const place = decodeURIComponent(to.hash.slice(1));
            if (!page || (place && !page.getElementById(place))) dead.push(link.getAttribute('href'));
        }
        return dead;
    })()";

fn links(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    let dead = browser.js(DEAD);
    texts(&dead).map(|link| format!("the link to {link} leads nowhere")).collect()
}

/// What the player shows now, and what it hides of the step.
const SHOWN: &str = r"
    ({
        where: run.querySelector('.controls span').textContent,
        steps: [...run.querySelectorAll('.step')].filter(step => step.checkVisibility()).length,
        hidden: [...run.querySelectorAll('.step:not([hidden]) .events > li')].filter(item => !item.checkVisibility()).length,
        asks: [...run.querySelectorAll('.step:not([hidden]) .events > li:not([hidden])')].at(-1)?.classList.contains('question'),
    })";

fn player(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    if browser.js("(window.run = document.querySelector('.run')) === null") == true {
        return Vec::new();
    }
    browser.js("run.focus()");
    let mut wrong = Vec::new();
    let frames = browser.js(SHOWN)["where"].as_str().and_then(|text| text.rsplit(' ').next()?.parse().ok());
    let frames: u64 = frames.unwrap_or_default();
    let mut asked = 0;
    for frame in 1..=frames {
        let shown = browser.js(SHOWN);
        let hides = shown["hidden"].as_u64() > Some(0);
        if shown["where"] != format!("{frame} of {frames}") || shown["steps"] != 1 {
            wrong.push(format!("frame {frame} of {frames} shows {shown}"));
        }
        // What is hidden, is hidden behind a question.
        if hides && shown["asks"] != true {
            wrong.push(format!("frame {frame} hides what no question asks for: {shown}"));
        }
        asked += u64::from(hides);
        browser.press("ArrowRight");
    }
    let steps = browser.js("run.querySelectorAll('.step').length").as_u64();
    let last = browser.js("run.querySelector('.step:last-of-type').checkVisibility()");
    if steps != Some(frames - asked) || last != true {
        wrong.push(format!("{steps:?} steps, {asked} questions, {frames} frames; the last is shown: {last}"));
    }
    browser.press("ArrowLeft");
    if frames > 1 && browser.js(SHOWN)["where"] != format!("{} of {frames}", frames - 1) {
        wrong.push("the left arrow does not go back".into());
    }
    wrong
}

fn prediction(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/refcount_demo.html");
    browser.js("(window.run = document.querySelector('.run')).focus()");
    let asks = "run.querySelector('.step:not([hidden]) .question:not([hidden]) button') !== null";
    let mut presses = 0;
    while browser.js(asks) != true && presses < 20 {
        browser.press("ArrowRight");
        presses += 1;
    }
    let mut wrong = Vec::new();
    browser.js("window.question = run.querySelector('.step:not([hidden]) .question')");
    let answer = "[...run.querySelectorAll('.step:not([hidden]) .question ~ .claim')].some(claim => claim.checkVisibility())";
    if browser.js(answer) != false {
        wrong.push("the answer is there before the question is answered".to_string());
    }
    // With the keyboard alone, to the first option.
    let mut tabs = 0;
    while browser.js("question.contains(document.activeElement)") != true && tabs < 10 {
        browser.press("Tab");
        tabs += 1;
    }
    browser.press("Enter");
    let verdict = browser.js("question.querySelector('.verdict')?.textContent ?? 'none'");
    if !verdict.as_str().is_some_and(|verdict| verdict.contains("predicted")) {
        wrong.push(format!("after {presses} steps and {tabs} tabs, the verdict is {verdict}"));
    }
    if browser.js(answer) != true {
        wrong.push("the answer is not revealed".into());
    }
    wrong
}

fn folding(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    let mut wrong = Vec::new();
    let count = browser.js("(window.folded = [...document.querySelectorAll('main details')]).length");
    if page.ends_with("questions.html") && count.as_u64() < Some(10) {
        wrong.push(format!("it has {count} answers"));
    }
    for n in 0..count.as_u64().unwrap_or_default() {
        browser.js(&format!("folded[{n}].querySelector('summary').focus()"));
        let mut seen = Vec::new();
        for key in ["", "Enter", " "] {
            if !key.is_empty() {
                browser.press(key);
            }
            let first = format!("folded[{n}].querySelector(':scope > :not(summary)')");
            seen.push(browser.js(&format!("{first}.checkVisibility()")));
        }
        let in_order = r"(() => {
            folded[N].open = true;
            const tops = [...folded[N].querySelectorAll('li')].map(answer => answer.getBoundingClientRect().top);
            folded[N].open = false;
            return tops.every((top, n) => n === 0 || top > tops[n - 1]);
        })()";
        if browser.js(&in_order.replace('N', &n.to_string())) != true {
            wrong.push(format!("the options of answer {n} are not one below the other"));
        }
        if seen != [false, true, false] {
            wrong.push(format!("answer {n} is seen at first, after Enter, after a space: {seen:?}"));
        }
    }
    wrong
}

/// Each tab: whether it is selected, and whether what it stands for is seen.
const TABS: &str = r"
    [...document.querySelectorAll('.tabs [role=tab]')]
        .map(tab => [tab, document.getElementById(tab.getAttribute('aria-controls'))])
        .map(([tab, panel]) => `${tab.textContent} ${tab.getAttribute('aria-selected')} ${panel.checkVisibility()}`)
        .join(', ')";

fn tabs(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    if browser.js("document.querySelector('.tabs') === null") == true {
        return Vec::new();
    }
    let (rust, c) = ("Rust true true, C false false", "Rust false false, C true true");
    // Whoever has chosen C on another page, gets it here.
    browser.js("localStorage.clear()");
    book.open(browser, page);
    let mut seen = vec![("at first", browser.js(TABS), rust)];
    browser.js("document.querySelector('[role=tab][aria-selected=true]').focus()");
    browser.press("ArrowRight");
    seen.push(("after the right arrow", browser.js(TABS), c));
    browser.press("ArrowRight");
    seen.push(("after another one", browser.js(TABS), rust));
    browser.press("ArrowLeft");
    seen.push(("after the left arrow", browser.js(TABS), c));
    book.open(browser, page);
    seen.push(("opened once more", browser.js(TABS), c));
    browser.js("location.hash = '#rust'");
    browser.comes_true("document.getElementById('rust').parentElement.checkVisibility()");
    seen.push(("by a link to Rust", browser.js(TABS), rust));
    let wrong = seen.into_iter().filter(|(_, seen, want)| seen != want);
    wrong.map(|(when, seen, want)| format!("{when} it shows {seen}, and not {want}")).collect()
}

fn search(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "index.html");
    browser.press("s");
    let has_focus = "document.activeElement.id === 'mdbook-searchbar'";
    if !browser.comes_true(has_focus) {
        return vec!["the key s does not lead to the search".into()];
    }
    browser.call("Input.insertText", &serde_json::json!({ "text": "unlink" }));
    let found = "[...document.querySelectorAll('#mdbook-searchresults a')].some(link => link.textContent.includes('nlink'))";
    if !browser.comes_true(found) {
        return vec!["nothing is found".into()];
    }
    let mut wrong = browser.complaints(&book.home);
    let address = browser.js("document.querySelector('#mdbook-searchresults a').href");
    browser.open(address.as_str().unwrap_or_default());
    if browser.js("document.querySelector('main').textContent.includes('unlink')") != true {
        wrong.push(format!("{address} does not speak of unlink"));
    }
    wrong
}

fn pictures(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in book.pages.values().flatten() {
        if !fs::read_to_string(book.folder.join(page))
            .is_ok_and(|text| text.contains("<svg class=\"timeline\""))
        {
            continue;
        }
        book.open(browser, page);
        let named = browser.js(
            r"[...document.querySelectorAll('svg.timeline')].map(svg => {
                const [title, description] = svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id));
                return title?.tagName === 'title' && description?.tagName === 'desc' && title.textContent.length > 10
                    && description.textContent.length > 10 && svg.contains(title) && svg.contains(description) && svg.getAttribute('role') === 'img';
            })",
        );
        let named = named.as_array().cloned().unwrap_or_default();
        seen += named.len();
        if named.is_empty() || named.iter().any(|named| named != true) {
            wrong.push(format!("{page}: a picture without its title and description"));
        }
    }
    if seen < 10 {
        wrong.push(format!("there are but {seen} pictures"));
    }
    wrong
}

fn print_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    // It asks the printer as soon as it is there, which a browser without a screen does not have.
    book.open(browser, "print.html");
    let mut wrong = browser.complaints(&book.home);
    let unread = browser.js(UNREAD);
    wrong.extend(texts(&unread).map(|text| format!("not to be seen: {text}")));
    wrong
}

fn missing_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/nowhere.html");
    let mut wrong = Vec::new();
    if browser.js("document.querySelector('main').textContent.includes('not found')") != true {
        wrong.push("it says something else".to_string());
    }
    // The address itself is refused, and nothing else.
    wrong.extend(
        browser.complaints(&book.home).into_iter().filter(|complaint| !complaint.contains("nowhere.html")),
    );
    wrong
}

/// What the README shows of the book, made by scripts/screenshots.
fn screenshots(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    fs::create_dir_all(&to).expect("a folder");
    let shots = [
        ("chapter", "light", "13-refcount/index.html", "0"),
        ("player", "dark", "13-refcount/refcount_demo.html", PLAYED),
        (
            "interview",
            "light",
            "13-refcount/questions.html",
            "document.querySelector('main details').open = true; 0",
        ),
    ];
    browser.width(800);
    for (name, scheme, page, first) in shots {
        browser.scheme(scheme);
        book.open(browser, page);
        browser.js(first);
        fs::write(to.join(format!("{name}.png")), browser.screenshot()).expect("a picture");
    }
    Vec::new()
}

/// The player at the step that the README shows as text.
const PLAYED: &str = r"
    const run = document.querySelector('.run');
    const next = [...run.querySelectorAll('.controls button')].at(-1);
    while (!run.querySelector('.step:not([hidden]) h3').textContent.startsWith('4.')) next.click();
    next.click();
    run.scrollIntoView(); scrollBy(0, -60); 0";
