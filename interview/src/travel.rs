//! `export json` and `import`: answers that move from one machine to another.

use crate::screen::{PROGRAM, show, show_json};
use crate::state::{State, Store, Unusable};
use ipc_workbook::cli::Failure;
use serde_json::json;
use std::io::Read;

/// Prints the state, in the form in which it is stored.
pub(crate) fn export(store: &Store) -> Result<u8, Failure> {
    show(&store.load()?.text())?;
    Ok(0)
}

/// Adds what was exported. A review is known by its question, time and grade, so to
/// import twice, or back again, changes nothing.
pub(crate) fn import(store: &Store, file: &str, as_json: bool) -> Result<u8, Failure> {
    let mut text = Vec::new();
    let read = match file {
        "-" => std::io::stdin().lock().read_to_end(&mut text).map(|_| ()),
        _ => std::fs::read(file).map(|read| text = read),
    };
    read.map_err(|error| Failure::Machine(format!("cannot read {file}: {error}")))?;
    let other = State::parse(&text).map_err(|unusable| match unusable {
        Unusable::Corrupt(error) => Failure::Machine(format!("{file} is no export of {PROGRAM} ({error})")),
        Unusable::Newer(schema) => {
            Failure::Machine(format!("{file} is of version {schema}, newer than this program"))
        }
    })?;
    let mut new = 0;
    store.change(|state| new = state.merge(other))?;
    if as_json {
        show_json(&json!({ "event": "import", "new": new }))?;
    } else {
        show(&format!("{new} answers are new here\n"))?;
    }
    Ok(0)
}
