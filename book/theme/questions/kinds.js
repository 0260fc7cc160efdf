// How a question of each kind is answered. Each function turns what the page offers into controls. It returns
//
//   given()       the reader's answer; null if there is none yet
//   grade(given)  its grade; null if this book does not know the right answer
//   show(given)   says beside each control whether it is right
//   reset()       makes the controls as they were
//   says(given)   what the verdict says about the answer
'use strict';

// Makes an element with these properties and children.
const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
};

const kinds = (() => {
    // A place for "✔ right" or "✘ wrong". It has its width from the start, so that nothing moves.
    const signed = () => element('span', { className: 'sign' });

    function mark(row, right, word) {
        row.classList.add(right ? 'marked-right' : 'marked-wrong');
        row.querySelector('.sign').append(right ? '✔ ' : '✘ ', element('span', { className: 'word', textContent: word }));
    }

    function unmark(rows) {
        for (const row of rows) {
            row.classList.remove('marked-right', 'marked-wrong');
            row.querySelector('.sign').replaceChildren();
        }
    }

    // Puts the controls into a group with a name, for screen readers.
    function group(name, controls) {
        const fieldset = element('fieldset', {}, element('legend', { textContent: name }));
        controls.before(fieldset);
        fieldset.append(controls);
        return fieldset;
    }

    // Allows or forbids answering. (A program in a disabled group could not be scrolled by keyboard.)
    function allow(fieldset, allowed) {
        for (const control of fieldset.elements) control.disabled = !allowed;
    }

    // One of several rows with a radio button each. `right` is the number of the right row; -1 if it is unknown.
    function oneOf(rows, fieldset, right, where) {
        const radios = rows.map(row => row.querySelector('input'));
        return {
            given() {
                const at = radios.findIndex(radio => radio.checked);
                return at < 0 ? null : at;
            },
            grade: given => right < 0 ? null : given === right ? 'good' : 'again',
            show(given) {
                allow(fieldset, false);
                if (right < 0) return;
                mark(rows[right], true, 'right');
                if (given !== right) mark(rows[given], false, 'wrong');
            },
            reset() {
                allow(fieldset, true);
                radios.forEach(radio => { radio.checked = false; });
                unmark(rows);
            },
            says: given => right < 0 ? 'This book has not seen the answer. Run the command below.'
                : given === right ? '✔ Right.' : `✘ Wrong.${where}`,
        };
    }

    const radio = asked => element('input', { type: 'radio', name: `answer-${asked.id}` });

    // An option is right if the answer below says so. For a prediction, the recorded run has decided it.
    function choice(asked) {
        const list = asked.querySelector('.options');
        const rows = [...list.children];
        for (const row of rows) {
            const text = element('span', { className: 'text' }, ...row.childNodes);
            row.append(element('label', {}, radio(asked), text, signed()));
        }
        const verdicts = [...asked.querySelectorAll('.answers > li')];
        return oneOf(rows, group('Options', list), verdicts.findIndex(row => row.matches('.is-right')), '');
    }

    function findBug(asked) {
        const program = asked.querySelector('.program');
        const lines = program.textContent.trimEnd().split('\n');
        const rows = lines.map(line => element('label', {}, radio(asked), signed(), element('span', { textContent: line })));
        program.replaceChildren(...rows);
        const line = Number(asked.querySelector('.answer [data-line]').dataset.line);
        return oneOf(rows, group('Lines of the program', program), line - 1, ` The bug is in line ${line}.`);
    }

    function order(asked) {
        const list = asked.querySelector('.options');
        list.type = '1';
        const start = [...list.children];
        const heard = element('span', { className: 'heard' });
        heard.setAttribute('role', 'status');
        for (const row of start) {
            const text = row.textContent;
            const button = (sign, way, other) => {
                const made = element('button', { type: 'button', textContent: sign });
                made.setAttribute('aria-label', `Move ${way}: ${text}`);
                made.addEventListener('click', () => move(row, other(row)));
                return made;
            };
            const up = button('↑', 'up', row => row.previousElementSibling);
            const down = button('↓', 'down', row => row.nextElementSibling);
            row.replaceChildren(element('div', {}, up, down, element('span', { className: 'text', textContent: text }), signed()));
            row.draggable = true;
            row.addEventListener('dragstart', event => event.dataTransfer.setData('text/plain', text));
        }
        const fieldset = group('Steps', list);
        fieldset.append(heard);

        // Puts a row at the place of another one, and keeps the focus.
        function move(row, other) {
            if (!other) return;
            const focused = document.activeElement;
            const down = row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
            if (down) other.after(row); else other.before(row);
            focused.focus({ preventScroll: true });
            const place = [...list.children].indexOf(row) + 1;
            heard.textContent = `Step ${place} of ${start.length} now: ${row.querySelector('.text').textContent}`;
        }
        let dragged = null;
        list.addEventListener('dragstart', event => { dragged = event.target.closest('li'); });
        list.addEventListener('dragover', event => { if (dragged) event.preventDefault(); });
        list.addEventListener('drop', event => {
            event.preventDefault();
            const other = event.target.closest('li');
            if (dragged && other !== dragged) move(dragged, other);
            dragged = null;
        });
        const drags = allowed => start.forEach(row => { row.draggable = allowed; });
        const isRight = given => given.every((place, n) => place === n);
        return {
            given: () => [...list.children].map(row => Number(row.dataset.place)),
            grade: given => isRight(given) ? 'good' : 'again',
            show(given) {
                allow(fieldset, false);
                drags(false);
                [...list.children].forEach((row, n) => mark(row, given[n] === n, given[n] === n ? 'right' : `step ${given[n] + 1}`));
            },
            reset() {
                allow(fieldset, true);
                drags(true);
                list.append(...start);
                unmark(start);
                heard.textContent = '';
            },
            says: given => isRight(given) ? '✔ Right.' : '✘ Wrong.',
        };
    }

    // The reader explains, unfolds the points, and marks those that the explanation had.
    function explain(asked) {
        const answer = asked.querySelector('.answer');
        const text = element('textarea', { rows: 4, placeholder: 'Write it here, say it aloud, or think it through.' });
        text.setAttribute('aria-label', 'Your explanation');
        answer.before(text);
        answer.querySelector('summary').textContent = 'Show the points';
        const list = answer.querySelector('.answers');
        const rows = [...list.children];
        const boxes = rows.map(row => {
            const box = element('input', { type: 'checkbox' });
            row.append(element('label', {}, box, element('span', { className: 'text' }, ...row.childNodes), signed()));
            return box;
        });
        const fieldset = group('Mark the points that you had.', list);
        const had = () => boxes.filter(box => box.checked).length;
        const all = boxes.length;
        // The same grades as in `interview`.
        const grade = had => had === all ? 'easy' : had * 3 >= all * 2 ? 'good' : had * 2 >= all ? 'hard' : 'again';
        return {
            given: had,
            grade,
            show() {
                allow(fieldset, false);
                rows.forEach((row, n) => mark(row, boxes[n].checked, boxes[n].checked ? 'had' : 'missed'));
            },
            reset() {
                allow(fieldset, true);
                boxes.forEach(box => { box.checked = false; });
                text.value = '';
                unmark(rows);
            },
            says: had => `${answers.isRight(grade(had)) ? '✔ Good.' : '✘ Not enough.'} You had ${had} of ${all} points.`,
            // The points are the answer, so the verdict stands below them, and it does not matter who looks first.
            within: fieldset,
        };
    }

    return { choice, predict: choice, order, 'find-bug': findBug, explain };
})();
