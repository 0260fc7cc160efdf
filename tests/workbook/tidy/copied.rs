//! A copy of the workbook that a test may break or add to.

use ipc_workbook_testing::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Copies the files that lessons are made of to a temporary folder. Returns `None`, and says so, if this
/// user may not write there.
pub(super) fn copy(to: &str) -> Option<PathBuf> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if nix::unistd::access(scratch, nix::unistd::AccessFlags::W_OK).is_err() {
        skip("this user may not write to the target folder");
        return None;
    }
    let to = scratch.join(to);
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).expect("a folder");
    let parts = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "src",
        "scripts",
        "lessons",
        "benches",
        "tests",
        "book",
        "interview",
        "labs",
        "menu",
        "testing",
        "tools",
    ];
    let present = parts.iter().map(|part| root().join(part)).filter(|part| part.exists());
    let copied = Command::new("cp").arg("-R").args(present).arg(&to).status().expect("cp");
    assert!(copied.success());
    Some(to)
}
