//! The marks of claims in the pages that somebody has written, and claims that are named as code: all of
//! them lead to the page of claims.

use anyhow::Result;
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::footnotes::Footnotes;
use ipc_workbook_tools::workbook::{blocks, sentence};
use std::fmt::Write;
use std::path::Path;

/// At most so many marks stand at one place.
const AT_ONE_PLACE: usize = 3;

/// Where a written page is shown: it is its own page, or a part of another one.
pub(crate) struct Shown<'a> {
    /// The file that was written.
    pub(crate) file: &'a Path,
    /// The way from where it is shown to the book's first page.
    pub(crate) up: &'a str,
    /// The way from there to the file's own page; empty if that is where it is shown.
    pub(crate) home: &'a str,
}

impl Shown<'_> {
    /// The place of the list of claims that one mark leads to. The print page has all pages in it, so
    /// the name of the place has its page in it.
    fn place(&self, n: usize) -> String {
        let page = self.file.parent().and_then(Path::file_name).unwrap_or_default();
        format!("{}-claims-{n}", page.display())
    }
}

/// In the place of each footnote, a small mark for each of its claims, which leads to the claim. Where
/// that would be too many, one mark leads to a list of them at the end of the page.
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
        let links: Vec<String> = ids.iter().map(|id| link(id, shown.up)).collect();
        let _ = writeln!(lists, "<li id=\"{}\">{}</li>", shown.place(n), links.join("; "));
    }
    if !lists.is_empty() {
        let _ = writeln!(
            page,
            "\n\nWhere a mark stands for more than {AT_ONE_PLACE} claims, they are here:\n\n<ul>\n{lists}</ul>"
        );
    }
    Ok(page)
}

fn mark(id: &str, claims: &Claims, up: &str) -> String {
    let (sentence, by) = (escape(&sentence(id)), claims.checked_by(id).unwrap_or_default());
    format!(
        "<a class=\"claim\" href=\"{up}claims.html#{id}\" title=\"{sentence} ({by})\" \
         aria-label=\"checked: {sentence}\">✔</a>"
    )
}

fn mark_of_many(many: usize, list: &str) -> String {
    format!(
        "<a class=\"claim\" href=\"{list}\" title=\"{many} claims\" aria-label=\"checked: {many} claims\">✔×{many}</a>"
    )
}

/// A claim as a sentence that leads to it.
fn link(id: &str, up: &str) -> String {
    format!("<a href=\"{up}claims.html#{id}\">✔ {}</a>", escape(&sentence(id)))
}

/// A claim that is named as code becomes a link to it; and a console block, which is a claim as well, a
/// place to lead to. `up` is the way to the book's first page.
pub(crate) fn with_links_to_claims(text: &str, claims: &Claims, up: &str) -> String {
    let line = |line: &str| {
        if let Some(name) = blocks::name(line) {
            return format!("<a id=\"block-{name}\"></a>\n");
        }
        let mut line = line.to_string();
        for code in line.clone().split('`').filter(|code| claims.checked_by(code).is_some()) {
            line = line.replace(&format!("`{code}`"), &link(code, up));
        }
        line
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
