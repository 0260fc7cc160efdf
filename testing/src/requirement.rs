//! Tools that a test needs, and the messages for a tool that is missing.
//!
//! The messages bypass the test harness, which hides what a passing test prints.

use std::io::Write;

/// Prints something worth knowing that is not a failure.
pub fn note(what: &str) {
    let _ = writeln!(std::io::stderr(), "note: {what}");
}

/// Prints that something is not tested here, and why.
pub fn skip(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// Returns whether the tool is installed. If it is missing, the caller skips its test and says so.
/// In CI a missing tool is a failure.
pub fn have(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    assert!(found || std::env::var("CI").is_err(), "{tool} is missing; install it in CI");
    found
}
