//! `claims.toml`: the sources of each claim of a chapter, and who promises it. No program can
//! find that out, so people write it.

use super::{Chapter, files, read};
use crate::cli::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The entry of a claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// The sources: `mq_unlink(3p), linux ipc/mqueue.c`
    pub source: String,
    /// The standard, the kernel, the library or the command that promises it.
    pub by: By,
    /// Why the claim also holds when the kernel's answer to a call is falsified, if it does.
    pub unturned: Option<String>,
    /// Why its result depends on the width of a pointer, if it does. The result for 64 bits is recorded.
    pub wide: Option<String>,
    /// The identifiers that it had in earlier editions of the workbook. Links to them still lead to it.
    #[serde(default)]
    pub formerly: Vec<String>,
}

/// The standard, the kernel, the library or the command that promises a claim.
#[derive(Clone, Copy, Debug, Deserialize)]
pub enum By {
    /// POSIX.1-2024 requires it of every system.
    #[serde(rename = "POSIX")]
    Posix,
    /// POSIX leaves it to the implementation or does not define it; Linux and glibc do it this way.
    #[serde(rename = "left open")]
    LeftOpen,
    /// Only the Linux kernel promises it; POSIX does not mention it.
    Linux,
    /// Only the C library promises it.
    #[serde(rename = "glibc")]
    Glibc,
    /// Rust's standard library.
    Rust,
    /// A command of the system or of this workbook.
    #[serde(rename = "command")]
    Command,
}

impl By {
    /// Returns words for a reader.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            By::Posix => "POSIX",
            By::LeftOpen => "left open by POSIX",
            By::Linux => "Linux alone",
            By::Glibc => "glibc alone",
            By::Rust => "Rust",
            By::Command => "the command",
        }
    }
}

/// Returns the promises of a chapter, by the claims' identifiers without the chapter. A chapter may have no
/// such file; the tests name these chapters.
pub fn promises(chapter: &Chapter) -> Result<BTreeMap<String, Promise>, Failure> {
    let file = chapter.path.join("claims.toml");
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    files::toml(&file, 1, &read(&file)?)
}
