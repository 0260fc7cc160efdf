//! The names that a lesson uses for its objects and files, and what to do with one
//! that is taken.

use super::cleanup;
use super::name::Name;
use super::refusal::refused;
use super::speak::Lesson;
use super::usual_or_own::{Usable, Whose};
use crate::call::{Errno, unreported};
use crate::cli::Failure;
use crate::mman::shm_unlink;
use crate::mqueue::mq_unlink;
use crate::observe::{Found, Holders, Inode, Kind, Observe, find, queue_is_held};
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
        // All rules before all looking: a wrong name must not cost a leftover its life.
        let names = wanted.iter().map(|(kind, usual)| self.given_or(*kind, usual));
        let names: Vec<Name> = names.collect::<Result<_, _>>()?;
        let own = names.iter().map(Name::own).collect();
        self.free_names(names, own)
    }

    /// The name grown to `length` bytes after its slash, for the same kind of object.
    pub fn grown(&self, name: &Name, length: usize) -> Result<Name, Failure> {
        let grown = |name: &Name| Ok(vec![Name::new(name.kind(), &name.grown_to(length))?]);
        let own = name.own().and_then(|own| grown(&own));
        let mut names = self.free_names(grown(name)?, own)?;
        Ok(names.remove(0))
    }

    /// Names that nothing has, and that no other run uses meanwhile: `names`, or `own`
    /// where another user has one of them and the reader has not chosen it.
    fn free_names(&self, names: Vec<Name>, own: Result<Vec<Name>, Failure>) -> Result<Vec<Name>, Failure> {
        let names = self.locked_names(names, own)?;
        for name in &names {
            self.make_free(name)?;
        }
        Ok(names)
    }

    /// The same, though an object may have them.
    fn locked_names(&self, names: Vec<Name>, own: Result<Vec<Name>, Failure>) -> Result<Vec<Name>, Failure> {
        if self.flags.name.is_none() {
            return self.usual_or_own(names, own?);
        }
        self.lock(&names)?;
        Ok(names)
    }

    /// The name of `--name`, or the usual one. It breaks no rule.
    pub(super) fn given_or(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        Name::new(kind, self.flags.name.as_deref().unwrap_or(usual))
    }

    /// The name that this lesson uses, whether something has it or not: for a
    /// role that meets what another one has left. It breaks no rule.
    pub fn name_as_it_is(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        let name = self.given_or(kind, usual)?;
        if self.flags.name.is_some() {
            return Ok(name);
        }
        let own = name.own()?;
        self.usual_or_own_as_it_is(name, own)
    }

    /// The same, which no other run uses meanwhile: for a role that leaves something there.
    pub fn name_to_leave(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        let name = self.given_or(kind, usual)?;
        let own = name.own().map(|own| vec![own]);
        let mut names = self.locked_names(vec![name], own)?;
        Ok(names.remove(0))
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
        let name = self.given_or(Kind::Queue, usual)?;
        self.locks.take_among_mine(&format!("the files of {}", name.to_string_lossy()), name.remedy())?;
        let mut paths = Vec::with_capacity(N);
        for ending in endings {
            paths.push(self.make_file_free(&format!("{}.{ending}", name.path_in_tmp()))?);
        }
        Ok(paths.try_into().unwrap_or_else(|_| unreachable!("as many paths as endings")))
    }

    /// Makes sure that nothing has this name. A leftover of the reader's own is
    /// shown and removed; what somebody holds, or is not the reader's, is never touched.
    fn make_free(&self, wanted: &Name) -> Result<(), Failure> {
        let (kind, name) = (wanted.kind().noun(), wanted.to_bytes().escape_ascii());
        let taken = |why: String| {
            Failure::Machine(format!("the {kind} {name} {why}; choose another name with --name"))
        };
        let inode = match At::look(wanted)? {
            At::Nothing => return Ok(()),
            At::Mine(inode) => inode,
            At::Anothers(uid) => return Err(taken(format!("belongs to user {uid}"))),
            At::Hidden if self.remove_hidden_queue(wanted) => return Ok(()),
            At::Hidden => return Err(taken("exists and cannot be looked at (mq_open: EACCES)".into())),
        };
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
    fn remove_hidden_queue(&self, name: &Name) -> bool {
        let anothers = owner_of_file(name).is_some_and(|uid| uid != geteuid().as_raw());
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

/// What has a name.
enum At {
    Nothing,
    /// An object of this user.
    Mine(Inode),
    /// An object of the user with this uid.
    Anothers(u32),
    /// A queue whose mode lets this user not even look.
    Hidden,
}

impl At {
    fn look(name: &Name) -> Result<At, Failure> {
        let call = if name.kind() == Kind::Queue { "mq_open" } else { "lstat" };
        match find(name.kind(), name) {
            // No directory at all is for the first call to report.
            Ok(None) | Err(Errno::ENOTDIR) => Ok(At::Nothing),
            Ok(Some(Found { inode, uid })) if uid == geteuid().as_raw() => Ok(At::Mine(inode)),
            Ok(Some(Found { uid, .. })) => Ok(At::Anothers(uid)),
            Err(Errno::EACCES) if name.kind() == Kind::Queue => Ok(At::Hidden),
            Err(errno) => {
                let (kind, shown) = (name.kind().noun(), name.to_bytes().escape_ascii());
                Err(refused(&format!("looking whether the {kind} {shown} is taken: {call}"), call, errno))
            }
        }
    }
}

/// The owner of the object's file, where it can be seen.
fn owner_of_file(name: &Name) -> Option<u32> {
    std::fs::symlink_metadata(name.kind().path(name)).ok().map(|meta| meta.uid())
}

impl Usable for Name {
    const NOUN: &str = "name";

    fn written(&self) -> String {
        self.to_string_lossy().into_owned()
    }

    fn remedy(&self) -> &'static str {
        "choose another name with --name"
    }

    fn whose(&self) -> Result<Whose, Failure> {
        let object = format!("the {} {}", self.kind().noun(), self.to_bytes().escape_ascii());
        Ok(match At::look(self)? {
            At::Nothing => Whose::Nobodys,
            At::Mine(_) => Whose::Mine(object),
            At::Anothers(uid) => Whose::of(uid, object),
            At::Hidden => match owner_of_file(self) {
                Some(uid) => Whose::of(uid, object),
                None => Whose::Hidden(object),
            },
        })
    }

    fn remove_if_mine(&self, lesson: &Lesson) -> bool {
        lesson.remove_hidden_queue(self)
    }
}
