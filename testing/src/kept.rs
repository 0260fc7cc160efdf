//! Compiled C programs are kept under target/, because compiling a C twin costs more than running it.
//!
//! A program is kept only if it compiled without a warning. It is used again only while everything that it was
//! made from is the same: its source, the headers of the workbook, the compiler and the C library.

use crate::compiler::cc;
use crate::folder::{Folder, entries, name, text_of};
use crate::root;
use crate::run::describe;
use ipc_workbook::lesson::libc_version;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Returns the program of a C source that includes only headers of the system and of lessons/c. Compiles it
/// strictly, in `folder`, unless it is kept. Panics if it does not compile.
pub fn compiled(source: &Path, folder: &Folder) -> PathBuf {
    let beside = source.parent().expect("a folder");
    compiled_beside(source, beside, folder).unwrap_or_else(|why| panic!("{}: {why}", source.display()))
}

/// Returns the program like [`compiled`], as if the source stood in the folder `beside`, or what cc says.
pub fn compiled_beside(source: &Path, beside: &Path, folder: &Folder) -> Result<PathBuf, String> {
    let stem = source.file_stem().expect("a name").to_string_lossy();
    let kept = kept_programs().join(format!("{stem}.{:016x}", state_of(source)));
    if kept.exists() {
        return Ok(kept);
    }
    let program = folder.join(&*stem);
    let output =
        cc(source, &program).arg("-I").arg(beside).output().map_err(|error| format!("cc: {error}"))?;
    if !output.status.success() {
        return Err(format!("it does not compile: {}", describe(&output)));
    }
    // An unprivileged user may not be able to write there. Then the program is compiled again next time.
    let _ = keep(&program, &kept, &format!("{stem}."));
    Ok(program)
}

/// Returns the folder of the kept programs: target/debug/twins for a test in target/debug/deps.
fn kept_programs() -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    test.ancestors().nth(2).expect("the folder of the profile").join("twins")
}

/// Returns a number that changes whenever something changes from which the program is made.
fn state_of(source: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{:?}", cc(Path::new("source"), Path::new("program"))).hash(&mut hasher);
    text_of(source).hash(&mut hasher);
    for header in entries(&root().join("lessons/c")) {
        (&header, text_of(&header)).hash(&mut hasher);
    }
    libc_version().hash(&mut hasher);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let compiler = std::env::split_paths(&folders).find_map(|folder| folder.join("cc").metadata().ok());
    compiler.map(|meta| (meta.len(), meta.modified().ok())).hash(&mut hasher);
    hasher.finish()
}

/// Keeps a copy of the program in place of older ones, whose names begin with `older`.
fn keep(program: &Path, kept: &Path, older: &str) -> std::io::Result<()> {
    let folder = kept.parent().expect("a folder");
    std::fs::create_dir_all(folder)?;
    for file in entries(folder).iter().filter(|file| name(file).starts_with(older)) {
        let _ = std::fs::remove_file(file);
    }
    // The name appears when the copy is complete, because another test may look for it now.
    let copy = kept.with_extension(std::process::id().to_string());
    std::fs::copy(program, &copy)?;
    std::fs::rename(copy, kept)
}
