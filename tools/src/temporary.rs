//! A folder that exists for a while. (The library for this turns on a feature of bitflags, which
//! nix uses too: a lesson's first build would change, and what submissions in Rust are built
//! against would be built twice. `tests/workbook/tidy` guards that.)

use std::io;
use std::path::{Path, PathBuf};

/// Removed with all that is in it when the value is dropped.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl Temporary {
    /// In this folder, with a name that begins so and is nobody else's. Only its owner looks into it.
    pub fn new(folder: &Path, prefix: &str) -> io::Result<Self> {
        Ok(Temporary(nix::unistd::mkdtemp(&folder.join(format!("{prefix}XXXXXX")))?))
    }

    /// Where it is.
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
