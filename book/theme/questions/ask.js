// Lets the reader answer the questions of a chapter in the page. An answer counts if the question is new or due.
'use strict';
{
    // Asks one question. `changed` is called when an answer has been stored.
    function ask(asked, changed) {
        const answer = asked.querySelector('.answer');
        const task = kinds[asked.dataset.kind](asked);
        const check = element('button', { type: 'button', textContent: 'Check' });
        const again = element('button', { type: 'button', textContent: 'Answer again', className: 'again' });
        const verdict = element('p', { className: 'verdict' });
        verdict.setAttribute('role', 'status');
        const reply = element('div', { className: 'reply' }, check, again, verdict);
        if (task.within) task.within.after(reply); else answer.before(reply);
        again.style.visibility = 'hidden';

        // Whether the reader has unfolded the answer before answering. (Printing unfolds it too.)
        let looked = false, answered = false;
        const unfolds = () => answer.open && !answered && !task.within && !matchMedia('print').matches;
        answer.addEventListener('toggle', () => { looked ||= unfolds(); });

        check.addEventListener('click', () => {
            if (answered) return;
            const given = task.given();
            if (given === null) {
                verdict.textContent = 'Choose an answer first.';
                return;
            }
            answered = true;
            const grade = task.grade(given);
            task.show(given);
            answer.open = true;
            verdict.textContent = `${task.says(given)} ${store(grade)}`;
            check.setAttribute('aria-disabled', 'true');
            again.style.visibility = '';
        });

        again.addEventListener('click', () => {
            answered = looked = false;
            task.reset();
            answer.open = Boolean(task.within) && answer.open;
            verdict.textContent = '';
            check.removeAttribute('aria-disabled');
            check.focus({ preventScroll: true });
            again.style.visibility = 'hidden';
        });

        // Stores an answer that counts, and says when the question is due again.
        function store(grade) {
            if (grade === null) return '';
            const due = answers.load().get(asked.id)?.due ?? null;
            if (due !== null && due > Date.now()) return `This did not count: the question is due ${answers.wait(due - Date.now())}.`;
            if (looked) return 'This did not count, because you unfolded the answer first.';
            const known = answers.notice();
            const next = answers.record(asked.id, grade);
            changed();
            const news = answers.notice() === known ? '' : ` ${answers.notice()}`;
            return `You will be asked again ${answers.wait(next - Date.now())}.${news}`;
        }

        // The arrow keys choose an option. Otherwise, mdBook would turn the page.
        asked.addEventListener('keydown', event => { if (event.key.startsWith('Arrow')) event.stopPropagation(); });
    }

    // Says beside the topic how often the question was answered, and when it is due.
    function remember(asked, history) {
        if (!history?.reviews.length) return;
        const { due, reviews } = history;
        const times = reviews.length === 1 ? 'once' : `${reviews.length} times`;
        const when = due <= Date.now() ? 'due now' : `due ${answers.wait(due - Date.now())}`;
        asked.querySelector('.about').append(`, answered ${times}, ${when}`);
    }

    // The print page shows all answers.
    const all = location.pathname.endsWith('/print.html') ? [] : [...document.querySelectorAll('main .asked')];
    if (all.length > 0) {
        const counts = element('p', { className: 'counts' });
        const link = (page, text) => element('a', { href: `../${page}.html`, textContent: text });
        const links = element('p', {}, link('progress', 'Your progress'), ' · ', link('due', 'What is due'));
        all[0].before(counts, links);
        const changed = () => { counts.textContent = answers.summary(all.map(asked => asked.id)); };
        const histories = answers.load();
        for (const asked of all) {
            remember(asked, histories.get(asked.id));
            ask(asked, changed);
        }
        changed();
        answers.tell(counts);
        // The controls need room, so the question that the address names has moved.
        document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
    }
}
