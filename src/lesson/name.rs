//! Names of POSIX objects: the rules, and what to do when one is taken.

use super::refusal::refused;
use super::run_lock::RunLock;
use super::{Lesson, Outcome, cleanup};
use crate::call::{Errno, Object, unreported};
use crate::cli::Failure;
use crate::hash::fnv1a;
use crate::mman::shm_unlink;
use crate::mqueue::mq_unlink;
use crate::observe::{Found, Holders, Kind, Observe, command_of, find, queue_is_held};
use crate::semaphore::sem_unlink;
use crate::unistd::unlink;
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

    /// Makes sure that nothing has this name. A leftover of the reader's own is
    /// shown and removed; what somebody holds, or is not the reader's, is never touched.
    pub(super) fn make_free(&self, lesson: &Lesson) -> Result<(), Failure> {
        let (kind, name) = (self.kind.noun(), self.name.to_bytes().escape_ascii());
        let taken = |why: String| {
            Failure::Machine(format!("the {kind} {name} {why}; choose another name with --name"))
        };
        let look = if self.kind == Kind::Queue { "mq_open" } else { "lstat" };
        let Found { inode, uid } = match find(self.kind, self) {
            // No directory at all is for the first call to report.
            Ok(None) | Err(Errno::ENOTDIR) => return Ok(()),
            Ok(Some(found)) => found,
            Err(Errno::EACCES) => {
                if self.kind == Kind::Queue && self.remove_unreadable_queue(lesson) {
                    return Ok(());
                }
                return Err(taken(format!("exists and cannot be looked at ({look}: EACCES)")));
            }
            Err(errno) => {
                let what = format!("looking whether the {kind} {name} is taken: {look}");
                return Err(refused(&what, look, errno));
            }
        };
        if uid != geteuid().as_raw() {
            return Err(taken(format!("belongs to user {uid}")));
        }
        let holders = Holders::of(inode);
        if let Err(unseen) = holders.looked_everywhere() {
            return Err(taken(format!("exists, and who holds it could not be seen ({unseen})")));
        }
        let mut pids = holders
            .descriptors
            .iter()
            .map(|held| held.pid)
            .chain(holders.mappings.iter().map(|held| held.pid));
        if let Some(pid) = pids.next() {
            let command = command_of(pid).unwrap_or_default();
            return Err(taken(format!("is held by pid {pid} ({command}); wait for it")));
        }
        lesson.note(&format!("A {kind} {name} is here already, yours, and nobody holds it: left over from a run that was killed. Removing it."));
        lesson.show_snapshot(&inode.snapshot()?);
        match self.kind {
            Kind::Queue => mq_unlink(self)?,
            Kind::Semaphore => sem_unlink(self)?,
            Kind::SharedMemory => shm_unlink(self)?,
        }
        Ok(())
    }

    /// A queue whose mode shuts its own owner out cannot be asked whose it is. But
    /// the directory of queues is sticky: only the owner's `mq_unlink` succeeds.
    fn remove_unreadable_queue(&self, lesson: &Lesson) -> bool {
        let anothers = std::fs::symlink_metadata(self.kind.path(&self.name))
            .is_ok_and(|meta| meta.uid() != geteuid().as_raw());
        // Root passes the sticky bit, and is shut out by no mode.
        if anothers || geteuid().is_root() || queue_is_held(&self.name) {
            return false;
        }
        let removed = unreported(|| mq_unlink(&self.name)).is_ok();
        if removed {
            lesson.note(&format!(
                "A queue {} was here already, yours, and nobody held it: left over from a run that was killed. Removed it.",
                self.name.to_string_lossy()
            ));
        }
        removed
    }
}

/// The path. What a killed run left there is removed.
fn make_file_free(lesson: &Lesson, path: &str) -> Result<CString, Failure> {
    let c_path = CString::new(path).unwrap_or_default();
    // In /tmp, which is sticky, nobody can put another file in its place meanwhile.
    if std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.uid() == geteuid().as_raw()) {
        lesson.note(&format!("A file {path} of an earlier run, which was killed, is here. Removing it."));
        unlink(&c_path)?;
    }
    Ok(c_path)
}

impl Lesson {
    /// The name this lesson uses for an object of that kind: `--name` or the
    /// usual one. It breaks no rule, and nothing has it now.
    pub fn name(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        let [name] = self.names([kind], usual)?;
        Ok(name)
    }

    /// The same name for several kinds.
    pub fn names<const N: usize>(&self, kinds: [Kind; N], usual: &str) -> Result<[Name; N], Failure> {
        let names = self.names_of(&kinds, usual)?;
        Ok(names.try_into().unwrap_or_else(|_| unreachable!("as many names as kinds")))
    }

    /// The same name for kinds of which only a run knows how many.
    pub fn names_of(&self, kinds: &[Kind], usual: &str) -> Result<Vec<Name>, Failure> {
        let wanted: Vec<(Kind, &str)> = kinds.iter().map(|kind| (*kind, usual)).collect();
        self.names_apart(&wanted)
    }

    /// A name for each kind, where their usual names differ; `--name` is for all of them.
    pub fn names_apart(&self, wanted: &[(Kind, &str)]) -> Result<Vec<Name>, Failure> {
        let own = self.flags.name.as_deref();
        let named: Vec<(Kind, &str)> =
            wanted.iter().map(|(kind, usual)| (*kind, own.unwrap_or(usual))).collect();
        self.free_names(&named)
    }

    /// The name grown to `length` bytes after its slash, for the same kind of object.
    pub fn grown(&self, name: &Name, length: usize) -> Result<Name, Failure> {
        let text = name.grown_to(length);
        let mut names = self.free_names(&[(name.kind(), &text)])?;
        Ok(names.remove(0))
    }

    /// These very names: they break no rule, nothing has them, and no other run may use them.
    fn free_names(&self, named: &[(Kind, &str)]) -> Result<Vec<Name>, Failure> {
        // All rules before all looking: a wrong name must not cost a leftover its life.
        let mut names = Vec::with_capacity(named.len());
        for (kind, text) in named {
            names.push(Name::new(*kind, text)?);
        }
        for (_, text) in named {
            self.lock_name(text)?;
        }
        for name in &names {
            name.make_free(self)?;
        }
        Ok(names)
    }

    /// The name that this lesson uses, whether something has it or not: for a
    /// role that meets what another one has left. It breaks no rule.
    pub fn name_as_it_is(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        Name::new(kind, self.flags.name.as_deref().unwrap_or(usual))
    }

    /// Leaves an object to whoever comes next: the end of this run does not
    /// remove it. Only a role that another one follows may do so.
    pub fn leave_behind(&self, name: &Name) {
        self.note(&format!("Left behind on purpose: {}", name.to_string_lossy()));
        cleanup::removed(name.object());
    }

    /// A path for a regular file, which nothing has now: it belongs to this user,
    /// this IPC namespace and this name, so it is this run's alone.
    pub fn file_beside(&self, name: &Name) -> Result<CString, Failure> {
        make_file_free(self, &name.path_in_tmp())
    }

    /// Paths for regular files of one's own, which nothing has now: one for each
    /// ending, beside what [`Lesson::file_beside`] gives.
    pub fn scratch_files<const N: usize>(
        &self,
        usual: &str,
        endings: [&str; N],
    ) -> Result<[CString; N], Failure> {
        let name = self.name_as_it_is(Kind::Queue, usual)?;
        self.lock_name(&name.to_string_lossy())?;
        let mut paths = Vec::with_capacity(N);
        for ending in endings {
            paths.push(make_file_free(self, &format!("{}.{ending}", name.path_in_tmp()))?);
        }
        Ok(paths.try_into().unwrap_or_else(|_| unreachable!("as many paths as endings")))
    }

    /// From now on no other run uses the name; it would take what lies there
    /// between two calls for a leftover.
    fn lock_name(&self, name: &str) -> Outcome {
        self.lock_use(&format!("the name {name}"), "choose another name with --name")
    }

    /// From now on no other run uses `what`; until then, `remedy` helps.
    pub(super) fn lock_use(&self, what: &str, remedy: &str) -> Outcome {
        if self.locks.borrow().iter().any(|(locked, _)| locked == what) {
            return Ok(());
        }
        let Ok(lock) = RunLock::take("ipc", what) else {
            return Err(Failure::Machine(format!(
                "another run uses {what} just now; wait for it, or {remedy}"
            )));
        };
        self.locks.borrow_mut().push((what.into(), lock));
        Ok(())
    }
}
