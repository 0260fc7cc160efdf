// Shows the race in one order of the calls. Buttons move a call past a call of the other process. What happens in
// an order is read from the table of all orders; this program does not know it.
'use strict';
// The print page shows the tables.
const protocols = location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.race .protocol');
for (const protocol of protocols) {
    const table = protocol.querySelector('table');
    const result = document.createElement('p');
    result.className = 'result';
    result.setAttribute('role', 'status');
    const list = document.createElement('ol');
    list.className = 'calls';

    // One item for each call. A process makes its own calls in a fixed order.
    const items = [...'AAABBB'].map((process, n) => {
        const item = document.createElement('li');
        const call = document.createElement('code');
        const name = document.createElement('b');
        name.textContent = process;
        item.className = `of-${process}`;
        const button = (text, by) => {
            const made = document.createElement('button');
            made.type = 'button';
            made.textContent = text;
            made.setAttribute('aria-label', `${text}: call ${n % 3 + 1} of ${process}`);
            made.addEventListener('click', () => move(entry, by));
            return made;
        };
        const entry = { process, item, call };
        entry.earlier = button('Earlier', -1);
        entry.later = button('Later', 1);
        item.append(name, call, entry.earlier, entry.later);
        return entry;
    });

    function move(entry, by) {
        const at = items.indexOf(entry);
        [items[at], items[at + by]] = [items[at + by], items[at]];
        show();
        // The button that was pressed, or its neighbour if it can move no further.
        const pressed = by < 0 ? entry.earlier : entry.later;
        (pressed.disabled ? (by < 0 ? entry.later : entry.earlier) : pressed).focus();
    }

    function show() {
        const order = items.map(entry => entry.process).join('');
        const cells = [...table.querySelector(`tr[data-order=${order}]`).querySelectorAll('td')];
        items.forEach((entry, n) => {
            entry.call.textContent = cells[n].querySelector('code').textContent;
            const passes = by => items[n + by] !== undefined && items[n + by].process !== entry.process;
            entry.earlier.disabled = !passes(-1);
            entry.later.disabled = !passes(1);
        });
        list.replaceChildren(...items.map(entry => entry.item));
        result.textContent = cells.at(-1).textContent;
        result.classList.toggle('both', cells.at(-1).querySelector('strong') !== null);
        protocol.dataset.order = order;
    }

    // The table of all orders is folded away.
    const all = document.createElement('details');
    const summary = document.createElement('summary');
    summary.textContent = 'All orders';
    const box = protocol.querySelector('.wide');
    box.before(list, result, all);
    all.append(summary, box);
    show();
}
