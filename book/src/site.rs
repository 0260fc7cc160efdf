//! Where the book is published: `site-url` in book.toml, or the variable `MDBOOK_OUTPUT__HTML__SITE_URL`.

use anyhow::{Result, bail};
use ipc_workbook_tools::html::escape;
use mdbook_driver::config::Config;
use std::fmt::Write;

/// The published book.
pub(crate) struct Site {
    /// The title of the book, for HTML.
    pub(crate) title: String,
    /// What the book is, for HTML.
    pub(crate) description: String,
    /// The address of the first page; only a path if the book may be served from any host.
    url: String,
}

impl Site {
    /// Reads the settings.
    pub(crate) fn of(config: &Config) -> Result<Site> {
        let url = config.html_config().and_then(|html| html.site_url).unwrap_or_else(|| "/".into());
        if !url.starts_with('/') && !url.starts_with("https://") && !url.starts_with("http://") {
            bail!(
                "site-url is {url:?}, which is no address; write it as https://example.org/book/ or as /book/"
            );
        }
        let text = |text: &Option<String>| escape(text.as_deref().unwrap_or_default());
        Ok(Site {
            title: text(&config.book.title),
            description: text(&config.book.description),
            url: ended(&url),
        })
    }

    /// Returns the full address of a page; `None` if the host is not known, or if the page has no address of
    /// its own.
    pub(crate) fn address_of(&self, name: &str) -> Option<String> {
        if !self.url.contains("://") || matches!(name, "404.html" | "print.html") {
            return None;
        }
        let name = if name == "index.html" { "" } else { name };
        Some(format!("{}{name}", escape(&self.url)))
    }

    /// Returns the page for wrong addresses with links that start at the path of the site. mdBook makes them
    /// start at its full address. A copy of the book on another host would then ask that host.
    pub(crate) fn with_own_base(&self, html: &str) -> String {
        let path = match self.url.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => &self.url,
        };
        let Some((before, rest)) = html.split_once("<base href=\"") else { return html.into() };
        let after = rest.split_once('"').map_or("", |(_, after)| after);
        format!("{before}<base href=\"{}\"{after}", escape(path))
    }

    /// Returns the site map: the address of each page, for search engines. They need full addresses.
    pub(crate) fn map(&self, names: &[String]) -> Option<String> {
        let addresses: Vec<String> = names.iter().filter_map(|name| self.address_of(name)).collect();
        let mut map = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
        );
        for address in &addresses {
            let _ = writeln!(map, "<url><loc>{address}</loc></url>");
        }
        (!addresses.is_empty()).then(|| map + "</urlset>\n")
    }
}

/// Returns the address with a slash at its end.
fn ended(url: &str) -> String {
    if url.ends_with('/') { url.into() } else { format!("{url}/") }
}
