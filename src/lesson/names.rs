//! Chooses the names that a lesson uses for its objects and files, and handles a name that is in use.

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
    /// Returns the name that this lesson uses for an object of this kind: that of `--name`, or the
    /// usual one. The name is valid, and no object has it now.
    pub fn name(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        let [name] = self.names([kind], usual)?;
        Ok(name)
    }

    /// Returns the same name for several kinds of object.
    pub fn names<const N: usize>(&self, kinds: [Kind; N], usual: &str) -> Result<[Name; N], Failure> {
        let names = self.names_of(&kinds, usual)?;
        Ok(names.try_into().unwrap_or_else(|_| unreachable!("as many names as kinds")))
    }

    /// Returns the same name for several kinds, whose number is known only at run time.
    pub fn names_of(&self, kinds: &[Kind], usual: &str) -> Result<Vec<Name>, Failure> {
        let wanted: Vec<(Kind, &str)> = kinds.iter().map(|kind| (*kind, usual)).collect();
        self.names_apart(&wanted)
    }

    /// Returns a name for each kind, where their usual names differ. With `--name`, all have that name.
    pub fn names_apart(&self, wanted: &[(Kind, &str)]) -> Result<Vec<Name>, Failure> {
        // All names are checked before any object is looked at: if one is invalid, nothing must be removed.
        let names = wanted.iter().map(|(kind, usual)| self.given_or(*kind, usual));
        let names: Vec<Name> = names.collect::<Result<_, _>>()?;
        let own = names.iter().map(Name::own).collect();
        self.free_names(names, own)
    }

    /// Returns the lesson's name for a queue, and beside it a name for each kind with this ending behind it.
    /// Only the first is locked. The lesson must keep its queue as long as it has objects with the others.
    pub fn name_and_endings(&self, usual: &str, wanted: &[(Kind, &str)]) -> Result<Vec<Name>, Failure> {
        let mut names = vec![self.name(Kind::Queue, usual)?];
        for (kind, ending) in wanted {
            let name = names[0].with_ending(*kind, ending)?;
            self.make_free(&name)?;
            names.push(name);
        }
        Ok(names)
    }

    /// Returns the name lengthened to `length` bytes after its slash, for the same kind of object.
    pub fn grown(&self, name: &Name, length: usize) -> Result<Name, Failure> {
        let grown = |name: &Name| Ok(vec![Name::new(name.kind(), &name.grown_to(length))?]);
        let own = name.own().and_then(|own| grown(&own));
        let mut names = self.free_names(grown(name)?, own)?;
        Ok(names.remove(0))
    }

    /// Returns names that no object has and no other run uses meanwhile. They are `names`; but `own`,
    /// if another user has one of them and the reader has not chosen it.
    fn free_names(&self, names: Vec<Name>, own: Result<Vec<Name>, Failure>) -> Result<Vec<Name>, Failure> {
        let names = self.locked_names(names, own)?;
        for name in &names {
            self.make_free(name)?;
        }
        Ok(names)
    }

    /// Returns and locks the same names; objects may have them.
    fn locked_names(&self, names: Vec<Name>, own: Result<Vec<Name>, Failure>) -> Result<Vec<Name>, Failure> {
        if self.flags.name.is_none() {
            return self.usual_or_own(names, own?);
        }
        self.lock(&names)?;
        Ok(names)
    }

    /// Returns the name of `--name`, or the usual one, and checks that it is valid.
    pub(super) fn given_or(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        Name::new(kind, self.flags.name.as_deref().unwrap_or(usual))
    }

    /// Returns the name that this lesson uses, without locking it; an object may have it. For a program
    /// that uses another program's object.
    pub fn name_as_it_is(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        let name = self.given_or(kind, usual)?;
        if self.flags.name.is_some() {
            return Ok(name);
        }
        let own = name.own()?;
        self.usual_or_own_as_it_is(name, own)
    }

    /// Returns and locks the same name; an object may have it. For a program that leaves an object behind.
    pub fn name_to_leave(&self, kind: Kind, usual: &str) -> Result<Name, Failure> {
        let name = self.given_or(kind, usual)?;
        let own = name.own().map(|own| vec![own]);
        let mut names = self.locked_names(vec![name], own)?;
        Ok(names.remove(0))
    }

    /// Leaves an object behind: the end of this run does not remove it. Only a program whose successor
    /// removes the object may do this.
    pub fn leave_behind(&self, name: &Name) {
        self.note(&format!("Left behind on purpose: {}", name.to_string_lossy()));
        cleanup::removed(name.object());
    }

    /// Removes an object at the end of this run, even if it was an earlier run that created it.
    pub fn adopt(&self, name: &Name) {
        cleanup::removed(name.object()); // it may be recorded already
        cleanup::created(name.object());
    }

    /// Returns a path for a regular file, at which no file exists now. The path is unique to this user, this
    /// IPC namespace and this name, so no other run uses it.
    pub fn file_beside(&self, name: &Name) -> Result<CString, Failure> {
        self.make_file_free(&name.path_in_tmp())
    }

    /// Returns paths for regular files, at which no file exists now: one for each ending. They differ from
    /// the path of [`Lesson::file_beside`].
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

    /// Makes sure that no object has this name. Shows and removes a leftover of this user; never touches an
    /// object that a process holds or that belongs to another user.
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
            At::Hidden => return Err(taken("exists, but you may not open it (mq_open: EACCES)".into())),
        };
        let holders = Holders::of(inode);
        if let Err(unseen) = holders.looked_everywhere() {
            return Err(taken(format!("exists, and a process may hold it (not seen: {unseen})")));
        }
        if let Some(pid) = holders.pids().next() {
            let command = holders.command_of(pid).unwrap_or_default();
            return Err(taken(format!("is held by pid {pid} ({command}); wait until it ends")));
        }
        self.note(&format!("Your {kind} {name} exists already, and no process holds it. It is left over from a run that was killed. Removing it."));
        self.show_snapshot(&inode.snapshot()?);
        match wanted.kind() {
            Kind::Queue => mq_unlink(wanted)?,
            Kind::Semaphore => sem_unlink(wanted)?,
            Kind::SharedMemory => shm_unlink(wanted)?,
        }
        Ok(())
    }

    /// Removes a queue that this user may not open, if this user owns it; returns whether it did.
    ///
    /// The mode of such a queue excludes even its owner, so nobody can open it to see who owns it. But the
    /// directory of queues is sticky, so `mq_unlink` succeeds only for the owner.
    fn remove_hidden_queue(&self, name: &Name) -> bool {
        let anothers = owner_of_file(name).is_some_and(|uid| uid != geteuid().as_raw());
        // Root may remove queues of others in spite of the sticky bit, and no mode excludes root.
        if anothers || geteuid().is_root() || queue_is_held(name) {
            return false;
        }
        let removed = unreported(|| mq_unlink(name)).is_ok();
        if removed {
            self.note(&format!(
                "Your queue {} existed already, and no process held it. It was left over from a run that was killed. Removed it.",
                name.to_string_lossy()
            ));
        }
        removed
    }

    /// Returns the path as a C string. Removes a file that a killed run has left there.
    fn make_file_free(&self, path: &str) -> Result<CString, Failure> {
        let c_path = CString::new(path).unwrap_or_default();
        // /tmp is sticky, so no other user can replace the file between the check and the removal.
        if std::fs::symlink_metadata(path)
            .is_ok_and(|meta| meta.is_file() && meta.uid() == geteuid().as_raw())
        {
            self.note(&format!("The file {path} was left by a run that was killed. Removing it."));
            unlink(&c_path)?;
        }
        Ok(c_path)
    }
}

/// What a look under a name has found.
enum At {
    Nothing,
    /// An object of this user.
    Mine(Inode),
    /// An object of the user with this uid.
    Anothers(u32),
    /// A queue that this user may not open, even for reading.
    Hidden,
}

impl At {
    fn look(name: &Name) -> Result<At, Failure> {
        let call = if name.kind() == Kind::Queue { "mq_open" } else { "lstat" };
        match find(name.kind(), name) {
            // If the directory is missing, the lesson's first call reports that.
            Ok(None) | Err(Errno::ENOTDIR) => Ok(At::Nothing),
            Ok(Some(Found { inode, uid })) if uid == geteuid().as_raw() => Ok(At::Mine(inode)),
            Ok(Some(Found { uid, .. })) => Ok(At::Anothers(uid)),
            Err(Errno::EACCES) if name.kind() == Kind::Queue => Ok(At::Hidden),
            Err(errno) => {
                let (kind, shown) = (name.kind().noun(), name.to_bytes().escape_ascii());
                Err(refused(&format!("looking for the {kind} {shown}: {call}"), call, errno))
            }
        }
    }
}

/// Returns the owner of the object's file; `None` if the file cannot be seen.
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
