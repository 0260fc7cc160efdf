// Keeps the machine while the reader turns pages. The next page opens in a frame over this one, so this page, in which the
// machine runs, stays loaded.

let frame = null;

// `panel` stays beside the frame.
export function turnPagesInAFrame(panel) {
	// The address changes with the page in the frame. This page's own relative addresses, as of its icon, must not.
	const base = document.createElement("base");
	base.href = location.href.split("#")[0];
	document.head.prepend(base);
	document.addEventListener("click", event => {
		const link = event.target.closest?.("a[href]");
		if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
		if (panel.contains(link)) {
			link.target = "_blank";
			return;
		}
		const here = new URL(location.href), there = new URL(link.href);
		if (there.origin !== here.origin || link.target || link.hasAttribute("download")) return;
		if (there.pathname === here.pathname) return; // a place in this page
		event.preventDefault();
		open(there.href);
	});
	// mdBook turns the page with the arrow keys, by a script that does not ask.
	addEventListener("keydown", event => {
		const way = { ArrowLeft: ".nav-chapters.previous", ArrowRight: ".nav-chapters.next" }[event.key];
		if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
		if (panel.contains(event.target) || event.target.closest?.(".run, [role=tablist], input, textarea, select")) return;
		event.stopImmediatePropagation();
		document.querySelector(way)?.click();
	}, { capture: true });
	addEventListener("popstate", () => { history.state?.inFrame ? show(location.href) : hide(); });
	// The theme that a reader chooses in the frame.
	addEventListener("storage", event => {
		if (event.key !== "mdbook-theme" || !frame) return;
		const root = document.documentElement, theme = event.newValue?.replaceAll('"', "");
		root.classList.remove("light", "rust", "coal", "navy", "ayu");
		if (theme) root.classList.add(theme);
	});
}

function open(address) {
	history.pushState({ inFrame: true }, "", address);
	show(address);
}

function show(address) {
	if (frame) {
		if (frame.contentWindow.location.href !== address) frame.contentWindow.location.replace(address);
		return;
	}
	frame = document.createElement("iframe");
	frame.id = "machine-page";
	frame.title = "The page of the book";
	frame.addEventListener("load", follow);
	frame.src = address;
	document.body.append(frame);
	document.getElementById("mdbook-body-container")?.setAttribute("inert", "");
}

// Shows the address and the title of the page in the frame.
function follow() {
	const inner = frame?.contentWindow;
	if (!inner || inner.location.href === "about:blank") return;
	history.replaceState({ inFrame: true }, "", inner.location.href);
	frame.title = document.title = inner.document.title;
	inner.focus();
}

function hide() {
	frame?.remove();
	frame = null;
	document.getElementById("mdbook-body-container")?.removeAttribute("inert");
}
