//! What has passed already, with the sources as they are now.

use crate::work::Test;
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::process::Command;

/// The list of what has passed, and its file under target/.
pub(crate) struct Done {
    keys: HashSet<String>,
    file: File,
}

impl Done {
    /// The list for these sources, or a new one.
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
        // A run that was killed may have left a line without its end.
        let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        Ok(Done { keys: whole.map(String::from).collect(), file })
    }

    pub(crate) fn has(&self, test: &Test) -> bool {
        self.keys.contains(&test.key())
    }

    /// Writes down that it has passed.
    pub(crate) fn add(&mut self, test: &Test) {
        // Without this line the test runs again next time, which is no harm.
        let _ = self.file.write_all(format!("{}\n", test.key()).as_bytes());
    }
}

/// A number that changes with every change of a file that git knows or would add.
fn state_of_the_sources() -> Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    for words in [&["rev-parse", "HEAD"][..], &["diff", "HEAD"], &["status", "--porcelain"]] {
        let git = Command::new("git").args(words).current_dir(ipc_workbook_testing::root()).output();
        let output = git.ok().filter(|output| output.status.success());
        let output = output
            .ok_or("git does not know this folder, and so what has changed in it; clone the repository")?;
        output.stdout.hash(&mut hasher);
    }
    Ok(hasher.finish())
}
