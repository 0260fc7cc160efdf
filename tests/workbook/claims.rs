//! The claims: those that pages and questions rely on hold on this machine, and claims.toml says for each
//! claim who promises it and where that is written.

use ipc_workbook_testing::bank::{Offer, Question, given_away, questions, text};
use ipc_workbook_testing::prelude::*;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::{contents, pages, read};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use toml::Table;

/// The values of `by`. CONTRIBUTING.md explains them.
const PROMISERS: [&str; 6] = ["POSIX", "left open", "Linux", "glibc", "Rust", "command"];

/// A chapter's folder in lessons/.
struct Chapter {
    folder: PathBuf,
    /// The chapter's word in its claims, such as `refcount`.
    name: String,
}

impl Chapter {
    fn all() -> Vec<Chapter> {
        let chapter = |folder: PathBuf| {
            let name = name(&folder).split_once('-')?.1.to_string();
            Some(Chapter { folder, name })
        };
        chapters(root()).into_iter().filter_map(chapter).collect()
    }

    fn table(&self, file: &str) -> Option<Table> {
        let file = self.folder.join(file);
        let text = std::fs::read_to_string(&file).ok()?;
        Some(text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    /// Adds the chapter to a claim's identifier: `refcount/mq_unlink-removes-the-name-at-once`.
    fn claim(&self, id: &str) -> String {
        format!("{}/{id}", self.name)
    }
}

/// Returns the claims that the pages may name.
fn recorded_claims() -> Claims {
    Claims::recorded(&contents(root()).expect("the chapters")).expect("the recordings")
}

/// The claims of a new run of all lessons and console blocks.
#[derive(Default)]
struct Run {
    /// All of them.
    claimed: BTreeSet<String>,
    /// The claims that held, or that need a user who is not available here.
    held: BTreeSet<String>,
}

impl Run {
    fn of_all_lessons() -> Run {
        let mut run_of_all = Run::default();
        for lesson in lessons() {
            let output = run(workbook(lesson).args(["--format", "json"]), 0);
            for event in events(&output).into_iter().filter(|event| event["event"] == "claim") {
                let id = event["id"].as_str().expect("an id").to_string();
                if held_or_excused(&event) {
                    run_of_all.held.insert(id.clone());
                }
                run_of_all.claimed.insert(id);
            }
        }
        for block in ipc_workbook_testing::blocks::blocks() {
            let excused = block.as_root && User::all().len() < 2;
            if excused || block.run().is_ok() {
                run_of_all.held.insert(block.claim.clone());
            }
            run_of_all.claimed.insert(block.claim);
        }
        run_of_all
    }

    /// Returns the claims of the questions that did not hold.
    fn not_proved(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for question in questions() {
            let claims = question.claims().into_iter().filter(|claim| !self.held.contains(*claim));
            wrong.extend(claims.map(|claim| format!("{}: {claim} did not hold", question.id())));
        }
        wrong
    }

    /// Returns what is wrong with a chapter's claims.toml.
    fn not_on_record(&self, chapter: &Chapter, entries: &Table) -> Vec<String> {
        let file = format!("{}/claims.toml", chapter.folder.display());
        let of_chapter = |id: &&String| id.split_once('/').is_some_and(|(name, _)| name == chapter.name);
        let claimed: BTreeSet<String> = self.claimed.iter().filter(of_chapter).cloned().collect();
        let entered: BTreeSet<String> = entries.keys().map(|id| chapter.claim(id)).collect();
        let without = claimed.difference(&entered).map(|claim| format!("{file}: no entry for {claim}"));
        let stale =
            entered.difference(&claimed).map(|claim| format!("{file}: no lesson or block claims {claim}"));
        without.chain(stale).collect()
    }
}

#[test]
fn claims_of_pages_and_questions_hold_and_are_in_claims_toml() {
    private(|| {
        let (run, known) = (Run::of_all_lessons(), recorded_claims());
        let mut wrong = run.not_proved();
        let mut mentioned: BTreeSet<String> =
            ipc_workbook_testing::blocks::blocks().into_iter().map(|block| block.claim).collect();
        for chapter in &Chapter::all() {
            match chapter.table("claims.toml") {
                Some(entries) => wrong.extend(run.not_on_record(chapter, &entries)),
                None => note(&format!("{} has no claims.toml yet", chapter.name)),
            }
        }
        for file in pages::pages(root()).expect("the pages") {
            let page = read(&file).expect("a page");
            let named = pages::named(&file, &page, &known).expect("its claims");
            let failed = named.difference(&run.held);
            wrong.extend(failed.map(|claim| format!("{}: {claim} did not hold", file.display())));
            mentioned.extend(named);
            mentioned.extend(pages::shown(root(), &file, &page).expect("its recordings"));
        }
        for claim in run.claimed.difference(&mentioned) {
            note(&format!("no page mentions {claim}"));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// The kernel's result is exactly one of the options, and neither its length nor its place gives it away.
#[test]
fn the_result_to_predict_is_one_of_the_options() {
    private(|| {
        let mut runs: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
        let (all, mut wrong, mut offers) = (questions(), Vec::new(), Vec::new());
        let predictions: Vec<&Question> =
            all.iter().filter(|question| question.kind() == "predict").collect();
        assert!(!predictions.is_empty());
        for question in predictions {
            let claims =
                runs.entry(question.text("run").into()).or_insert_with(|| claims_of(question.text("run")));
            match offer(question, claims) {
                Ok(offer) => offers.extend(offer),
                Err(what) => wrong.push(format!("{}: {what}", question.id())),
            }
        }
        wrong.extend(given_away(&offers));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Returns the claims of a run, given as a lesson with its flags.
fn claims_of(run: &str) -> Vec<serde_json::Value> {
    let mut words = run.split(' ');
    let lesson = words.next().filter(|word| lessons().iter().any(|lesson| lesson == word));
    let Some(lesson) = lesson else { return Vec::new() };
    let output = ipc_workbook_testing::run::run(workbook(lesson).args(words).args(["--format", "json"]), 0);
    events(&output).into_iter().filter(|event| event["event"] == "claim").collect()
}

/// Returns the options and which of them the kernel gives, or `None` if this user cannot see it.
fn offer<'a>(question: &'a Question, claims: &[serde_json::Value]) -> Result<Option<Offer<'a>>, String> {
    let (run, id) = (question.text("run"), question.text("claim"));
    let claim = claims.iter().find(|claim| claim["id"] == id).ok_or(format!("{run} does not claim {id}"))?;
    if claim["held"] != true {
        return if held_or_excused(claim) { Ok(None) } else { Err(format!("{id} did not hold")) };
    }
    let got = claim["got"].as_str().unwrap_or_default();
    let options: Vec<&str> =
        question.tables("options").into_iter().map(|option| text(option, "text")).collect();
    let places: Vec<usize> = (0..options.len()).filter(|place| options[*place] == got).collect();
    match places[..] {
        [right] => Ok(Some(Offer { options, right })),
        _ => Err(format!("{id} gets {got:?}, which is the text of {} options, not of one", places.len())),
    }
}

#[test]
fn a_prediction_that_no_option_names_is_reported() {
    let question = |options: &str, claim: &str| {
        let keys = format!("run = \"r\"\nclaim = \"a/{claim}\"\noptions = [{options}]");
        ipc_workbook_testing::bank::parsed(Path::new("91-x"), &format!("[[question]]\n{keys}")).remove(0)
    };
    let claims = [
        serde_json::json!({ "id": "a/b", "held": true, "got": "2", "why": null }),
        serde_json::json!({ "id": "a/c", "held": false, "got": "2", "why": null }),
        serde_json::json!({ "id": "a/d", "held": null, "got": "not seen", "why": "it takes the moon" }),
    ];
    let right_one = |options: &str, claim: &str| {
        offer(&question(options, claim), &claims).map(|offer| offer.map(|offer| offer.right))
    };
    assert_eq!(right_one("{ text = \"1\" }, { text = \"2\" }", "b"), Ok(Some(1)));
    assert_eq!(
        right_one("{ text = \"1\" }, { text = \"3\" }", "b"),
        Err("a/b gets \"2\", which is the text of 0 options, not of one".into())
    );
    assert_eq!(
        right_one("{ text = \"2\" }, { text = \"2\" }", "b"),
        Err("a/b gets \"2\", which is the text of 2 options, not of one".into())
    );
    assert_eq!(right_one("{ text = \"2\" }", "c"), Err("a/c did not hold".into()));
    assert_eq!(right_one("{ text = \"2\" }", "d"), Err("a/d did not hold".into()));
    assert_eq!(right_one("{ text = \"2\" }", "e"), Err("r does not claim a/e".into()));
}

#[test]
fn an_entry_without_a_claim_is_reported() {
    let chapter = Chapter { folder: "13-refcount".into(), name: "refcount".into() };
    let run = Run { claimed: ["refcount/one-thing".into()].into(), ..Run::default() };
    let entries: Table = "[two-things]".parse().expect("a table");
    assert_eq!(
        run.not_on_record(&chapter, &entries),
        [
            "13-refcount/claims.toml: no entry for refcount/one-thing",
            "13-refcount/claims.toml: no lesson or block claims refcount/two-things"
        ]
    );
}

/// Returns the old identifiers that two claims have, or that a present claim has.
fn used_again(entries: &Table) -> Vec<&str> {
    let mut seen: BTreeSet<&str> = entries.keys().map(String::as_str).collect();
    let formerly = entries.values().filter_map(|entry| entry.get("formerly")?.as_array());
    let old = formerly.flatten().map(|old| old.as_str().unwrap_or_default());
    old.filter(|old| !seen.insert(old)).collect()
}

#[test]
fn an_old_identifier_belongs_to_one_claim() {
    for chapter in Chapter::all() {
        let entries = chapter.table("claims.toml").unwrap_or_default();
        assert_eq!(used_again(&entries), Vec::<&str>::new(), "{}", chapter.name);
    }
    let entries: Table =
        "[a]\nformerly = [\"b\", \"c\"]\n[b]\n[d]\nformerly = [\"c\", \"e\"]".parse().expect("a table");
    assert_eq!(used_again(&entries), ["b", "c"]);
}

/// Returns whether a source is a manual page (`mq_unlink(3p)`) or a file (`linux ipc/mqueue.c`).
fn is_a_source(source: &str) -> bool {
    if let Some((project, file)) = source.split_once(' ') {
        return ["linux", "glibc", "rust", "workbook"].contains(&project)
            && file.contains('/')
            && !file.contains(' ');
    }
    source.strip_suffix(')').and_then(|page| page.split_once('(')).is_some_and(|(name, section)| {
        !name.is_empty() && section.starts_with(|c: char| c.is_ascii_digit()) && section.len() <= 2
    })
}

#[test]
fn each_entry_names_a_source_and_who_promises_it() {
    let mut wrong = Vec::new();
    let mut pages = BTreeSet::new();
    for chapter in Chapter::all() {
        for (claim, entry) in chapter.table("claims.toml").unwrap_or_default() {
            let field = |name: &str| entry.get(name).and_then(|text| text.as_str()).unwrap_or_default();
            let (by, sources) = (field("by"), field("source").split(", "));
            let mut demand = |holds: bool, what: &str| {
                if !holds {
                    wrong.push(format!("{}/{claim}: {what}", chapter.name));
                }
            };
            demand(PROMISERS.contains(&by), "by must be a word of the table in CONTRIBUTING.md");
            let known =
                |key: &String| ["by", "source", "unturned", "wide", "formerly"].contains(&key.as_str());
            demand(
                entry.as_table().is_some_and(|keys| keys.keys().all(known)),
                "the keys may only be by, source, unturned, wide and formerly",
            );
            for key in ["unturned", "wide"] {
                let reason = entry.get(key).map(|reason| reason.as_str().unwrap_or_default());
                demand(
                    reason.is_none_or(|reason| reason.ends_with('.')),
                    "unturned and wide must end with a full stop",
                );
            }
            demand(sources.clone().all(is_a_source), "a source must be a manual page or a file");
            let of_posix = sources.clone().any(|source| source.ends_with("p)"));
            demand(
                of_posix || !["POSIX", "left open"].contains(&by),
                "POSIX and left open need a page of POSIX as a source",
            );
            pages.extend(
                sources.filter(|source| source.ends_with(')') && !source.ends_with("p)")).map(String::from),
            );
        }
    }
    // No free package has the pages of POSIX, but those of Linux may be installed.
    let man = |page: &str| {
        let (name, section) = page.trim_end_matches(')').split_once('(').expect("a page");
        Command::new("man").args(["-w", section, name]).output().is_ok_and(|output| output.status.success())
    };
    if man("mq_overview(7)") {
        wrong.extend(
            pages.iter().filter(|page| !man(page)).map(|page| format!("there is no manual page {page}")),
        );
    } else {
        skip("the manual pages are not installed");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_point_of_posix_and_system_v_names_claims_on_both_sides() {
    let page = include_str!("../../lessons/23-connectionless/posix-and-system-v.md");
    let known = recorded_claims();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let points: Vec<Vec<&str>> = rows
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .filter(|cells: &Vec<&str>| cells[0] != "point")
        .collect();
    assert!(points.len() >= 20, "{points:?}");
    for cells in points {
        assert_eq!(cells.len(), 3, "{cells:?}");
        for side in &cells[1..] {
            assert!(
                !pages::named_as_code(side, &known).is_empty(),
                "{}: this cell has no claim: {side}",
                cells[0]
            );
        }
    }
}
