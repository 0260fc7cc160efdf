//! The parts that a lab must have.

use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Returns the folders of all labs, chapter by chapter.
pub(crate) fn labs(root: &Path) -> Vec<PathBuf> {
    let inside = chapters(root).into_iter().flat_map(|chapter| entries(&chapter.join("labs")));
    inside.filter(|path| path.is_dir()).collect()
}

/// Returns the chapters that end without a lab.
pub(crate) fn chapters_without_a_lab(root: &Path) -> Vec<String> {
    let labs = labs(root);
    let has_one = |chapter: &PathBuf| labs.iter().any(|lab| lab.starts_with(chapter));
    let without = chapters(root).into_iter().filter(|chapter| !has_one(chapter));
    without.map(|chapter| format!("{}: the chapter has no lab", name(&chapter))).collect()
}

/// Returns what is wrong with the labs.
pub(crate) fn labs_that_lack_a_part(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for lab in labs(root) {
        let name = name(&lab);
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("lab {name}: {what}"));
            }
        };
        demand(names.insert(name.clone()), "another lab has the same name");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        demand(name.chars().all(plain), "its name may have only small letters, digits and hyphens");
        let task = text_if_there(&lab.join("README.md"));
        demand(task.starts_with("# "), "README.md must begin with a title");
        let interface = |line: &str| line.starts_with("    ") && line.contains("PROGRAM");
        demand(task.lines().any(interface), "README.md has no interface, an indented line with PROGRAM");
        let grader = text_if_there(&lab.join("grader.rs"));
        demand(grader.contains("fn grade("), "grader.rs has no function grade");
        let rules = text_if_there(&lab.join("inside.sh"));
        demand(rules.contains("judge "), "inside.sh judges nothing, so it cannot be tried in the page");
        programs(&lab, &mut demand);
        let rubric = about(&lab, &mut demand);
        good(&lab, &mut demand);
        bad(&lab, &rubric, &mut demand);
    }
    wrong
}

/// Checks the starters and solutions: in Rust and C, or in shell.
fn programs(lab: &Path, demand: &mut impl FnMut(bool, &str)) {
    let shell = lab.join("starter.sh").exists() || lab.join("solution.sh").exists();
    for end in if shell { &["sh"][..] } else { &["rs", "c"] } {
        let (starter, solution) = (format!("starter.{end}"), format!("solution.{end}"));
        demand(lab.join(&starter).exists(), &format!("{starter} is missing"));
        demand(lab.join(&solution).exists(), &format!("{solution} is missing"));
        let has_todo = |file: &str| text_if_there(&lab.join(file)).contains("TODO");
        demand(has_todo(&starter), &format!("{starter} has no TODO"));
        demand(!has_todo(&solution), &format!("{solution} still has a TODO"));
    }
}

/// Checks lab.toml, and returns the ids of the lines of its rubric.
fn about(lab: &Path, demand: &mut impl FnMut(bool, &str)) -> BTreeSet<String> {
    let text = text_if_there(&lab.join("lab.toml"));
    let about: toml::Table = text.parse().unwrap_or_default();
    demand(!about.is_empty(), "lab.toml is missing or is not TOML");
    demand(about.get("title").is_some_and(toml::Value::is_str), "lab.toml has no title");
    let budget = about.get("budget").map(toml::Value::as_integer);
    demand(
        budget.is_none_or(|seconds| seconds.is_some_and(|n| n > 0 && n <= 60)),
        "the budget must be 1 to 60 seconds",
    );
    let list = |name: &str| about.get(name).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    demand(list("hints").len() >= 2, "lab.toml needs at least two hints, from vague to plain");
    let rubric = list("rubric");
    let ids: BTreeSet<String> =
        rubric.iter().filter_map(|line| line.get("id")?.as_str().map(String::from)).collect();
    demand(!rubric.is_empty() && ids.len() == rubric.len(), "each line of the rubric must have its own id");
    for line in &rubric {
        let id = line.get("id").and_then(toml::Value::as_str).unwrap_or_default();
        let points = line.get("points").and_then(toml::Value::as_integer).unwrap_or_default();
        demand(points > 0, &format!("the line {id} must give points"));
        for part in ["says", "required", "see"] {
            let text = line.get(part).and_then(toml::Value::as_str).unwrap_or_default();
            demand(!text.is_empty(), &format!("the line {id} has no {part}"));
        }
    }
    ids
}

/// Checks the known-good programs: each names its design, and a script must be executable.
fn good(lab: &Path, demand: &mut impl FnMut(bool, &str)) {
    for path in entries(&lab.join("good")) {
        let (text, file) = (text_if_there(&path), name(&path));
        let is_script = text.starts_with("#!");
        let first = text.lines().nth(usize::from(is_script)).unwrap_or_default();
        let comment = ["/* ", "// ", "//! ", "# "].iter().find_map(|mark| first.strip_prefix(mark));
        let says_what = comment.is_some_and(|comment| comment.split_whitespace().count() > 3);
        demand(says_what, &format!("good/{file} does not name its design in its first comment"));
        let mode = path.metadata().map_or(0, |meta| meta.permissions().mode());
        demand(!is_script || mode & 0o111 == 0o111, &format!("good/{file} is not executable"));
    }
}

/// Checks the known-bad submissions: there are enough, and together they lose every line.
fn bad(lab: &Path, rubric: &BTreeSet<String>, demand: &mut impl FnMut(bool, &str)) {
    let files = entries(&lab.join("bad"));
    demand(files.len() >= 5, "there must be at least five known-bad submissions");
    let mut lost = BTreeSet::new();
    for file in files {
        let is_patch = file.extension().is_some_and(|end| end == "diff");
        let (text, file) = (text_if_there(&file), name(&file));
        let mut lines = text.lines();
        // The first line of a script names its interpreter.
        let said = lines.by_ref().take(2).find_map(|line| line.split_once("loses: "));
        let loses = said.map_or("", |(_, ids)| ids.trim_end_matches("*/"));
        let loses: BTreeSet<String> = loses.split_whitespace().map(String::from).collect();
        demand(!loses.is_empty(), &format!("bad/{file} does not say on its first line what it loses"));
        for id in loses.difference(rubric) {
            demand(false, &format!("bad/{file} loses {id}, which is no line of the rubric"));
        }
        let says_what = lines.next().unwrap_or_default().split_whitespace().count() > 3;
        demand(says_what, &format!("bad/{file} does not say on its next line what it does wrong"));
        if is_patch {
            // The tests of the labs check whether the patch applies.
            let solution = lines.next().and_then(|line| line.strip_prefix("--- ")).unwrap_or_default();
            let is_one = solution.starts_with("solution.") && lab.join(solution).exists();
            demand(is_one, &format!("bad/{file} does not name the solution that it changes, after `--- `"));
        }
        lost.extend(loses);
    }
    for id in rubric.difference(&lost) {
        demand(false, &format!("no known-bad submission loses {id}"));
    }
}
