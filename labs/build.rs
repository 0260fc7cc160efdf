//! Finds the graders: each lab's `grader.rs` becomes a module and a line of the table `GRADERS`, so that
//! nobody has to keep a list.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let lessons = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../lessons");
    let lessons = lessons.canonicalize().expect("the workbook has lessons");
    let (mut modules, mut table) = (String::new(), String::new());
    println!("cargo:rerun-if-changed={}", lessons.display());
    for chapter in folders(&lessons) {
        for lab in folders(&chapter.join("labs")) {
            let grader = lab.join("grader.rs");
            println!("cargo:rerun-if-changed={}", grader.display());
            if !grader.exists() {
                continue;
            }
            let name = lab.file_name().expect("a name").to_string_lossy().into_owned();
            let module = name.replace('-', "_");
            let _ = writeln!(modules, "#[path = {:?}]\nmod {module};", grader.display().to_string());
            let _ = writeln!(table, "    ({name:?}, {module}::grade),");
        }
    }
    let code = format!("{modules}\npub(crate) const GRADERS: &[(&str, Grader)] = &[\n{table}];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("graders.rs");
    fs::write(out, code).expect("OUT_DIR can be written to");
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}
