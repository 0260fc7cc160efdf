//! What a test needs, and what is said where that is missing.
//!
//! The lines are written past the test harness, which hides what a passing test prints.

use std::io::Write;

/// Says what is worth knowing and is no failure.
pub fn note(what: &str) {
    let _ = writeln!(std::io::stderr(), "note: {what}");
}

/// Says that something is not tested here, and why.
pub fn skip(reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// What a tool-needing test does where the tool is missing: in CI it fails,
/// elsewhere the caller skips and says so.
pub fn have(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    assert!(found || std::env::var("CI").is_err(), "{tool} is missing, and CI must have it");
    found
}
