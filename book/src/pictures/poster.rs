//! The poster on the start page: six mechanisms, and for each its name, its lifetime, where to see it, and how to
//! remove it. Each cell rests on claims, and shows a call or a command that was recorded.

mod rows;

use crate::marks::mark;
use crate::material::{Lesson, Material};
use crate::pictures::call::Call;
use crate::pictures::recorded::lesson;
use anyhow::{Context, Result, ensure};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::blocks::blocks;
use ipc_workbook_tools::workbook::events::Event;
use rows::ROWS;
use std::fmt::Write;

/// A cell of the poster.
struct Cell {
    shows: Shows,
    words: &'static str,
    /// The claims on which it rests.
    claims: &'static [&'static str],
}

/// The code in a cell.
enum Shows {
    Nothing,
    /// A recorded call of a lesson: the first that begins with the first text and contains the second.
    Call(&'static str, &'static str, &'static str),
    /// The beginning of a command that is typed in a console block of a chapter.
    Command(&'static str, &'static str),
    /// A path that is named in the heading of a step of a lesson.
    Path(&'static str, &'static str),
}

const COLUMNS: [&str; 4] = ["its name", "it exists until", "where to see it", "how to remove it"];

/// Returns the poster.
pub(crate) fn html(material: &Material, up: &str) -> Result<String> {
    let [queues, shm] =
        ["queues", "dev-shm"].map(|which| format!("persistence/the-file-system-of-{which}-has-no-device"));
    let [queues, shm] = [marked(&queues, material, up)?, marked(&shm, material, up)?];
    let mut html = format!(
        "<figure class=\"poster picture\" id=\"picture-six-mechanisms\">\n<figcaption><b>Six mechanisms.</b> The calls are from \
         recorded runs, and the commands from tested console blocks. The POSIX objects \
         are in file systems without a device,{queues}{shm} and the System V objects in no file system at all. None of them \
         survives a restart of the machine.</figcaption>\n\
         <table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\">mechanism</th>",
    );
    for column in COLUMNS {
        let _ = write!(html, "<th role=\"columnheader\">{column}</th>");
    }
    html.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (mechanism, cells) in &ROWS {
        let _ = write!(html, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">{mechanism}</th>");
        for (cell, column) in cells.iter().zip(COLUMNS) {
            let text = text(cell, material, up).with_context(|| format!("{mechanism}, {column}"))?;
            let _ = write!(html, "<td role=\"cell\" data-label=\"{column}\">{text}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table>\n</figure>\n");
    Ok(html)
}

/// Returns a cell: its code, its words, and a mark for each of its claims, all of which must have held.
fn text(cell: &Cell, material: &Material, up: &str) -> Result<String> {
    let mut text = match code(&cell.shows, material)? {
        Some(code) => format!("<code>{}</code> ", escape(code)),
        None => String::new(),
    };
    text.push_str(&escape(cell.words));
    for id in cell.claims {
        text.push_str(&marked(id, material, up)?);
    }
    Ok(text)
}

/// Returns the mark of a claim, which must have held: in a recorded run, or in a console block that the tests run.
fn marked(id: &str, material: &Material, up: &str) -> Result<String> {
    let held = material.chapters.iter().any(|chapter| {
        let by_block = chapter.blocks.iter().any(|block| chapter.claim(block) == id);
        let mut claims = chapter.lessons.iter().flat_map(Lesson::claims);
        by_block || claims.any(|claim| claim.id == id && claim.held == Some(true))
    });
    ensure!(
        held,
        "no recorded run shows that the claim {id} held; run scripts/record, or correct the poster"
    );
    Ok(mark(id, &material.claims, up))
}

/// Returns the code of a cell, which must have been recorded.
fn code<'a>(shows: &Shows, material: &'a Material) -> Result<Option<&'a str>> {
    let missing =
        |what: &str| format!("{what} is not recorded any more; run scripts/record, or correct the poster");
    Ok(Some(match *shows {
        Shows::Nothing => return Ok(None),
        Shows::Call(name, begins, contains) => {
            let (_, lesson) = lesson(material, name)?;
            let mut calls = lesson.events.iter().filter_map(Call::of);
            let call = calls
                .find(|call| call.name == begins && call.text.contains(contains) && call.errno.is_none());
            call.with_context(|| missing(&format!("{begins} with {contains} of {name}")))?.text
        }
        Shows::Command(block, begins) => {
            let mut all = material.chapters.iter().flat_map(|chapter| blocks(&chapter.text));
            let block = all.find(|other| other.name == block).with_context(|| missing(block))?;
            let command = block.commands.iter().find(|command| command.starts_with(begins));
            &command.with_context(|| missing(begins))?[..begins.len()]
        }
        Shows::Path(name, path) => {
            let (_, lesson) = lesson(material, name)?;
            let titles = lesson.events.iter().filter_map(|event| match event {
                Event::Step { title, .. } => Some(title.as_str()),
                _ => None,
            });
            let mut places =
                titles.filter_map(|title| title.find(path).map(|at| &title[at..at + path.len()]));
            places.next_back().with_context(|| missing(path))?
        }
    }))
}
