//! C programs, compiled as strictly as those of the chapters have to be.

use std::path::Path;
use std::process::Command;

/// The compiler, about to make `program` of `source`. A warning is an error.
pub fn cc(source: &Path, program: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread"]).arg(source);
    cc.arg("-o").arg(program).arg("-lrt");
    cc
}
