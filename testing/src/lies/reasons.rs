//! The key `unturned` in claims.toml: the reason why no lie about a call can turn a claim.

use crate::folder::text_if_there;
use crate::lessons::chapters;
use crate::root;
use std::collections::BTreeMap;
use toml::Table;

/// Returns the reasons, by the identifier of the claim with its chapter.
pub fn reasons() -> BTreeMap<String, String> {
    let mut reasons = BTreeMap::new();
    for folder in chapters(root()) {
        let name = crate::folder::name(&folder);
        let chapter = name.split_once('-').map_or("", |(_, chapter)| chapter);
        let file = folder.join("claims.toml");
        let table: Table =
            text_if_there(&file).parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (claim, entry) in table {
            if let Some(reason) = entry.get("unturned").and_then(toml::Value::as_str) {
                reasons.insert(format!("{chapter}/{claim}"), reason.into());
            }
        }
    }
    reasons
}
