//! What a lab consists of, and what is missing in one.

use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// All labs, each in its chapter.
pub(crate) fn labs(root: &Path) -> Vec<PathBuf> {
    let inside = chapters(root).into_iter().flat_map(|chapter| entries(&chapter.join("labs")));
    inside.filter(|path| path.is_dir()).collect()
}

/// Each chapter ends in something to make.
pub(crate) fn chapters_without_a_lab(root: &Path) -> Vec<String> {
    let labs = labs(root);
    let has_one = |chapter: &PathBuf| labs.iter().any(|lab| lab.starts_with(chapter));
    let without = chapters(root).into_iter().filter(|chapter| !has_one(chapter));
    without.map(|chapter| format!("{}: it has a lab", name(&chapter))).collect()
}

/// What is wrong with the labs.
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
        demand(names.insert(name.clone()), "no other lab has its name");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        demand(name.chars().all(plain), "its name has small letters, digits and hyphens");
        let task = text_if_there(&lab.join("README.md"));
        demand(task.starts_with("# "), "README.md begins with its title");
        let interface = |line: &str| line.starts_with("    ") && line.contains("PROGRAM");
        demand(task.lines().any(interface), "README.md states the interface: an indented line with PROGRAM");
        let grader = text_if_there(&lab.join("grader.rs"));
        demand(grader.contains("fn grade("), "grader.rs has the function grade");
        programs(&lab, &mut demand);
        let rubric = about(&lab, &mut demand);
        good(&lab, &mut demand);
        bad(&lab, &rubric, &mut demand);
    }
    wrong
}

/// Starters and solutions: in Rust and C, or in shell.
fn programs(lab: &Path, demand: &mut impl FnMut(bool, &str)) {
    let shell = lab.join("starter.sh").exists() || lab.join("solution.sh").exists();
    for end in if shell { &["sh"][..] } else { &["rs", "c"] } {
        let (starter, solution) = (format!("starter.{end}"), format!("solution.{end}"));
        demand(lab.join(&starter).exists(), &format!("there is {starter}"));
        demand(lab.join(&solution).exists(), &format!("there is {solution}"));
        let has_todo = |file: &str| text_if_there(&lab.join(file)).contains("TODO");
        demand(has_todo(&starter), &format!("{starter} has a TODO"));
        demand(!has_todo(&solution), &format!("{solution} has none"));
    }
}

/// lab.toml. Returns the ids of the rubric's lines.
fn about(lab: &Path, demand: &mut impl FnMut(bool, &str)) -> BTreeSet<String> {
    let text = text_if_there(&lab.join("lab.toml"));
    let about: toml::Table = text.parse().unwrap_or_default();
    demand(!about.is_empty(), "there is a lab.toml, and it is TOML");
    demand(about.get("title").is_some_and(toml::Value::is_str), "lab.toml has a title");
    let budget = about.get("budget").map(toml::Value::as_integer);
    demand(
        budget.is_none_or(|seconds| seconds.is_some_and(|n| n > 0 && n <= 60)),
        "its budget is 60 s at most",
    );
    let list = |name: &str| about.get(name).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    demand(list("hints").len() >= 2, "lab.toml has hints, from vague to plain");
    let rubric = list("rubric");
    let ids: BTreeSet<String> =
        rubric.iter().filter_map(|line| line.get("id")?.as_str().map(String::from)).collect();
    demand(!rubric.is_empty() && ids.len() == rubric.len(), "each line of its rubric has an id of its own");
    for line in &rubric {
        let id = line.get("id").and_then(toml::Value::as_str).unwrap_or_default();
        let points = line.get("points").and_then(toml::Value::as_integer).unwrap_or_default();
        demand(points > 0, &format!("the line {id} gives points"));
        for part in ["says", "required", "see"] {
            let text = line.get(part).and_then(toml::Value::as_str).unwrap_or_default();
            demand(!text.is_empty(), &format!("the line {id} has {part}"));
        }
    }
    ids
}

/// The known-good programs: each says which design it is, and a script can be executed.
fn good(lab: &Path, demand: &mut impl FnMut(bool, &str)) {
    for path in entries(&lab.join("good")) {
        let (text, file) = (text_if_there(&path), name(&path));
        let is_script = text.starts_with("#!");
        let first = text.lines().nth(usize::from(is_script)).unwrap_or_default();
        let comment = ["/* ", "// ", "//! ", "# "].iter().find_map(|mark| first.strip_prefix(mark));
        let says_what = comment.is_some_and(|comment| comment.split_whitespace().count() > 3);
        demand(says_what, &format!("good/{file} says in its first comment which design it is"));
        let mode = path.metadata().map_or(0, |meta| meta.permissions().mode());
        demand(!is_script || mode & 0o111 == 0o111, &format!("good/{file} is executable"));
    }
}

/// The known-bad submissions: enough of them, and together they lose every line.
fn bad(lab: &Path, rubric: &BTreeSet<String>, demand: &mut impl FnMut(bool, &str)) {
    let files = entries(&lab.join("bad"));
    demand(files.len() >= 5, "there are five known-bad submissions at least");
    let mut lost = BTreeSet::new();
    for file in files {
        let is_patch = file.extension().is_some_and(|end| end == "diff");
        let (text, file) = (text_if_there(&file), name(&file));
        let mut lines = text.lines();
        // A script has its interpreter on the first line.
        let said = lines.by_ref().take(2).find_map(|line| line.split_once("loses: "));
        let loses = said.map_or("", |(_, ids)| ids.trim_end_matches("*/"));
        let loses: BTreeSet<String> = loses.split_whitespace().map(String::from).collect();
        demand(!loses.is_empty(), &format!("bad/{file} says on its first line what it loses"));
        for id in loses.difference(rubric) {
            demand(false, &format!("bad/{file} loses {id}, which is a line of the rubric"));
        }
        let says_what = lines.next().unwrap_or_default().split_whitespace().count() > 3;
        demand(says_what, &format!("bad/{file} says on the next line what it does wrong"));
        if is_patch {
            // Whether the patch applies, the labs' own tests say.
            let solution = lines.next().and_then(|line| line.strip_prefix("--- ")).unwrap_or_default();
            let is_one = solution.starts_with("solution.") && lab.join(solution).exists();
            demand(is_one, &format!("bad/{file} names the solution that it changes, after `--- `"));
        }
        lost.extend(loses);
    }
    for id in rubric.difference(&lost) {
        demand(false, &format!("a known-bad submission loses {id}"));
    }
}
