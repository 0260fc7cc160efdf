//! Questions that are answered in the page: each kind, by mouse and by keyboard.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use ipc_workbook_testing::sample::sample;
use serde_json::json;

pub(crate) const PAGE: &str = "13-refcount/questions.html";

/// How many questions of a page are answered each day.
const ANSWERED: usize = 6;

/// Answers questions of a page, each once rightly and once wrongly. Finds what moves, what is not said, and what
/// is not stored.
const ANSWER: &str = r"
    (async () => {
        const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const button = (asked, text) => [...asked.querySelectorAll('button')].find(button => button.textContent === text);
        const places = asked => [...asked.querySelectorAll('h2, input, button, label, summary, .options li')]
            .map(part => Math.round(part.getBoundingClientRect().top)).join(' ');
        const give = {
            choice(asked, right) {
                const verdicts = [...asked.querySelectorAll('.answers > li')];
                const at = verdicts.findIndex(verdict => verdict.matches('.is-right'));
                asked.querySelectorAll('input')[right ? at : (at + 1) % verdicts.length].click();
            },
            'find-bug'(asked, right) {
                const line = Number(asked.querySelector('[data-line]').dataset.line);
                asked.querySelectorAll('input')[right ? line - 1 : line % asked.querySelectorAll('input').length].click();
            },
            order(asked, right) {
                if (!right) return;
                const rows = () => [...asked.querySelectorAll('.options li')];
                for (let n = 0; n < rows().length; n += 1) {
                    const row = rows().find(row => Number(row.dataset.place) === n);
                    while (rows().indexOf(row) > n) row.querySelector('button').click();
                }
            },
            explain(asked, right) {
                asked.querySelector('summary').click();
                if (right) asked.querySelectorAll('input').forEach(box => box.click());
            },
        };
        give.predict = give.choice;
        const wrong = [];
        for (const n of NUMBERS) for (const right of [true, false]) {
            const asked = document.querySelectorAll('main .asked')[n];
            const { id, dataset: { kind } } = asked;
            const complain = what => wrong.push(`${kind} ${id}, answered ${right ? 'rightly' : 'wrongly'}: ${what}`);
            const verdict = asked.querySelector('.verdict'), answer = asked.querySelector('.answer');
            localStorage.removeItem('workbook-answers');
            give[kind](asked, right);
            asked.querySelector('h2').scrollIntoView();
            await drawn();
            const before = places(asked);
            button(asked, 'Check').click();
            await drawn();
            if (places(asked) !== before) complain(`moves from ${before} to ${places(asked)}`);
            if (!answer.querySelector(':scope > :not(summary)').checkVisibility()) complain('the answer stays folded');
            if (!verdict.textContent.startsWith(right ? '✔' : '✘')) complain(`says ${verdict.textContent}`);
            const signs = [...asked.querySelectorAll('.sign')].map(sign => sign.textContent).filter(text => text !== '');
            if (signs.length === 0 || signs.some(sign => !/^[✔✘] \w/.test(sign))) complain(`the signs are ${signs}`);
            if (signs.some(sign => sign.startsWith('✘')) === right) complain(`the signs are ${signs}`);
            const grade = !right ? 'again' : kind === 'explain' ? 'easy' : 'good';
            const stored = JSON.parse(localStorage.getItem('workbook-answers'))?.questions[id]?.reviews ?? [];
            if (stored.length !== 1 || stored[0][1] !== grade) complain(`stores ${JSON.stringify(stored)}`);
            button(asked, 'Answer again').click();
            if (asked.querySelector('fieldset :disabled') || verdict.textContent !== '') complain('cannot be answered again');
            answer.open = false;
        }
        return wrong;
    })()";

/// Answers a sample of a page's questions, at each width.
pub(crate) fn answered(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    if !page.ends_with("questions.html") {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for width in [1280, 360] {
        browser.width(width);
        book.open(browser, page);
        let count =
            browser.js("document.querySelectorAll('main .asked').length").as_u64().unwrap_or_default();
        let numbers = sample((0..count).collect(), &format!("{page} {width}"), ANSWERED);
        let found = browser.js(&ANSWER.replace("NUMBERS", &json!(numbers).to_string()));
        wrong.extend(texts(&found).map(|what| format!("at {width} pixels: {what}")));
        wrong.extend(browser.complaints(&book.home));
    }
    wrong
}

/// Answers a choice and an order with the keyboard alone.
pub(crate) fn by_keyboard(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, PAGE);
    let mut wrong = Vec::new();
    browser.js(
        "(window.asked = document.querySelector('.asked[data-kind=choice]')).querySelector('input').focus()",
    );
    for key in [" ", "ArrowDown", "ArrowRight"] {
        browser.press(key);
    }
    let chosen = browser.js("[...asked.querySelectorAll('input')].findIndex(radio => radio.checked)");
    let here = browser.js("location.pathname");
    if chosen != 2 || !here.as_str().is_some_and(|path| path.ends_with(PAGE)) {
        wrong.push(format!("after two arrow keys, option {chosen} of {here} is chosen"));
        return wrong;
    }
    browser.press("Tab");
    browser.press("Enter");
    let verdict = browser.js("asked.querySelector('.verdict').textContent");
    if !verdict.as_str().is_some_and(|verdict| verdict.starts_with(['✔', '✘'])) {
        wrong.push(format!("after Tab and Enter, the verdict is {verdict}"));
    }
    browser.js("window.asked = document.querySelector('.asked[data-kind=order]')");
    browser.js("(window.step = asked.querySelector('.options li')).querySelectorAll('button')[1].focus()");
    browser.press("Enter");
    let moved = browser.js("[...step.parentElement.children].indexOf(step)");
    let focused = browser.js("step.contains(document.activeElement)");
    if moved != 1 || focused != true {
        wrong.push(format!("after Enter, the first step is at {moved}, and has the focus: {focused}"));
    }
    wrong
}

/// Answers once more, too early, and after a look at the answer: neither counts.
pub(crate) fn counted(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, PAGE);
    browser.js("localStorage.clear()");
    let check = |n: usize| {
        format!(
            "(async () => {{
                const asked = document.querySelectorAll('.asked[data-kind=choice]')[{n}];
                asked.querySelector('input').click();
                [...asked.querySelectorAll('button')].find(button => button.textContent === 'Check').click();
                return `${{asked.querySelector('.verdict').textContent}} ${{localStorage.getItem('workbook-answers') ?? ''}}`;
            }})()"
        )
    };
    let first = browser.js(&check(0));
    book.open(browser, PAGE);
    let early = browser.js(&check(0));
    browser.js("document.querySelectorAll('.asked[data-kind=choice]')[1].querySelector('summary').click()");
    browser
        .comes_true("document.querySelectorAll('.asked[data-kind=choice]')[1].querySelector('.answer').open");
    browser.js("new Promise(done => setTimeout(done))");
    let looked = browser.js(&check(1));
    let mut wrong = Vec::new();
    for (seen, words, reviews) in [
        (&first, "You will be asked again in", 1),
        (&early, "This did not count: the question is due in", 1),
        (&looked, "This did not count, because you unfolded the answer first", 1),
    ] {
        let seen = seen.as_str().unwrap_or_default();
        let stored = seen.matches("\"good\"]").count() + seen.matches("\"again\"]").count();
        if !seen.contains(words) || stored != reviews {
            wrong.push(format!("{words:?} is not said, or not {reviews} answer is stored: {seen}"));
        }
    }
    wrong
}
