//! Renders lessons/ as a book: `cargo run -p ipc-workbook-book -- build`.
//!
//! | file | what |
//! | --- | --- |
//! | [`workbook`] | what there is to show: chapters, lessons, recorded runs, questions |
//! | [`preprocess`] | what mdBook is given: the chapters, and the pages made from what ran |
//! | [`page`] | those pages: a lesson, the claims |
//! | [`questions`] | and a chapter's questions |
//! | [`lab`] | and a lab |
//! | [`timeline`] | the picture of a run |
//! | [`check`] | what mdBook lets pass: missing includes, dead links |
//! | [`serve`] | the book in a browser, anew after each change |

mod check;
mod lab;
mod page;
mod preprocess;
mod questions;
mod serve;
mod timeline;
mod workbook;

use anyhow::Result;
use clap::{Arg, Command};
use mdbook_driver::MDBook;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

fn main() -> ExitCode {
    let command = Command::new("book")
        .about("Renders lessons/ as a book, into target/book")
        .subcommand_required(true)
        .arg(
            Arg::new("root")
                .long("root")
                .global(true)
                .value_name("FOLDER")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Another workbook than the one this program was built in"),
        )
        .subcommand(Command::new("build").about("Builds the book and checks it"))
        .subcommand(
            Command::new("serve").about("Serves the book, and builds it anew after each change").arg(
                Arg::new("port").long("port").default_value("3000").value_parser(clap::value_parser!(u16)),
            ),
        )
        .subcommand(
            Command::new("preprocess")
                .about("For mdbook, which calls it: reads a book from standard input, and writes it back")
                .subcommand(Command::new("supports").arg(Arg::new("renderer"))),
        )
        .get_matches();
    let root = command.get_one("root").cloned().unwrap_or_else(root);
    let done = match command.subcommand() {
        Some(("build", _)) => build(&root).map(|pages| println!("{pages}")),
        Some(("serve", flags)) => serve::serve(&root, *flags.get_one::<u16>("port").unwrap_or(&3000)),
        Some(("preprocess", flags)) if flags.subcommand().is_some() => Ok(()), // any renderer will do
        _ => preprocess::from_mdbook(&root),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("book: {error:#}");
            ExitCode::from(1)
        }
    }
}

/// The folder of the workbook, in which this package is one.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).into()
}

/// Builds the book; returns what to tell of it.
fn build(root: &Path) -> Result<String> {
    let begun = Instant::now();
    let workbook = Arc::new(workbook::Workbook::load(root)?);
    check::sources(&workbook)?;
    let (claims, unmentioned) = (workbook.claims().len(), check::unmentioned(&workbook)?.len());
    let mut book = MDBook::load(root.join("book"))?;
    // In the place of the command of that name in book.toml, which does the same.
    book.with_preprocessor(preprocess::Pages(Arc::clone(&workbook)));
    book.build()?;
    let target = book.build_dir_for("html").canonicalize()?;
    let pages = check::pages(&workbook, &target)?;
    Ok(format!(
        "{pages} pages in {}, built in {:.1} s; {claims} claims, of which {unmentioned} are mentioned on no page",
        target.display(),
        begun.elapsed().as_secs_f64()
    ))
}
