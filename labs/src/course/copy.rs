//! Copies a submission as it is at one moment, under names that any path may have. The copy's digest
//! tells whether a stored result still belongs to it.

use super::file_name::hex;
use crate::submission::Source;
use ipc_workbook_tools::cli::escape;
use ipc_workbook_tools::workbook::labs::Lab;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The largest submission that is read.
const MOST_FILES: usize = 100;
const MOST_ENTRIES: usize = 10_000;
const MOST_BYTES: u64 = 64 << 20;

/// A copy, or the reason why the path is not a submission; and the digest of that.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) source: Result<Source, String>,
    pub(super) digest: String,
}

/// Returns a digest of the grader, its options and the lab. The digest of each submission starts with it.
pub(super) fn digest_of_grader(lab: &Lab, shared: bool, show: &[PathBuf]) -> io::Result<Sha256> {
    let mut digest = Sha256::new();
    digest.update([u8::from(shared)]);
    for path in show {
        digest.update(path.as_os_str().as_encoded_bytes());
        digest.update([0]);
    }
    copy_bytes(&mut File::open("/proc/self/exe")?, &mut io::sink(), &mut digest)?;
    copy_bytes(&mut File::open(lab.folder.join("lab.toml"))?, &mut io::sink(), &mut digest)?;
    digest.update(lab.name.as_bytes());
    Ok(digest)
}

/// Copies the submission at `path` to `folder`, which it creates. An error is a fault of this machine.
pub(super) fn copy_submission(
    path: Result<&Path, String>,
    folder: &Path,
    mut digest: Sha256,
) -> io::Result<Copied> {
    let found = path.and_then(|path| {
        own_files_only(path)?;
        let source = Source::find(path)?;
        is_small(&source).map(|()| source)
    });
    let source = match found {
        Ok(source) => source,
        Err(why) => {
            digest.update(why.as_bytes());
            return Ok(Copied { source: Err(why), digest: hex(&digest.finalize()) });
        }
    };
    // The folder above it is gone if this run has been interrupted, and must stay so.
    fs::create_dir(folder)?;
    digest.update(match &source {
        Source::Executable(_) => b"executable",
        Source::Rust(_) => b"      rust",
        Source::C(_) => b"         c",
    });
    let mut copies = Vec::new();
    for (n, file) in source.files().iter().enumerate() {
        let plain = plain_name(file, n);
        let copied = folder.join(&plain);
        let mut to = File::create_new(&copied)?;
        // Another user reads the copy in the sandbox; the folder above it is closed to everybody else.
        let executable = matches!(source, Source::Executable(_));
        to.set_permissions(fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))?;
        digest.update(plain.as_bytes());
        let bytes = copy_bytes(&mut File::open(file)?, &mut to, &mut digest)?;
        digest.update(bytes.to_le_bytes());
        copies.push(copied);
    }
    let source = match source {
        Source::C(_) => Source::C(copies),
        Source::Rust(file) => Source::Rust(copies.pop().unwrap_or(file)),
        Source::Executable(file) => Source::Executable(copies.pop().unwrap_or(file)),
    };
    Ok(Copied { source: Ok(source), digest: hex(&digest.finalize()) })
}

/// Checks that every file is the student's own. A link in a submission could lead to the work of another
/// student, or to anything that the lecturer may read.
fn own_files_only(path: &Path) -> Result<(), String> {
    let said = |error: io::Error| format!("cannot read it: {error}");
    let whole = path.canonicalize().map_err(said)?;
    for entry in WalkDir::new(path).into_iter().take(MOST_ENTRIES) {
        let entry = entry.map_err(|error| said(error.into()))?;
        let shown = escape::file_name(entry.path().strip_prefix(path).unwrap_or(path).as_os_str());
        if entry.path_is_symlink() {
            let inside = entry.path().canonicalize().is_ok_and(|target| target.starts_with(&whole));
            if !inside {
                return Err(format!(
                    "its {shown} is a link to a file outside the submission; hand in the file itself"
                ));
            }
        } else if entry.file_type().is_file() {
            let (file, folder) =
                (entry.metadata().map_err(|error| said(error.into()))?, folder_of(entry.path()));
            if file.nlink() > 1 && folder.map_err(said)?.uid() != file.uid() {
                let shown = if shown.is_empty() { "it".into() } else { format!("its {shown}") };
                return Err(format!("{shown} is a hard link to a file of another user; hand in a copy"));
            }
        }
    }
    Ok(())
}

fn folder_of(file: &Path) -> io::Result<fs::Metadata> {
    file.parent().unwrap_or(Path::new("/")).metadata()
}

/// Checks that the submission is not too large.
fn is_small(source: &Source) -> Result<(), String> {
    let mut bytes = 0;
    for file in source.files() {
        bytes += fs::metadata(file).map_err(|error| format!("cannot read it: {error}"))?.len();
    }
    if source.files().len() > MOST_FILES {
        return Err(format!("it has more than {MOST_FILES} source files"));
    }
    if bytes > MOST_BYTES {
        return Err(format!("it is larger than {} MiB", MOST_BYTES >> 20));
    }
    Ok(())
}

/// Returns the file's own name where that is plain text: a compiler's messages show it.
fn plain_name(file: &Path, n: usize) -> String {
    let own = file.file_name().unwrap_or_default();
    match own.to_str() {
        Some(text) if escape::file_name(own) == text => text.into(),
        _ => {
            let end = file.extension().and_then(|end| end.to_str());
            let end = end.filter(|end| ["c", "h", "rs"].contains(end)).unwrap_or("program");
            format!("submission-{n}.{end}")
        }
    }
}

/// Copies all bytes, and adds them to the digest.
fn copy_bytes(from: &mut File, to: &mut impl Write, digest: &mut Sha256) -> io::Result<u64> {
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok(bytes);
        }
        digest.update(&buffer[..n]);
        to.write_all(&buffer[..n])?;
        bytes += n as u64;
    }
}
