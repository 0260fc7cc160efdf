//! Whether the machine must be built again.

use anyhow::Result;
use ipc_workbook::fnv::fnv1a;
use ipc_workbook_tools::workbook::{contents, files_below};
use std::fs;
use std::path::Path;

/// Returns a hash of everything that the workbook itself puts into the machine: its C programs, and the scripts and versions
/// in book/machine. Debian's packages stay as they were downloaded; remove target/machine to get newer ones.
pub(super) fn hash(root: &Path) -> Result<String> {
    let mut files = files_below(&root.join("book/machine"))?;
    files.extend(files_below(&root.join("book/src/machine"))?);
    files.extend(files_below(&root.join("lessons/c"))?);
    for chapter in contents(root)?.chapters {
        let programs = chapter.path.join("c");
        if programs.is_dir() {
            files.extend(files_below(&programs)?);
        }
    }
    files.sort();
    let mut bytes = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file);
        bytes.extend(name.to_string_lossy().bytes());
        bytes.push(0);
        bytes.extend(fs::read(&file)?);
        bytes.push(0);
    }
    Ok(format!("{:016x}", fnv1a(bytes)))
}
