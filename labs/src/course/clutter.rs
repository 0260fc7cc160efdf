//! Recognises files that are not submissions: documents, archives, and what editors and other systems
//! leave behind.

use std::path::Path;

/// Returns why this path cannot be a submission, judging by its name; `None` if it may be one.
pub(super) fn is_no_submission(path: &Path) -> Option<&'static str> {
    /// File name extensions.
    const BACKUPS: [&str; 6] = ["bak", "orig", "rej", "swp", "swo", "tmp"];
    const DOCUMENTS: [&str; 17] = [
        "txt", "md", "pdf", "csv", "json", "html", "log", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods",
        "png", "jpg", "jpeg",
    ];
    const ARCHIVES: [&str; 9] = ["zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_one_of = |ends: &[&str]| ends.contains(&&*end);
    let is_folder = path.is_dir();
    if name.starts_with('.') {
        Some("it is a hidden file")
    } else if ["__MACOSX", "Thumbs.db", "desktop.ini"].contains(&&*name) {
        Some("another operating system left it there")
    } else if name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) || is_one_of(&BACKUPS) {
        Some("an editor left it there")
    } else if is_folder {
        None
    } else if is_one_of(&ARCHIVES) {
        Some("it is an archive; unpack it first")
    } else if is_one_of(&DOCUMENTS) {
        Some("it is a document")
    } else {
        None
    }
}
