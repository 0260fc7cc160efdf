//! `export json` and `import`: move answers from one machine to another.

use crate::history::Histories;
use ipc_workbook_tools::cli::{Failure, show, show_json, show_verbatim};
use ipc_workbook_tools::store::{self, Store, Unusable};
use serde_json::json;
use std::io::{self, Read};

/// Prints the answers in the form in which they are stored.
pub(crate) fn export(store: &Store<Histories>) -> Result<u8, Failure> {
    show_verbatim(&store::text(&store.load()?).map_err(io::Error::from)?)?;
    Ok(0)
}

/// Adds exported answers. Reviews with the same question, time and grade are the same review, so nothing
/// changes if a file is imported twice, or on the machine that exported it.
pub(crate) fn import(store: &Store<Histories>, file: &str, as_json: bool) -> Result<u8, Failure> {
    let mut text = Vec::new();
    let read = match file {
        "-" => io::stdin().lock().read_to_end(&mut text).map(|_| ()),
        _ => std::fs::read(file).map(|read| text = read),
    };
    read.map_err(|error| Failure::Machine(format!("cannot read {file}: {error}")))?;
    let other = store::parse(&text).map_err(|unusable| match unusable {
        Unusable::Damaged(error) => {
            Failure::Machine(format!("{file} is not an export of interview ({error})"))
        }
        Unusable::Newer(schema) => Failure::Machine(format!(
            "{file} has version {schema}, which is newer than this program; update the workbook"
        )),
    })?;
    let mut new = 0;
    store.change(|histories| new = histories.merge(other))?;
    if as_json {
        show_json(&json!({ "event": "import", "new": new }))?;
    } else {
        show(&format!("{new} new answers\n"))?;
    }
    Ok(0)
}
