//! A sandbox of its own: namespaces, and a file tree.

use super::fault::Fault;
use super::objects::Objects;
use super::tree::{self, Mount};
use ipc_workbook::observe;
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use std::fs::{self, File, Permissions};
use std::path::PathBuf;

#[derive(Debug)]
pub(super) struct Private {
    /// Process 1 of the sandbox's PID namespace.
    init: Option<Pid>,
    /// The worker's own PID namespace, from which each new one of the sandbox is made.
    own_pids: File,
    /// The processes that were here before the sandbox: the worker and those above it.
    outside: Vec<i32>,
    /// The modes of the folders of IPC objects. A submission is their owner.
    modes: Vec<(&'static str, Permissions)>,
}

impl Private {
    pub(super) fn new(mounts: &[(PathBuf, PathBuf)]) -> Result<Self, Fault> {
        let outside = observe::processes()?;
        let mut all = Vec::new();
        for (source, at) in mounts {
            all.push(Mount::new(source, at)?);
        }
        // Inside another user namespace a process would have every capability again.
        let _ = fs::write("/proc/sys/user/max_user_namespaces", "0");
        unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| Fault::call("unshare(CLONE_NEWNET)", errno))?;
        tree::build(&all)?;
        let own_pids = File::open("/proc/self/ns/pid");
        let own_pids = own_pids.map_err(|error| Fault::io("/proc/self/ns/pid", &error))?;
        let mut modes = Vec::new();
        for folder in ["/dev/shm", "/dev/mqueue"] {
            let meta = fs::metadata(folder).map_err(|error| Fault::io(folder, &error))?;
            modes.push((folder, meta.permissions()));
        }
        let mut private = Private { init: None, own_pids, outside, modes };
        private.renew()?;
        Ok(private)
    }

    pub(super) fn renew(&mut self) -> Result<(), Fault> {
        self.end_processes()?;
        for object in Objects::now()?.iter() {
            object.remove();
        }
        for (folder, mode) in &self.modes {
            fs::set_permissions(folder, mode.clone()).map_err(|error| Fault::io(folder, &error))?;
        }
        self.restart()
    }

    /// Process ids start again.
    pub(super) fn restart(&mut self) -> Result<(), Fault> {
        self.end_processes()?;
        setns(&self.own_pids, CloneFlags::CLONE_NEWPID).map_err(|errno| Fault::call("setns", errno))?;
        unshare(CloneFlags::CLONE_NEWPID).map_err(|errno| Fault::call("unshare(CLONE_NEWPID)", errno))?;
        self.init = Some(first_process()?);
        Ok(())
    }

    /// Kills process 1 of the sandbox, and so all of them, at one time: nothing can fork away.
    fn end_processes(&mut self) -> Result<(), Fault> {
        let Some(init) = self.init.take() else { return Ok(()) };
        let _ = kill(init, Signal::SIGKILL);
        // Process 1 is not gone before all others have been waited for.
        while waitpid(None, None).map_err(|errno| Fault::call("waitpid", errno))?.pid() != Some(init) {}
        Ok(())
    }

    /// The processes of the sandbox, without its process 1.
    pub(super) fn pids(&self) -> Result<Vec<i32>, Fault> {
        let init = self.init.map(Pid::as_raw);
        let mut pids = observe::processes()?;
        pids.retain(|pid| !self.outside.contains(pid) && Some(*pid) != init);
        Ok(pids)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = self.end_processes();
    }
}

/// Process 1: it mounts the sandbox's /proc, and takes over orphans until it is killed.
#[allow(unsafe_code)]
fn first_process() -> Result<Pid, Fault> {
    let (ready, is_ready) =
        nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(|errno| Fault::call("pipe2", errno))?;
    // SAFETY: this process has one thread, so the child may do what its parent may.
    match unsafe { fork() }.map_err(|errno| Fault::call("fork", errno))? {
        ForkResult::Parent { child } => {
            drop(is_ready);
            let mut byte = [0];
            match nix::unistd::read(&ready, &mut byte) {
                Ok(1) if byte[0] == 0 => Ok(child),
                Ok(1) => Err(Fault::call("mount proc in the sandbox", Errno::from_raw(i32::from(byte[0])))),
                _ => Err(Fault::new("process 1 of the sandbox has ended at once")),
            }
        }
        ForkResult::Child => {
            // SAFETY: the worker's end must be this process's end.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            let errno = tree::mount_proc().map_or_else(|errno| errno as i32, |()| 0);
            let _ = nix::unistd::write(&is_ready, &[u8::try_from(errno).unwrap_or(u8::MAX)]);
            let mut child_ends = SigSet::empty();
            child_ends.add(Signal::SIGCHLD);
            let _ = child_ends.thread_block();
            loop {
                while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {}
                let _ = child_ends.wait();
            }
        }
    }
}
