//! The head of a built page: its own title and description, the same for a page that shows a link to it
//! (Open Graph), and its address. mdBook gives all pages the description of the book, and pages with the
//! same name the same title.

use crate::material::Material;
use crate::site::Site;
use anyhow::{Result, anyhow};
use ipc_workbook_tools::html::escape;
use std::fmt::Write;
use std::ops::Range;

/// A search engine shows about so many characters of a description.
const LENGTH: usize = 160;

/// Returns the page with its own head. `name` is its path below the folder of the book.
pub(crate) fn with_own_head(html: &str, name: &str, material: &Material, site: &Site) -> Result<String> {
    let lacks =
        |what: &str| anyhow!("{name}: mdBook's page has no {what}; adapt book/src/head.rs to its template");
    let title = between(html, "<title>", "</title>").ok_or_else(|| lacks("title"))?;
    let old =
        between(html, "<meta name=\"description\" content=\"", ">").ok_or_else(|| lacks("description"))?;
    let main = between(html, "<main>", "</main>").ok_or_else(|| lacks("main part"))?;
    let written = &html[title.clone()];
    let (own, kind) = match name {
        "index.html" => (format!("{}: {}", site.title, site.description), "website"),
        _ => (title_of(written, name, material, &site.title), "article"),
    };
    let about = description(&html[main], name, material).unwrap_or_else(|| site.description.clone());
    let mut described = format!(
        "{about}\">\n        <meta property=\"og:title\" content=\"{own}\">\n        \
         <meta property=\"og:description\" content=\"{about}\">\n        \
         <meta property=\"og:type\" content=\"{kind}\">\n        \
         <meta property=\"og:site_name\" content=\"{}\"",
        site.title
    );
    if let Some(address) = site.address_of(name) {
        let _ = write!(
            described,
            ">\n        <meta property=\"og:url\" content=\"{address}\">\n        <link rel=\"canonical\" href=\"{address}\""
        );
    }
    let (before, middle, after) = (&html[..title.start], &html[title.end..old.start], &html[old.end..]);
    Ok([before, &own, middle, &described, after].concat())
}

/// Returns the title of a page. Each chapter has a page of questions, so the title names the chapter too.
fn title_of(written: &str, name: &str, material: &Material, book: &str) -> String {
    match chapter_of(name, material) {
        Some(chapter) => {
            let page =
                written.strip_suffix(book).and_then(|page| page.strip_suffix(" - ")).unwrap_or(written);
            format!("{page} - {chapter} - {book}")
        }
        None => written.into(),
    }
}

/// Returns the first paragraph of a page, shortened. Below a chapter it begins with the chapter's title.
fn description(main: &str, name: &str, material: &Material) -> Option<String> {
    let paragraphs = main.split("<p>").skip(1).filter_map(|piece| piece.split("</p>").next());
    let first = paragraphs.map(plain).find(|text| !text.is_empty())?;
    let text = match chapter_of(name, material) {
        Some(chapter) => format!("{chapter}: {first}"),
        None => first,
    };
    Some(shortened(&text))
}

/// Returns the title of the chapter to which this page belongs, unless the page is the chapter itself.
fn chapter_of(name: &str, material: &Material) -> Option<String> {
    let (folder, page) = name.split_once('/')?;
    let chapter = material.chapters.iter().find(|chapter| chapter.folder == folder)?;
    (page != "index.html").then(|| escape(chapter.short_title()))
}

/// Returns the text of a piece of a page, without tags and without the marks of claims, for an attribute.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        let end = if tag.starts_with("a class=\"claim\"") { "</a>" } else { ">" };
        rest = tag.split_once(end).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('"', "&quot;")
}

/// Ends a text after a word if it is too long.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LENGTH {
        return text.into();
    }
    let mut short = String::new();
    for word in text.split(' ') {
        if short.chars().count() + word.chars().count() + 2 > LENGTH {
            break;
        }
        short.push_str(word);
        short.push(' ');
    }
    format!("{}…", short.trim_end().trim_end_matches([',', ':', ';']))
}

/// Returns the range between the first `begin` and the next `end`.
fn between(html: &str, begin: &str, end: &str) -> Option<Range<usize>> {
    let start = html.find(begin)? + begin.len();
    Some(start..start + html[start..].find(end)?)
}
