//! One experiment of `lab doctor`, in a process of its own, so that what it
//! changes ends with it. It prints what it saw, and says on standard error what failed.

use crate::sandbox::{Fault, Limits, Sandbox};
use crate::scheduler::{Schedule, Scheduler};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_unlink};
use ipc_workbook_tools::cli::Failure;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::geteuid;
use std::time::Duration;

/// What `lab` is called that makes an experiment.
pub(crate) const NAME: &str = "lab: probe";

/// How long any of them may take; a compiler has its own time.
const MOMENT: Duration = Duration::from_secs(10);

pub(crate) fn run(what: &str) -> Result<u8, Failure> {
    let seen = match what {
        "user" => namespace(CloneFlags::CLONE_NEWUSER),
        "ipc" => namespace(CloneFlags::CLONE_NEWIPC),
        "mount" => namespace(CloneFlags::CLONE_NEWNS),
        "pid" => namespace(CloneFlags::CLONE_NEWPID),
        "net" => namespace(CloneFlags::CLONE_NEWNET),
        "queue" => queue(),
        "sandbox" => sandbox(),
        "seccomp" => schedule(),
        _ => return Err(Failure::Usage("an experiment is started by lab doctor".into())),
    };
    seen.map_err(|Fault(why)| Failure::Machine(why))?;
    Ok(0)
}

/// One namespace; whoever is not root needs a user namespace around it.
fn namespace(flag: CloneFlags) -> Result<(), Fault> {
    let flags = if geteuid().is_root() { flag } else { flag | CloneFlags::CLONE_NEWUSER };
    unshare(flags).map_err(|errno| Fault::call("unshare", errno))
}

/// In the namespace: a queue as large as one gets without asking, which is more than a lab takes.
fn queue() -> Result<(), Fault> {
    let name = c"/lab_doctor";
    let attr = MqAttr::new(10, 8192);
    mq_open(name, libc::O_CREAT | libc::O_RDWR, 0o600, Some(&attr))
        .map_err(|errno| Fault::call("mq_open of 10 messages of 8192 bytes", errno))?;
    mq_unlink(name).map_err(|errno| Fault::call("mq_unlink", errno))
}

/// In the namespace: a sandbox, with programs under the limits of a submission and of a compiler.
fn sandbox() -> Result<(), Fault> {
    let sandbox = Sandbox::new(&[], false)?;
    for (limits, of) in [(Limits::RUN, "a submission"), (Limits::BUILD, "a compiler")] {
        let shell = sandbox.tool("/bin/sh", &["-c", "exit 7"]).limits(limits);
        let shell = sandbox
            .run(shell, MOMENT)
            .map_err(|Fault(why)| Fault::new(format!("under the limits of {of}: {why}")))?;
        if !shell.exited(7) {
            return Err(Fault::new(format!("a shell under the limits of {of}: {}", shell.end())));
        }
    }
    Ok(())
}

/// In the namespace: a program whose calls a schedule decides on.
fn schedule() -> Result<(), Fault> {
    let sandbox = Sandbox::new(&[], false)?;
    let mut scheduler = Scheduler::new(&sandbox, MOMENT, Schedule::of_start());
    scheduler.add(sandbox.tool("/bin/sh", &["-c", "exit 7"]))?;
    let ends = scheduler.play()?;
    if ends.are(&[7]) { Ok(()) } else { Err(Fault::new(format!("a scheduled shell: {ends}"))) }
}

/// The errno in what a probe says.
pub(super) fn is(why: &str, errno: Errno) -> bool {
    why.contains(&format!("{errno:?}:"))
}
