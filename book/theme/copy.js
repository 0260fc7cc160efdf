// Copies the commands of a console block without the prompt and the output. The builder has marked these parts:
// see book/src/console.rs.
'use strict';
{
    const BLOCK = 'code.language-console';

    // Returns the commands in a copy of a block or of a part of it. If it contains no command, it is output, and a
    // reader may want to search for this message: the text stays as it is.
    const commands = copied => {
        const all = copied.textContent;
        for (const part of copied.querySelectorAll('.prompt, .output')) part.remove();
        return copied.textContent.trim() || all;
    };

    // mdBook's button asks this function for the text of a block.
    const whole = window.playground_text;
    window.playground_text = (pre, hidden) => {
        const block = pre.querySelector(BLOCK);
        return block ? commands(block.cloneNode(true)) : whole(pre, hidden);
    };

    // The reader has selected a part of one block by hand.
    document.addEventListener('copy', event => {
        const selection = getSelection();
        if (selection.rangeCount === 0) return;
        const range = selection.getRangeAt(0);
        const around = range.commonAncestorContainer;
        const element = around.nodeType === Node.ELEMENT_NODE ? around : around.parentElement;
        if (!element.closest('pre')?.querySelector(BLOCK)) return;
        const copied = document.createElement('div');
        copied.append(range.cloneContents());
        event.clipboardData.setData('text/plain', commands(copied));
        event.preventDefault();
    });
}
