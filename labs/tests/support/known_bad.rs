//! The known-bad programs of a lab. Each is a patch on the lab's solution; a few that have little in common
//! with it are whole programs.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns all of a lab, ordered by name.
pub fn known_bad(lab: &Path) -> Vec<PathBuf> {
    ipc_workbook_testing::folder::files(&lab.join("bad"))
}

/// Returns the lines that it loses: `loses: one-line another-line`, on the first line of a patch, or in the
/// first comment of a program.
pub fn loses(bad: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(bad).map_err(|error| format!("{}: {error}", bad.display()))?;
    let ids = text.lines().take(2).find_map(|line| line.split_once("loses: ")).map_or("", |(_, ids)| ids);
    let mut ids: Vec<String> = ids.trim_end_matches("*/").split_whitespace().map(String::from).collect();
    ids.sort();
    if ids.is_empty() { Err(format!("{} does not say what it loses", bad.display())) } else { Ok(ids) }
}

/// Writes the program into this folder, with the name of the known-bad one and the extension of its language.
pub fn write_program(bad: &Path, folder: &Path) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", bad.display());
    let program = folder.join(bad.file_name().expect("a name"));
    if bad.extension().is_none_or(|end| end != "diff") {
        // The copy is executable if the script is.
        return fs::copy(bad, &program).map(|_| program).map_err(failed);
    }
    let (solution, text) = patched(bad).map_err(|why| format!("{}: {why}", bad.display()))?;
    let program = program.with_extension(solution.extension().unwrap_or_default());
    fs::write(&program, text).map_err(failed)?;
    let mode = fs::metadata(&solution).map_err(failed)?.permissions();
    fs::set_permissions(&program, mode).map_err(failed)?;
    Ok(program)
}

/// Returns the solution that a patch changes, and its text with the patch applied.
fn patched(patch: &Path) -> Result<(PathBuf, String), String> {
    let text = fs::read_to_string(patch).map_err(|error| error.to_string())?;
    let lab = patch.ancestors().nth(2).expect("a lab's folder");
    let patch = diffy::Patch::from_str(&text).map_err(|error| error.to_string())?;
    let solution = lab.join(patch.original().ok_or("it has no line `--- solution.c`")?);
    let original =
        fs::read_to_string(&solution).map_err(|error| format!("{}: {error}", solution.display()))?;
    // Each context line must match, but may have moved by any number of lines.
    let changed = diffy::apply(&original, &patch)
        .map_err(|error| format!("the patch no longer applies to its solution: {error}"))?;
    if changed == original {
        return Err("the patch changes nothing".into());
    }
    Ok((solution, changed))
}
