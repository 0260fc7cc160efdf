//! A private sandbox: it has its own namespaces and its own file tree.

use super::child::Limits;
use super::fault::Fault;
use super::guard::{BETWEEN_LOOKS, Guard, Report};
use super::objects::Objects;
use super::tree::{self, Mount};
use ipc_workbook::observe;
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::time::TimeSpec;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use std::fs::{self, File, Permissions};
use std::path::PathBuf;
use std::rc::Rc;

#[derive(Debug)]
pub(super) struct Private {
    /// Process 1 of the sandbox's PID namespace, and its reports as the guard.
    init: Option<(Pid, Rc<Report>)>,
    /// The worker's own PID namespace. Each new PID namespace of the sandbox is created from it.
    own_pids: File,
    /// The processes that existed before the sandbox: the worker and its ancestors.
    outside: Vec<i32>,
    /// The modes of the folders of IPC objects. A submission owns these folders and may change them.
    modes: Vec<(&'static str, Permissions)>,
}

impl Private {
    pub(super) fn new(mounts: &[(PathBuf, PathBuf)]) -> Result<Self, Fault> {
        let outside = observe::processes()?;
        let mut all = Vec::new();
        for (source, at) in mounts {
            all.push(Mount::new(source, at)?);
        }
        // In a new user namespace a process would have all capabilities again.
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
        // The compiler runs first.
        private.restart_with(Limits::BUILD)?;
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
        tree::bound_shm()?;
        self.restart()
    }

    /// Ends all processes. Process ids start again.
    pub(super) fn restart(&mut self) -> Result<(), Fault> {
        self.restart_with(Limits::RUN)
    }

    fn restart_with(&mut self, limits: Limits) -> Result<(), Fault> {
        self.end_processes()?;
        setns(&self.own_pids, CloneFlags::CLONE_NEWPID).map_err(|errno| Fault::call("setns", errno))?;
        unshare(CloneFlags::CLONE_NEWPID).map_err(|errno| Fault::call("unshare(CLONE_NEWPID)", errno))?;
        self.init = Some(first_process(limits)?);
        Ok(())
    }

    /// Kills process 1 of the sandbox. The kernel then kills all others at once, so none can fork and escape.
    fn end_processes(&mut self) -> Result<(), Fault> {
        let Some((init, _)) = self.init.take() else { return Ok(()) };
        let _ = kill(init, Signal::SIGKILL);
        // Process 1 is not reaped until all others have been waited for.
        while waitpid(None, None).map_err(|errno| Fault::call("waitpid", errno))?.pid() != Some(init) {}
        Ok(())
    }

    /// Returns the reports of the sandbox's guard.
    pub(super) fn guard(&self) -> Option<Rc<Report>> {
        self.init.as_ref().map(|(_, report)| report.clone())
    }

    /// Returns the processes of the sandbox, without its process 1.
    pub(super) fn pids(&self) -> Result<Vec<i32>, Fault> {
        let init = self.init.as_ref().map(|(init, _)| init.as_raw());
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

/// Starts process 1. It mounts the sandbox's /proc; then it reaps orphans and acts as the guard until it is
/// killed.
#[allow(unsafe_code)]
fn first_process(limits: Limits) -> Result<(Pid, Rc<Report>), Fault> {
    let (ready, is_ready) =
        nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(|errno| Fault::call("pipe2", errno))?;
    // SAFETY: this process has one thread, so the child may make any call after fork.
    match unsafe { fork() }.map_err(|errno| Fault::call("fork", errno))? {
        ForkResult::Parent { child } => {
            drop(is_ready);
            let mut byte = [0];
            match nix::unistd::read(&ready, &mut byte) {
                Ok(1) if byte[0] == 0 => {
                    nix::fcntl::fcntl(&ready, nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK))
                        .map_err(|errno| Fault::call("fcntl", errno))?;
                    Ok((child, Rc::new(Report::new(File::from(ready)))))
                }
                Ok(1) => Err(Fault::call("mount proc in the sandbox", Errno::from_raw(i32::from(byte[0])))),
                _ => Err(Fault::new("process 1 of the sandbox ended at once")),
            }
        }
        ForkResult::Child => {
            // SAFETY: the call takes numbers. This process must end when the worker ends.
            unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            let errno = tree::mount_proc().map_or_else(|errno| errno as i32, |()| 0);
            let _ = nix::unistd::write(&is_ready, &[u8::try_from(errno).unwrap_or(u8::MAX)]);
            drop(ready);
            let mut child_ends = SigSet::empty();
            child_ends.add(Signal::SIGCHLD);
            let _ = child_ends.thread_block();
            let moment = TimeSpec::from_duration(BETWEEN_LOOKS);
            let mut guard = Guard::new(limits, File::from(is_ready));
            loop {
                while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {}
                guard.look();
                // SAFETY: the set and the time outlive the call; a null pointer means that no siginfo is
                // wanted.
                unsafe { libc::sigtimedwait(child_ends.as_ref(), std::ptr::null_mut(), moment.as_ref()) };
            }
        }
    }
}
