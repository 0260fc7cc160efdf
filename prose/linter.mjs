// One linter, in a thread of its own: the checker needs seconds to get ready, and then uses one processor. prose/check
// sends it one document after the other.

import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { harper, off, words } = workerData;
const { LocalLinter, Dialect } = await import(path.join(harper, 'dist/index.js'));
const { binary } = await import(path.join(harper, 'dist/binary.js'));

const linter = new LocalLinter({ binary, dialect: Dialect.British });
const rules = await linter.getLintConfig();
const unknown = off.filter(rule => !(rule in rules));
for (const rule of off) rules[rule] = false;
await linter.setLintConfig(rules);
await linter.importWords(words);
parentPort.on('message', async text => parentPort.postMessage({ lints: await lints(text) }));
parentPort.postMessage({ unknown });

/** What the checker finds in a text. */
async function lints(text) {
	const found = Object.entries(await linter.organizedLints(text, { language: 'markdown' }));
	return found.flatMap(([rule, lints]) => lints.map(lint => ({
		rule,
		message: lint.message(),
		problem: lint.get_problem_text(),
		start: lint.span().start,
		better: lint.suggestions().map(s => s.get_replacement_text()).filter(Boolean).slice(0, 3),
	})));
}
