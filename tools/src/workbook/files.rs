//! Reads files and folders, with errors that name them.

use crate::cli::Failure;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the text of a file.
pub fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| unreadable(file, &error))
}

/// Returns the entries of a folder, sorted by name.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut all: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    all.sort();
    Ok(all)
}

/// Returns the files in a folder and in its folders.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Returns the folders inside a folder; none if the folder does not exist.
pub(super) fn folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut all = if folder.is_dir() { entries(folder)? } else { Vec::new() };
    all.retain(|path| path.is_dir());
    Ok(all)
}

/// Returns the name of a file or folder, without its path.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Parses TOML. The text is a part of `file` that begins at `first_line`.
pub(super) fn toml<T: DeserializeOwned>(file: &Path, first_line: usize, text: &str) -> Result<T, Failure> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().map_or("", |span| &text[..span.start]);
        malformed(file, first_line + before.matches('\n').count(), error.message())
    })
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Machine(format!("{} cannot be read: {error}", path.display()))
}

pub(super) fn malformed(file: &Path, line: usize, what: &str) -> Failure {
    let what: Vec<&str> = what.split_whitespace().collect();
    Failure::Machine(format!("{}:{line}: {}", file.display(), what.join(" ")))
}
