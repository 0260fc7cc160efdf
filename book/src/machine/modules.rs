//! npm's packages, and the scripts of the page, which esbuild puts together with them.

use super::Folders;
use super::copy;
use super::programs::run;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Installs the packages of book/machine/package.json.
pub(super) fn install(folders: &Folders) -> Result<()> {
    copy(&folders.root.join("book/machine/package.json"), &folders.target.join("package.json"))?;
    let quiet = ["install", "--silent", "--no-audit", "--no-fund"];
    run(Command::new("npm").args(quiet).current_dir(&folders.target))?;
    Ok(())
}

/// Writes the script and the style of the page, and what the emulator loads.
pub(super) fn bundle(folders: &Folders, site: &Path) -> Result<()> {
    let mut esbuild = Command::new(folders.modules.join(".bin/esbuild"));
    esbuild.arg(folders.root.join("book/machine/page/main.js"));
    esbuild.args(["--bundle", "--minify", "--format=esm", "--log-level=error"]);
    // The emulator asks for these only where it runs without a browser.
    esbuild.args(["node:*", "fs", "crypto", "perf_hooks"].map(|module| format!("--external:{module}")));
    esbuild.arg(format!("--outdir={}", site.display()));
    run(esbuild.env("NODE_PATH", &folders.modules))?;
    let wasm = site.join("v86.wasm");
    copy(&folders.modules.join("v86/build/v86.wasm"), &wasm)?;
    // A server could take a name that ends in .gz for an encoding of its own.
    run(Command::new("gzip").args(["-9", "--no-name", "--suffix", ".gzip"]).arg(&wasm))?;
    Ok(())
}
