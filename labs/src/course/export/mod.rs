//! `lab export`: writes the files that an autograder on another service needs.

use super::results::write;
use clap::{Arg, ArgMatches, value_parser};
use ipc_workbook_tools::cli::{Failure, show};
use ipc_workbook_tools::workbook::labs::{self, Lab};
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::{DirEntry, WalkDir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CODES: &str = "\
Exit codes:
  0    the file is written
  2    wrong usage
  3    the file cannot be written";

/// The toolchain that the autograder installs: the oldest one that builds the workbook, which tests check.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

pub(super) fn command() -> clap::Command {
    let command = |name: &'static str, about: &'static str, file: &'static str| {
        clap::Command::new(name)
            .about(about)
            .after_help(CODES)
            .arg(Arg::new("lab").value_name("LAB").required(true).help("The lab to grade"))
            .arg(
                Arg::new("out")
                    .long("out")
                    .value_name("FILE")
                    .value_parser(value_parser!(PathBuf))
                    .default_value(file)
                    .help("The file to write"),
            )
    };
    clap::Command::new("export")
        .about("Write the files that an autograder on another service needs")
        .subcommand_required(true)
        .subcommand(
            command("gradescope", "Write the autograder zip for Gradescope", "autograder.zip")
                .args(super::report::args()),
        )
        .subcommand(
            command("github-classroom", "Write the workflow for GitHub Classroom", "classroom.yml")
                .arg(
                    Arg::new("workbook")
                        .long("workbook")
                        .value_name("URL")
                        .required(true)
                        .help("The address that git clones this workbook from"),
                )
                .arg(
                    Arg::new("commit").long("commit").value_name("COMMIT").help(
                        "The workbook's commit to grade with [default: the one that is checked out here]",
                    ),
                ),
        )
}

pub(super) fn run(args: &ArgMatches, root: &Path) -> Result<u8, Failure> {
    let Some((to, args)) = args.subcommand() else { return Ok(2) };
    let lab = labs::lab(root, args.get_one::<String>("lab").map_or("", String::as_str))?;
    let word = |name: &str| args.get_one::<String>(name).map_or("", String::as_str);
    let file = args.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let pinned = |text: &str| text.replace("@LAB@", &lab.name).replace("@RUST@", RUST);
    let (bytes, next) = if to == "gradescope" {
        let run = pinned(include_str!("run_autograder")).replace("@VISIBILITY@", word("visibility"));
        (
            zipped(root, &lab, &pinned(include_str!("setup.sh")), &run)?,
            "upload it as the assignment's autograder, and try it there with the lab's solution",
        )
    } else {
        let url = word("workbook");
        // The workflow has it between single quotes.
        if url.is_empty() || url.contains(['\'', '\n', '\\']) {
            return Err(Failure::Usage(format!(
                "git cannot clone from the address {url:?}; name another with --workbook"
            )));
        }
        let commit = match args.get_one::<String>("commit") {
            Some(commit) => commit.clone(),
            None => commit_of(root)?,
        };
        if commit.is_empty() || !commit.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c)) {
            return Err(Failure::Usage(format!("{commit:?} is not a commit; name one with --commit")));
        }
        let workflow = pinned(include_str!("classroom.yml"));
        let workflow = workflow.replace("@WORKBOOK@", url).replace("@COMMIT@", &commit);
        (workflow.into_bytes(), "put it into the assignment's template as .github/workflows/classroom.yml")
    };
    write(&file, &bytes)?;
    show(&format!("wrote {}; {next}\n", file.display()))?;
    Ok(0)
}

/// Returns the commit of the workbook that is checked out.
fn commit_of(root: &Path) -> Result<String, Failure> {
    let git = Command::new("git").arg("-C").arg(root).args(["rev-parse", "HEAD"]).output();
    match git {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).trim().into()),
        _ => Err(Failure::Usage(format!(
            "{} is not a git repository; name the commit to grade with, using --commit",
            root.display()
        ))),
    }
}

/// Returns a zip of the two scripts and the workbook. It has this lab only, and nothing that was built.
fn zipped(root: &Path, lab: &Lab, setup: &str, run_autograder: &str) -> Result<Vec<u8>, Failure> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Failure::Machine(format!("cannot put {what} into the zip: {error}"))
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // A fixed time: the same workbook always gives the same file.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let options = |mode: u32| options.last_modified_time(zip::DateTime::default()).unix_permissions(mode);
    let mut add = |name: &str, text: &[u8], mode: u32| {
        zip.start_file(name, options(mode)).map_err(|error| failed(name, &error))?;
        zip.write_all(text).map_err(|error| failed(name, &error))
    };
    add("setup.sh", setup.as_bytes(), 0o755)?;
    add("run_autograder", run_autograder.as_bytes(), 0o755)?;
    let files = WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| is_source(root, entry) && grades(lab, entry));
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

/// Whether an entry belongs in the zip: no other labs, and no solutions of this one.
fn grades(lab: &Lab, entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let parent = entry.path().parent().unwrap_or(Path::new("/"));
    let is_a_lab = parent.join(&*name).join("lab.toml").exists();
    if is_a_lab {
        entry.path() == lab.folder
    } else {
        parent != lab.folder || !(name == "bad" || name == "good" || name.starts_with("solution."))
    }
}

/// Whether an entry is a source: not a file of git or of an editor, not a build result, and not grades.
fn is_source(root: &Path, entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let hidden = name.starts_with('.') && name != ".cargo";
    let built = entry.path() == root.join("target") || name == "node_modules";
    let grades = entry.file_type().is_dir() && entry.path().join("grades.csv").exists();
    entry.depth() == 0 || !(hidden || built || grades || name.ends_with(".zip"))
}
