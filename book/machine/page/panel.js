// The panel at the lower edge of the page: two terminals, the source of the lesson or the reader's program for a lab, and
// buttons.
import { Editor } from "./editor.js";
import { Machine } from "./emulator.js";
import { Terminal } from "./terminal.js";

const HTML = `
<header>
	<h2 id="machine-title">Linux in this page</h2>
	<p class="lesson"></p>
	<p class="state" role="status"></p>
</header>
<div class="buttons" role="toolbar" aria-label="Run the program">
	<button type="button" data-does="check" data-for="lab">Check</button>
	<button type="button" data-does="run" data-for="lesson">Run</button>
	<button type="button" data-does="rust" data-for="lesson" hidden>Run in Rust</button>
	<label data-for="lesson"><input type="checkbox" class="wait"> Wait after each claim</label>
	<button type="button" data-does="next" data-for="lesson">Next claim</button>
	<button type="button" data-does="edited" data-for="lesson">Edit and run</button>
	<button type="button" data-does="reset">Reset</button>
	<button type="button" data-does="close">Close</button>
</div>
<div class="panes">
	<section class="pane" aria-label="Terminal"><div class="screen" data-n="0"></div></section>
	<section class="pane">
		<div role="tablist" aria-label="Beside the terminal">
			<button type="button" role="tab" id="machine-tab-source" aria-controls="machine-source" aria-selected="true">Source in C</button>
			<button type="button" role="tab" id="machine-tab-second" aria-controls="machine-second" aria-selected="false" tabindex="-1">Second terminal</button>
		</div>
		<div role="tabpanel" id="machine-source" aria-labelledby="machine-tab-source"><div class="source"></div></div>
		<div role="tabpanel" id="machine-second" aria-labelledby="machine-tab-second" hidden><div class="screen" data-n="1"></div></div>
	</section>
</div>
<p class="about">This is Debian's Linux in an emulator. It has no network, and forgets everything when you leave the book.
Its terminal is left with Tab, the editor with Escape and Tab. <a>Licences and sources</a></p>`;

export class Panel {
	#machine;
	#program;
	#hasRust = false; // whether the machine was built with the Rust lessons
	#texts = new Map(); // by path: what the reader has written, while the machine runs

	constructor(assets) {
		this.assets = assets;
		this.element = document.createElement("section");
		this.element.id = "machine";
		this.element.setAttribute("aria-labelledby", "machine-title");
		this.element.innerHTML = HTML;
		this.element.querySelector(".about a").href = new URL("licences.txt", assets);
		document.body.append(this.element);
		document.documentElement.classList.add("has-machine");
		const screens = [...this.element.querySelectorAll(".screen")];
		this.terminals = screens.map((screen, n) =>
			new Terminal(screen, n === 0 ? "Terminal" : "Second terminal", text => this.#machine?.type(n, text)));
		this.editor = new Editor(this.element.querySelector(".source"));
		const does = { check: () => this.check(), run: () => this.run(), rust: () => this.runInRust(), next: () => this.next(), edited: () => this.runEdited(), reset: () => this.reset(), close: () => this.close() };
		for (const button of this.element.querySelectorAll("[data-does]")) button.addEventListener("click", does[button.dataset.does]);
		this.element.querySelector(".wait").addEventListener("change", () => this.#waitChanged());
		// mdBook turns the page when an arrow key is pressed anywhere.
		this.element.addEventListener("keydown", event => event.stopPropagation());
		this.#tabs();
		this.#colors();
		new ResizeObserver(() => this.#fit()).observe(this.element.querySelector(".panes"));
	}

	// Starts the machine, also again after it was used.
	async start() {
		this.#say("Loading Linux …");
		this.#enable(false);
		await this.#machine?.stop();
		this.#machine = null;
		for (const terminal of this.terminals) {
			terminal.atPrompt = false;
			terminal.xterm.reset();
		}
		try {
			const progress = part => this.#say(`Loading Linux: ${Math.round(100 * part)} %`);
			this.#machine = await Machine.start(this.assets, progress, (n, byte) => this.terminals[n].show(byte));
		} catch (error) {
			this.#say(`Linux cannot be started: ${error.message}. Reload the page to try again.`);
			return;
		}
		await this.#fit();
		for (const terminal of this.terminals) terminal.type("clear\r"); // the state was saved after the first prompt
		await this.terminals[0].prompt(20_000);
		const { code } = await this.#machine.command("test -d /rust");
		this.#hasRust = code === 0;
		this.#showControls();
		this.#say("Linux is ready.");
		this.#enable(true);
	}

	// Shows a program, as theme/run.js describes it, or what the reader has made of it.
	open(program) {
		if (this.#program) this.#texts.set(this.#program.path, this.editor.text);
		this.#program = program;
		this.element.hidden = false;
		document.documentElement.classList.add("has-machine");
		this.element.querySelector(".lesson").textContent = program.name;
		this.#showControls();
		document.getElementById("machine-tab-source").textContent =
			program.isLab ? "Your program" : "Source in C";
		const what = program.isLab ? "Your program for the lab" : "The source of the lesson in C";
		this.editor.open(this.#texts.get(program.path) ?? program.source, what);
	}

	// Gives the keyboard to the editor.
	edit() {
		document.getElementById("machine-tab-source").click();
		this.editor.focus();
	}

	// Judges what is in the editor, with the command check of the machine.
	async check() {
		const { name, path } = this.#program;
		await this.#machine.write(path, this.editor.text);
		return this.#runs(`check ${name}`, "");
	}

	// Forgets what the reader has written, and starts the machine again.
	reset() {
		const program = this.#program;
		this.#program = null;
		this.#texts.clear();
		this.open(program);
		return this.start();
	}

	// Runs the C program of the lesson.
	run() {
		return this.#runs(this.#program.name);
	}

	// Runs the lesson itself, in a machine that was built with the Rust lessons. It waits after each step.
	runInRust() {
		return this.#runs(`/rust/${this.#program.name}${this.#waits && " --pause"}`, "");
	}

	// Compiles what is in the editor, and runs it.
	async runEdited() {
		const { path, name } = this.#program;
		this.#say(`${name} is compiled.`);
		await this.#machine.write(path, this.editor.text);
		return this.#runs(`tcc -w -o /tmp/${name} ${path} -lrt && ${this.#waits}/tmp/${name}`, "");
	}

	// Continues a program that waits after a claim.
	next() {
		this.terminals[0].type("\r");
	}

	close() {
		this.element.hidden = true;
		document.documentElement.classList.remove("has-machine");
		(document.querySelector(".run-here button") ?? document.body).focus();
	}

	// Runs a command without a terminal, for tests.
	command(text) {
		return this.#machine.command(text);
	}

	get #waits() {
		return this.element.querySelector(".wait").checked ? "WAIT_AFTER_CLAIM=1 " : "";
	}

	async #runs(command, before = this.#waits) {
		const [terminal] = this.terminals;
		terminal.focus();
		if (!terminal.atPrompt) {
			terminal.type("\x03"); // Ctrl-C
			if (!await terminal.prompt(5000)) {
				this.#say("The program in the terminal does not end. Reset the machine.");
				return false;
			}
			await this.#machine.command(". /etc/clean-up"); // what the interrupted program has left
		}
		terminal.type(`\x15${before}${command}\r`); // Ctrl-U removes what was typed before
		const { name, isLab } = this.#program;
		this.#say(isLab ? `${name} is being checked.` : `${name} runs.`);
		const ended = await terminal.prompt(10 * 60_000);
		if (!ended) this.#say("");
		else this.#say(isLab ? `${name} was checked: see the terminal.` : `${name} has ended.`);
		return ended;
	}

	// Gives both terminals the room that they have, and tells the machine.
	async #fit() {
		for (const [n, terminal] of this.terminals.entries()) {
			if (!terminal.xterm.element?.offsetParent) continue;
			const { columns, rows } = terminal.fit();
			await this.#machine?.command(`stty -F /dev/ttyS${n} cols ${columns} rows ${rows}`);
		}
	}

	// A lab is checked, and a lesson is run.
	#showControls() {
		for (const control of this.element.querySelectorAll("[data-for]")) {
			control.hidden = (control.dataset.for === "lab") !== this.#program.isLab;
		}
		if (!this.#hasRust) this.element.querySelector("[data-does=rust]").hidden = true;
	}

	#say(text) {
		this.element.querySelector(".state").textContent = text;
	}

	#enable(enabled) {
		for (const button of this.element.querySelectorAll("[data-does]")) {
			if (button.dataset.does !== "close") button.disabled = !enabled;
		}
		this.#waitChanged();
	}

	// "Next claim" is for a program that waits.
	#waitChanged() {
		this.element.querySelector("[data-does=next]").disabled = !this.#machine || !this.#waits;
	}

	#tabs() {
		const tabs = [...this.element.querySelectorAll("[role=tab]")];
		const show = chosen => {
			for (const tab of tabs) {
				tab.setAttribute("aria-selected", tab === chosen);
				tab.tabIndex = tab === chosen ? 0 : -1;
				document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
			}
			this.#fit();
		};
		for (const [n, tab] of tabs.entries()) {
			tab.addEventListener("click", () => show(tab));
			tab.addEventListener("keydown", event => {
				if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
				const other = tabs[1 - n];
				show(other);
				other.focus();
			});
		}
	}

	// The colours of the book's theme, also after the reader has chosen another.
	#colors() {
		const root = document.documentElement;
		const paint = () => {
			const { color, backgroundColor } = getComputedStyle(this.element);
			for (const terminal of this.terminals) terminal.color(color, backgroundColor);
			this.editor.dark(["navy", "coal", "ayu"].some(theme => root.classList.contains(theme)));
		};
		paint();
		new MutationObserver(paint).observe(root, { attributeFilter: ["class"] });
	}
}
