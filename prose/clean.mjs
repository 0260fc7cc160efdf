// Remembers the documents in which nothing was found, so that only what has changed is checked again.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** What decides about a document beside its text: the checker's version, and the files that say how it is used. */
export class Clean {
	constructor(file, version, sources, words) {
		this.file = file;
		this.common = [version, ...sources.map(source => fs.readFileSync(source, 'utf8'))].join('\0');
		this.words = words.map(word => ({ word, parts: parts(word) }));
		this.before = new Set(stored(file));
		this.now = new Set();
	}

	/** The key of a document. Of the known words only those count that it contains. */
	key(text) {
		const here = new Set(parts(text));
		const known = this.words.filter(({ parts }) => parts.every(part => here.has(part))).map(({ word }) => word);
		return createHash('sha256').update([this.common, text, ...known.sort()].join('\0')).digest('hex');
	}

	/** Whether nothing was found in it by an earlier run. */
	has(key) {
		if (this.before.has(key)) this.now.add(key);
		return this.before.has(key);
	}

	add(key) {
		this.now.add(key);
	}

	/** Keeps what this run has seen and, if it has seen only some files, the others, too. */
	keep(sawAll) {
		const keys = sawAll ? [...this.now] : [...new Set([...this.before, ...this.now])];
		try {
			fs.mkdirSync(path.dirname(this.file), { recursive: true });
			const fresh = `${this.file}.${process.pid}`;
			fs.writeFileSync(fresh, JSON.stringify(keys));
			fs.renameSync(fresh, this.file);
		} catch {
			// Another user than the owner of target/ checks everything each time.
		}
	}
}

const parts = text => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];

function stored(file) {
	try {
		return JSON.parse(fs.readFileSync(file, 'utf8'));
	} catch {
		return []; // there is none yet, or it is damaged
	}
}
