//! The licences and the sources of what readers load, as a text. Whoever serves the machine serves programs under the GPL and
//! the LGPL, and must say where their sources are.

use super::Folders;
use super::debian::Shipped;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;

/// npm's packages whose code is in main.js, main.css and v86.wasm.
const BUNDLED: [&str; 9] = [
    "v86",
    "@xterm/xterm",
    "@xterm/addon-fit",
    "codemirror",
    "@codemirror/lang-cpp",
    "@codemirror/language",
    "@codemirror/state",
    "@codemirror/view",
    "@lezer/highlight",
];

const ABOUT: &str = "\
The Linux in the page: licences and sources

A page of this book can run the C programs of the workbook on a Linux in the browser. The saved state of this Linux contains
programs of Debian for i386, unchanged, and the emulator starts with Debian's SeaBIOS. Debian publishes the sources of each
version, and keeps them in its snapshot archive, under the names and versions below. The emulator, the terminal and the editor
are packages of npm.
";

/// Returns the text.
pub(super) fn text(folders: &Folders, shipped: &[Shipped]) -> Result<String> {
    let mut text = ABOUT.to_string();
    for Shipped { name, source, version } in shipped {
        let file = folders.packages.join("usr/share/doc").join(name).join("copyright");
        let licence = fs::read(&file).with_context(|| format!("{}", file.display()))?;
        let licence = String::from_utf8_lossy(&licence);
        let _ =
            write!(text, "\n\n==== {name}: Debian's source package {source}, version {version}\n\n{licence}");
    }
    for name in BUNDLED {
        let folder = folders.modules.join(name);
        let about: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.join("package.json"))?)?;
        let version = about["version"].as_str().unwrap_or_default();
        let licence = fs::read_to_string(folder.join("LICENSE"))?;
        let _ = write!(text, "\n\n==== {name}: npm's package {name}, version {version}\n\n{licence}");
    }
    Ok(text)
}
