//! The pages that people write. `scripts/record` updates some parts of a page: the copies of code and output,
//! and the numbers of the footnotes.

use super::claims::Claims;
use super::footnotes::Footnotes;
use super::{copies, entries, files, prose};
use crate::cli::Failure;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Returns the pages of the workbook in this folder: those beside its Cargo.toml, in lessons/ and in its
/// chapters, and the tasks of their labs.
pub fn pages(root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let lessons = root.join("lessons");
    let mut folders = vec![root.to_path_buf(), lessons.clone()];
    for chapter in files::folders(&lessons)? {
        let labs = files::folders(&chapter.join("labs"))?;
        folders.push(chapter);
        folders.extend(labs);
    }
    let mut pages = Vec::new();
    for folder in folders {
        pages.extend(entries(&folder)?);
    }
    pages.retain(|file| file.extension().is_some_and(|end| end == "md"));
    Ok(pages)
}

/// Returns the text of a page as `scripts/record` writes it.
pub fn made_anew(root: &Path, file: &Path, page: &str, claims: &Claims) -> Result<String, Failure> {
    let page = copies::made_anew(root, file, page)?;
    Ok(Footnotes::read(file, &page, claims)?.numbered(claims))
}

/// Returns an error if a page differs from its updated text.
pub fn compare(file: &Path, page: &str, anew: &str) -> Result<(), Failure> {
    if page == anew {
        return Ok(());
    }
    let same = page.lines().zip(anew.lines()).take_while(|(old, new)| old == new).count();
    let what = "scripts/record would write another line here; run scripts/record --pages";
    Err(files::malformed(file, same + 1, what))
}

/// Returns the claims that a page names, by its marks or as code: `refcount/a-new-queue-has-one-name`.
pub fn named(file: &Path, page: &str, claims: &Claims) -> Result<BTreeSet<String>, Failure> {
    let footnotes = Footnotes::read(file, page, claims)?;
    let marked = footnotes.definitions().flat_map(|(_, ids)| ids.iter().cloned());
    let as_code = named_as_code(page, claims).into_iter().map(|(_, id)| id.to_string());
    Ok(marked.chain(as_code).collect())
}

/// Returns the claims that a page names as code, with their line numbers. The claims need not exist.
#[must_use]
pub fn named_as_code<'a>(page: &'a str, claims: &Claims) -> Vec<(usize, &'a str)> {
    let code = prose::lines(page).flat_map(|line| line.code().map(move |code| (line.number, code)));
    code.filter(|(_, code)| claims.is_name(code)).collect()
}

/// Returns the claims that the recorded output in a page shows.
pub fn shown(root: &Path, file: &Path, page: &str) -> Result<BTreeSet<String>, Failure> {
    let mut shown = BTreeSet::new();
    for (line, origin) in copies::origins(page) {
        shown.extend(origin.claims(root).map_err(|what| files::malformed(file, line, &what))?);
    }
    Ok(shown)
}
