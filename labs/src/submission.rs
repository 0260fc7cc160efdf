//! What a student hands in: an executable, a source in Rust or C, or a folder that holds one.

use crate::raw_path;
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How a submission becomes a program.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Source {
    /// It is one.
    Executable(#[serde(with = "raw_path")] PathBuf),
    /// `rustc` makes it, with the workbook's library.
    Rust(#[serde(with = "raw_path")] PathBuf),
    /// `cc` makes it; headers are among the files.
    C(#[serde(with = "raw_path")] Vec<PathBuf>),
}

/// Names that a folder's executable may have: what `chmod +x` makes of a script.
const EXECUTABLES: [&str; 5] = ["lab", "main", "main.sh", "main.py", "a.out"];

impl Source {
    /// What lies at this path; or, in one sentence, why that is no submission.
    pub(crate) fn find(path: &Path) -> Result<Self, String> {
        let meta = fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file or folder".to_string(),
            _ => format!("it cannot be looked at: {error}"),
        })?;
        if meta.is_dir() {
            return Source::in_folder(path);
        }
        if !meta.is_file() {
            return Err("it is neither a file nor a folder".into());
        }
        match path.extension().and_then(|end| end.to_str()) {
            Some("rs") => Ok(Source::Rust(path.into())),
            Some("c") => Ok(Source::C(vec![path.into()])),
            _ if meta.permissions().mode() & 0o111 != 0 => Ok(Source::Executable(path.into())),
            _ => Err("it is not executable (chmod +x), and neither a .rs nor a .c file".into()),
        }
    }

    fn in_folder(folder: &Path) -> Result<Self, String> {
        for rust in ["main.rs", "src/main.rs"] {
            let file = folder.join(rust);
            if file.is_file() {
                return Ok(Source::Rust(file));
            }
        }
        let entries = fs::read_dir(folder).map_err(|error| format!("it cannot be read: {error}"))?;
        let mut c: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        let ends_in = |path: &PathBuf, end: &str| path.extension().is_some_and(|found| found == end);
        c.retain(|path| path.is_file() && (ends_in(path, "c") || ends_in(path, "h")));
        c.sort();
        if c.iter().any(|path| ends_in(path, "c")) {
            return Ok(Source::C(c));
        }
        for name in EXECUTABLES {
            let file = folder.join(name);
            let Ok(meta) = fs::metadata(&file) else { continue };
            if meta.permissions().mode() & 0o111 == 0 {
                return Err(format!("its {name} is not executable (chmod +x)"));
            }
            return Ok(Source::Executable(file));
        }
        Err(format!(
            "the folder has no main.rs, no src/main.rs, no .c file, and none of {}",
            EXECUTABLES.join(", ")
        ))
    }

    /// Whether a file of a folder may be the submission, or a part of it, by its name.
    pub(crate) fn may_be(file: &Path) -> bool {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name == "main.rs" || EXECUTABLES.contains(&name) || file.extension().is_some_and(|end| end == "c")
    }

    /// The files that it consists of.
    pub(crate) fn files(&self) -> &[PathBuf] {
        match self {
            Source::Executable(file) | Source::Rust(file) => std::slice::from_ref(file),
            Source::C(files) => files,
        }
    }
}
