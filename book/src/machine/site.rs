//! The built files, as a page of the book loads them.

use super::copy;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of the machine.
pub(crate) struct Site {
    /// The folder that contains them.
    pub(crate) folder: PathBuf,
    /// The hash of what they were made from. It is the name of their folder, so a browser keeps them until they change.
    pub(crate) hash: String,
    /// How much a reader loads: `13.4 MB`
    pub(crate) size: String,
}

impl Site {
    /// Returns the files, if the machine was built.
    pub(crate) fn find(root: &Path) -> Option<Site> {
        let built = fs::read_dir(root.join("target/machine/site")).ok()?.flatten().next()?;
        Site::of(built.path(), &built.file_name().to_string_lossy()).ok()
    }

    /// Gives a complete folder its place and its name.
    pub(super) fn publish(root: &Path, new: &Path, hash: &str) -> Result<Site> {
        let place = root.join("target/machine/site");
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place)?;
        let folder = place.join(hash);
        fs::rename(new, &folder)?;
        Site::of(folder, hash)
    }

    fn of(folder: PathBuf, hash: &str) -> Result<Site> {
        let mut bytes = 0;
        for entry in fs::read_dir(&folder)? {
            bytes += entry?.metadata()?.len();
        }
        let size = format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
        Ok(Site { folder, hash: hash.into(), size })
    }

    /// Copies the files into the built book.
    pub(crate) fn copy_into(&self, book: &Path) -> Result<()> {
        let folder = book.join(self.within_the_book());
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&self.folder)? {
            let from = entry?.path();
            if let Some(name) = from.file_name() {
                copy(&from, &folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Returns the path of the folder in the book: `machine/0123456789abcdef`
    pub(crate) fn within_the_book(&self) -> String {
        format!("machine/{}", self.hash)
    }
}
