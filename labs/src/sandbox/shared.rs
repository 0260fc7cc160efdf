//! A shared sandbox: it uses the machine's own namespaces, for machines that allow no others. The user must
//! ask for it, because every object that appears meanwhile counts as the submission's, and is removed.

use super::fault::Fault;
use super::objects::Objects;
use super::process::Process;
use ipc_workbook::observe::{self, stat_field};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, geteuid};
use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Shared {
    /// A temporary folder that holds the paths of the tree.
    root: PathBuf,
    /// The objects that existed before.
    before: Objects,
    /// How many processes and threads this user had before.
    processes: u64,
    /// A lock: two shared sandboxes of one user would take each other's objects for their own.
    _alone: Flock<File>,
}

impl Shared {
    pub(super) fn new(mounts: &[(PathBuf, PathBuf)]) -> Result<Self, Fault> {
        if !Path::new("/dev/mqueue").exists()
            || fs::read_to_string("/proc/self/mounts").is_ok_and(|mounts| !mounts.contains(" mqueue "))
        {
            return Err(Fault::new(
                "no mqueue file system is mounted on /dev/mqueue; scripts/mount_mqueue.sh mounts it",
            ));
        }
        let alone = alone()?;
        // Orphans of the sandbox become children of this process, so they are found among its descendants.
        nix::sys::prctl::set_child_subreaper(true)
            .map_err(|errno| Fault::call("prctl(PR_SET_CHILD_SUBREAPER)", errno))?;
        let before = Objects::now()?;
        if let Some(taken) = before.posix().find(|object| object.name.starts_with("/lab")) {
            return Err(Fault::new(format!(
                "the object already exists: {taken}; graders use this name, so remove the object first"
            )));
        }
        let processes = processes_of(geteuid().as_raw())?;
        let root = nix::unistd::mkdtemp(&std::env::temp_dir().join("lab-shared-XXXXXX"))
            .map_err(|errno| Fault::call("mkdtemp", errno))?;
        // From here on, dropping `shared` removes the folder.
        let shared = Shared { before, processes, root, _alone: alone };
        shared.furnish(mounts)?;
        Ok(shared)
    }

    /// Makes the folders and links that a private tree would have.
    fn furnish(&self, mounts: &[(PathBuf, PathBuf)]) -> Result<(), Fault> {
        let root = &self.root;
        let fault = |error: std::io::Error| Fault::io(&root.display().to_string(), &error);
        for folder in ["work", "tmp", "program"] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(root.join(folder)).map_err(fault)?;
        }
        for (source, at) in mounts.iter().filter(|(source, at)| source != at) {
            let link = root.join(at.strip_prefix("/").unwrap_or(at));
            fs::create_dir_all(link.parent().unwrap_or(root)).map_err(fault)?;
            symlink(source, link).map_err(fault)?;
        }
        Ok(())
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn processes_of_the_user(&self) -> u64 {
        self.processes
    }

    pub(super) fn renew(&mut self) -> Result<(), Fault> {
        end_processes()?;
        // Do not remove objects that another process created meanwhile and is using.
        let others: Vec<Process> = observe::processes()?.into_iter().filter_map(Process::of).collect();
        for object in self.objects()?.iter() {
            let name = object.name_in_proc();
            let held = |process: &Process| process.held.iter().any(|held| held.contains(&name));
            if object.is_of(geteuid().as_raw()) && !others.iter().any(held) {
                object.remove();
            }
        }
        Ok(())
    }

    /// Returns the objects that did not exist before.
    pub(super) fn objects(&self) -> Result<Objects, Fault> {
        let mut now = Objects::now()?;
        now.retain(|object| !self.before.iter().any(|before| before.is(object)));
        Ok(now)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = self.renew();
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Locks the shared sandbox of this user: there is only one at a time.
fn alone() -> Result<Flock<File>, Fault> {
    let file = std::env::temp_dir().join(format!("lab-shared-{}.lock", geteuid()));
    let open = File::options().create(true).truncate(false).write(true).open(&file);
    let open = open.map_err(|error| Fault::io(&file.display().to_string(), &error))?;
    Flock::lock(open, FlockArg::LockExclusive).map_err(|(_, errno)| Fault::call("flock", errno))
}

/// Returns all descendants of this process.
pub(super) fn descendants() -> Result<Vec<i32>, Fault> {
    let parent = |pid: i32| -> Option<i32> { stat_field(pid, 4)?.parse().ok() };
    let parents: Vec<(i32, i32)> =
        observe::processes()?.into_iter().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found = vec![i32::try_from(std::process::id()).unwrap_or(0)];
    let mut at = 0;
    while at < found.len() {
        let of = found[at];
        found.extend(parents.iter().filter(|(_, parent)| *parent == of).map(|(pid, _)| *pid));
        at += 1;
    }
    found.remove(0);
    Ok(found)
}

/// Kills all descendants. They are stopped first, so that none can fork while the others are killed.
pub(super) fn end_processes() -> Result<(), Fault> {
    for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
        let mut last = Vec::new();
        loop {
            let now = descendants()?;
            if now == last {
                break;
            }
            for pid in &now {
                let _ = kill(Pid::from_raw(*pid), signal);
            }
            last = now;
        }
    }
    loop {
        match waitpid(None, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::ECHILD) => return Ok(()),
            Err(errno) => return Err(Fault::call("waitpid", errno)),
        }
    }
}

/// Returns how many processes and threads a user has: RLIMIT_NPROC counts both.
fn processes_of(uid: u32) -> Result<u64, Fault> {
    let mut count = 0;
    for pid in observe::processes()? {
        let folder = format!("/proc/{pid}");
        if fs::metadata(&folder).is_ok_and(|meta| meta.uid() == uid) {
            count += fs::read_dir(folder + "/task").map_or(1, |tasks| tasks.count() as u64);
        }
    }
    Ok(count)
}
