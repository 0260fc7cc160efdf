//! Grades each lab's solutions, known-good and known-bad programs, and prints for each lab how many got
//! which grade, and the seconds of a check for each language, without the build.
//!
//!     cargo bench -p ipc-workbook-labs --bench matrix
//!
//! It takes some minutes. Whether a known-bad program loses the right lines is what the tests ask; here
//! only its points count.

#[path = "../tests/support/mod.rs"]
mod support;

use ipc_workbook_testing::folder::Folder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::known_bad::{known_bad, write_program};
use support::known_good::known_good;
use support::{buildable, graded, labs, lines, name};

fn main() {
    let mut all = Tally::default();
    println!("{:<24} {:>12} {:>12}  seconds of a check, by language", "lab", "right: full", "wrong: less");
    for lab in labs() {
        let scratch = Folder::new("matrix");
        let mut row = Tally::default();
        for file in right(&lab) {
            row.add(&lab, &file, true);
        }
        for file in wrong(&lab, &scratch) {
            row.add(&lab, &file, false);
        }
        println!("{:<24} {row}", name(&lab));
        all.join(row);
    }
    println!("{:<24} {all}", "all");
}

/// The solutions and the known-good programs of a lab.
fn right(lab: &Path) -> Vec<PathBuf> {
    let solutions = ["solution.c", "solution.rs"].map(|file| lab.join(file));
    buildable([&solutions[..], &known_good(lab)].concat())
}

/// The known-bad programs of a lab, written into this folder.
fn wrong(lab: &Path, folder: &Path) -> Vec<PathBuf> {
    let written = |bad: &PathBuf| write_program(bad, folder).map_err(|error| println!("{error}")).ok();
    buildable(known_bad(lab).iter().filter_map(written).collect())
}

/// How programs fared.
#[derive(Default)]
struct Tally {
    full_of_right: (u32, u32),
    less_of_wrong: (u32, u32),
    /// The seconds of each check, by language.
    seconds: BTreeMap<String, Vec<f64>>,
}

impl Tally {
    fn add(&mut self, lab: &Path, file: &Path, is_right: bool) {
        let graded = match graded(&name(lab), file) {
            Ok(graded) => graded,
            Err(error) => return println!("{}: {error}", file.display()),
        };
        let is_full = lines(&graded).all(|line| line["passed"] == true);
        let (count, of) = if is_right { &mut self.full_of_right } else { &mut self.less_of_wrong };
        *count += u32::from(is_full == is_right);
        *of += 1;
        if is_full != is_right {
            println!("{}: {} has {} marks", name(lab), name(file), if is_full { "full" } else { "not full" });
        }
        let millis = |field: &str| graded[field].as_f64().unwrap_or_default();
        self.seconds
            .entry(language(file))
            .or_default()
            .push((millis("millis") - millis("build_millis")) / 1000.0);
    }

    fn join(&mut self, other: Tally) {
        for (mine, others) in
            [(&mut self.full_of_right, other.full_of_right), (&mut self.less_of_wrong, other.less_of_wrong)]
        {
            *mine = (mine.0 + others.0, mine.1 + others.1);
        }
        for (language, seconds) in other.seconds {
            self.seconds.entry(language).or_default().extend(seconds);
        }
    }
}

/// The language of a program: the ending of its file's name.
fn language(file: &Path) -> String {
    file.extension().map_or("program".into(), |end| end.to_string_lossy().into_owned())
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |(count, of): (u32, u32)| format!("{count} of {of}");
        write!(f, "{:>12} {:>12} ", part(self.full_of_right), part(self.less_of_wrong))?;
        for (language, seconds) in &self.seconds {
            let mut seconds = seconds.clone();
            seconds.sort_by(f64::total_cmp);
            let most = seconds.last().copied().unwrap_or_default();
            write!(f, " {language} {:.1} (at most {most:.1})", seconds[seconds.len() / 2])?;
        }
        Ok(())
    }
}
