//! Builds the Linux that runs in the page: `cargo run -p ipc-workbook-book -- machine`, into `target/machine`.
//!
//! | file | what |
//! | --- | --- |
//! | [`inputs`] | finds whether anything has changed since the last build |
//! | [`debian`] | downloads Debian's i386 packages, and unpacks them |
//! | [`modules`] | installs npm's packages, and bundles the scripts of the page |
//! | [`notices`] | writes down the licences and the sources |
//! | [`programs`] | runs the programs of this machine that the build needs |
//! | [`rust`] | builds the Rust lessons, where rustc can compile for the machine |
//! | [`site`] | what the book needs to know about the built files |
//!
//! The scripts that it calls are in `book/machine`.

mod debian;
mod inputs;
mod modules;
mod notices;
mod programs;
mod rust;
pub(crate) mod site;

use anyhow::{Context, Result};
use ipc_workbook_tools::cli::Progress;
use ipc_workbook_tools::workbook::labs::labs;
use programs::{need, run};
use site::Site;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders of a build.
struct Folders {
    /// The folder of Cargo.toml.
    root: PathBuf,
    /// Everything that the build makes.
    target: PathBuf,
    /// Debian's packages, unpacked: the headers and libraries of the other machine.
    packages: PathBuf,
    /// npm's packages.
    modules: PathBuf,
}

/// Builds the machine, unless nothing has changed since it was built. Returns the line to print about it.
pub(crate) fn build(root: &Path) -> Result<String> {
    let target = root.join("target/machine");
    let folders = Folders {
        root: root.into(),
        packages: target.join("packages"),
        modules: target.join("node_modules"),
        target,
    };
    need(&["apt-get", "apt-cache", "dpkg-deb", "gcc", "cpio", "gzip", "zstd", "node", "npm"])?;
    fs::create_dir_all(&folders.target)?;
    let compiler = rust::compiler()?;
    let hash = inputs::hash(root, compiler.as_deref())?;
    if let Some(site) = Site::find(root)
        && site.hash == hash
    {
        return Ok(format!("{} is up to date", site.folder.display()));
    }
    let mut progress = Progress::new(7);
    let mut begin = |what: &str| progress.advance(what, what);

    begin("Debian's packages");
    let shipped = debian::packages(&folders)?;
    begin("npm's packages");
    modules::install(&folders)?;
    begin("the Rust lessons");
    // Without them the machine is complete for the C programs, so the reason is only told.
    let lessons = match &compiler {
        Some(_) => rust::build(&folders).map_err(|error| format!("cargo cannot build them: {error:#}")),
        None => Err(rust::why_not()),
    };
    begin("the file system");
    let archive = folders.target.join("file-system.cpio");
    let mut file_system = Command::new(root.join("book/machine/file-system.sh"));
    let labs = labs_for_the_page(&folders)?;
    let parts = [&folders.packages, &root.join("lessons"), &labs, &archive];
    run(file_system.args(parts).args(lessons.iter()))?;
    begin("the first start, which takes a minute or more");
    let state = folders.target.join("state.bin");
    let mut boot = Command::new("node");
    boot.arg(root.join("book/machine/boot.mjs")).args([&folders.modules, &folders.packages]);
    run(boot.arg(debian::kernel(&folders)?).arg(&archive).arg(&state))?;
    begin("the files of the page");
    // The site appears under its name only when it is complete.
    let new = folders.target.join("site.new");
    let _ = fs::remove_dir_all(&new);
    fs::create_dir_all(&new)?;
    run(Command::new("zstd")
        .args(["--quiet", "--force", "-19", "-T0"])
        .arg(&state)
        .arg("-o")
        .arg(new.join("state.bin.zst")))?;
    modules::bundle(&folders, &new)?;
    for bios in ["bios.bin", "vgabios-stdvga.bin"] {
        copy(&folders.packages.join("usr/share/seabios").join(bios), &new.join(bios))?;
    }
    begin("the licences");
    fs::write(new.join("licences.txt"), notices::text(&folders, &shipped, lessons.is_ok())?)?;
    let site = Site::publish(root, &new, &hash)?;
    let with = lessons.map_or_else(
        |why| format!("without the Rust lessons, because {why}"),
        |_| "with the Rust lessons".into(),
    );
    Ok(format!("the machine is in {}: {} to load, {with}", site.folder.display(), site.size))
}

/// Writes the labs as the machine has them: no solution is among the files. Returns their folder.
fn labs_for_the_page(folders: &Folders) -> Result<PathBuf> {
    let written = folders.target.join("labs");
    let _ = fs::remove_dir_all(&written);
    for lab in labs(&folders.root)? {
        lab.write_for_the_page(&written)?;
    }
    Ok(written)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("{}", from.display()))?;
    Ok(())
}
