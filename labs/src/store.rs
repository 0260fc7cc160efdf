//! A small store: one value in one JSON file, of which nothing is ever lost.
//!
//! A file is replaced, never changed, so whatever happens there is a whole one. Each change
//! reads it anew under a lock, so two programs at one time keep what both have stored. A
//! file that cannot be read as what it should be is set aside, and said so.
//!
//! It knows nothing of labs: whoever else has something to remember may take it as it is.

use crate::screen::safe;
use ipc_workbook::cli::{Failure, complain};
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// What can be kept in a store.
pub(crate) trait Kept: Default + Serialize + DeserializeOwned {
    /// The version of the file. It rises when an older program would misread the file.
    const SCHEMA: u32;
    /// What it is, for messages: `progress`.
    const WHAT: &str;
}

/// The file's content: the version, and beside it the fields of the value.
#[derive(Deserialize, Serialize)]
struct Content<T> {
    schema: u32,
    #[serde(flatten)]
    value: T,
}

/// The file in which it is kept.
#[derive(Debug)]
pub(crate) struct Store<T> {
    program: &'static str,
    file: PathBuf,
    value: PhantomData<T>,
}

/// The file that `--state` names, or the one of that name where XDG puts it.
pub(crate) fn file(named: Option<&PathBuf>, name: &str) -> Result<PathBuf, Failure> {
    if let Some(file) = named {
        return Ok(file.clone());
    }
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_STATE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))
        .ok_or_else(|| {
            Failure::Machine("there is no HOME to remember anything in; name a file with --state FILE".into())
        })?;
    Ok(folder.join("ipc-workbook").join(name))
}

impl<T: Kept> Store<T> {
    pub(crate) fn new(program: &'static str, file: &Path) -> Self {
        // A link stays one: what it leads to is replaced.
        Store { program, file: fs::canonicalize(file).unwrap_or_else(|_| file.into()), value: PhantomData }
    }

    /// What is stored.
    pub(crate) fn load(&self) -> Result<T, Failure> {
        if let Ok(value) = self.read()? {
            return Ok(value);
        }
        // Somebody may just have mended it: only who holds the lock may decide.
        let lock = self.lock().map_err(|error| self.refused(&error))?;
        self.load_locked(&lock)
    }

    /// Changes what is stored, and returns it as it is now.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) -> Result<T, Failure> {
        let lock = self.lock().map_err(|error| self.refused(&error))?;
        let mut value = self.load_locked(&lock)?;
        change(&mut value);
        self.replace(&value).map_err(|error| self.refused(&error))?;
        Ok(value)
    }

    /// The value, or why the file holds none.
    fn read(&self) -> Result<Result<T, String>, Failure> {
        let text = match fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ok(T::default())),
            Err(error) => return Err(Failure::Machine(format!("cannot read {}: {error}", self.name()))),
        };
        Ok(parse(&text))
    }

    fn load_locked(&self, _lock: &Flock<File>) -> Result<T, Failure> {
        let why = match self.read()? {
            Ok(value) => return Ok(value),
            Err(why) => why,
        };
        let mut aside = self.beside(".aside-1");
        let mut n = 1;
        // A link that leads nowhere is something as well.
        while fs::symlink_metadata(&aside).is_ok() {
            n += 1;
            aside = self.beside(&format!(".aside-{n}"));
        }
        fs::rename(&self.file, &aside).map_err(|error| {
            Failure::Machine(format!("{} {why}, and cannot be set aside: {error}", self.name()))
        })?;
        complain(&format!(
            "{}: {} {why}; it now lies at {}, and a new one begins",
            self.program,
            self.name(),
            safe(&aside.display().to_string())
        ));
        Ok(T::default())
    }

    /// A file beside it, because the file itself is replaced. Not the folder: a network file
    /// system grants an exclusive lock only to who may write. Waits for the other, who is quick.
    fn lock(&self) -> io::Result<Flock<File>> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(self.beside(".lock"))?;
        Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
    }

    fn replace(&self, value: &T) -> io::Result<()> {
        let text = serde_json::to_string(&Content { schema: T::SCHEMA, value })?;
        let new = self.beside(".new");
        let mut file = File::create(&new)?;
        let written = file.write_all((text + "\n").as_bytes()).and_then(|()| file.sync_all());
        let replaced = written.and_then(|()| fs::rename(&new, &self.file));
        if replaced.is_err() {
            let _ = fs::remove_file(&new);
        }
        replaced
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut path = self.file.clone().into_os_string();
        path.push(end);
        path.into()
    }

    fn name(&self) -> String {
        safe(&self.file.display().to_string())
    }

    fn refused(&self, error: &io::Error) -> Failure {
        Failure::Machine(format!(
            "cannot store {} in {}: {error}; name another file with --state FILE. What was stored before is untouched",
            T::WHAT,
            self.name()
        ))
    }
}

/// The value, or why this text is none.
fn parse<T: Kept>(text: &[u8]) -> Result<T, String> {
    // What a newer version looks like is not known, save for this field.
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let known = T::SCHEMA;
    let damaged = |error: serde_json::Error| format!("is damaged ({error})");
    let Version { schema } = serde_json::from_slice(text).map_err(damaged)?;
    if schema > known {
        return Err(format!("is of version {schema}, and this program knows versions up to {known}"));
    }
    serde_json::from_slice(text).map(|content: Content<T>| content.value).map_err(damaged)
}
