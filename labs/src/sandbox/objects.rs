//! A snapshot of the IPC objects of the sandbox.

use super::clear::clear;
use super::fault::Fault;
use ipc_workbook::observe::Kind;
use ipc_workbook::observe::sysvipc::{Row, Table, rows};
use std::ffi::CString;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// A snapshot of all objects. Two snapshots show what happened in between:
///
/// ```text
/// let before = trial.objects()?;
/// let program = trial.run(&["/lab"])?;
/// let untouched = trial.objects()?.still_have(&before);
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects(Vec<Object>);

impl Objects {
    /// Takes a snapshot of this IPC namespace and of /dev/shm.
    pub(super) fn now() -> Result<Self, Fault> {
        let mut all = Vec::new();
        for (folder, of_folder) in [("/dev/mqueue", Kind::Queue), ("/dev/shm", Kind::SharedMemory)] {
            let entries = fs::read_dir(folder).map_err(|error| Fault::io(folder, &error))?;
            for entry in entries.filter_map(Result::ok) {
                let Ok(meta) = entry.metadata() else { continue };
                let file = entry.file_name().to_string_lossy().into_owned();
                let (kind, name) = match file.strip_prefix("sem.") {
                    Some(name) if of_folder == Kind::SharedMemory => (Kind::Semaphore, name.to_string()),
                    _ => (of_folder, file),
                };
                all.push(Object::Posix(Posix {
                    kind,
                    name: format!("/{name}"),
                    mode: meta.mode() & 0o7777,
                    uid: meta.uid(),
                    ino: meta.ino(),
                    size: meta.size(),
                }));
            }
        }
        for table in Table::ALL {
            all.extend(rows(table)?.into_iter().map(Object::SystemV));
        }
        all.sort_by_key(ToString::to_string);
        Ok(Objects(all))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.0.iter()
    }

    /// Returns the POSIX object of this kind and name.
    pub(crate) fn find(&self, kind: Kind, name: &str) -> Option<&Posix> {
        self.posix().find(|object| object.kind == kind && object.name == name)
    }

    /// Returns the queue `/lab`, which most labs are about.
    pub(crate) fn queue(&self) -> Option<&Posix> {
        self.find(Kind::Queue, "/lab")
    }

    /// Returns all POSIX objects.
    pub(crate) fn posix(&self) -> impl Iterator<Item = &Posix> {
        self.0.iter().filter_map(|object| match object {
            Object::Posix(posix) => Some(posix),
            Object::SystemV(_) => None,
        })
    }

    /// Returns the rows of a table in /proc/sysvipc.
    pub(crate) fn rows(&self, table: Table) -> Vec<&Row> {
        let rows = self.0.iter().filter_map(|object| match object {
            Object::SystemV(row) if row.table == table => Some(row),
            _ => None,
        });
        rows.collect()
    }

    /// Returns all objects except the POSIX object of this kind and name.
    pub(crate) fn besides(&self, kind: Kind, name: &str) -> Objects {
        let mut others = self.clone();
        others.0.retain(
            |object| !matches!(object, Object::Posix(posix) if posix.kind == kind && posix.name == name),
        );
        others
    }

    /// Whether each object of `before` still exists under its name and is unchanged: not replaced by another
    /// object, and with the same mode and size.
    pub(crate) fn still_have(&self, before: &Objects) -> bool {
        before.0.iter().all(|object| self.0.iter().any(|now| now.is_unchanged_since(object)))
    }

    /// Keeps only the objects for which `keep` returns true.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Object) -> bool) {
        self.0.retain(keep);
    }

    /// Describes the objects without the keys of System V objects: keys from ftok differ each time.
    pub(crate) fn without_keys(&self) -> String {
        let words = self.0.iter().map(|object| match object {
            Object::Posix(posix) => posix.to_string(),
            Object::SystemV(row) => format!("a {}", row.table.noun()),
        });
        let words: Vec<String> = words.collect();
        if words.is_empty() { "no object".into() } else { words.join(", ") }
    }

    /// Describes the objects; returns `none` if there are no objects.
    pub(crate) fn or(&self, none: &str) -> String {
        let words: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        if words.is_empty() { none.into() } else { words.join(", ") }
    }
}

/// An IPC object.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    /// A POSIX object. Its name is a file.
    Posix(Posix),
    SystemV(Row),
}

/// A POSIX object, as shown by `stat`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Posix {
    pub(crate) kind: Kind,
    /// The name as the calls take it: `/name`.
    pub(crate) name: String,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    /// The inode identifies the object, whatever happens to its name.
    pub(crate) ino: u64,
    pub(crate) size: u64,
}

impl Posix {
    /// Returns the path of the file that is its name.
    pub(crate) fn path(&self) -> PathBuf {
        self.kind.path(&CString::new(self.name.as_str()).unwrap_or_default())
    }
}

impl Object {
    /// Whether both are the same object, even if it has changed.
    pub(super) fn is(&self, other: &Object) -> bool {
        match (self, other) {
            (Object::Posix(one), Object::Posix(other)) => {
                (one.kind, &one.name, one.ino) == (other.kind, &other.name, other.ino)
            }
            (Object::SystemV(row), Object::SystemV(other)) => row.table == other.table && row.id == other.id,
            _ => false,
        }
    }

    fn is_unchanged_since(&self, before: &Object) -> bool {
        match (self, before) {
            (Object::Posix(now), Object::Posix(before)) => now == before,
            (Object::SystemV(now), Object::SystemV(row)) => {
                self.is(before) && now.changed_since(row) == "nothing"
            }
            _ => false,
        }
    }

    /// Whether this user owns it.
    pub(super) fn is_of(&self, user: u32) -> bool {
        match self {
            Object::Posix(posix) => posix.uid == user,
            Object::SystemV(row) => row.fact("uid") == Ok(user.into()),
        }
    }

    /// Returns the name under which /proc shows it for a process that holds it.
    pub(super) fn name_in_proc(&self) -> String {
        match self {
            Object::Posix(posix) => posix.name.clone(),
            Object::SystemV(row) => format!("/SYSV{:08x}", key_of(row)),
        }
    }

    /// Removes it. It is no error if it no longer exists.
    #[allow(unsafe_code)]
    pub(super) fn remove(&self) {
        match self {
            Object::Posix(posix) => {
                let file = posix.path();
                // A folder is not an object, but a program may create one in /dev/shm.
                let _ = fs::remove_file(&file).or_else(|_| clear(&file).and_then(|()| fs::remove_dir(&file)));
            }
            // SAFETY: IPC_RMID takes no buffer.
            Object::SystemV(row) => unsafe {
                match row.table {
                    Table::Msg => libc::msgctl(row.id, libc::IPC_RMID, std::ptr::null_mut()),
                    Table::Sem => libc::semctl(row.id, 0, libc::IPC_RMID),
                    Table::Shm => libc::shmctl(row.id, libc::IPC_RMID, std::ptr::null_mut()),
                };
            },
        }
    }
}

/// Returns the key as unsigned 32 bits; the table shows it as a signed number.
fn key_of(row: &Row) -> u32 {
    row.fact("key").ok().and_then(|key| i32::try_from(key).ok()).unwrap_or(0).cast_unsigned()
}

impl fmt::Display for Posix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} (mode {:04o})", self.kind.noun(), self.name, self.mode)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Posix(posix) => posix.fmt(f),
            Object::SystemV(row) => write!(f, "{} with key {:#x}", row.table.noun(), key_of(row)),
        }
    }
}
