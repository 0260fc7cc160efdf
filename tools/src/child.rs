//! Functions for the programs that a tool starts.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Makes the kernel end a program that still runs after so many seconds.
#[allow(unsafe_code)]
pub fn end_after(command: &mut Command, seconds: u32) {
    let limit = move || {
        nix::unistd::alarm::set(seconds);
        Ok(())
    };
    // SAFETY: the closure makes one system call. (The alarm stays set across exec.)
    unsafe { command.pre_exec(limit) };
}

/// Makes a program end when this program ends, in whatever way this program ends.
#[allow(unsafe_code)]
pub fn end_with_me(command: &mut Command) {
    let end_with_me = || Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?);
    // SAFETY: the closure makes one system call.
    unsafe { command.pre_exec(end_with_me) };
}

/// Runs `work`, and ignores Ctrl-C meanwhile. A terminal sends Ctrl-C also to the programs that this program
/// has started: they clean up and end, and this program waits for them.
pub fn outliving_ctrl_c<T>(work: impl FnOnce() -> T) -> T {
    // A handler is reset by exec; SIG_IGN would be inherited.
    extern "C" fn nothing(_: i32) {}
    let before =
        handle_ctrl_c(&SigAction::new(SigHandler::Handler(nothing), SaFlags::SA_RESTART, SigSet::empty()));
    let done = work();
    if let Some(before) = before {
        handle_ctrl_c(&before);
    }
    done
}

/// Sets the action for Ctrl-C, and returns the previous one.
#[allow(unsafe_code)]
fn handle_ctrl_c(action: &SigAction) -> Option<SigAction> {
    // SAFETY: the handler does nothing, or was installed before.
    unsafe { sigaction(Signal::SIGINT, action) }.ok()
}
