//! `lab export`: what an autograder elsewhere takes.

use super::results::write;
use clap::{Arg, ArgMatches, Command, value_parser};
use ipc_workbook_tools::cli::{Failure, show};
use ipc_workbook_tools::workbook::labs;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CODES: &str = "\
Exit codes:
  0    the file is written
  2    wrong usage
  3    it cannot be written";

pub(super) fn command() -> Command {
    let command = |name: &'static str, about: &'static str, file: &'static str| {
        Command::new(name)
            .about(about)
            .after_help(CODES)
            .arg(Arg::new("lab").value_name("LAB").required(true).help("The lab that is graded"))
            .arg(
                Arg::new("out")
                    .long("out")
                    .value_name("FILE")
                    .value_parser(value_parser!(PathBuf))
                    .default_value(file)
                    .help("The file that is written"),
            )
    };
    Command::new("export")
        .about("Write what an autograder elsewhere takes")
        .subcommand_required(true)
        .subcommand(
            command("gradescope", "The autograder's zip for Gradescope", "autograder.zip")
                .args(super::report::args()),
        )
        .subcommand(
            command("github-classroom", "The workflow for GitHub Classroom", "classroom.yml").arg(
                Arg::new("workbook")
                    .long("workbook")
                    .value_name("URL")
                    .required(true)
                    .help("Where git clones this workbook from"),
            ),
        )
}

pub(super) fn run(args: &ArgMatches, root: &Path) -> Result<u8, Failure> {
    let Some((to, args)) = args.subcommand() else { return Ok(2) };
    let lab = labs::lab(root, args.get_one::<String>("lab").map_or("", String::as_str))?;
    let word = |name: &str| args.get_one::<String>(name).map_or("", String::as_str);
    let file = args.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let (bytes, next) = if to == "gradescope" {
        let run = include_str!("run_autograder").replace("@LAB@", &lab.name);
        let run = run.replace("@VISIBILITY@", word("visibility"));
        (
            zipped(root, &run)?,
            "upload it as the assignment's autograder, and try it there with the lab's solution",
        )
    } else {
        let url = word("workbook");
        // It stands between quotes in the workflow.
        if url.is_empty() || url.contains(['\'', '\n', '\\']) {
            return Err(Failure::Usage(format!("{url:?} is no address that git clones from")));
        }
        let workflow = include_str!("classroom.yml");
        let workflow = workflow.replace("@LAB@", &lab.name).replace("@WORKBOOK@", url);
        (workflow.into_bytes(), "put it into the assignment's template as .github/workflows/classroom.yml")
    };
    write(&file, &bytes)?;
    show(&format!("{} is written; {next}\n", file.display()))?;
    Ok(0)
}

/// The two scripts at the root, and the workbook beside them, without what it builds.
fn zipped(root: &Path, run_autograder: &str) -> Result<Vec<u8>, Failure> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Failure::Machine(format!("cannot put {what} into the zip: {error}"))
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Always the same time, so that the same workbook makes the same file.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let options = |mode: u32| options.last_modified_time(zip::DateTime::default()).unix_permissions(mode);
    let mut add = |name: &str, text: &[u8], mode: u32| {
        zip.start_file(name, options(mode)).map_err(|error| failed(name, &error))?;
        zip.write_all(text).map_err(|error| failed(name, &error))
    };
    add("setup.sh", include_bytes!("setup.sh"), 0o755)?;
    add("run_autograder", run_autograder.as_bytes(), 0o755)?;
    let files =
        WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| is_source(root, entry));
    for entry in files {
        let entry = entry.map_err(|error| failed("a folder", &error))?;
        if !entry.file_type().is_file() {
            continue;
        }
        let inside = entry.path().strip_prefix(root).unwrap_or(entry.path()).display().to_string();
        let bytes = std::fs::read(entry.path()).map_err(|error| failed(&inside, &error))?;
        let mode = entry.metadata().map_or(0o644, |meta| meta.permissions().mode());
        add(&format!("workbook/{inside}"), &bytes, if mode & 0o100 == 0 { 0o644 } else { 0o755 })?;
    }
    let done = zip.finish().map_err(|error| failed("its end", &error))?;
    Ok(done.into_inner())
}

/// Neither what git and editors keep, nor what is built, nor students' grades.
fn is_source(root: &Path, entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let hidden = name.starts_with('.') && name != ".cargo";
    let built = entry.path() == root.join("target") || name == "node_modules";
    let grades = entry.file_type().is_dir() && entry.path().join("grades.csv").exists();
    entry.depth() == 0 || !(hidden || built || grades || name.ends_with(".zip"))
}
