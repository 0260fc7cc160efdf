//! A small store: one value in one JSON file, which never loses data.
//!
//! The file is always replaced as a whole, so it is never half-written. Each change reads the file
//! again under a lock, so two programs that run at the same time do not lose each other's changes. A
//! file that cannot be parsed is renamed, and the user is told.

use crate::cli::{Failure, escape, warn};
use ipc_workbook::state;
use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{AccessFlags, access};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::marker::PhantomData;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A type whose values can be kept in a store.
pub trait Stored: Default + Serialize + DeserializeOwned {
    /// The version of the file. It must be increased when an older program would misread the file.
    const SCHEMA: u32;
    /// A description of the value for messages: `your progress`.
    const WHAT: &str;

    /// Computes what an older version of the program did not store. It is called for each value that is read.
    fn complete(&mut self) {}
}

/// Why a text cannot be parsed as a stored value.
#[derive(Debug)]
pub enum Unusable {
    /// The text is not JSON, or not of the right form. The string says where.
    Damaged(String),
    /// A newer program has written it, with this version.
    Newer(u32),
}

/// Parses a stored value.
pub fn parse<T: Stored>(text: &[u8]) -> Result<T, Unusable> {
    // The only field that every version has.
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let damaged = |error: serde_json::Error| Unusable::Damaged(error.to_string());
    let Version { schema } = serde_json::from_slice(text).map_err(damaged)?;
    if schema > T::SCHEMA {
        return Err(Unusable::Newer(schema));
    }
    let mut value: T = serde_json::from_slice(text).map_err(damaged)?;
    value.complete();
    Ok(value)
}

/// Returns the text of a value, in one line, as [`parse`] reads it.
pub fn text<T: Stored>(value: &T) -> Result<String, serde_json::Error> {
    // This struct is not used for reading, since serde first collects a flattened value in memory.
    #[derive(Serialize)]
    struct Content<'a, T> {
        schema: u32,
        #[serde(flatten)]
        value: &'a T,
    }
    Ok(serde_json::to_string(&Content { schema: T::SCHEMA, value })? + "\n")
}

/// A file in which a value is kept.
#[derive(Debug)]
pub struct Store<T> {
    file: PathBuf,
    value: PhantomData<T>,
}

impl<T: Stored> Store<T> {
    /// Makes a store for the file of `--state`, or for the file `name` in the workbook's XDG state folder.
    pub fn new(named: Option<&PathBuf>, name: &str) -> Result<Self, Failure> {
        let file = match named {
            Some(file) => file.clone(),
            None => state::folder()
                .ok_or_else(|| {
                    let what = T::WHAT;
                    Failure::Machine(format!(
                        "HOME is not set, so there is no place to keep {what}; name a file with --state FILE"
                    ))
                })?
                .join(name),
        };
        // If the file is a symbolic link, its target is replaced and not the link.
        let file = fs::canonicalize(&file).unwrap_or(file);
        Ok(Store { file, value: PhantomData })
    }

    /// Returns the stored value.
    pub fn load(&self) -> Result<T, Failure> {
        if let Ok(value) = self.read()? {
            return Ok(value);
        }
        // Another program may be repairing the file now, so only the holder of the lock may rename it.
        let lock = self.lock().map_err(|error| self.refused(&error))?;
        self.load_locked(&lock)
    }

    /// Changes the stored value, and returns the new value.
    pub fn change(&self, change: impl FnOnce(&mut T)) -> Result<T, Failure> {
        let lock = self.lock().map_err(|error| self.refused(&error))?;
        let mut value = self.load_locked(&lock)?;
        change(&mut value);
        let text = text(&value).map_err(io::Error::from);
        text.and_then(|text| replace(&self.file, text.as_bytes())).map_err(|error| self.refused(&error))?;
        Ok(value)
    }

    /// Checks that something can be stored. Call this before the user does any work.
    pub fn check(&self) -> Result<(), Failure> {
        let folder = folder_of(&self.file);
        fs::create_dir_all(folder)
            .and_then(|()| Ok(access(folder, AccessFlags::W_OK)?))
            .map_err(|error| self.refused(&error))
    }

    /// Returns the value, or why the file cannot be parsed.
    fn read(&self) -> Result<Result<T, String>, Failure> {
        let text = match fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ok(T::default())),
            Err(error) => return Err(Failure::Machine(format!("cannot read {}: {error}", self.name()))),
        };
        Ok(parse(&text).map_err(|unusable| match unusable {
            Unusable::Damaged(error) => format!("is damaged ({error})"),
            Unusable::Newer(schema) => {
                let known = T::SCHEMA;
                format!("is of version {schema}, but this program knows only versions up to {known}")
            }
        }))
    }

    /// Does the same as [`Store::load`] for the holder of the lock. Renames a file that cannot be parsed.
    fn load_locked(&self, _lock: &Flock<File>) -> Result<T, Failure> {
        let why = match self.read()? {
            Ok(value) => return Ok(value),
            Err(why) => why,
        };
        let mut n = 1;
        let mut aside = self.beside(".aside-1");
        // A dangling symbolic link uses the name too.
        while fs::symlink_metadata(&aside).is_ok() {
            n += 1;
            aside = self.beside(&format!(".aside-{n}"));
        }
        fs::rename(&self.file, &aside).map_err(|error| {
            Failure::Machine(format!("{} {why}, and cannot be renamed: {error}; move it away", self.name()))
        })?;
        warn(&format!(
            "{} {why}; it has been renamed to {}, and a new file begins",
            self.name(),
            escape(&aside.display().to_string())
        ));
        Ok(T::default())
    }

    /// Locks a separate file beside the stored file, because the stored file is replaced. (The folder cannot
    /// be locked: a network file system grants an exclusive lock only on a file that is open for writing.)
    fn lock(&self) -> io::Result<Flock<File>> {
        fs::create_dir_all(folder_of(&self.file))?;
        let file = OpenOptions::new().create(true).append(true).open(self.beside(".lock"))?;
        // Another program holds the lock only for a moment.
        Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut path = self.file.clone().into_os_string();
        path.push(end);
        path.into()
    }

    fn name(&self) -> String {
        escape(&self.file.display().to_string())
    }

    fn refused(&self, error: &io::Error) -> Failure {
        Failure::Machine(format!(
            "cannot store {} in {}: {error}; name another file with --state FILE. What was stored before is untouched",
            T::WHAT,
            self.name()
        ))
    }
}

/// The prefix of a file that is being written. A program that is killed may leave such a file behind.
pub const HALF: &str = ".half-";

/// Replaces or creates a file. Afterwards it has either the whole new text or its old contents. Only
/// one program at a time may call this for a file.
pub fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    replace_with(file, text, None)
}

/// Does the same as [`replace`], and gives the file this mode in spite of the umask.
pub fn replace_with(file: &Path, text: &[u8], mode: Option<u32>) -> io::Result<()> {
    let folder = folder_of(file);
    fs::create_dir_all(folder)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let half = folder.join(format!("{HALF}{name}.part"));
    let written = || {
        let mut new = File::create(&half)?;
        new.write_all(text)?;
        if let Some(mode) = mode {
            new.set_permissions(Permissions::from_mode(mode))?;
        }
        new.sync_all()?;
        fs::rename(&half, file)
    };
    let written = written();
    if written.is_err() {
        let _ = fs::remove_file(&half);
    }
    written
}

/// Returns the folder of a file; `.` if its path has no folder.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
