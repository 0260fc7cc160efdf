//! Finds what mdBook does not report: claims that no lesson makes, stale code and output, directives
//! that were not resolved, and dead links.

use crate::material::Material;
use crate::titles;
use anyhow::{Result, bail, ensure};
use ipc_workbook_tools::workbook::footnotes::Footnotes;
use ipc_workbook_tools::workbook::questions::Question;
use ipc_workbook_tools::workbook::{copies, pages, read};
use scraper::{Html, Selector};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Checks the sources: the code and output on the written pages are up to date, every page and question
/// names only claims that exist, and no title answers a prediction.
pub(crate) fn sources(material: &Material) -> Result<()> {
    let (root, claims) = (&material.root, &material.claims);
    let is_known = |claim: &str| claims.checked_by(claim).is_some();
    for file in pages::pages(root)? {
        let page = read(&file)?;
        for (line, claim) in pages::named_as_code(&page, claims) {
            if !is_known(claim) {
                bail!("{}:{line}: no lesson claims {claim}; name another, or claim it", file.display());
            }
        }
        Footnotes::read(&file, &page, claims)?;
        pages::compare(&file, &page, &copies::made_anew(root, &file, &page)?)?;
    }
    titles::check(material)?;
    for chapter in &material.chapters {
        for claim in chapter.questions.iter().flat_map(Question::all_claims) {
            if !is_known(claim) {
                let quiz = chapter.path.join("quiz.toml");
                let line = line_of(&read(&quiz)?, claim);
                bail!("{}:{line}: no lesson claims {claim}; name another, or claim it", quiz.display());
            }
        }
    }
    Ok(())
}

/// Returns the claims that no page mentions: neither by a mark, nor by name as code, nor in recorded
/// output. A console block counts as mentioned.
pub(crate) fn unmentioned(material: &Material) -> Result<Vec<String>> {
    let mut left: BTreeSet<String> = material.claims.ids().map(String::from).collect();
    for chapter in &material.chapters {
        for block in &chapter.blocks {
            left.remove(&chapter.claim(block));
        }
    }
    for file in pages::pages(&material.root)? {
        let page = read(&file)?;
        let named = pages::named(&file, &page, &material.claims)?;
        for claim in named.into_iter().chain(pages::shown(&material.root, &file, &page)?) {
            left.remove(&claim);
        }
    }
    Ok(left.into_iter().collect())
}

/// Returns the number of the first line that contains this.
fn line_of(text: &str, piece: &str) -> usize {
    text.lines().position(|line| line.contains(piece)).map_or(1, |before| before + 1)
}

/// The links and anchors of the built pages.
#[derive(Default)]
pub(crate) struct Links {
    ids: BTreeMap<PathBuf, BTreeSet<String>>,
    /// Each link, with the page that has it.
    all: Vec<(PathBuf, String)>,
    /// What is wrong, a line each. The author gets all of it at once.
    wrong: Vec<String>,
}

impl Links {
    /// Reads a page, and checks that all directives in it, such as `{{#include …}}`, are resolved.
    pub(crate) fn read(&mut self, material: &Material, target: &Path, file: &Path, text: &str, page: &Html) {
        if let Some(directive) = directive(text) {
            self.wrong.push(format!(
                "{}: {directive} is not resolved, because pages of this kind have no such directive; remove it",
                place_of(material, target, file, directive)
            ));
        }
        let select =
            |selector: &str| Selector::parse(selector).unwrap_or_else(|_| unreachable!("a constant"));
        let (with_id, with_link) = (select("[id]"), select("a[href], link[href], img[src], script[src]"));
        let ids = page.select(&with_id).filter_map(|element| element.attr("id")).map(String::from);
        self.ids.insert(file.into(), ids.collect());
        let links = page.select(&with_link).filter_map(|link| link.attr("href").or(link.attr("src")));
        self.all.extend(links.map(|link| (file.into(), link.to_string())));
    }

    /// Checks that every link leads to a file of the book and to an anchor that exists in it. Fails if this or
    /// anything before was wrong.
    pub(crate) fn lead_somewhere(mut self, material: &Material, target: &Path) -> Result<()> {
        for (page, link) in &self.all {
            if link.contains("://") || link.starts_with("mailto:") || link.starts_with("data:") {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let file = if path.is_empty() { page.clone() } else { beside(page, path) };
            let place = fragment.is_empty() || self.ids.get(&file).is_none_or(|ids| ids.contains(fragment));
            if !file.is_file() || !place {
                self.wrong.push(format!(
                    "{}: the link to {link} leads nowhere; correct it, or write the page or heading that it names",
                    place_of(material, target, page, piece_of(link))
                ));
            }
        }
        ensure!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        Ok(())
    }
}

/// Returns the first directive in a built page: `{{#` and a word. mdBook resolves its own directives, and
/// leaves others in the page without a warning.
fn directive(html: &str) -> Option<&str> {
    // In a lab's task, for example, nothing replaces this comment with a picture.
    if let Some(at) = html.find("<!-- picture: ") {
        return html[at..].lines().next();
    }
    let mut begins = html.match_indices("{{#").map(|(at, _)| &html[at..]);
    let text = begins.find(|text| text[3..].starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let line = text.lines().next()?;
    Some(line.find("}}").map_or(line, |end| &line[..end + 2]))
}

/// Returns the part of a link that is also in the source of the page. mdBook has changed .md to .html.
fn piece_of(link: &str) -> &str {
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    if fragment.is_empty() { file.trim_end_matches(".html") } else { fragment }
}

/// Returns the file and line in which a piece of a page was written; for a generated page, the page itself.
fn place_of(material: &Material, target: &Path, page: &Path, piece: &str) -> String {
    let within = page.strip_prefix(target).unwrap_or(page).with_extension("md");
    let written = material.root.join("lessons").join(within);
    let index = written.with_file_name("README.md");
    let is_index = page.ends_with("index.html");
    match read(if is_index { &index } else { &written }) {
        Ok(text) => {
            let source = if is_index { index } else { written };
            format!("{}:{}", source.display(), line_of(&text, piece))
        }
        Err(_) => page.display().to_string(),
    }
}

/// Returns the file that a relative link leads to.
fn beside(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(page).to_path_buf();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    if path.is_dir() { path.join("index.html") } else { path }
}
