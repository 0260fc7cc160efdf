//! The search index. mdBook's own index would contain the answers of the questions. This one leaves out
//! whatever is folded, and tells theme/search.js which results come first.

use anyhow::Result;
use ipc_workbook::fnv::fnv1a;
use mdbook_driver::config::{Config, Search as Settings};
use scraper::{ElementRef, Html, Node, Selector};
use serde_json::json;

/// mdBook's limit for a word in the index.
const LONGEST_WORD: usize = 80;

/// Elements whose text is not indexed. `details` contains an answer or a hint.
const LEFT_OUT: [&str; 5] = ["details", "script", "style", "svg", "nav"];

/// Classes of such elements. `due` lists the questions, which are also in pages of their own.
const CLASSES_LEFT_OUT: [&str; 2] = ["answer", "due"];

/// The index, and what the browser must know about each of its documents.
pub(crate) struct Search {
    settings: Settings,
    index: elasticlunr::Index,
    urls: Vec<String>,
    /// The rank of the kind of each document's page.
    ranks: Vec<u8>,
}

/// A part of a page: a heading and the text below it.
#[derive(Default)]
struct Section {
    id: String,
    heading: String,
    text: String,
}

/// Turns mdBook's own index off: it indexes no page.
pub(crate) fn turn_off_mdbooks(config: &mut Config) -> Result<()> {
    config.set("output.html.search.chapter", json!({ "": { "enable": false } }))
}

impl Search {
    /// Returns an empty index with the settings of book.toml.
    pub(crate) fn new(config: &Config) -> Search {
        let settings = config.html_config().and_then(|html| html.search).unwrap_or_default();
        let field = || Box::new(words) as Box<dyn Fn(&str) -> Vec<String>>;
        let index = elasticlunr::IndexBuilder::new()
            .add_field_with_tokenizer("title", field())
            .add_field_with_tokenizer("body", field())
            .add_field_with_tokenizer("breadcrumbs", field())
            .build();
        Search { settings, index, urls: Vec::new(), ranks: Vec::new() }
    }

    /// Adds the sections of a page. `chapter` is the title of the chapter to which the page belongs.
    pub(crate) fn add(&mut self, name: &str, chapter: Option<&str>, page: &Html) {
        let main = Selector::parse("main").unwrap_or_else(|_| unreachable!("a constant"));
        let mut sections = vec![Section::default()];
        for main in page.select(&main) {
            read(main, &mut sections, self.settings.heading_split_level);
        }
        let title = sections.iter().map(|section| &section.heading).find(|heading| !heading.is_empty());
        let title = title.cloned().unwrap_or_default();
        // The chapter itself has no page above it.
        let above = chapter.filter(|chapter| !title.starts_with(chapter));
        let pages: Vec<&str> = above.into_iter().chain([&*title]).collect();
        for section in sections {
            let own = (section.heading != title).then_some(&*section.heading);
            let crumbs: Vec<&str> = pages.iter().copied().chain(own).collect();
            self.add_section(name, &section, &crumbs.join(" » "));
        }
    }

    fn add_section(&mut self, name: &str, section: &Section, crumbs: &str) {
        let Section { id, heading, text } = section;
        if heading.is_empty() && text.trim().is_empty() {
            return;
        }
        // The commands call a chapter by the name of its folder: `cargo run -- run refcount`.
        let folder = name.strip_suffix("/index.html").filter(|folder| !folder.contains('/'));
        let also = folder.filter(|_| crumbs == heading).unwrap_or_default().replace('-', " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let place = self.urls.len().to_string();
        self.index.add_doc(&place, [format!("{heading} {also}"), text, crumbs.to_string()]);
        self.urls.push(if id.is_empty() { name.into() } else { format!("{name}#{id}") });
        self.ranks.push(rank(name));
    }

    /// Returns the name of the index file and its content. The name contains a hash of the content, so that a
    /// browser never uses the index of an older book.
    pub(crate) fn file(&self) -> (String, String) {
        let Settings { limit_results, teaser_word_count, use_boolean_and, expand, .. } = self.settings;
        let boost = |boost: u8| json!({ "boost": boost });
        let content = json!({
            "results_options": { "limit_results": limit_results, "teaser_word_count": teaser_word_count },
            "search_options": {
                "bool": if use_boolean_and { "AND" } else { "OR" },
                "expand": expand,
                "fields": {
                    "title": boost(self.settings.boost_title),
                    "body": boost(self.settings.boost_paragraph),
                    "breadcrumbs": boost(self.settings.boost_hierarchy),
                },
            },
            "doc_urls": self.urls,
            "ranks": self.ranks,
            "index": self.index,
        });
        let content = content.to_string().replace('\\', "\\\\").replace('\'', "\\'");
        let content = format!("window.search = Object.assign(window.search, JSON.parse('{content}'));");
        (format!("searchindex-{:016x}.js", fnv1a(content.bytes())), content)
    }
}

/// Returns the rank of a page: whatever explains comes before questions, and questions before lists of claims.
fn rank(name: &str) -> u8 {
    match name.rsplit('/').next() {
        Some("questions.html") => 1,
        Some("claims.html") => 2,
        _ => 0,
    }
}

/// Reads the text of an element, and begins a new section at each heading and at each claim.
fn read(element: ElementRef<'_>, sections: &mut Vec<Section>, deepest: u8) {
    for child in element.children() {
        if let (Some(Section { text, .. }), Node::Text(piece)) = (sections.last_mut(), child.value()) {
            text.push_str(piece);
        }
        let Some(child) = ElementRef::wrap(child) else { continue };
        let name = child.value().name();
        if LEFT_OUT.contains(&name) || child.value().classes().any(|class| CLASSES_LEFT_OUT.contains(&class))
        {
            continue;
        }
        let level = name.strip_prefix('h').and_then(|level| level.parse::<u8>().ok());
        let is_heading = level.is_some_and(|level| level <= deepest);
        if let Some(id) = child.attr("id").filter(|_| is_heading || name == "tr") {
            let title = if is_heading { Some(child) } else { child.child_elements().next() };
            let heading = title.map(text_of).unwrap_or_default();
            sections.push(Section { id: id.into(), heading, text: String::new() });
        }
        if let Some(Section { text, .. }) = sections.last_mut() {
            text.push(' ');
        }
        if is_heading {
            continue;
        }
        if child.value().classes().any(|class| class == "tabs") {
            // The second tab is the same program in C. Its words would only double the index.
            child.child_elements().take(1).for_each(|first| read(first, sections, deepest));
        } else {
            read(child, sections, deepest);
        }
    }
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits a text into words as `elasticlunr` does in the browser.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).filter(|word| word.len() <= LONGEST_WORD).collect()
}
