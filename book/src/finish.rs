//! Finishes the pages that mdBook has built: the head of each page, the parts of console blocks, the search
//! index and the site map. Each page is read and parsed once, for this and for the checks.

use crate::check::Links;
use crate::material::{Chapter, Material};
use crate::search::Search;
use crate::site::Site;
use crate::{console, head};
use anyhow::{Context, Result, bail};
use ipc_workbook_tools::workbook::{files_below, read};
use scraper::Html;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages that repeat others, or that only show up by mistake. They have no address of their own.
const ASIDE: [&str; 3] = ["404.html", "print.html", "toc.html"];

/// Finishes and checks the built book in `target`. Returns the number of its pages.
pub(crate) fn finish(material: &Material, site: &Site, search: &mut Search, target: &Path) -> Result<usize> {
    let (mut links, mut finished) = (Links::default(), Vec::new());
    for file in html_files(target)? {
        let name = name_of(&file, target);
        let html = finished_page(&read(&file)?, &name, material, site)?;
        // The print page repeats all others, and to parse it would take as long as all of them.
        if name != "print.html" {
            let page = Html::parse_document(main_part(&html));
            links.read(material, target, &file, &html, &page);
            if is_page(&name, &html) {
                search.add(&name, chapter_of(&name, material), &page);
            }
        }
        finished.push((file, name, html));
    }
    links.lead_somewhere(material, target)?;
    let index = replace_index(search, target)?;
    for (file, _, html) in &finished {
        // Only the head names it.
        write(file, &html.replacen(&index.old, &index.new, 1))?;
    }
    let pages = finished.iter().filter(|(_, name, html)| is_page(name, html));
    let names: Vec<String> = pages.map(|(_, name, _)| name.clone()).collect();
    if let Some(map) = site.map(&names) {
        write(&target.join("sitemap.xml"), &map)?;
    }
    Ok(finished.len())
}

/// Returns a page with all that can be changed in its text.
fn finished_page(html: &str, name: &str, material: &Material, site: &Site) -> Result<String> {
    let html = console::with_parts(html);
    if name == "404.html" {
        // mdBook reads this page without its preprocessors, and does not know that README.md has another name.
        return Ok(site.with_own_base(&html.replace("README.html", "index.html")));
    }
    if is_page(name, &html) { head::with_own_head(&html, name, material, site) } else { Ok(html) }
}

/// Returns whether this is a page with an address of its own. The page that leads from an old address to a new
/// one has no main part.
fn is_page(name: &str, html: &str) -> bool {
    !ASIDE.contains(&name) && html.contains("<main>")
}

/// Returns the part of a page that differs from other pages. The rest is mdBook's template, which is a third of all
/// text. The table of contents is a page without this part.
fn main_part(html: &str) -> &str {
    let range = html.find("<main>").zip(html.rfind("</main>"));
    range.map_or(html, |(begin, end)| &html[begin..end])
}

fn chapter_of<'a>(name: &str, material: &'a Material) -> Option<&'a str> {
    let (folder, _) = name.split_once('/')?;
    material.chapters.iter().find(|chapter| chapter.folder == folder).map(Chapter::short_title)
}

/// The name of the search index before and now.
struct Index {
    old: String,
    new: String,
}

/// Writes the search index in place of mdBook's.
fn replace_index(search: &Search, target: &Path) -> Result<Index> {
    let is_index = |name: &String| name.starts_with("searchindex");
    let files = fs::read_dir(target)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let Some(old) = files.into_iter().find(is_index) else {
        bail!("mdBook has written no searchindex.js; turn the search on in book/book.toml");
    };
    fs::remove_file(target.join(&old))?;
    let (new, content) = search.file();
    write(&target.join(&new), &content)?;
    Ok(Index { old, new })
}

/// Returns the path of a page below the folder of the book, with slashes.
fn name_of(file: &Path, target: &Path) -> String {
    let path = file.strip_prefix(target).unwrap_or(file);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// Returns all pages.
fn html_files(target: &Path) -> Result<Vec<PathBuf>> {
    let mut files = files_below(target)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "html"));
    files.sort();
    Ok(files)
}
