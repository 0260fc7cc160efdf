// Walks the tree of permission checks for a mode, a user and a request.
'use strict';
for (const form of document.querySelectorAll('form.walk')) {
    const picture = form.closest('.picture');
    // The tree asks for these classes, one after the other. The last one needs no question.
    const options = [...form.elements.class.options];
    const classes = options.map(option => option.value);

    // Returns the names of the parts of the tree on the way to the decision.
    function way(mode, user, wanted, capable) {
        // Linux looks at a list only if the group bits are not all 0. Otherwise, its users are among the others.
        const chosen = user.value === 'listed' && (mode & 0o070) === 0 ? options.at(-1) : user;
        const parts = [];
        for (const name of classes) {
            if (name !== classes.at(-1)) parts.push(`ask-${name}`);
            if (name === chosen.value) {
                parts.push(`yes-${name}`, `bits-${name}`, `down-${name}`, 'ask-allow');
                break;
            }
            parts.push(`no-${name}`);
        }
        const bits = (mode >> chosen.dataset.shift) & wanted;
        if (bits === wanted) return [...parts, 'yes-allow', 'success'];
        parts.push('no-allow', 'ask-capable');
        return [...parts, ...capable ? ['yes-capable', 'success-capable'] : ['no-capable', 'refused']];
    }

    function show() {
        const verdict = form.querySelector('.verdict');
        const { mode, request, capable } = form.elements;
        const isMode = /^0?[0-7]{3}$/.test(mode.value.trim());
        mode.setAttribute('aria-invalid', String(!isMode));
        const chosen = form.elements.class.selectedOptions[0];
        const parts = isMode ? way(parseInt(mode.value, 8), chosen, Number(request.value), capable.checked) : [];
        for (const part of picture.querySelectorAll('.part')) {
            part.classList.toggle('on', parts.some(name => part.classList.contains(name)));
        }
        const result = parts.at(-1) === 'refused' ? 'EACCES' : 'success';
        form.dataset.result = isMode ? result : '';
        verdict.textContent = isMode
            ? `Mode ${mode.value.trim()}, ${chosen.textContent}, ${request.selectedOptions[0].textContent}: ${result}.`
            : 'A mode has three octal digits, for example 640.';
    }

    form.hidden = false;
    form.addEventListener('input', show);
    form.addEventListener('submit', event => event.preventDefault());
    // Otherwise, mdBook would turn the page or open the search.
    form.addEventListener('keydown', event => event.stopPropagation());
    show();
}
