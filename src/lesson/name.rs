//! Names of POSIX objects: the rules, and the files that have them.

use crate::call::Object;
use crate::cli::Failure;
use crate::fnv::fnv1a;
use crate::observe::Kind;
use nix::unistd::geteuid;
use std::ffi::{CStr, CString};
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;

/// A name that breaks no rule of its kind of object. In a call it is a `&CStr`.
///
/// It guards nothing itself: whatever a lesson creates is recorded
/// for the cleanup by the call that creates it, and forgotten by the call that removes it.
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
    /// The name, if it is one. (glibc lets semaphores and shared memory do
    /// without the slash, and semaphores be called `/.`; POSIX promises neither.)
    pub fn new(kind: Kind, name: &str) -> Result<Self, Failure> {
        let bad = |rule: &str| Err(Failure::Usage(format!("bad name {name:?}: {rule}, like /my_object")));
        let Some(rest) = name.strip_prefix('/') else { return bad("a name is a slash and then characters") };
        // sem_open puts "sem." in front, and what is left of 255 bytes is 251.
        let longest = if kind == Kind::Semaphore { 251 } else { 255 };
        match rest {
            "" => return bad("a name has characters after its slash"),
            "." | ".." => return bad("\"/.\" and \"/..\" mean directories"),
            _ if rest.contains('/') => return bad("a name has one slash only, at the start"),
            _ if rest.len() > longest => {
                return Err(Failure::Usage(format!(
                    "bad name: it has {} bytes after the slash, and a {} takes at most {longest}",
                    rest.len(),
                    kind.noun()
                )));
            }
            _ => {}
        }
        match CString::new(name) {
            Ok(name) => Ok(Name { kind, name }),
            Err(_) => bad("a name has no NUL"),
        }
    }

    /// The same name for this user alone: `/demo.1000`.
    pub(super) fn own(&self) -> Result<Self, Failure> {
        Name::new(self.kind, &format!("{}.{}", self.name.to_string_lossy(), geteuid()))
    }

    /// What it is recorded as.
    pub(super) fn object(&self) -> Object<'_> {
        match self.kind {
            Kind::Queue => Object::Queue(self),
            Kind::Semaphore => Object::Semaphore(self),
            Kind::SharedMemory => Object::SharedMemory(self),
        }
    }

    /// A path in /tmp for a file beside the object: this user's, in this IPC namespace.
    pub(super) fn path_in_tmp(&self) -> String {
        let namespace = std::fs::metadata("/proc/self/ns/ipc").map_or(0, |meta| meta.ino());
        let owner = format!("{} {namespace} {}", geteuid(), self.name.to_string_lossy());
        format!("/tmp/ipc-workbook.{:016x}", fnv1a(owner.bytes()))
    }

    /// What it is a name of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name and as many letters as it takes to have `length` bytes after its slash.
    #[must_use]
    pub fn grown_to(&self, length: usize) -> String {
        let mut text = self.name.to_string_lossy().into_owned();
        while text.len() < length + 1 {
            text.push('n');
        }
        text
    }

    /// Another name, with `length` bytes after its slash.
    #[must_use]
    pub fn another_of(&self, length: usize) -> CString {
        let mut bytes = self.grown_to(length).into_bytes();
        bytes.truncate(length);
        bytes.push(if self.name.to_bytes().ends_with(b"m") { b'n' } else { b'm' });
        CString::new(bytes).unwrap_or_default() // the name has no NUL, so this has none
    }

    /// What the system call takes, where glibc strips the slash.
    #[must_use]
    pub fn without_slash(&self) -> CString {
        CString::new(&self.name.to_bytes()[1..]).unwrap_or_default()
    }

    /// The file that glibc lays the object out in, for calls that take a path.
    #[must_use]
    pub fn path(&self) -> CString {
        let path = self.kind.path(&self.name).into_os_string().into_encoded_bytes();
        CString::new(path).unwrap_or_default() // the name has no NUL, so the path has none
    }
}
