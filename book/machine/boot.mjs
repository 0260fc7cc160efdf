// node boot.mjs MODULES PACKAGES KERNEL FILE-SYSTEM OUT
//
// Starts the machine once in the emulator v86, waits until its shells are ready, and writes its state. The page continues
// from this state, so no reader waits until Linux has started.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { hardware, START } from "./page/hardware.js";

const [modules, packages, kernel, fileSystem, out] = process.argv.slice(2).map(name => path.resolve(name));
const { V86 } = await import(pathToFileURL(path.join(modules, "v86/build/libv86.mjs")));
const MINUTES = 15;
const PROMPT = "\x1b]7770;"; // guest/shell.rc
const END = "\x04"; // guest/obey

const read = file => {
	const bytes = fs.readFileSync(file);
	return { buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
};
const machine = new V86({
	...hardware,
	wasm_path: path.join(modules, "v86/build/v86.wasm"),
	bios: read(path.join(packages, "usr/share/seabios/bios.bin")),
	vga_bios: read(path.join(packages, "usr/share/seabios/vgabios-stdvga.bin")),
	bzimage: read(kernel),
	initrd: read(fileSystem),
	cmdline: START,
	autostart: true,
});

// What the machine has said on each of its serial lines.
const said = ["", "", ""];
for (const n of said.keys()) machine.add_listener(`serial${n}-output-byte`, byte => { said[n] += String.fromCharCode(byte); });
const until = async condition => {
	while (!condition()) await new Promise(done => setTimeout(done, 100));
};
setTimeout(() => {
	console.error(`Linux has not started within ${MINUTES} minutes; its last words: ${said[0].slice(-500).trim() || "none"}`);
	process.exit(1);
}, MINUTES * 60_000);

// Both shells show their prompts, and the third line obeys.
await until(() => said[0].includes(PROMPT) && said[1].includes(PROMPT) && said[2].includes(END));
// Empty caches make the state small.
machine.serial_send_bytes(2, new TextEncoder().encode("sync; echo 3 >/proc/sys/vm/drop_caches\n"));
await until(() => said[2].split(END).length > 2);
await machine.stop();
fs.writeFileSync(out, Buffer.from(await machine.save_state()));
process.exit(0);
