// Shows a recorded run one frame at a time. A frame is a step, or the part of a step up to a question.
// The rest of the step is hidden until the reader has answered. All frames lie in the same place, which is as high as
// the highest of them (workbook.css), so nothing on the page moves when the frame changes.
'use strict';
// The print page shows whole runs.
const runs = location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.run');
for (const run of runs) {
    const frames = [];
    const steps = [...run.querySelectorAll('.step')];
    for (const step of steps) {
        const items = [...step.querySelectorAll('.events > li')];
        items.forEach((item, n) => {
            if (item.classList.contains('question') && n + 1 < items.length) frames.push({ step, end: n + 1 });
        });
        frames.push({ step, end: items.length });
    }
    let at = 0;

    const controls = frameControls(go);
    run.prepend(controls.element);
    run.classList.add('plays');

    function go(to) {
        at = Math.max(0, Math.min(frames.length - 1, to));
        const frame = frames[at];
        for (const step of steps) {
            step.hidden = step !== frame.step;
            [...step.querySelectorAll('.events > li')].forEach((item, n) => { item.hidden = n >= frame.end; });
        }
        controls.say(at, frames.length);
        // The pictures of the run follow it. Before an answer, they show what was before the step.
        const parts = frames.filter(other => other.step === frame.step);
        const detail = { step: frame.step.querySelector('h3').id, whole: frame === parts.at(-1) };
        run.dispatchEvent(new CustomEvent('step', { bubbles: true, detail }));
    }

    // A picture leads here, and so does a link to a step. `whole` also shows what follows a question.
    function open(id, whole) {
        const step = id && steps.find(step => step.querySelector('h3').id === id);
        const parts = frames.filter(frame => frame.step === step);
        if (step) go(frames.indexOf(parts.at(whole ? -1 : 0)));
        return Boolean(step);
    }
    document.addEventListener('open-step', event => open(event.detail.step, event.detail.whole));
    addEventListener('hashchange', () => {
        if (open(decodeURIComponent(location.hash.slice(1)))) run.scrollIntoView({ block: 'nearest' });
    });

    // Options become buttons. A click shows the kernel's answer.
    for (const options of run.querySelectorAll('.question .options')) {
        const question = options.closest('.question');
        // It is there from the start, so that the answer below it does not move.
        const verdict = document.createElement('p');
        verdict.className = 'verdict';
        verdict.setAttribute('role', 'status');
        question.append(verdict);
        for (const option of options.querySelectorAll('li')) {
            const choice = document.createElement('button');
            choice.type = 'button';
            choice.textContent = option.textContent;
            option.replaceChildren(choice);
            choice.addEventListener('click', () => {
                for (const other of options.querySelectorAll('button')) other.classList.toggle('chosen', other === choice);
                let claim = question.nextElementSibling;
                while (claim && !claim.classList.contains('claim')) claim = claim.nextElementSibling;
                const got = claim ? claim.querySelector('a').dataset.got : '';
                verdict.textContent = got === choice.textContent ? `✔ As you predicted: ${got}` : `✘ You predicted ${choice.textContent}. The result was ${got}.`;
                if (frames[at].step.contains(question)) go(at + 1);
                run.focus({ preventScroll: true });
            });
        }
    }

    run.addEventListener('keydown', controls.press);
    if (!open(decodeURIComponent(location.hash.slice(1)))) go(0);
}
