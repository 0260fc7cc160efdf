//! Names of POSIX objects: their rules, and the files under which the objects appear.

use crate::call::Object;
use crate::cli::Failure;
use crate::fnv::fnv1a;
use crate::observe::Kind;
use nix::unistd::geteuid;
use std::ffi::{CStr, CString};
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;

/// A valid name for a kind of object. It can be passed to a call as a `&CStr`.
///
/// Dropping a name removes nothing. The call that creates an object records it for
/// the cleanup, and the call that removes the object deletes the record.
#[derive(Clone, Debug)]
pub struct Name {
    kind: Kind,
    name: CString,
}

impl Deref for Name {
    type Target = CStr;
    fn deref(&self) -> &CStr {
        &self.name
    }
}

impl Name {
    /// Checks the name and returns it. (glibc accepts names of semaphores and shared memory without
    /// the slash, and a semaphore called `/.`; POSIX promises neither.)
    pub fn new(kind: Kind, name: &str) -> Result<Self, Failure> {
        let bad = |rule: &str| {
            Err(Failure::Usage(format!("bad name {name:?}: {rule}; use a name like /my_object")))
        };
        let Some(rest) = name.strip_prefix('/') else { return bad("a name must begin with a slash") };
        // sem_open puts the 4 bytes "sem." in front of the name, which leaves 251 of 255 bytes.
        let longest = if kind == Kind::Semaphore { 251 } else { 255 };
        match rest {
            "" => return bad("a name needs at least one character after its slash"),
            "." | ".." => return bad("\"/.\" and \"/..\" are directories"),
            _ if rest.contains('/') => return bad("a name has only one slash, at its start"),
            _ if rest.len() > longest => {
                return Err(Failure::Usage(format!(
                    "bad name: it has {} bytes after the slash, but the name of a {} has at most {longest}",
                    rest.len(),
                    kind.noun()
                )));
            }
            _ => {}
        }
        match CString::new(name) {
            Ok(name) => Ok(Name { kind, name }),
            Err(_) => bad("a name must have no NUL"),
        }
    }

    /// Returns the form of this name that only this user's runs use: `/demo.1000`.
    pub(super) fn own(&self) -> Result<Self, Failure> {
        Name::new(self.kind, &format!("{}.{}", self.name.to_string_lossy(), geteuid()))
    }

    /// Returns the name with `ending` behind it, for another object that belongs to the same lesson. Where
    /// the name is too long, the ending replaces its last bytes.
    pub fn with_ending(&self, kind: Kind, ending: &str) -> Result<Self, Failure> {
        let name = self.name.to_string_lossy();
        let mut length = name.len().min(256 - ending.len().min(255));
        while !name.is_char_boundary(length) {
            length -= 1;
        }
        Name::new(kind, &format!("{}{ending}", &name[..length]))
    }

    /// Returns the object of this name, as the cleanup records it.
    pub(super) fn object(&self) -> Object<'_> {
        match self.kind {
            Kind::Queue => Object::Queue(self),
            Kind::Semaphore => Object::Semaphore(self),
            Kind::SharedMemory => Object::SharedMemory(self),
        }
    }

    /// Returns a path in /tmp for a file that belongs to the object. It is unique to this user, this IPC
    /// namespace and this name.
    pub(super) fn path_in_tmp(&self) -> String {
        let namespace = std::fs::metadata("/proc/self/ns/ipc").map_or(0, |meta| meta.ino());
        let owner = format!("{} {namespace} {}", geteuid(), self.name.to_string_lossy());
        format!("/tmp/ipc-workbook.{:016x}", fnv1a(owner.bytes()))
    }

    /// Returns the kind of object that has this name.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the name, lengthened with letters to `length` bytes after its slash.
    #[must_use]
    pub fn grown_to(&self, length: usize) -> String {
        let mut text = self.name.to_string_lossy().into_owned();
        while text.len() < length + 1 {
            text.push('n');
        }
        text
    }

    /// Returns a different name, with `length` bytes after its slash.
    #[must_use]
    pub fn another_of(&self, length: usize) -> CString {
        let mut bytes = self.grown_to(length).into_bytes();
        bytes.truncate(length);
        bytes.push(if self.name.to_bytes().ends_with(b"m") { b'n' } else { b'm' });
        CString::new(bytes).unwrap_or_default() // the name has no NUL, so this has none
    }

    /// Returns the name as the system call takes it: glibc strips the slash.
    #[must_use]
    pub fn without_slash(&self) -> CString {
        CString::new(&self.name.to_bytes()[1..]).unwrap_or_default()
    }

    /// Returns the path of the object's file, for calls that take a path.
    #[must_use]
    pub fn path(&self) -> CString {
        let path = self.kind.path(&self.name).into_os_string().into_encoded_bytes();
        CString::new(path).unwrap_or_default() // the name has no NUL, so the path has none
    }
}
