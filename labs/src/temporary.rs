//! A folder that is there for a while. (The library for this turns on a feature of bitflags,
//! which nix has too; a lesson's first build would change, and what submissions in Rust are
//! built against would be built twice. tests/workbook/tidy holds that.)

use std::io;
use std::path::{Path, PathBuf};

/// Goes with the value, and all that is in it.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// In this folder, with a name that begins so and is nobody else's. Only its owner looks into it.
    pub(crate) fn new(folder: &Path, prefix: &str) -> io::Result<Self> {
        Ok(Temporary(nix::unistd::mkdtemp(&folder.join(format!("{prefix}XXXXXX")))?))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
