// A terminal of the panel: xterm.js on a serial line of the machine.
import { Terminal as Xterm } from "@xterm/xterm";
import { FitAddon } from "@xterm/addon-fit";

const PROMPT = 7770; // guest/shell.rc begins each prompt with this sequence and the exit code

export class Terminal {
	#bytes = [];
	#fit = new FitAddon();
	#waiting = [];

	// `type` gets what the reader types.
	constructor(place, label, type) {
		this.type = text => {
			if (text.includes("\r")) this.atPrompt = false;
			type(text);
		};
		this.atPrompt = false;
		this.xterm = new Xterm({ fontSize: 14, lineHeight: 1.15, screenReaderMode: true, scrollback: 5000, convertEol: true });
		this.xterm.loadAddon(this.#fit);
		this.xterm.open(place);
		this.xterm.textarea.setAttribute("aria-label", label);
		this.xterm.onData(this.type);
		// The Tab key leaves the terminal, as it leaves any other control.
		this.xterm.attachCustomKeyEventHandler(event => event.key !== "Tab");
		this.xterm.parser.registerOscHandler(PROMPT, () => {
			this.atPrompt = true;
			for (const done of this.#waiting.splice(0)) done(true);
			return true;
		});
	}

	// Shows a byte from the machine. Many bytes are shown at once.
	show(byte) {
		if (this.#bytes.push(byte) > 1) return;
		setTimeout(() => this.xterm.write(Uint8Array.from(this.#bytes.splice(0))), 5);
	}

	// Fits the terminal into its place. Returns its size.
	fit() {
		this.#fit.fit();
		return { columns: this.xterm.cols, rows: this.xterm.rows };
	}

	// Waits for the prompt of the shell. Returns whether it has come in time.
	prompt(milliseconds) {
		if (this.atPrompt) return true;
		return new Promise(done => {
			this.#waiting.push(done);
			setTimeout(() => done(false), milliseconds);
		});
	}

	color(foreground, background) {
		this.xterm.options.theme = { foreground, background, cursor: foreground, selectionBackground: "#8888887f" };
	}

	focus() {
		this.xterm.focus();
	}
}
