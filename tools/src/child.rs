//! What the tools do with the programs that they start.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Makes a program end that has not ended by itself after so many seconds.
#[allow(unsafe_code)]
pub fn end_after(command: &mut Command, seconds: u32) {
    let limit = move || {
        nix::unistd::alarm::set(seconds);
        Ok(())
    };
    // SAFETY: one system call; the alarm outlives exec.
    unsafe { command.pre_exec(limit) };
}

/// Makes a program end when this one does, however it ends.
#[allow(unsafe_code)]
pub fn end_with_me(command: &mut Command) {
    let end_with_me = || Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?);
    // SAFETY: one system call.
    unsafe { command.pre_exec(end_with_me) };
}

/// Does something during which Ctrl-C does not end this program. A terminal sends Ctrl-C to the
/// programs that this one has started as well: they clean up and end, and this one waits for them.
pub fn outliving_ctrl_c<T>(work: impl FnOnce() -> T) -> T {
    // A handler, unlike SIG_IGN, is not inherited.
    extern "C" fn nothing(_: i32) {}
    let before =
        handle_ctrl_c(&SigAction::new(SigHandler::Handler(nothing), SaFlags::SA_RESTART, SigSet::empty()));
    let done = work();
    if let Some(before) = before {
        handle_ctrl_c(&before);
    }
    done
}

/// Sets what Ctrl-C does, and returns what it did before.
#[allow(unsafe_code)]
fn handle_ctrl_c(action: &SigAction) -> Option<SigAction> {
    // SAFETY: the handler does nothing, or is the one from before.
    unsafe { sigaction(Signal::SIGINT, action) }.ok()
}
