//! Whether the machine must be built again.

use anyhow::Result;
use ipc_workbook::fnv::fnv1a;
use ipc_workbook_tools::workbook::contents;
use ipc_workbook_tools::workbook::labs::labs;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns a hash of everything that the workbook itself puts into the machine: its C programs, its labs, its Rust lessons
/// if this compiler can make them, and the scripts and versions in book/machine. Debian's packages stay as they were
/// downloaded; remove target/machine to get newer ones.
pub(super) fn hash(root: &Path, compiler: Option<&str>) -> Result<String> {
    let mut files = below(&root.join("book/machine"))?;
    files.extend(below(&root.join("book/src/machine"))?);
    files.extend(below(&root.join("lessons/c"))?);
    for chapter in contents(root)?.chapters {
        let programs = chapter.path.join("c");
        if programs.is_dir() {
            files.extend(below(&programs)?);
        }
    }
    for lab in labs(root)? {
        files.extend(lab.files_for_the_page());
    }
    if compiler.is_some() {
        files.extend(below(&root.join("src"))?);
        files.extend(["Cargo.toml", "Cargo.lock"].map(|file| root.join(file)));
    }
    files.sort();
    let mut bytes: Vec<u8> = compiler.unwrap_or_default().into();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        bytes.extend(name.to_string_lossy().bytes());
        bytes.push(0);
        bytes.extend(fs::read(&file)?);
        bytes.push(0);
    }
    Ok(format!("{:016x}", fnv1a(bytes)))
}

fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}
