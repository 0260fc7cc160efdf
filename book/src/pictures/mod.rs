//! The pictures of the lessons and chapters. Each is drawn from recorded runs, and from nothing else. The page
//! of a lesson always has its pictures, [`life`] and [`references`]. A chapter places a picture with a comment on a line of its own, which a terminal and a git host do not show:
//!
//! ```text
//! <!-- picture: removal -->
//! ```
//!
//! | file | what |
//! | --- | --- |
//! | [`svg`] | draws shapes |
//! | [`figure`] | puts a drawing into the page: its frame, its states, its legend, its text alternative |
//! | [`recorded`] | finds in a recorded run what a picture needs, or says what is missing |
//! | [`call`] | splits the text of a recorded call into its name, its arguments and its result |
//! | [`objects`] | follows the names of objects, and the references to them, through a run |
//! | [`replay`] | plays a recorded run through a model, which says what the run must show |
//!
//! The other files draw one picture each.

mod call;
mod figure;
mod identifiers;
pub(crate) mod life;
mod memory;
mod objects;
mod permission;
mod poster;
mod queue;
mod race;
mod recorded;
pub(crate) mod references;
mod removal;
mod replay;
mod semaphores;
mod svg;

use crate::material::Material;
use anyhow::{Context, Result, bail};
use figure::Figure;
use ipc_workbook_tools::workbook::read;
use std::path::Path;

const OPEN: &str = "<!-- picture: ";

/// Draws a picture. It fails if the recorded runs do not show what the picture says.
/// The text is the relative path from the page to the book's root, for links.
type Draw = fn(&Material, &str) -> Result<Figure>;

/// The pictures that chapters can place.
const PICTURES: &[(&str, Draw)] = &[
    ("permission", permission::figure),
    ("removal", removal::figure),
    ("queue-order", queue::order),
    ("waiting-receivers", queue::receivers),
    ("waiting-senders", queue::senders),
    ("identifiers", identifiers::chosen),
    ("stale-identifier", identifiers::stale),
    ("semaphore-set", semaphores::set),
    ("semaphore-undo", semaphores::undo),
    ("attached-segment", memory::attached),
    ("sigbus", memory::sigbus),
];

/// Writes a picture that is a table. It fails in the same way.
type Tabulate = fn(&Material, &str) -> Result<String>;

const TABLES: &[(&str, Tabulate)] = &[("initialisation-race", race::html), ("six-mechanisms", poster::html)];

/// Replaces each line that names a picture with the picture. `up` is the relative path from the page to the
/// book's root.
pub(crate) fn with_pictures(text: &str, file: &Path, material: &Material, up: &str) -> Result<String> {
    let mut page = String::with_capacity(text.len());
    for line in text.lines() {
        match line.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(" -->")) {
            Some(name) => page.push_str(&picture(name, material, up).with_context(|| place(file, line))?),
            None => page.push_str(line),
        }
        page.push('\n');
    }
    Ok(page)
}

fn picture(name: &str, material: &Material, up: &str) -> Result<String> {
    if let Some((_, table)) = TABLES.iter().find(|(known, _)| *known == name) {
        return table(material, up).with_context(|| format!("the picture {name}"));
    }
    let Some((_, draw)) = PICTURES.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> =
            PICTURES.iter().map(|(known, _)| *known).chain(TABLES.iter().map(|(known, _)| *known)).collect();
        bail!("there is no picture {name}; name one of {}", known.join(", "));
    };
    let figure = draw(material, up).with_context(|| format!("the picture {name}"))?;
    Ok(figure.html(name))
}

/// Returns the place of a line in the file as it was written, which has more lines than the page.
fn place(file: &Path, line: &str) -> String {
    let written = read(file).unwrap_or_default();
    let before = written.lines().take_while(|other| *other != line).count();
    format!("{}:{}", file.display(), before + 1)
}
