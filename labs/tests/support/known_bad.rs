//! The known-bad programs of a lab. Each is a patch on the lab's solution; the few that have little in
//! common with it are whole programs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// All of a lab, in the order of their names.
pub fn known_bad(lab: &Path) -> Vec<PathBuf> {
    super::files(&lab.join("bad"))
}

/// What it loses: `loses: one-line another-line`, on the first line of a patch, in the first comment of
/// a program.
pub fn loses(bad: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(bad).map_err(|error| format!("{}: {error}", bad.display()))?;
    let ids = text.lines().take(2).find_map(|line| line.split_once("loses: ")).map_or("", |(_, ids)| ids);
    let mut ids: Vec<String> = ids.trim_end_matches("*/").split_whitespace().map(String::from).collect();
    ids.sort();
    if ids.is_empty() { Err(format!("{} does not say what it loses", bad.display())) } else { Ok(ids) }
}

/// Writes the program into this folder, with the name of the known-bad one and the ending of its language.
pub fn write_program(bad: &Path, folder: &Path) -> Result<PathBuf, String> {
    let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", bad.display());
    let name = bad.file_name().expect("a name");
    if bad.extension().is_none_or(|end| end != "diff") {
        // The copy is executable where the script is.
        fs::copy(bad, folder.join(name)).map_err(|error| failed(&error))?;
        return Ok(folder.join(name));
    }
    let text = fs::read_to_string(bad).map_err(|error| failed(&error))?;
    let patch = diffy::Patch::from_str(&text).map_err(|error| failed(&error))?;
    let solution = patch.original().ok_or_else(|| failed(&"no line `--- solution.c`"))?;
    let solution = bad.with_file_name("..").join(solution);
    let original = fs::read_to_string(&solution).map_err(|error| failed(&error))?;
    // Each line of context must be there; how far it has moved does not matter.
    let patched = diffy::apply(&original, &patch)
        .map_err(|error| failed(&format_args!("the patch no longer applies to its solution: {error}")))?;
    if patched == original {
        return Err(failed(&"the patch changes nothing"));
    }
    let program = folder.join(name).with_extension(solution.extension().unwrap_or_default());
    fs::write(&program, patched).map_err(|error| failed(&error))?;
    let mode = fs::metadata(&solution).map_err(|error| failed(&error))?.permissions().mode();
    fs::set_permissions(&program, fs::Permissions::from_mode(mode)).map_err(|error| failed(&error))?;
    Ok(program)
}
