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
use toml::Table;

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
    cargo.env("CARGO_TARGET_DIR", &target).env("PACKAGES", &folders.packages);
    cargo.env("CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER", folders.root.join("book/machine/gcc-i386"));
    run(&mut cargo)?;
    Ok(target.join(TARGET).join("release/lessons"))
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

/// What the package is: a workspace of its own, made small.
const MANIFEST: &str = r#"
    [package]
    name = "lessons"
    version = "0.1.0"
    edition = "2024"
    autobins = false

    [[bin]]
    name = "lessons"
    path = "src/main.rs"

    [workspace]

    [profile.release]
    opt-level = "s"
    lto = true
    codegen-units = 1
    strip = true
"#;

/// Returns the package's Cargo.toml. Its dependencies are the library and those of the library, as the lessons have them.
fn manifest(root: &Path) -> Result<String> {
    let ours: Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let mut dependencies = ours["dependencies"].clone();
    let library = root.canonicalize()?.to_string_lossy().into_owned();
    dependencies
        .as_table_mut()
        .context("[dependencies] of Cargo.toml is no table")?
        .insert("ipc-workbook".into(), Table::from_iter([("path".into(), library.into())]).into());
    let mut manifest: Table = MANIFEST.parse()?;
    manifest.insert("dependencies".into(), dependencies);
    Ok(manifest.to_string())
}
