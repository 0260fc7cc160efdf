//! A small store: one value in one JSON file, of which nothing is ever lost.
//!
//! A file is replaced, never changed, so there is always a whole one. Each change reads the file
//! again under a lock, so two programs that run at the same time keep what both have stored. A
//! file that cannot be read as what it should be is set aside, and the reader is told.

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

/// What can be kept in a store.
pub trait Stored: Default + Serialize + DeserializeOwned {
    /// The version of the file. It rises when an older program would misread the file.
    const SCHEMA: u32;
    /// What it is, for messages: `your progress`.
    const WHAT: &str;

    /// Computes what an older version of the program did not store. Called on all that is read.
    fn complete(&mut self) {}
}

/// Why a text holds no value of a kind.
#[derive(Debug)]
pub enum Unusable {
    /// It is not JSON, or not of this form; the text says where.
    Damaged(String),
    /// A later program has written it, in this version.
    Newer(u32),
}

/// The value that this text holds.
pub fn parse<T: Stored>(text: &[u8]) -> Result<T, Unusable> {
    // The one field that every version has.
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

/// The text of a value as [`parse`] reads it: one line.
pub fn text<T: Stored>(value: &T) -> Result<String, serde_json::Error> {
    // Reading does without this struct: serde collects a flattened value in memory first.
    #[derive(Serialize)]
    struct Content<'a, T> {
        schema: u32,
        #[serde(flatten)]
        value: &'a T,
    }
    Ok(serde_json::to_string(&Content { schema: T::SCHEMA, value })? + "\n")
}

/// The file in which a value is kept.
#[derive(Debug)]
pub struct Store<T> {
    file: PathBuf,
    value: PhantomData<T>,
}

impl<T: Stored> Store<T> {
    /// The file that `--state` names, or `name` in the folder that XDG gives to such files.
    pub fn new(named: Option<&PathBuf>, name: &str) -> Result<Self, Failure> {
        let file = match named {
            Some(file) => file.clone(),
            None => state::folder()
                .ok_or_else(|| {
                    let what = T::WHAT;
                    Failure::Machine(format!(
                        "there is no HOME to keep {what} in; name a file with --state FILE"
                    ))
                })?
                .join(name),
        };
        // A link stays a link: the file that it leads to is replaced.
        let file = fs::canonicalize(&file).unwrap_or(file);
        Ok(Store { file, value: PhantomData })
    }

    /// What is stored.
    pub fn load(&self) -> Result<T, Failure> {
        if let Ok(value) = self.read()? {
            return Ok(value);
        }
        // Another program may be mending the file just now: only the holder of the lock may decide.
        let lock = self.lock().map_err(|error| self.refused(&error))?;
        self.load_locked(&lock)
    }

    /// Changes what is stored, and returns it as it is now.
    pub fn change(&self, change: impl FnOnce(&mut T)) -> Result<T, Failure> {
        let lock = self.lock().map_err(|error| self.refused(&error))?;
        let mut value = self.load_locked(&lock)?;
        change(&mut value);
        let text = text(&value).map_err(io::Error::from);
        text.and_then(|text| replace(&self.file, text.as_bytes())).map_err(|error| self.refused(&error))?;
        Ok(value)
    }

    /// Whether something can be stored; to be asked before a reader has done any work.
    pub fn check(&self) -> Result<(), Failure> {
        let folder = folder_of(&self.file);
        fs::create_dir_all(folder)
            .and_then(|()| Ok(access(folder, AccessFlags::W_OK)?))
            .map_err(|error| self.refused(&error))
    }

    /// The value, or why the file holds none.
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
                format!("is of version {schema}, and this program knows versions up to {known}")
            }
        }))
    }

    /// As [`Store::load`], for the holder of the lock: what cannot be read is set aside.
    fn load_locked(&self, _lock: &Flock<File>) -> Result<T, Failure> {
        let why = match self.read()? {
            Ok(value) => return Ok(value),
            Err(why) => why,
        };
        let mut n = 1;
        let mut aside = self.beside(".aside-1");
        // A link that leads nowhere is something as well.
        while fs::symlink_metadata(&aside).is_ok() {
            n += 1;
            aside = self.beside(&format!(".aside-{n}"));
        }
        fs::rename(&self.file, &aside).map_err(|error| {
            Failure::Machine(format!("{} {why}, and cannot be set aside: {error}", self.name()))
        })?;
        warn(&format!(
            "{} {why}; it now lies at {}, and a new one begins",
            self.name(),
            escape(&aside.display().to_string())
        ));
        Ok(T::default())
    }

    /// Locks a file beside the stored one, which itself is replaced. (A folder would not do: a
    /// network file system grants an exclusive lock only on what was opened for writing.)
    fn lock(&self) -> io::Result<Flock<File>> {
        fs::create_dir_all(folder_of(&self.file))?;
        let file = OpenOptions::new().create(true).append(true).open(self.beside(".lock"))?;
        // The other program holds it for a moment only.
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

/// How the name of a file begins that is being written. A program that is killed leaves one behind.
pub const HALF: &str = ".half-";

/// Replaces a file, or makes it: the whole new text is there, or what was there before. To be
/// called by one program at a time.
pub fn replace(file: &Path, text: &[u8]) -> io::Result<()> {
    replace_with(file, text, None)
}

/// As [`replace`], with this mode whatever the umask is.
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

/// The folder of a file that may be named without one.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
