//! `claims.toml`: where each claim of a chapter is written, and who promises it. No program can
//! find that out.

use super::{Chapter, files, read};
use crate::cli::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is on record of a claim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// `mq_unlink(3p), linux ipc/mqueue.c`
    pub source: String,
    /// Who promises it.
    pub by: By,
    /// Why it holds also when the kernel lies about a call, if it does.
    pub unturned: Option<String>,
    /// The identifiers that it had in earlier editions of the workbook. Links to them still lead to it.
    #[serde(default)]
    pub formerly: Vec<String>,
}

/// Who promises a claim.
#[derive(Clone, Copy, Debug, Deserialize)]
pub enum By {
    /// POSIX.1-2024 demands it of every system.
    #[serde(rename = "POSIX")]
    Posix,
    /// POSIX leaves it to the system, or does not define it; this is what Linux and glibc make of it.
    #[serde(rename = "left open")]
    LeftOpen,
    /// POSIX knows nothing of it: the kernel alone.
    Linux,
    /// The C library alone.
    #[serde(rename = "glibc")]
    Glibc,
    /// Rust's standard library.
    Rust,
    /// A command, of the system or of this workbook.
    #[serde(rename = "command")]
    Command,
}

impl By {
    /// In words for a reader.
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

/// The promises of a chapter, by the claims' identifiers without the chapter. A chapter may lack
/// the file; the tests name the chapters that do.
pub fn promises(chapter: &Chapter) -> Result<BTreeMap<String, Promise>, Failure> {
    let file = chapter.path.join("claims.toml");
    if !file.exists() {
        return Ok(BTreeMap::new());
    }
    files::toml(&file, 1, &read(&file)?)
}
