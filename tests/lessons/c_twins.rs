//! The C twin of each lesson, lessons/*/c/NAME.c: it compiles without a warning, and makes the lesson's
//! claims with the same `got`, for the same user in the same private namespace.

use ipc_workbook_testing::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn trials(trials: &mut Trials) {
    let sentence = "its C twin makes the same claims, with the same results";
    if have("cc") {
        trials.each_lesson(sentence, &Place::corners(), any_lesson, agrees);
    } else {
        trials.skip(sentence, "cc is not installed");
    }
    trials.plain("a twin that differs is reported".into(), differences);
}

/// The claims of a twin or a lesson: identifier and `got`, in order.
type Claims = Vec<(String, String)>;

fn agrees(lesson: &str) {
    let source = twin(lesson);
    let claims = claims_of(&source);
    let left = leftovers();
    assert!(left.is_empty(), "{} left objects behind: {left:?}", source.display());
    let output = run(workbook(lesson).args(["--format", "json"]), 0);
    let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap_or_default().to_string();
    let made: Claims = events(&output)
        .iter()
        .filter(|event| event["event"] == "claim")
        .map(|claim| (text(claim, "id"), text(claim, "got")))
        .collect();
    if let Err(difference) = compare(&claims, &made) {
        panic!("{}: {difference}", source.display());
    }
}

/// Returns the path of a lesson's twin, such as lessons/13-refcount/c/refcount_demo.c.
pub(crate) fn twin(lesson: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(root.join(format!("src/bin/{lesson}.rs"))).expect("the source");
    let chapter = ipc_workbook::lesson::chapter_of(&source).expect("a chapter");
    root.join(format!("lessons/{chapter}/c/{lesson}.c"))
}

/// Compiles a twin unless that is done, runs it, and returns its claims.
fn claims_of(source: &Path) -> Claims {
    let folder = Folder::new("c-twin");
    let output = limited(&mut Command::new(compiled(source, &folder)));
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}: {}",
        source.display(),
        describe(&output)
    );
    let claim = |line: &str| {
        let (id, got) = line.split_once(": ").unwrap_or_else(|| panic!("not a claim: {line}"));
        (id.to_string(), got.to_string())
    };
    stdout(&output).lines().map(claim).collect()
}

/// Checks that each claim of the twin is one of the lesson's, made once and with the same `got`, and that
/// the twin makes at least half of the claims that the lesson saw. A twin may omit those for which the
/// library searches /proc at length.
fn compare(twin: &Claims, lesson: &Claims) -> Result<(), String> {
    const NOT_SEEN: &str = "not seen";
    let short = |id: &str| id.split_once('/').map_or(id, |(_, claim)| claim).to_string();
    let lesson: BTreeMap<String, &str> = lesson.iter().map(|(id, got)| (short(id), got.as_str())).collect();
    let mut claimed = BTreeSet::new();
    let mut agreed = 0;
    for (id, got) in twin {
        match lesson.get(id) {
            None => return Err(format!("the lesson does not claim {id}")),
            Some(&NOT_SEEN) => {} // the twin may see what the lesson did not
            Some(other) if other != got => return Err(format!("{id}: C gets {got}, the lesson {other}")),
            Some(_) => agreed += 1,
        }
        if !claimed.insert(id) {
            return Err(format!("the twin claims {id} twice"));
        }
    }
    let seen = lesson.values().filter(|got| **got != NOT_SEEN).count();
    if agreed == 0 || 2 * agreed < seen {
        return Err(format!("the twin makes {agreed} of the lesson's {seen} claims, less than half"));
    }
    Ok(())
}

/// Checks the errors of `compare` for twins that differ.
fn differences() {
    let claims = |pairs: &[(&str, &str)]| -> Claims {
        pairs.iter().map(|(id, got)| ((*id).into(), (*got).into())).collect()
    };
    let lesson = claims(&[
        ("refcount/one", "1"),
        ("refcount/two", "ENOENT"),
        ("refcount/three", "true"),
        ("refcount/five", "not seen"),
    ]);
    let says = |twin: &[(&str, &str)]| compare(&claims(twin), &lesson).err().unwrap_or_default();
    assert_eq!(says(&[("one", "1"), ("two", "ENOENT")]), "");
    assert_eq!(says(&[("one", "1"), ("two", "ENOENT"), ("five", "2")]), "");
    assert_eq!(says(&[("one", "1"), ("two", "not seen")]), "two: C gets not seen, the lesson ENOENT");
    assert!(says(&[("one", "1"), ("five", "2")]).contains("1 of the lesson's 3 claims"));
    assert_eq!(says(&[("one", "1"), ("two", "EACCES")]), "two: C gets EACCES, the lesson ENOENT");
    assert_eq!(says(&[("one", "1"), ("four", "1")]), "the lesson does not claim four");
    assert_eq!(says(&[("one", "1"), ("one", "1")]), "the twin claims one twice");
    assert!(says(&[("one", "1")]).contains("less than half"));
    assert!(compare(&Claims::new(), &Claims::new()).is_err());
}
