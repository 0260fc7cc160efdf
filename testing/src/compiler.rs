//! C programs: those of the chapters, compiled strictly, and those that students hand in.

use std::path::Path;
use std::process::Command;

/// Returns the command that compiles `source` into `program`. Warnings are errors.
pub fn cc(source: &Path, program: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread"]).arg(source);
    cc.arg("-o").arg(program).arg("-lrt");
    cc
}

/// Returns a command like [`cc`]'s for a submission: warnings are ignored.
pub fn cc_submission(source: &Path, program: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-O1", "-w", "-pthread"]).arg(source).arg("-o").arg(program).arg("-lrt");
    cc
}
