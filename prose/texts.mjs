// What is prose in a file: its paragraphs, [{ line, text }], each with the number of its first line.

/** Whether a file with this path has prose. */
export const hasProse = (path, content) =>
	/\.(md|toml|rs|c|h|js|mjs|sh|awk|py|pl)$/.test(path) || content.startsWith('#!');

/** The paragraphs of a file. */
export function paragraphs(path, content) {
	if (path.endsWith('.md')) return markdown(content.split('\n'), 1);
	if (path.endsWith('.rs')) return [...comments(content, /\/\/[/!]?/), ...printed(path, content)];
	if (/\.(c|h|js|mjs)$/.test(path) || content.startsWith('#!/usr/bin/env node')) return comments(content, /\/\/|\/\*+/);
	if (/(^|\/)(quiz|lab|claims)\.toml$/.test(path)) return [...comments(content, /#/), ...sentences(content)];
	return comments(content, /#/);
}

/** What is code, although it stands outside backticks. The first that fits counts. */
const CODE = [
	/\b\w+=[\w.]+/, // errno=EACCES
	/\b[ugom]\w*:\w*:[rwx-]{3}/, // an entry of an access control list
	/\b[\da-f]{2}:[\da-f]{2}\b/, // a device
	/https?:\/\/[^\s)]+/,
	/(?<![\w/])[\w.~*-]*\/[\w.*/{}-]*\w/, // a path, or the name of an object
	/\w+\((?:\d\w*|\.\.\.)?\)/, // umask(2), fork()
	/(?<![\w-])--?[a-z][\w-]*(?:=\S+)?/, // a flag
	/\b[a-z]\w*(?:\.[a-z_]\w*)+|\.?\w*_\w+(?:(?:::|\.)\w+)*|\w+::\w+/, // an identifier
	/\b[A-Z][A-Z\d]{2,}\b(?:[.|][\w-]+)*/, // EACCES, O_CREAT|O_EXCL, POSIX.1-2024
	/(?<![\w)])[\w-]*\.(?:rs|c|h|toml|md|sh|diff|txt|jsonl?|html|awk|py|pl|js|so)\b/,
	/\b0[0-7]{2,}\b|\b0x[\da-f]+\b/, // a mode, an address
	/\b\d[\d.,]* ?(?:[kMG]?i?B|ms|µs|ns|s)\b|-?\d*\.\.[=\d]*(?!\.)|\d+\.\d+-\d{4}/, // with a unit, a range, an edition
	/\b\w+(?:-\w+){3,}\b|\b\w{20,}\b/, // the identifier of a claim, letters without meaning
	/\bA(?=[.,;:?)]|'s\b|,? (?:and|or|nor|of|is|was|has|\w+s)\b)|\b[B-HJ-Z]\b/, // process A, System V
	/\b[b-hj-z]\b|\ba(?=\.)|\b[A-Za-z]-th\b|\\\w+|[$&]\w+|\b\w+!(?=\()|-{3}|\.{3}/, // a variable, \n, $PATH
	/\b(?:umask|uid)s?\b|\butil-linux\b/, // "a umask" would have to be "an umask"
];
const CODES = new RegExp(CODE.map(part => part.source).join('|'), 'g');

/** The text with all its code in backticks: there the checker looks neither at spelling nor at grammar. */
export function withCodeMarked(text) {
	const pieces = text.split(/(`+[^`]*`+)/).map((piece, n) => (n % 2 ? piece : piece.replace(CODES, '`$&`')));
	return pieces.join('').replace(/`(?:'?s|th)\b/g, '`');
}

/** What separates columns, outside backticks. */
const COLUMNS = / {2,}(?=(?:[^`]*`[^`]*`)*[^`]*$)/;

/** Markdown without its code, its HTML comments and its definitions. Each cell of a table is a paragraph. */
function markdown(lines, first) {
	const found = [];
	let open = null; // the paragraph that the next line continues
	let fenced = false;
	let hidden = false;
	for (const [n, line] of lines.entries()) {
		const fence = /^\s*```/.test(line);
		if (fence) fenced = !fenced;
		if (!fenced && line.includes('<!--')) hidden = true;
		const text = line.replace(/<!--.*/, '').replace(/\[\^[^\]]+\](?!:)/g, '').replace(/^\s*>\s?/, '');
		const skipped = fence || fenced || hidden || /^(\s*$|    |\t|\[[^\]]+\]: |[\s|:-]+$)/.test(text);
		if (line.includes('-->')) hidden = false;
		if (skipped || /^\s*([-*] |\d+\. |#)/.test(text)) open = null;
		if (skipped) continue;
		const cells = text.startsWith('|') ? text.split(/(?<!\\)\|/) : text.trim().split(COLUMNS);
		if (cells.length > 1) {
			found.push(...cells.filter(cell => cell.trim()).map(cell => ({ line: first + n, text: cell.trim() })));
			open = null;
		} else if (open) {
			open.text += '\n' + text;
		} else {
			open = { line: first + n, text };
			found.push(open);
		}
		if (text.startsWith('#')) open = null;
	}
	return found;
}

/** Comments: lines that belong together are read as Markdown, a remark behind code stands alone. */
function comments(content, mark) {
	const whole = new RegExp(`^\\s*(${mark.source})(?: (.*)|$)`);
	const behind = new RegExp(`^(?:[^"]*"[^"]*")*[^"]*[;,{})]\\s+(?:${mark.source}) (.*)$`);
	const found = [];
	let [block, kind, first, inside] = [[], '', 0, false];
	const end = () => {
		found.push(...markdown(block, first));
		[block, kind] = [[], ''];
	};
	for (const [n, line] of content.split('\n').entries()) {
		const [, here, text = ''] = inside ? [0, kind, line.replace(/^\s*\*? ?/, '')] : (whole.exec(line) ?? [0, '']);
		const remark = here === '' ? behind.exec(line) : null;
		if (here !== kind || here === '') end();
		if (here.startsWith('/*')) inside = !line.includes('*/');
		if (remark) found.push({ line: n + 1, text: remark[1].replace(/\s*\*\/.*/, '') });
		if (here === '') continue;
		if (kind === '') first = n + 1;
		kind = here;
		block.push(/^(ANCHOR|shellcheck |!)/.test(text) ? '' : text.replace(/\s*\*\/.*/, ''));
		if (here.startsWith('/*') && !inside) end();
	}
	end();
	return found;
}

/** The values of these keys are sentences. */
const KEYS = ['question', 'text', 'why', 'asks', 'answer', 'title', 'hints', 'says', 'required', 'unturned'];

/** The sentences in quiz.toml, lab.toml and claims.toml. */
function sentences(content) {
	const found = [];
	let key = '';
	for (const token of content.matchAll(/^#.*|(\w[\w-]*)\s*=|"""([^]*?)"""|'''[^]*?'''|"((?:\\.|[^"\\])*)"/gm)) {
		key = token[1] ?? key;
		const text = token[2] ?? token[3];
		if (text && KEYS.includes(key)) found.push({ line: lineAt(content, token.index), text: unescaped(text) });
	}
	return found;
}

/** What a program prints: string literals of several words. Tests print nothing for a reader, and
 * assembly stands in literals too. */
function printed(path, content) {
	if (/(^|\/)(tests|testing|benches)\//.test(path) || content.includes('asm!(')) return [];
	const found = [];
	const code = content.replace(/^[ \t]*\/\/.*/gm, '');
	for (const token of code.matchAll(/'\\?.'|"((?:\\[^]|[^"\\])*)"/g)) {
		for (const text of unescaped(token[1] ?? '').split('\n').flatMap(line => line.split(COLUMNS))) {
			const isProse = /[a-z]+ [a-z]+ [a-z]+/.test(text);
			if (isProse) found.push({ line: lineAt(code, token.index), text: text.trim() });
		}
	}
	return found;
}

/** A literal as it is printed; what is put in is code. */
const unescaped = text =>
	text.replace(/\\\n\s*/g, '').replace(/\\n/g, '\n').replace(/\\(.)/g, '$1').replace(/\{[^{}]*\}/g, '`x`');

const lineAt = (content, index) => content.slice(0, index).split('\n').length;
