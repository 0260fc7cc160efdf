//! One probe of `lab doctor`. It runs in a separate process, so that its changes end with it. Standard error
//! says what failed.

use crate::sandbox::{Fault, Limits, Sandbox};
use crate::scheduler::{Schedule, Scheduler};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_unlink};
use ipc_workbook_tools::cli::Failure;
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::geteuid;
use std::time::Duration;

/// The name (`argv[0]`) that makes `lab` run a probe.
pub(crate) const NAME: &str = "lab: probe";

/// The time limit of a probe. A compiler has a limit of its own.
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
        _ => return Err(Failure::Usage("only lab doctor starts a probe; run lab doctor".into())),
    };
    seen.map_err(|Fault(why)| Failure::Machine(why))?;
    Ok(0)
}

/// Creates one namespace. Without root it also needs a user namespace.
fn namespace(flag: CloneFlags) -> Result<(), Fault> {
    let flags = if geteuid().is_root() { flag } else { flag | CloneFlags::CLONE_NEWUSER };
    unshare(flags).map_err(|errno| Fault::call("unshare", errno))
}

/// Creates a queue of the default size, which is more than a lab needs. Runs in the namespaces.
fn queue() -> Result<(), Fault> {
    let name = c"/lab_doctor";
    let attr = MqAttr::new(10, 8192);
    mq_open(name, libc::O_CREAT | libc::O_RDWR, 0o600, Some(&attr))
        .map_err(|errno| Fault::call("mq_open of 10 messages of 8192 bytes", errno))?;
    mq_unlink(name).map_err(|errno| Fault::call("mq_unlink", errno))
}

/// Makes a sandbox, and runs programs with the limits of a submission and of a compiler.
fn sandbox() -> Result<(), Fault> {
    let sandbox = Sandbox::new(&[], false)?;
    for (limits, of) in [(Limits::RUN, "a submission"), (Limits::BUILD, "a compiler")] {
        let shell = sandbox.tool("/bin/sh", &["-c", "exit 7"]).limits(limits);
        let shell = sandbox
            .run(shell, MOMENT)
            .map_err(|Fault(why)| Fault::new(format!("under the limits of {of}: {why}")))?;
        if !shell.exited(7) {
            return Err(Fault::new(format!(
                "a shell ended wrongly under the limits of {of}: {}",
                shell.end()
            )));
        }
    }
    Ok(())
}

/// Runs a program under a scheduler, which decides when each of its calls is made.
fn schedule() -> Result<(), Fault> {
    let sandbox = Sandbox::new(&[], false)?;
    let mut scheduler = Scheduler::new(&sandbox, MOMENT, Schedule::of_start());
    scheduler.add(sandbox.tool("/bin/sh", &["-c", "exit 7"]))?;
    let ends = scheduler.play()?;
    if ends.are(&[7]) {
        Ok(())
    } else {
        Err(Fault::new(format!("a shell under the scheduler ended wrongly: {ends}")))
    }
}

/// Whether a probe's message names this errno.
pub(super) fn is(why: &str, errno: Errno) -> bool {
    why.contains(&format!("{errno:?}:"))
}
