// Remembers which questions were answered, when, and how well. The form is that of `interview export json`, so
// answers can be moved between the book and the terminal, in both directions.
'use strict';
const answers = (() => {
    const KEY = 'workbook-answers';
    // Version 2 of `interview`.
    const SCHEMA = 2;
    // What to tell the reader about the storage.
    let notice = '';
    // The text, once the browser has refused to store it.
    let kept = null;

    // The histories are a Map from the id of a question to { due, reviews }.
    const none = () => new Map();

    // Sorts the reviews, removes duplicates, and computes when the question is due.
    function settled(reviews) {
        const rank = grade => fsrs.RATINGS[grade];
        const sorted = [...reviews].sort(([at, grade], [other, than]) => at - other || rank(grade) - rank(than));
        const differ = (review, n) => n === 0 || String(review) !== String(sorted[n - 1]);
        const distinct = sorted.filter(differ);
        return { due: fsrs.due(distinct), reviews: distinct };
    }

    // Reads a stored or exported text. The error says what is wrong with it.
    function parse(text) {
        let value;
        try {
            value = JSON.parse(text);
        } catch {
            throw new Error('it is not JSON');
        }
        if (!Number.isSafeInteger(value?.schema)) throw new Error('it has no version');
        if (value.schema > SCHEMA) throw new Error(`it has version ${value.schema}, which is newer than this page`);
        const isReview = review => Array.isArray(review) && review.length === 2
            && Number.isSafeInteger(review[0]) && Object.hasOwn(fsrs.RATINGS, review[1]);
        if (typeof value.questions !== 'object' || value.questions === null) throw new Error('it has no questions');
        const histories = none();
        for (const [id, history] of Object.entries(value.questions)) {
            if (!Array.isArray(history?.reviews) || !history.reviews.every(isReview)) {
                throw new Error(`the answers to ${id} are malformed`);
            }
            histories.set(id, settled(history.reviews));
        }
        return histories;
    }

    // Returns the text of the histories, in one line.
    function text(histories) {
        const entry = id => {
            const { due, reviews } = histories.get(id);
            return `${JSON.stringify(id)}:${JSON.stringify({ due, reviews })}`;
        };
        return `{"schema":${SCHEMA},"questions":{${[...histories.keys()].sort().map(entry).join(',')}}}\n`;
    }

    // Moves a text that cannot be read to another key, so that nothing is lost, and says so.
    function setAside(damaged, why) {
        let n = 1;
        while (localStorage.getItem(`${KEY}-aside-${n}`) !== null) n += 1;
        localStorage.setItem(`${KEY}-aside-${n}`, damaged);
        localStorage.removeItem(KEY);
        notice = `Your stored answers cannot be read: ${why}. They were set aside unchanged, as ${KEY}-aside-${n} `
            + 'in the storage of this browser, and a new record begins. Import an export to get earlier answers back.';
    }

    // From now on, keeps the answers only as long as the page is open. Some browsers forbid storage, for example in
    // a private window.
    function keepHere(histories) {
        kept = text(histories);
        notice = 'This browser stores nothing for this page. Your answers are kept until you leave it. To keep them '
            + 'longer, allow storage.';
        return histories;
    }

    function load() {
        if (kept !== null) return parse(kept);
        let stored;
        try {
            stored = localStorage.getItem(KEY);
        } catch {
            return keepHere(none());
        }
        if (stored === null) return none();
        try {
            return parse(stored);
        } catch (error) {
            try {
                setAside(stored, error.message);
                return none();
            } catch {
                return keepHere(none());
            }
        }
    }

    // Reads the histories again, because another tab may have changed them, changes them and stores them.
    function change(by) {
        const histories = load();
        by(histories);
        if (kept !== null) return keepHere(histories);
        try {
            localStorage.setItem(KEY, text(histories));
            return histories;
        } catch {
            return keepHere(histories);
        }
    }

    // Adds one answer, and returns the time when the question is due again.
    function record(id, grade, at = Date.now()) {
        const reviews = histories => histories.get(id)?.reviews ?? [];
        return change(histories => histories.set(id, settled([...reviews(histories), [at, grade]]))).get(id).due;
    }

    // Adds an exported text. Reviews that are in both count once. Returns how many were new.
    function merge(exported) {
        const other = parse(exported);
        let fresh = 0;
        change(histories => {
            for (const [id, { reviews }] of other) {
                const mine = histories.get(id)?.reviews ?? [];
                const both = settled([...mine, ...reviews]);
                fresh += both.reviews.length - mine.length;
                histories.set(id, both);
            }
        });
        return fresh;
    }

    const isRight = grade => fsrs.RATINGS[grade] >= fsrs.RATINGS.good;

    // Turns milliseconds into words, as `interview` does: in 3 days.
    function wait(milliseconds) {
        const minutes = Math.floor((Math.max(0, milliseconds) + 30_000) / 60_000);
        const [n, unit] = minutes < 90 ? [Math.max(1, minutes), 'minute']
            : minutes < 2160 ? [Math.floor((minutes + 30) / 60), 'hour']
            : [Math.floor((minutes + 720) / 1440), 'day'];
        return `in ${n} ${unit}${n === 1 ? '' : 's'}`;
    }

    // Counts the questions with these ids: how many there are, were answered, were right the last time, and are due.
    function count(ids) {
        const histories = load();
        const answered = ids.map(id => histories.get(id)).filter(history => history?.reviews.length > 0);
        const right = answered.filter(({ reviews }) => isRight(reviews.at(-1)[1]));
        const due = answered.filter(({ due }) => due <= Date.now());
        return { all: ids.length, answered: answered.length, right: right.length, due: due.length };
    }

    function summary(ids) {
        const { all, answered, right, due } = count(ids);
        return `Answered: ${answered} of ${all}. Right the last time: ${right}. Due now: ${due}.`;
    }

    // Says above an element what the reader must know about the storage.
    function tell(below) {
        if (!notice) return;
        const told = document.createElement('p');
        told.className = 'notice';
        told.setAttribute('role', 'status');
        told.textContent = notice;
        below.before(told);
    }

    return { load, record, merge, text, isRight, wait, count, summary, notice: () => notice, tell };
})();
