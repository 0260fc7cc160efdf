//! The pictures of the chapters: they are played and changed with the keyboard alone.

use crate::book::{Book, texts};
use crate::chromium::Chromium;

/// What a figure shows: its place in the run, the headings of the states that can be seen, and whether everything
/// stands where it stood in the first state.
const SHOWN: &str = r"
    ({
        where: figure.querySelector('.controls span').textContent,
        visible: [...figure.querySelectorAll('.state')].filter(state => state.checkVisibility({ visibilityProperty: true }))
            .map(state => state.querySelector('.heading').textContent),
        height: figure.getBoundingClientRect().height,
    })";

/// Figures that play a run: page, figure, and a state by number, with its heading and a text below it.
const PLAYED: [(&str, &str, usize, &str, &str); 9] = [
    (
        "32-sending-and-receiving",
        "queue-order",
        4,
        "\"third\", 5, 1) = 0",
        "“third” takes a free slot: it will be received as number 3.",
    ),
    (
        "32-sending-and-receiving",
        "waiting-receivers",
        5,
        "\"first\", 5, 1) = 0",
        "B has waited longest. It is handed “first”",
    ),
    (
        "32-sending-and-receiving",
        "waiting-senders",
        6,
        "\"1st of A\", 64, [0]) = 8",
        "B has waited longest, so “of B” gets the free slot.",
    ),
    ("21-system-v-keys", "identifiers", 14, "the kernel shows: System V queue", "sequence number 1."),
    ("22-server-restart", "stale-identifier", 7, "-1 EINVAL", "Identifier 0 means slot 0, which is empty."),
    ("21-system-v-keys", "semaphore-set", 8, "semctl(0, 1, GETZCNT) = 1", "B waits until semaphore 1 is 0."),
    (
        "21-system-v-keys",
        "semaphore-undo",
        6,
        "SIGKILL",
        "The kernel takes 2 from semaphore 0, but stops at 0.",
    ),
    ("21-system-v-keys", "attached-segment", 5, "SHM_RDONLY", "B maps the memory at ADDRESS-1."),
    ("36-linux", "sigbus", 6, "killed by SIGBUS", "SIGBUS kills C."),
];

pub(crate) fn played(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    for (folder, name, n, heading, says) in PLAYED {
        book.open(browser, &format!("{folder}/index.html"));
        browser.js(&format!("(window.figure = document.getElementById('picture-{name}')).querySelectorAll('.controls button')[1].focus()"));
        let first = browser.js(SHOWN);
        let states = browser.js("figure.querySelectorAll('.state').length").as_u64().unwrap_or_default();
        // Enter on the button, and then the arrow keys.
        browser.press("Enter");
        (2..n).for_each(|_| browser.press("ArrowRight"));
        let shown = browser.js(SHOWN);
        let visible: Vec<&str> = texts(&shown["visible"]).collect();
        if shown["where"] != format!("{n} of {states}") || visible.len() != 1 || !visible[0].contains(heading)
        {
            wrong.push(format!("{name}: state {n} is not {heading}, but {shown}"));
        }
        if shown["height"] != first["height"] {
            wrong.push(format!("{name}: the page jumps: {first} becomes {shown}"));
        }
        let below = "[...figure.querySelectorAll('.state')].find(state => !state.hidden).textContent";
        if !browser.js(below).as_str().is_some_and(|text| text.contains(says)) {
            wrong.push(format!("{name}: state {n} does not say: {says}, but {}", browser.js(below)));
        }
        (0..states).for_each(|_| browser.press("ArrowRight"));
        if browser.js(SHOWN)["where"] != format!("{states} of {states}") {
            wrong.push(format!("{name}: the right arrow key does not reach the end"));
        }
        browser.press("ArrowLeft");
        if browser.js(SHOWN)["where"] != format!("{} of {states}", states - 1) {
            wrong.push(format!("{name}: the left arrow key does not go back"));
        }
    }
    wrong
}

/// What the race shows: the order of the calls, the call in the last place, and who holds the semaphore.
const RACE: &str = r"
    ({
        order: [...protocol.querySelectorAll('.calls li b')].map(process => process.textContent).join(''),
        last: [...protocol.querySelectorAll('.calls li code')].at(-1).textContent,
        result: protocol.querySelector('.result').textContent,
        focus: document.activeElement.getAttribute('aria-label'),
    })";

pub(crate) fn race(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "21-system-v-keys/index.html");
    let mut wrong = Vec::new();
    let mut expect = |browser: &mut Chromium, when: &str, want: [&str; 4]| {
        let shown = browser.js(RACE);
        let seen = ["order", "last", "result", "focus"].map(|part| shown[part].as_str().unwrap_or_default());
        if !seen.iter().zip(want).all(|(seen, want)| seen.contains(want)) {
            wrong.push(format!("{when}, the race shows {shown}, not {want:?}"));
        }
    };
    browser.js(
        "(window.protocol = document.querySelector('.race .protocol')).querySelector('.of-B button').focus()",
    );
    let first = "Earlier: call 1 of B";
    expect(browser, "at first", ["AAABBB", "= 0", "Both hold it", first]);
    browser.press("Enter");
    browser.press(" ");
    // B finds the set before A sets the value. Then B sets it too, before A takes the semaphore.
    expect(browser, "after two moves", ["ABAABB", "= 0", "Both hold it: A and B", first]);
    browser.js("protocol.querySelectorAll('.of-B button')[2].focus()");
    browser.press("Enter");
    expect(browser, "after the move of SETVAL", ["ABABAB", "-1 EAGAIN", "Only A holds", "call 2 of B"]);
    // In the protocol that waits for sem_otime, no order lets two processes in.
    browser.js("window.protocol = document.querySelectorAll('.race .protocol')[1]");
    expect(browser, "the second protocol", ["AAABBB", "-1 EAGAIN", "Only A holds", ""]);
    let both = browser
        .js("[...protocol.querySelectorAll('tbody tr')].filter(row => row.querySelector('strong')).length");
    let orders = browser.js("protocol.querySelectorAll('tbody tr').length");
    if both != 0 || orders != 20 {
        wrong.push(format!("the second protocol has {orders} orders, {both} of them with two holders"));
    }
    // A process cannot make its calls in another order.
    browser.js("window.protocol = document.querySelector('.race .protocol')");
    if browser.js("protocol.querySelector('.of-A button').disabled") != true {
        wrong.push("the first call can be moved forward".into());
    }
    wrong
}
