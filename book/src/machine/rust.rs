//! The Rust lessons for the machine, where rustc can compile for it.
//!
//! A hundred programs would be forty megabytes, most of them the same code. So all lessons become one program, which runs the
//! lesson by whose name it is called, as busybox does.

use super::Folders;
use super::programs::run;
use anyhow::{Context, Result, bail};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "i686-unknown-linux-gnu";
/// How a lesson's main function begins, and how it must begin in a module.
const MAIN: &str = "\nfn main() ";
const MAIN_OF_A_MODULE: &str = "\npub fn main() ";

/// Returns the version of rustc, if it has the standard library for the machine.
pub(super) fn compiler() -> Result<Option<String>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = run(Command::new(&rustc).args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    if !library.is_dir() {
        return Ok(None);
    }
    Ok(Some(run(Command::new(&rustc).arg("--version"))?))
}

/// Why there is no compiler.
pub(super) fn why_not() -> String {
    format!("rustc has no {TARGET}")
}

/// Returns the folder of the package that contains all lessons.
pub(super) fn package(folders: &Folders) -> PathBuf {
    folders.target.join("rust")
}

/// Builds the program, and returns its path.
pub(super) fn build(folders: &Folders) -> Result<PathBuf> {
    let package = package(folders);
    write_package(&folders.root, &package)?;
    let target = folders.target.join("rust-target");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--release", "--target", TARGET]).current_dir(&package);
    cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER", "gcc");
    // A path can contain a space, so the flags are separated by another character.
    cargo.env("CARGO_ENCODED_RUSTFLAGS", linking(&folders.packages).join("\x1f"));
    run(&mut cargo)?;
    Ok(target.join(TARGET).join("release/lessons"))
}

/// The flags with which gcc of this machine links for the other one, as in book/machine/file-system.sh.
fn linking(packages: &Path) -> Vec<String> {
    let packages = packages.display();
    let gcc = format!("{packages}/usr/lib/gcc/i686-linux-gnu/12");
    let libraries = format!("{packages}/usr/lib/i386-linux-gnu");
    let flags = [
        "-m32".to_string(),
        format!("--sysroot={packages}"),
        format!("-B{gcc}"),
        format!("-B{libraries}"),
        format!("-L{gcc}"),
        format!("-L{libraries}"),
        format!("-L{packages}/lib/i386-linux-gnu"),
    ];
    flags.into_iter().map(|flag| format!("-Clink-arg={flag}")).collect()
}

/// Writes a package with a module for each lesson, and a main function that chooses one.
fn write_package(root: &Path, package: &Path) -> Result<()> {
    let modules = package.join("src/bin");
    let _ = fs::remove_dir_all(package);
    fs::create_dir_all(&modules)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("src/bin"))? {
        let path = entry?.path();
        let source = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if source.matches(MAIN).count() != 1 {
            bail!(
                "{} has no main function that begins with fn main(), which the machine's build needs",
                path.display()
            );
        }
        fs::write(modules.join(format!("{name}.rs")), source.replace(MAIN, MAIN_OF_A_MODULE))?;
        names.push(name.to_string());
    }
    names.sort();
    fs::write(package.join("src/main.rs"), main_function(&names))?;
    fs::write(package.join("Cargo.toml"), manifest(root)?)?;
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock"))?;
    Ok(())
}

fn main_function(names: &[String]) -> String {
    let mut text = String::from("use std::process::ExitCode;\n\n");
    for name in names {
        let _ = writeln!(text, "#[path = \"bin/{name}.rs\"]\nmod {name};");
    }
    text.push_str(
        "\nfn main() -> ExitCode {\n    let called = std::env::args().next().unwrap_or_default();\n    \
         match called.rsplit('/').next().unwrap_or_default() {\n",
    );
    for name in names {
        let _ = writeln!(text, "        \"{name}\" => {name}::main(),");
    }
    text + "        other => {\n            eprintln!(\"there is no lesson {other}\");\n            ExitCode::from(2)\n        }\n    }\n}\n"
}

/// The package has the dependencies of the library, and is made small. It is a workspace of its own.
fn manifest(root: &Path) -> Result<String> {
    let ours = fs::read_to_string(root.join("Cargo.toml"))?;
    let library = root.canonicalize()?;
    let begin = ours.find("[dependencies]").context("Cargo.toml has no [dependencies]")?;
    let dependencies = &ours[begin..];
    let end = dependencies[1..].find("\n[").map_or(dependencies.len(), |end| end + 1);
    Ok(format!(
        "[package]\nname = \"lessons\"\nversion = \"0.1.0\"\nedition = \"2024\"\nautobins = false\n\n\
         [[bin]]\nname = \"lessons\"\npath = \"src/main.rs\"\n\n[workspace]\n\n{}\n\
         ipc-workbook = {{ path = {:?} }}\n\n\
         [profile.release]\nopt-level = \"s\"\nlto = true\ncodegen-units = 1\nstrip = true\n",
        &dependencies[..end],
        library.to_string_lossy()
    ))
}
