//! A submission: an executable, a source file in Rust or C, or a folder that contains one.

use crate::raw_path;
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The kind of a submission, and its files.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum Source {
    /// An executable, which needs no build.
    Executable(#[serde(with = "raw_path")] PathBuf),
    /// A Rust source, which `rustc` builds with the workbook's library.
    Rust(#[serde(with = "raw_path")] PathBuf),
    /// C sources, which `cc` builds; headers are among the files.
    C(#[serde(with = "raw_path")] Vec<PathBuf>),
}

/// The names that an executable in a folder may have, such as a script after `chmod +x`.
const EXECUTABLES: [&str; 5] = ["lab", "main", "main.sh", "main.py", "a.out"];

impl Source {
    /// Finds the submission at this path. The error says in one sentence why it is not a submission.
    pub(crate) fn find(path: &Path) -> Result<Self, String> {
        let meta = fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file or folder".to_string(),
            _ => format!("cannot read it: {error}"),
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
            _ => Err("it is not executable (use chmod +x), and it is neither a .rs nor a .c file".into()),
        }
    }

    fn in_folder(folder: &Path) -> Result<Self, String> {
        for rust in ["main.rs", "src/main.rs"] {
            let file = folder.join(rust);
            if file.is_file() {
                return Ok(Source::Rust(file));
            }
        }
        let entries = fs::read_dir(folder).map_err(|error| format!("cannot read it: {error}"))?;
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
                return Err(format!("its {name} is not executable (use chmod +x)"));
            }
            return Ok(Source::Executable(file));
        }
        Err(format!(
            "the folder has no main.rs, no src/main.rs, no .c file, and none of {}",
            EXECUTABLES.join(", ")
        ))
    }

    /// Whether a file in a folder may be the submission, or a part of it, judging by its name.
    pub(crate) fn may_be(file: &Path) -> bool {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name == "main.rs" || EXECUTABLES.contains(&name) || file.extension().is_some_and(|end| end == "c")
    }

    /// Returns the files that it consists of.
    pub(crate) fn files(&self) -> &[PathBuf] {
        match self {
            Source::Executable(file) | Source::Rust(file) => std::slice::from_ref(file),
            Source::C(files) => files,
        }
    }
}
