//! Turns the marks of claims in written pages, and claims that are named as code, into links to the pages
//! of claims.

use crate::claims::address;
use anyhow::Result;
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::footnotes::Footnotes;
use ipc_workbook_tools::workbook::{blocks, sentence};
use std::fmt::Write;
use std::path::Path;

/// How many marks may stand at one place.
const AT_ONE_PLACE: usize = 3;

/// Where a written page is shown: as a page of its own, or as a part of another page.
pub(crate) struct Shown<'a> {
    /// The file that was written.
    pub(crate) file: &'a Path,
    /// The relative path from the page that shows it to the book's root.
    pub(crate) up: &'a str,
    /// The relative path from there to the file's own page; empty if that page shows it.
    pub(crate) home: &'a str,
}

impl Shown<'_> {
    /// Returns the anchor of the list of claims that mark `n` leads to. The anchor contains the name of the
    /// page, because the print page contains all pages.
    fn place(&self, n: usize) -> String {
        let page = self.file.parent().and_then(Path::file_name).unwrap_or_default();
        format!("{}-claims-{n}", page.display())
    }
}

/// Replaces each footnote with a small mark for each of its claims, which links to the claim. If these
/// would be too many, one mark links to a list of them at the end of the page.
pub(crate) fn with_marks(text: &str, shown: &Shown<'_>, claims: &Claims) -> Result<String> {
    let footnotes = Footnotes::read(shown.file, text, claims)?;
    let mut page = footnotes.with_marks(|n, ids| {
        if ids.len() > AT_ONE_PLACE {
            return mark_of_many(ids.len(), &format!("{}#{}", shown.home, shown.place(n)));
        }
        ids.iter().map(|id| mark(id, claims, shown.up)).collect()
    });
    let mut lists = String::new();
    for (n, ids) in footnotes.definitions().filter(|(_, ids)| ids.len() > AT_ONE_PLACE) {
        let links: Vec<String> = ids.iter().map(|id| link(id, claims, shown.up)).collect();
        let _ = writeln!(lists, "<li id=\"{}\">{}</li>", shown.place(n), links.join("; "));
    }
    if !lists.is_empty() {
        let _ = writeln!(
            page,
            "\n\nSome marks stand for more than {AT_ONE_PLACE} claims. These are the claims:\n\n<ul>\n{lists}</ul>"
        );
    }
    Ok(page)
}

pub(crate) fn mark(id: &str, claims: &Claims, up: &str) -> String {
    let (sentence, by) = (escape(&sentence(id)), claims.checked_by(id).unwrap_or_default());
    let address = address(id, claims, up);
    format!(
        "<a class=\"claim\" href=\"{address}\" title=\"{sentence} ({by})\" \
         aria-label=\"checked: {sentence}\">✔</a>"
    )
}

fn mark_of_many(many: usize, list: &str) -> String {
    format!(
        "<a class=\"claim\" href=\"{list}\" title=\"{many} claims\" aria-label=\"checked: {many} claims\">✔×{many}</a>"
    )
}

/// Returns the sentence of a claim as a link to it.
pub(crate) fn link(id: &str, claims: &Claims, up: &str) -> String {
    format!("<a href=\"{}\">✔ {}</a>", address(id, claims, up), escape(&sentence(id)))
}

/// Turns each claim that is named as code into a link, and adds an anchor to each console block, which is
/// a claim too. `up` is the relative path to the book's root.
pub(crate) fn with_links_to_claims(text: &str, claims: &Claims, up: &str) -> String {
    let line = |line: &str| {
        if let Some(name) = blocks::name(line) {
            return format!("<a id=\"block-{name}\"></a>\n");
        }
        let mut line = line.to_string();
        for code in line.clone().split('`').filter(|code| claims.checked_by(code).is_some()) {
            line = line.replace(&format!("`{code}`"), &link(code, claims, up));
        }
        line
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
