// The machine: the emulator v86 with Debian's Linux, continued from the state that the build has saved.
import { V86 } from "v86";
import { hardware } from "./hardware.js";

const encoder = new TextEncoder();
const END = 4; // guest/init marks the end of an answer with this byte and the exit code

// Starts the WebAssembly of the emulator. Packed, it is a fifth as large.
async function unpacked(address, imports) {
	const answer = await fetch(address);
	if (!answer.ok) throw new Error(`${address} cannot be loaded`);
	const bytes = await new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
	return (await WebAssembly.instantiate(bytes, imports)).instance.exports;
}

export class Machine {
	#vm;
	#answer = [];
	#ended = null;
	#turn = Promise.resolve();

	// Starts the machine. `assets` is the address of the folder with its files. `onProgress` gets the part of the state that has
	// arrived, from 0 to 1. `onOutput` gets the number of a terminal and a byte.
	static start(assets, onProgress, onOutput) {
		return new Promise((started, failed) => {
			const machine = new Machine();
			const file = name => ({ url: new URL(name, assets).href });
			const vm = machine.#vm = new V86({
				...hardware,
				wasm_fn: imports => unpacked(file("v86.wasm.gzip").url, imports),
				bios: file("bios.bin"),
				vga_bios: file("vgabios-stdvga.bin"),
				initial_state: file("state.bin.zst"), // v86 unpacks it
				autostart: true,
			});
			vm.add_listener("download-progress", ({ file_name, loaded, total }) => {
				if (total && file_name.endsWith("state.bin.zst")) onProgress(loaded / total);
			});
			vm.add_listener("download-error", ({ file_name }) => failed(new Error(`${file_name} cannot be loaded`)));
			for (const n of [0, 1]) vm.add_listener(`serial${n}-output-byte`, byte => onOutput(n, byte));
			vm.add_listener("serial2-output-byte", byte => machine.#hear(byte));
			vm.add_listener("emulator-started", () => started(machine));
		});
	}

	// Types text into a terminal.
	type(n, text) {
		this.#vm.serial_send_bytes(n, encoder.encode(text));
	}

	// Runs a command of the shell, without a terminal. Returns what it prints, and its exit code.
	command(text) {
		const next = this.#turn.then(() => new Promise(ended => {
			this.#ended = ended;
			this.#vm.serial_send_bytes(2, encoder.encode(`${text.replaceAll("\n", ";")}\n`));
		}));
		this.#turn = next;
		return next;
	}

	// Writes a file. The serial line carries it as short lines of base64.
	async write(path, text) {
		const base64 = btoa(String.fromCharCode(...encoder.encode(text)));
		await this.command(": >/tmp/.written");
		for (let at = 0; at < base64.length; at += 1000) {
			await this.command(`printf %s ${base64.slice(at, at + 1000)} >>/tmp/.written`);
		}
		return this.command(`base64 -d </tmp/.written >'${path}'`);
	}

	async stop() {
		await this.#vm.destroy();
	}

	#hear(byte) {
		this.#answer.push(byte);
		const end = this.#answer.indexOf(END);
		if (end < 0 || byte !== 10) return;
		const text = bytes => new TextDecoder().decode(Uint8Array.from(bytes));
		const answer = this.#answer;
		this.#answer = [];
		const code = Number.parseInt(text(answer.slice(end + 1)), 10);
		this.#ended?.({ output: text(answer.slice(0, end)), code });
	}
}
