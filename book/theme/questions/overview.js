// Fills in the page of the reader's progress and the page of the questions that are due.
'use strict';
{
    const isPrint = location.pathname.endsWith('/print.html');

    const rows = isPrint ? [] : document.querySelectorAll('main [data-questions]');
    function fill() {
        for (const row of rows) {
            const { answered, right, due } = answers.count(row.dataset.questions.split(' '));
            [answered, right, due].forEach((number, n) => { row.cells[n + 2].textContent = number; });
        }
    }
    fill();

    for (const place of isPrint ? [] : document.querySelectorAll('main .transfer')) {
        const said = element('p', { className: 'said' });
        said.setAttribute('role', 'status');
        const file = element('input', { type: 'file', accept: '.json,application/json' });
        const download = element('a', { download: 'answers.json', textContent: 'Export my answers' });
        const offer = () => {
            URL.revokeObjectURL(download.href);
            download.href = URL.createObjectURL(new Blob([answers.text(answers.load())], { type: 'application/json' }));
        };
        file.addEventListener('change', async () => {
            const [chosen] = file.files;
            if (!chosen) return;
            try {
                const fresh = answers.merge(await chosen.text());
                said.textContent = `${fresh} new answer${fresh === 1 ? '' : 's'}.`;
            } catch (error) {
                said.textContent = `${chosen.name} is not an export: ${error.message}. Choose a file that this page or interview has exported.`;
            }
            file.value = '';
            fill();
            offer();
        });
        offer();
        place.append(
            element('p', {}, download),
            element('p', {}, element('label', {}, 'Import answers: ', file)),
            said,
        );
        answers.tell(place);
    }

    for (const place of isPrint ? [] : document.querySelectorAll('main .due')) {
        const histories = answers.load();
        const dueOf = item => histories.get(item.dataset.question)?.due ?? null;
        const answered = [...place.querySelectorAll('li')].filter(item => dueOf(item) !== null);
        answered.sort((item, other) => dueOf(item) - dueOf(other));
        const now = answered.filter(item => dueOf(item) <= Date.now());
        const next = answered[now.length];
        const what = now.length > 0 ? `Due now: ${now.length}. The question that has been due longest comes first.`
            : next ? `Nothing is due. The next question is due ${answers.wait(dueOf(next) - Date.now())}.`
            : 'Nothing is due, because you have not answered a question yet. Choose a chapter on the page of your progress.';
        place.replaceChildren(element('p', { textContent: what }), element('ol', {}, ...now));
        answers.tell(place);
    }
}
