//! Debian's packages for i386. apt gets a configuration and a state of its own, so that the packages and the architectures of
//! this system stay as they are.

use super::Folders;
use super::programs::run;
use anyhow::{Context, Result};
use ipc_workbook_tools::cli::Failure;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package that names Debian's newest i386 kernel. Debian 12 is the last release that has it.
const KERNEL: &str = "linux-image-686";
/// What else the machine contains, or is compiled with. gcc-12-base holds the licences of both libgcc.
const PACKAGES: [&str; 9] = [
    "seabios",
    "busybox-static",
    "tcc",
    "libc6",
    "libc6-dev",
    "linux-libc-dev",
    "libgcc-12-dev",
    "libgcc-s1",
    "gcc-12-base",
];

/// A package, parts of which readers load: its name, and the name and version of its source package.
pub(super) struct Shipped {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) version: String,
}

/// Downloads and unpacks the packages, unless they are there. Returns their names and sources.
pub(super) fn packages(folders: &Folders) -> Result<Vec<Shipped>> {
    let archives = folders.target.join("archives");
    let complete = archives.join("complete");
    let wanted = PACKAGES.join(" ");
    if fs::read_to_string(&complete).ok().as_ref() != Some(&wanted) {
        let _ = fs::remove_dir_all(&archives);
        let _ = fs::remove_dir_all(&folders.packages);
        fs::create_dir_all(&archives)?;
        download(folders, &archives)?;
        for archive in archives_in(&archives)? {
            run(Command::new("dpkg-deb").arg("--extract").arg(archive).arg(&folders.packages))?;
        }
        fs::write(&complete, wanted)?;
    }
    let mut shipped = Vec::new();
    for archive in archives_in(&archives)? {
        let format = "--showformat=${Package} ${source:Package} ${source:Version}";
        let shown = run(Command::new("dpkg-deb").arg("--show").arg(format).arg(archive))?;
        let words: Vec<&str> = shown.split_whitespace().collect();
        if let [name, source, version] = words[..] {
            shipped.push(Shipped { name: name.into(), source: source.into(), version: version.into() });
        }
    }
    Ok(shipped)
}

/// Returns the file of the kernel.
pub(super) fn kernel(folders: &Folders) -> Result<PathBuf> {
    let boot = folders.packages.join("boot");
    for entry in fs::read_dir(&boot).with_context(|| format!("{}", boot.display()))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz")) {
            return Ok(path);
        }
    }
    Err(Failure::Machine(format!(
        "{} contains no kernel; remove target/machine, and try again",
        boot.display()
    ))
    .into())
}

fn download(folders: &Folders, archives: &Path) -> Result<()> {
    let state = folders.target.join("apt");
    fs::create_dir_all(state.join("lists/partial"))?;
    fs::create_dir_all(state.join("cache/archives/partial"))?;
    fs::write(state.join("status"), "")?;
    let state = state.display();
    let settings = state.to_string() + "/apt.conf";
    fs::write(
        &settings,
        format!(
            "APT::Architecture \"i386\";\nAPT::Architectures {{ \"i386\"; }};\nAPT::Sandbox::User \"\";\n\
             Acquire::Languages \"none\";\nDir::State \"{state}\";\nDir::State::status \"{state}/status\";\nDir::Cache \"{state}/cache\";\n"
        ),
    )?;
    let apt = |program: &str| {
        let mut command = Command::new(program);
        command.env("APT_CONFIG", &settings).env("LC_ALL", "C").current_dir(archives);
        command
    };
    // One list of several that cannot be loaded is no reason to stop: the packages may be in the others.
    let updated = run(apt("apt-get").args(["--quiet", "update"]));
    let depends = run(apt("apt-cache").args(["depends", KERNEL]));
    let kernel = depends.ok().and_then(|text| {
        let name = text.lines().find_map(|line| line.trim().strip_prefix("Depends: linux-image-"));
        name.map(|name| format!("linux-image-{name}"))
    });
    let Some(kernel) = kernel else {
        updated?;
        let why =
            format!("apt's sources have no {KERNEL} for i386, which Debian 12 is the last release to have");
        return Err(Failure::Machine(format!(
            "{why}; add Debian 12 to them, or build the machine on Debian 12"
        ))
        .into());
    };
    run(apt("apt-get").args(["--quiet", "download", &kernel]).args(PACKAGES))?;
    Ok(())
}

fn archives_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut archives = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "deb") {
            archives.push(path);
        }
    }
    archives.sort();
    Ok(archives)
}
