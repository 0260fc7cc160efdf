//! The tests that have already passed with the present sources.

use crate::work::Test;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::process::Command;

/// The list of tests that have passed, in a file under target/.
pub(crate) struct Done {
    keys: HashSet<String>,
    file: File,
}

impl Done {
    /// Opens the list for the present sources, or starts a new one.
    pub(crate) fn open(fresh: bool) -> Result<Done, String> {
        let folder = ipc_workbook_testing::root().join("target/exhaustive");
        let path = folder.join(format!("{:016x}", state_of_the_sources()?));
        let cannot = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(&folder).map_err(cannot)?;
        if fresh {
            File::create(&path).map_err(cannot)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(cannot)?;
        let text = std::fs::read_to_string(&path).map_err(cannot)?;
        // A run that was killed may have left an incomplete last line.
        let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        Ok(Done { keys: whole.map(String::from).collect(), file })
    }

    pub(crate) fn has(&self, test: &Test) -> bool {
        self.keys.contains(&test.key())
    }

    /// Records that a test has passed.
    pub(crate) fn add(&mut self, test: &Test) {
        // If this fails, the test only runs again next time.
        let _ = self.file.write_all(format!("{}\n", test.key()).as_bytes());
    }
}

/// A hash that changes whenever a file changes that git tracks or does not ignore.
fn state_of_the_sources() -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    for words in [&["rev-parse", "HEAD"][..], &["diff", "HEAD"], &["status", "--porcelain"]] {
        let git = Command::new("git").args(words).current_dir(ipc_workbook_testing::root()).output();
        let output = git.ok().filter(|output| output.status.success());
        let output = output
            .ok_or("git does not know this folder, so changes cannot be found; clone the repository")?;
        output.stdout.hash(&mut hasher);
    }
    Ok(hasher.finish())
}
