//! What a page says about itself to search engines and to pages that link to it.

use crate::support::pages_in;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The tags of which each page has its own.
const OWN: [(&str, &str); 4] = [
    ("<title>", "</title>"),
    ("<meta name=\"description\" content=\"", "\">"),
    ("<meta property=\"og:title\" content=\"", "\">"),
    ("<meta property=\"og:description\" content=\"", "\">"),
];

pub(crate) fn each_page_has_its_own_title_and_description(folder: &Path) {
    let mut wrong = Vec::new();
    let mut seen: [BTreeMap<String, String>; 4] = Default::default();
    for page in pages_in(folder) {
        let name = page.strip_prefix(folder).expect("a path in the folder").display().to_string();
        if ["404.html", "print.html", "toc.html"].contains(&&*name) {
            continue;
        }
        let html = fs::read_to_string(&page).expect("a page");
        for ((begin, end), seen) in OWN.iter().zip(&mut seen) {
            let text = html.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
            let text = text.map_or("", |(text, _)| text);
            let length = text.chars().count();
            if text.contains('<') || !(15..=170).contains(&length) {
                wrong.push(format!("{name}: {begin} has {length} characters: {text}"));
            }
            if let Some(other) = seen.insert(text.into(), name.clone()) {
                wrong.push(format!("{name} and {other}: {begin} is the same: {text}"));
            }
        }
        if !html.contains("<link rel=\"icon\" href=") {
            wrong.push(format!("{name} has no icon"));
        }
        // The address is not known without `site-url`.
        if html.contains("rel=\"canonical\"") {
            wrong.push(format!("{name} names an address"));
        }
    }
    assert!(seen[0].len() > 100, "only {} pages", seen[0].len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(!folder.join("sitemap.xml").exists(), "a site map without addresses");
    assert!(folder.join("404.html").is_file());
}
