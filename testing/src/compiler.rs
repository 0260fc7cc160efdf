//! C programs: those of the chapters, compiled as strictly as they have to be, and those that students hand in.

use std::path::Path;
use std::process::Command;

/// The compiler, about to make `program` of `source`. A warning is an error.
pub fn cc(source: &Path, program: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread"]).arg(source);
    cc.arg("-o").arg(program).arg("-lrt");
    cc
}

/// As [`cc`], about to make a program that somebody hands in, whatever the compiler thinks of it.
pub fn cc_submission(source: &Path, program: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-O1", "-w", "-pthread"]).arg(source).arg("-o").arg(program).arg("-lrt");
    cc
}
