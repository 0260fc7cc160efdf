//! The licences and the sources of what readers load, as a text. Whoever serves the machine serves programs under the GPL and
//! the LGPL, and must say where their sources are.

use super::Folders;
use super::debian::Shipped;
use super::programs::run;
use super::rust;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

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
pub(super) fn text(folders: &Folders, shipped: &[Shipped], with_rust: bool) -> Result<String> {
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
    if with_rust {
        crates(folders, &mut text)?;
    }
    Ok(text)
}

/// Adds the crates of the Rust lessons, with the files that contain their licences.
fn crates(folders: &Folders, text: &mut String) -> Result<()> {
    text.push_str(
        "\n\n==== Rust's standard library: https://github.com/rust-lang/rust\n\nMIT OR Apache-2.0; see its file COPYRIGHT\n",
    );
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--offline"]).current_dir(rust::package(folders));
    let metadata: serde_json::Value = serde_json::from_str(&run(&mut cargo)?)?;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let word = |key: &str| package[key].as_str().unwrap_or_default().to_string();
        // The workbook itself comes from no registry.
        if package["source"].is_null() {
            continue;
        }
        let (name, version, licence) = (word("name"), word("version"), word("license"));
        let _ = write!(text, "\n\n==== {name}: the crate {name}, version {version}: {licence}\n\n");
        let manifest = word("manifest_path");
        let Some(folder) = Path::new(&manifest).parent() else { continue };
        let mut files: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| {
            file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("LICENSE"))
        });
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            text.push_str(&fs::read_to_string(file)?);
        }
    }
    Ok(())
}
