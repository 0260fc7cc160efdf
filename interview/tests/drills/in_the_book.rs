//! The book asks the same questions in the page. Its scripts (book/theme/questions/) compute the same dates, and
//! each side reads what the other side exports. Node runs the scripts here. Where it is missing, these tests are
//! skipped.

use crate::common::*;
use ipc_workbook_testing::requirement::{have, skip};
use ipc_workbook_testing::root;
use ipc_workbook_testing::sample::{exhaustive, seed};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// The storage of a browser, for scripts that run outside of one.
const STORAGE: &str = r"
    const stored = new Map();
    const storage = {
        getItem: key => stored.get(key) ?? null,
        setItem: (key, value) => { stored.set(key, value); },
        removeItem: key => { stored.delete(key); },
    };
    globalThis.localStorage = storage;
    const read = name => require('node:fs').readFileSync(name, 'utf8');
";

/// Runs code after the scripts of the book, and returns what it prints; `None` if there is no Node.
fn in_the_book(folder: &Folder, code: &str) -> Option<String> {
    if !have("node") {
        skip("the answers in the book: node is not installed");
        return None;
    }
    let mut program = STORAGE.to_string();
    for script in ["fsrs", "answers"] {
        let file = root().join("book/theme/questions").join(script).with_extension("js");
        program.push_str(&fs::read_to_string(&file).expect("a script of the book"));
    }
    fs::write(folder.join("program.js"), program + code).expect("written");
    Some(typed(Command::new("node").arg("program.js").current_dir(&**folder), "", 0).0)
}

/// Imports a file into the terminal's answers, and returns what the command says and the export afterwards.
fn imported(folder: &Folder, file: &str) -> (String, String) {
    let path = folder.join(file);
    let (said, _) = typed(&mut drills(folder, &["import", path.to_str().expect("UTF-8")]), "", 0);
    (said, typed(&mut drills(folder, &["export", "json"]), "", 0).0)
}

/// Random numbers that are the same each time for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    /// Returns the reviews of one question, not always in their order. The time between two is from a moment to years.
    fn reviews(&mut self) -> Vec<(i64, &'static str)> {
        let mut at = 1_700_000_000_000 + i64::try_from(self.below(100_000_000_000)).expect("small");
        let mut reviews = Vec::new();
        for _ in 0..=self.below(20) {
            let longest = [1000, 600_000, 86_400_000, 30 * 86_400_000, 3 * 365 * 86_400_000];
            let longest = longest[usize::try_from(self.below(5)).expect("small")];
            at += i64::try_from(self.below(longest)).expect("small");
            let grade = ["again", "hard", "good", "good", "good", "easy"];
            reviews.push((at, grade[usize::try_from(self.below(6)).expect("small")]));
        }
        if self.below(4) == 0 {
            reviews.reverse();
        }
        if self.below(4) == 0 {
            reviews.push(reviews[0]);
        }
        reviews
    }
}

#[test]
fn the_book_and_the_terminal_ask_again_at_the_same_time() {
    let folder = Folder::new("dates");
    let mut random = Random(seed());
    let histories = if exhaustive() { 100_000 } else { 5000 };
    let questions: serde_json::Map<String, Value> =
        (0..histories).map(|n| (format!("question-{n}"), json!({ "reviews": random.reviews() }))).collect();
    let text = json!({ "schema": 2, "questions": questions }).to_string();
    fs::write(folder.join("histories.json"), text).expect("written");
    let code = "answers.merge(read('histories.json')); process.stdout.write(answers.text(answers.load()));";
    let Some(book) = in_the_book(&folder, code) else { return };
    let (_, terminal) = imported(&folder, "histories.json");
    let parsed = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["questions"].clone();
    let (ours, theirs) = (parsed(&terminal), parsed(&book));
    let ours = ours.as_object().expect("questions");
    assert_eq!(ours.len(), histories);
    let mut differ = String::new();
    for (id, mine) in ours.iter().filter(|(id, mine)| theirs[*id] != **mine).take(5) {
        let _ = writeln!(differ, "{id}: interview {mine}, the book {}", theirs[id]);
    }
    assert!(differ.is_empty(), "with the seed {}: {differ}", seed());
    assert!(book == terminal, "the texts differ");
}

#[test]
fn the_terminal_accepts_an_export_of_the_book() {
    let folder = Folder::new("from-the-book");
    let code = "
        answers.record('drill-choice', 'again', 1784000000000);
        answers.record('drill-choice', 'good', 1784000090000);
        answers.record('drill-order', 'good', 1784000095000);
        answers.record('drill-explain', 'easy', 1784000100000);
        require('node:fs').writeFileSync('answers.json', answers.text(answers.load()));
    ";
    let Some(_) = in_the_book(&folder, code) else { return };
    let (said, exported) = imported(&folder, "answers.json");
    assert_eq!(said, "4 new answers\n");
    assert_eq!(exported, fs::read_to_string(folder.join("answers.json")).expect("the export"));
    assert_eq!(imported(&folder, "answers.json").0, "0 new answers\n");
    assert_eq!(grades(&folder, "drill-choice"), ["again", "good"]);
}

#[test]
fn the_book_accepts_an_export_of_the_terminal() {
    let folder = Folder::new("to-the-book");
    typed(&mut drills(&folder, &["--level", "junior"]), "a\nq\n", 0);
    let (exported, _) = typed(&mut drills(&folder, &["export", "json"]), "", 0);
    fs::write(folder.join("answers.json"), &exported).expect("written");
    let code = "
        const fresh = [answers.merge(read('answers.json')), answers.merge(read('answers.json'))];
        console.log(fresh.join(' '));
        process.stdout.write(answers.text(answers.load()));
    ";
    let Some(book) = in_the_book(&folder, code) else { return };
    assert_eq!(book, format!("1 0\n{exported}"));
}

#[test]
fn the_book_sets_damaged_answers_aside_unchanged() {
    let folder = Folder::new("aside");
    for (damaged, why) in [
        ("{\"schema\":2,\"quest", "is not JSON"),
        ("[]", "has no version"),
        ("{\"schema\":3,\"questions\":{}}", "version 3"),
        ("{\"schema\":2}", "no questions"),
        ("{\"schema\":2,\"questions\":{\"x\":{\"reviews\":[[1,\"superb\"]]}}}", "answers to x are malformed"),
        (
            "{\"schema\":2,\"questions\":{\"x\":{\"reviews\":[[\"now\",\"good\"]]}}}",
            "answers to x are malformed",
        ),
    ] {
        let code = format!(
            "const damaged = {};
            stored.set('workbook-answers', damaged);
            stored.set('workbook-answers-aside-1', 'earlier');
            answers.record('drill-choice', 'good', 1784000000000);
            const kept = stored.get('workbook-answers-aside-1') === 'earlier' && stored.get('workbook-answers-aside-2') === damaged;
            console.log(kept, answers.load().size, answers.notice());",
            json!(damaged)
        );
        let Some(book) = in_the_book(&folder, &code) else { return };
        assert!(book.starts_with("true 1 ") && book.contains(why), "{damaged}: {book}");
    }
}

#[test]
fn the_book_keeps_answers_where_the_browser_stores_nothing() {
    let folder = Folder::new("private");
    let refuse = "() => { throw new Error('refused'); }";
    for (what, left) in [
        // No storage at all, as in some private windows.
        (format!("globalThis.localStorage = {{ getItem: {refuse}, setItem: {refuse} }};"), "null"),
        // A full storage with an answer in it, and a full storage that is damaged.
        (format!("answers.record('drill-bug', 'good', 1); storage.setItem = {refuse};"), "object"),
        (format!("stored.set('workbook-answers', 'damaged'); storage.setItem = {refuse};"), "damaged"),
    ] {
        let code = format!(
            "{what}
            answers.record('drill-choice', 'good', 1784000000000);
            answers.record('drill-choice', 'good', 1785000000000);
            const left = stored.get('workbook-answers') ?? 'null';
            console.log(answers.load().get('drill-choice').reviews.length, left.startsWith('{{') ? 'object' : left, answers.notice());"
        );
        let Some(book) = in_the_book(&folder, &code) else { return };
        assert!(book.starts_with(&format!("2 {left} This browser stores nothing")), "{what}: {book}");
    }
}
