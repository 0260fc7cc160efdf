//! A temporary folder. (The crate `tempfile` is not used: it enables a feature of bitflags, which
//! nix uses too. The first build of a lesson would change, and the crates for submissions in Rust
//! would be built twice. `tests/workbook/tidy` checks this.)

use std::io;
use std::path::{Path, PathBuf};

/// A temporary folder. Dropping the value removes the folder and its contents.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl Temporary {
    /// Creates a folder inside `folder`, with a unique name that begins with `prefix`. Only its owner may
    /// look into it.
    pub fn new(folder: &Path, prefix: &str) -> io::Result<Self> {
        Ok(Temporary(nix::unistd::mkdtemp(&folder.join(format!("{prefix}XXXXXX")))?))
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
