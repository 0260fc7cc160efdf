//! Renders lessons/ as a book: `cargo run -p ipc-workbook-book -- build`.
//!
//! | file | what |
//! | --- | --- |
//! | [`material`] | reads all that the book shows: chapters, lessons, recorded runs, questions |
//! | [`preprocess`] | gives mdBook the written chapters and the generated pages |
//! | [`page`] | generates the pages of the lessons and of the misconceptions |
//! | [`claims`] | generates the pages of the claims |
//! | [`questions`] | generates the page of a chapter's questions |
//! | [`progress`] | generates the pages of the reader's progress and of what is due |
//! | [`lab`] | generates the page of a lab |
//! | [`pictures`] | draws the pictures of the lessons and chapters |
//! | [`titles`] | finds titles of steps that answer a prediction below them |
//! | [`machine`] | builds the Linux that runs the C programs in the page |
//! | [`marks`] | turns the marks of claims in the written pages into links |
//! | [`check`] | finds what mdBook does not report: unknown claims, stale code and output, dead links |
//! | [`finish`] | finishes the built pages: [`head`], parts of [`console`] blocks, [`search`] index, address ([`site`]) |
//! | [`pdf`] | prints the book into a PDF |
//! | [`serve`] | serves the book, and builds it again after each change |

mod check;
mod claims;
mod console;
mod finish;
mod head;
mod lab;
mod machine;
mod marks;
mod material;
mod page;
mod pdf;
mod pictures;
mod preprocess;
mod progress;
mod questions;
mod search;
mod serve;
mod site;
mod titles;

use anyhow::Result;
use clap::{Arg, ArgMatches, Command};
use ipc_workbook_tools::cli::{self, Failure, show};
use ipc_workbook_tools::workbook;
use mdbook_driver::MDBook;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

fn main() -> ExitCode {
    cli::main("book", command(), dispatch)
}

fn command() -> Command {
    Command::new("book")
        .about("Renders lessons/ as a book, into target/book")
        .subcommand_required(true)
        .arg(
            Arg::new("root")
                .long("root")
                .global(true)
                .value_name("FOLDER")
                .value_parser(clap::value_parser!(PathBuf))
                .help("The folder of the workbook (default: where this program was built)"),
        )
        .subcommand(Command::new("build").about("Builds the book and checks it"))
        .subcommand(
            Command::new("machine")
                .about("Builds the Linux that runs the C programs in the page, into target/machine"),
        )
        .subcommand(
            Command::new("serve").about("Serves the book, and builds it again after each change").arg(
                Arg::new("port").long("port").default_value("3000").value_parser(clap::value_parser!(u16)),
            ),
        )
        .subcommand(
            Command::new("pdf")
                .about("Builds the book, and prints it into a PDF with chromium")
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .help("The file to write (default: target/ipc-workbook.pdf)")
                        .value_parser(clap::value_parser!(PathBuf)),
                )
                .arg(
                    Arg::new("page")
                        .long("page")
                        .value_name("PAGE")
                        .default_value("print.html")
                        .help("Print only this page, as a handout: 13-refcount/index.html"),
                ),
        )
        .subcommand(
            Command::new("preprocess")
                .about("Used by mdBook: reads a book from standard input, and writes it with all pages")
                .subcommand(Command::new("supports").arg(Arg::new("renderer"))),
        )
}

fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let root = matches.get_one("root").cloned().unwrap_or_else(workbook::root);
    if let Some(("machine", _)) = matches.subcommand() {
        let line = machine::build(&root).map_err(|error| Failure::Machine(format!("{error:#}")))?;
        show(&format!("{line}\n"))?;
        return Ok(0);
    }
    let done = match matches.subcommand() {
        Some(("build", _)) => build(&root).and_then(|pages| Ok(show(&format!("{pages}\n"))?)),
        Some(("serve", flags)) => serve::serve(&root, *flags.get_one::<u16>("port").unwrap_or(&3000), build),
        Some(("pdf", flags)) => {
            let page = flags.get_one::<String>("page").map_or("print.html", String::as_str);
            pdf::print(&root, page, flags.get_one("file"), build)
        }
        Some(("preprocess", flags)) if flags.subcommand().is_some() => Ok(()), // it supports every renderer
        _ => preprocess::from_mdbook(&root),
    };
    done.map(|()| 0).map_err(|error| match error.downcast_ref() {
        Some(Failure::Reported(code)) => Failure::Reported(*code),
        // The error is in the book's sources, not in this machine.
        _ => Failure::Contradicted(format!("{error:#}")),
    })
}

/// Builds the book. Returns the line to print about it.
fn build(root: &Path) -> Result<String> {
    let begun = Instant::now();
    let material = Arc::new(material::Material::load(root)?);
    check::sources(&material)?;
    let (claims, unmentioned) = (material.claims.ids().len(), check::unmentioned(&material)?.len());
    let mut book = MDBook::load(root.join("book"))?;
    // This replaces the command with the same name in book.toml, which does the same.
    book.with_preprocessor(preprocess::Pages(Arc::clone(&material)));
    search::turn_off_mdbooks(&mut book.config)?;
    let (site, mut search) = (site::Site::of(&book.config)?, search::Search::new(&book.config));
    book.build()?;
    let target = book.build_dir_for("html").canonicalize()?;
    if let Some(machine) = &material.machine {
        machine.copy_into(&target)?;
    }
    let pages = finish::finish(&material, &site, &mut search, &target)?;
    Ok(format!(
        "{pages} pages in {}, built in {:.1} s; {claims} claims, {unmentioned} of them on no page",
        target.display(),
        begun.elapsed().as_secs_f64()
    ))
}
