// Starts the machine in the page. theme/run.js loads this when a reader presses Run.
import "@xterm/xterm/css/xterm.css";
import "./panel.css";
import { Panel } from "./panel.js";
import { turnPagesInAFrame } from "./turn.js";

// Opens the panel with a program, as theme/run.js describes it, and starts the machine. Returns the panel.
export async function start(assets, program) {
	const style = document.createElement("link");
	style.rel = "stylesheet";
	style.href = new URL("main.css", assets);
	const styled = new Promise((loaded, failed) => {
		style.onload = loaded;
		style.onerror = () => failed(new Error("main.css cannot be loaded"));
	});
	document.head.append(style);
	await styled;
	const panel = new Panel(assets);
	turnPagesInAFrame(panel.element);
	panel.open(program);
	await panel.start();
	return panel;
}
