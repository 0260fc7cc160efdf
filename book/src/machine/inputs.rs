//! Whether the machine must be built again.

use anyhow::Result;
use ipc_workbook::fnv::fnv1a;
use ipc_workbook_tools::workbook::labs::labs;
use ipc_workbook_tools::workbook::{contents, files_below};
use std::fs;
use std::path::Path;

/// Returns a hash of everything that the workbook itself puts into the machine: its C programs, its labs, its Rust lessons
/// if this compiler can make them, and the scripts and versions in book/machine. Debian's packages stay as they were
/// downloaded; remove target/machine to get newer ones.
pub(super) fn hash(root: &Path, compiler: Option<&str>) -> Result<String> {
    let mut files = files_below(&root.join("book/machine"))?;
    files.extend(files_below(&root.join("book/src/machine"))?);
    files.extend(files_below(&root.join("lessons/c"))?);
    for chapter in contents(root)?.chapters {
        let programs = chapter.path.join("c");
        if programs.is_dir() {
            files.extend(files_below(&programs)?);
        }
    }
    for lab in labs(root)? {
        files.extend(lab.files_for_the_page());
    }
    if compiler.is_some() {
        files.extend(files_below(&root.join("src"))?);
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
