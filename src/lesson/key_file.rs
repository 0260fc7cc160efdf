//! Key files: regular files from whose inode and device ftok(3) makes a key.
//!
//! If the file does not exist, the lesson creates it and removes it at its end. In a directory that
//! everybody may write to, such as /tmp, somebody else may have placed a file or a link under
//! that name. The lesson therefore creates the file with `O_EXCL`, which follows no link. It uses a file
//! that exists already only if it is no link and belongs to the reader.

use super::cleanup;
use super::flags::Keys;
use super::refusal::{failed, refused};
use super::speak::Lesson;
use crate::call::{Errno, Object, unreported};
use crate::cli::Failure;
use crate::fcntl::open;
use crate::observe::{Kind, is_alive};
use crate::stat::fchmod;
use crate::unistd::write;
use libc::{O_CREAT, O_EXCL, O_WRONLY};
use nix::unistd::geteuid;
use std::ffi::{CStr, CString, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The first words of a key file that a lesson has made. The pid of the lesson follows.
const MARK: &str = "a key file of the IPC workbook, made by process ";

/// The mode of such a file until its first words are written. Nobody else sets the sticky bit on a regular
/// file, so the file of a run that is killed in between can be recognised too.
const UNMARKED: libc::mode_t = 0o1600;

/// The longest path that the lesson can record for its cleanup, in bytes.
const LONGEST: usize = 255;

impl Lesson {
    /// Returns the path of a key file, and creates the file if it does not exist. The path is that of
    /// `--key-file`, or one in /tmp for this user, this IPC namespace and this name.
    ///
    /// # Panics
    ///
    /// Panics if the lesson has declared neither `key_file` nor `keys`.
    pub fn key_file(&self, usual: &str) -> Result<CString, Failure> {
        assert!(self.flags.keys != Keys::None, "lesson!(key_file, …) declares that it uses a key file");
        if let Some(path) = &self.flags.key_file {
            return self.key_file_at(path);
        }
        let name = self.given_or(Kind::Queue, usual)?;
        self.key_file_at(Path::new(&name.path_in_tmp()))
    }

    /// Returns `path` as a C string, and creates the key file if it does not exist.
    pub(super) fn key_file_at(&self, path: &Path) -> Result<CString, Failure> {
        let shown = path.display();
        let unusable = |why: &str| {
            Failure::Machine(format!("the key file {shown} {why}; choose another file with --key-file"))
        };
        let c_path = in_its_directory(path)?;
        if c_path.as_bytes().len() > LONGEST {
            return Err(Failure::Usage(format!("bad key file: its path is longer than {LONGEST} bytes")));
        }
        if self.make_key_file(&c_path)? {
            self.note(&format!("The lesson creates the key file {shown}, and removes it at its end."));
            return Ok(c_path);
        }
        let there = PathBuf::from(OsString::from_vec(c_path.as_bytes().to_vec()));
        let meta = fs::symlink_metadata(&there).map_err(failed("lstat"))?;
        let mine = meta.uid() == geteuid().as_raw();
        if meta.is_symlink() {
            return Err(unusable("is a symbolic link, which a lesson neither follows nor removes"));
        }
        if !meta.is_file() {
            return Err(unusable("is not a regular file"));
        }
        if !mine && everybody_may_write(&there)? {
            return Err(unusable(&format!("belongs to user {}, who may replace it at any time", meta.uid())));
        }
        if mine && is_leftover(&there, &meta) {
            self.note(&format!(
                "The key file {shown} was left by a run that was killed. This run will remove it."
            ));
            cleanup::created(Object::File(&c_path));
        }
        Ok(c_path)
    }

    /// Creates the file unless something has that path. Returns whether it created the file.
    fn make_key_file(&self, path: &CStr) -> Result<bool, Failure> {
        let shown = path.to_string_lossy();
        // `muted` and not `unreported`, since the file must be recorded for the cleanup.
        let fd = match self.muted(|| open(path, O_WRONLY | O_CREAT | O_EXCL, UNMARKED)) {
            Ok(fd) => fd,
            Err(Errno::EEXIST) => return Ok(false),
            Err(errno) => {
                return Err(refused(&format!("open({shown:?}, O_WRONLY|O_CREAT|O_EXCL)"), "open", errno));
            }
        };
        let mark = format!("{MARK}{}\n", std::process::id());
        let written = unreported(|| write(&fd, mark.as_bytes()));
        written.map_err(|errno| refused(&format!("write to {shown:?}"), "write", errno))?;
        let marked = unreported(|| fchmod(&fd, 0o600));
        marked.map_err(|errno| refused(&format!("fchmod of {shown:?}"), "fchmod", errno))?;
        Ok(true)
    }
}

/// Returns the path with all links in its directory resolved, so that it always means the same file.
fn in_its_directory(path: &Path) -> Result<CString, Failure> {
    let bad = |why: &str| {
        Failure::Usage(format!(
            "bad key file {:?}: {why}; use a path like /tmp/my_key",
            path.display().to_string()
        ))
    };
    // file_name ignores a slash at the end, but such a path means a directory.
    let text = path.as_os_str().as_encoded_bytes();
    let Some(name) = path.file_name().filter(|_| !text.ends_with(b"/") && !text.ends_with(b"/.")) else {
        return Err(bad("it must be the path of a file"));
    };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let directory = directory.canonicalize().map_err(|error| {
        let why = crate::call::errno_text(Errno::from_raw(error.raw_os_error().unwrap_or(0)));
        Failure::Machine(format!(
            "cannot use the directory of the key file {}: {why}; choose another file with --key-file",
            path.display()
        ))
    })?;
    CString::new(directory.join(name).into_os_string().into_vec()).map_err(|_| bad("it must have no NUL"))
}

fn everybody_may_write(path: &Path) -> Result<bool, Failure> {
    let directory = fs::metadata(path.parent().unwrap_or(Path::new("/"))).map_err(failed("stat"))?;
    Ok(directory.mode() & 0o002 != 0)
}

/// Returns whether a run that was killed has made the file.
fn is_leftover(path: &Path, meta: &fs::Metadata) -> bool {
    if meta.len() == 0 {
        return meta.mode() & libc::S_ISVTX != 0;
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let text = options.open(path).and_then(std::io::read_to_string).unwrap_or_default();
    let pid = text.strip_prefix(MARK).and_then(|pid| pid.trim_end().parse().ok());
    pid.is_some_and(|pid| !is_alive(pid))
}
