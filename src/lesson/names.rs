//! The names that a lesson uses for its objects and files, and what to do with one
//! that is taken.

use super::cleanup;
use super::name::Name;
use super::refusal::refused;
use super::speak::{Lesson, Outcome};
use crate::call::{Errno, unreported};
use crate::cli::Failure;
use crate::mman::shm_unlink;
use crate::mqueue::mq_unlink;
use crate::observe::{Found, Holders, Kind, Observe, find, queue_is_held};
use crate::semaphore::sem_unlink;
use crate::unistd::unlink;
use nix::unistd::geteuid;
use std::ffi::CString;
use std::os::unix::fs::MetadataExt;

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
            self.make_free(name)?;
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
        self.make_file_free(&name.path_in_tmp())
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
            paths.push(self.make_file_free(&format!("{}.{ending}", name.path_in_tmp()))?);
        }
        Ok(paths.try_into().unwrap_or_else(|_| unreachable!("as many paths as endings")))
    }

    /// From now on no other run uses the name; it would take what lies there
    /// between two calls for a leftover.
    fn lock_name(&self, name: &str) -> Outcome {
        self.locks.take(&format!("the name {name}"), "choose another name with --name")
    }

    /// Makes sure that nothing has this name. A leftover of the reader's own is
    /// shown and removed; what somebody holds, or is not the reader's, is never touched.
    fn make_free(&self, wanted: &Name) -> Result<(), Failure> {
        let (kind, name) = (wanted.kind().noun(), wanted.to_bytes().escape_ascii());
        let taken = |why: String| {
            Failure::Machine(format!("the {kind} {name} {why}; choose another name with --name"))
        };
        let look = if wanted.kind() == Kind::Queue { "mq_open" } else { "lstat" };
        let Found { inode, uid } = match find(wanted.kind(), wanted) {
            // No directory at all is for the first call to report.
            Ok(None) | Err(Errno::ENOTDIR) => return Ok(()),
            Ok(Some(found)) => found,
            Err(Errno::EACCES) => {
                if wanted.kind() == Kind::Queue && self.remove_unreadable_queue(wanted) {
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
        if let Some(pid) = holders.pids().next() {
            let command = holders.command_of(pid).unwrap_or_default();
            return Err(taken(format!("is held by pid {pid} ({command}); wait for it")));
        }
        self.note(&format!("A {kind} {name} is here already, yours, and nobody holds it: left over from a run that was killed. Removing it."));
        self.show_snapshot(&inode.snapshot()?);
        match wanted.kind() {
            Kind::Queue => mq_unlink(wanted)?,
            Kind::Semaphore => sem_unlink(wanted)?,
            Kind::SharedMemory => shm_unlink(wanted)?,
        }
        Ok(())
    }

    /// A queue whose mode shuts its own owner out cannot be asked whose it is. But
    /// the directory of queues is sticky: only the owner's `mq_unlink` succeeds.
    fn remove_unreadable_queue(&self, name: &Name) -> bool {
        let anothers = std::fs::symlink_metadata(name.kind().path(name))
            .is_ok_and(|meta| meta.uid() != geteuid().as_raw());
        // Root passes the sticky bit, and is shut out by no mode.
        if anothers || geteuid().is_root() || queue_is_held(name) {
            return false;
        }
        let removed = unreported(|| mq_unlink(name)).is_ok();
        if removed {
            self.note(&format!(
                "A queue {} was here already, yours, and nobody held it: left over from a run that was killed. Removed it.",
                name.to_string_lossy()
            ));
        }
        removed
    }

    /// The path. What a killed run left there is removed.
    fn make_file_free(&self, path: &str) -> Result<CString, Failure> {
        let c_path = CString::new(path).unwrap_or_default();
        // In /tmp, which is sticky, nobody can put another file in its place meanwhile.
        if std::fs::symlink_metadata(path)
            .is_ok_and(|meta| meta.is_file() && meta.uid() == geteuid().as_raw())
        {
            self.note(&format!("A file {path} of an earlier run, which was killed, is here. Removing it."));
            unlink(&c_path)?;
        }
        Ok(c_path)
    }
}
