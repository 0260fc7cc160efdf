// The editor for the source of a lesson or for the reader's program: CodeMirror. Escape, then Tab, leaves it.
import { basicSetup } from "codemirror";
import { EditorView } from "@codemirror/view";
import { Compartment, EditorState } from "@codemirror/state";
import { indentUnit, syntaxHighlighting } from "@codemirror/language";
import { cpp } from "@codemirror/lang-cpp";
import { classHighlighter } from "@lezer/highlight";

export class Editor {
	#theme = new Compartment();
	#dark = false;
	#view;

	constructor(place) {
		this.#view = new EditorView({ parent: place });
		this.#view.scrollDOM.tabIndex = 0; // the keyboard scrolls it
	}

	// Shows another text. A screen reader calls it `what`.
	open(text, what = "The source of the lesson in C") {
		this.#view.setState(EditorState.create({
			doc: text,
			extensions: [
				basicSetup,
				cpp(),
				indentUnit.of("\t"),
				EditorView.contentAttributes.of({ "aria-label": what }),
				syntaxHighlighting(classHighlighter), // the colours are in panel.css
				this.#theme.of(EditorView.darkTheme.of(this.#dark)),
			],
		}));
	}

	focus() {
		this.#view.focus();
	}

	get text() {
		return this.#view.state.doc.toString();
	}

	dark(dark) {
		this.#dark = dark;
		this.#view.dispatch({ effects: this.#theme.reconfigure(EditorView.darkTheme.of(dark)) });
	}
}
