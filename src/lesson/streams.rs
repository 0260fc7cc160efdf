//! Checks that a lesson has the standard streams that it needs.

use super::flags::Flags;
use crate::call::Errno;
use crate::cli::Failure;
use crate::narrate::Format;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Whether standard output was closed when the program began. Rust opens
/// /dev/null in its place before `main`, so the lesson's output would be lost.
static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

extern "C" fn look_at_standard_output() {
    // SAFETY: fcntl reads a descriptor's flags, or fails.
    let flags = unsafe { libc::fcntl(1, libc::F_GETFD) };
    OUTPUT_WAS_CLOSED.store(flags == -1 && Errno::last() == Errno::EBADF, SeqCst);
}

// SAFETY: the loader calls each function of .init_array once, before main; this
// one makes a system call and stores a flag.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look_at_standard_output;

/// Checks that the streams fit the flags.
pub(super) fn check(flags: &Flags) -> Result<(), Failure> {
    if OUTPUT_WAS_CLOSED.load(SeqCst) {
        return Err(Failure::Machine(
            "standard output is closed; leave it open, or send it to a file".into(),
        ));
    }
    if flags.predict && flags.format == Format::Json {
        return Err(Failure::Usage(
            "--predict asks a person, and --format json is for programs; use only one of them".into(),
        ));
    }
    if flags.predict && !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(Failure::Machine(
            "--predict needs a terminal for its questions; run it in one, or without --predict".into(),
        ));
    }
    Ok(())
}
