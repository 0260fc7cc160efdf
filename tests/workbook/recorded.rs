//! The recorded output, which the chapters show, matches a new run of the lessons. `scripts/record`
//! writes the recordings.
//!
//! Each text file has a file with the events, `x.jsonl`, for pages that draw or replay a run.

use ipc_workbook::lesson::{kernel_release, libc_version};
use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

#[test]
fn the_recorded_output_matches_the_lessons() {
    private(|| {
        for lesson in lessons() {
            let run = |format| {
                let flags = ["--private", "--color", "never", "--format", format];
                run(workbook(lesson).args(flags), 0)
            };
            compare(&recording_of(lesson), &stable(&run("text")));
            compare(&recording_of(lesson).with_extension("jsonl"), &stable_events(&run("json")));
        }
        if std::env::var("RECORD").is_ok() {
            write_down_where();
        }
    });
}

/// Chapters do not show runs with flags, but the book shows their results where a question asks to predict
/// them: lessons/*/output/predictions.json, by question.
#[test]
fn the_recorded_predictions_match_runs_with_flags() {
    private(|| {
        for chapter in chapters(root()) {
            let quiz = std::fs::read_to_string(chapter.join("quiz.toml")).unwrap_or_default();
            let quiz: toml::Table = quiz.parse().unwrap_or_else(|e| panic!("{}: {e}", chapter.display()));
            let questions = quiz.get("question").and_then(|all| all.as_array()).into_iter().flatten();
            let mut gives = serde_json::Map::new();
            for question in questions {
                let field = |key: &str| question.get(key).and_then(|value| value.as_str());
                let (Some(id), Some(run), Some(claim)) = (field("id"), field("run"), field("claim")) else {
                    continue;
                };
                if run.contains(' ')
                    && let Some(got) = got(run, claim)
                {
                    gives.insert(id.into(), got.into());
                }
            }
            compare_predictions(&chapter.join("output/predictions.json"), &gives);
        }
    });
}

/// Compares the results with the file. Results that need a second user were recorded where there was one.
fn compare_predictions(file: &Path, gives: &serde_json::Map<String, Value>) {
    if std::env::var("RECORD").is_ok() && !gives.is_empty() {
        std::fs::write(file, serde_json::to_string_pretty(gives).expect("JSON") + "\n").expect("written");
    }
    let recorded = std::fs::read_to_string(file).unwrap_or_else(|_| "{}".into());
    let recorded: serde_json::Map<String, Value> = serde_json::from_str(&recorded).expect("JSON");
    let file = file.display();
    for (id, got) in gives {
        assert_eq!(recorded.get(id), Some(got), "{file}: {id} is out of date; run scripts/record");
    }
    let stale: Vec<&String> = recorded.keys().filter(|id| !gives.contains_key(*id)).collect();
    if User::all().len() < 2 && !stale.is_empty() {
        skip(&format!("{file} has results that need a second user"));
    } else {
        assert!(stale.is_empty(), "{file} has {stale:?}, which no question uses; run scripts/record");
    }
}

/// Returns the `got` of the claim in this run, or `None` if the claim was not seen.
fn got(run: &str, claim: &str) -> Option<String> {
    let mut words = run.split(' ');
    let mut lesson = workbook(words.next().expect("a lesson"));
    let output = ipc_workbook_testing::run::run(lesson.args(words).args(["--format", "json"]), 0);
    let claim = events(&output).into_iter().find(|event| event["id"] == claim && !event["held"].is_null())?;
    claim["got"].as_str().map(String::from)
}

/// Compares the output with the recording. With RECORD set, writes the recording instead.
fn compare(file: &Path, printed: &str) {
    if std::env::var("RECORD").is_ok() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("the folder");
        std::fs::write(file, printed).expect("the recording");
    }
    let recorded = std::fs::read_to_string(file).unwrap_or_default();
    // The recording shows root and a second user.
    let shows_two = recorded.contains("uid=0") || printed.contains("this needs another user");
    if shows_two && User::all().len() < 2 {
        skip(&format!("{} shows root and another user", file.display()));
        return;
    }
    let file = file.display();
    assert!(recorded == printed, "{file} is out of date; run scripts/record. Now:\n{printed}");
}

/// Records the versions of kernel and libc, without the part after the hyphen.
fn write_down_where() {
    let release = kernel_release();
    let kernel = release.split('-').next().unwrap_or_default();
    let made_on = serde_json::json!({ "kernel": kernel, "libc": libc_version() });
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons/recorded.json");
    std::fs::write(file, format!("{made_on}\n")).expect("the file");
}

/// Returns the path of a recording, such as lessons/13-refcount/output/refcount_demo.txt.
fn recording_of(lesson: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let source =
        std::fs::read_to_string(root.join("src/bin").join(lesson).with_extension("rs")).expect("the source");
    let chapter = ipc_workbook::lesson::chapter_of(&source).expect("a chapter");
    root.join("lessons").join(chapter).join("output").join(lesson).with_extension("txt")
}

/// Returns the output with stable marks in place of what varies between runs. Each step stands between
/// anchors, so that a page can include it by its number.
fn stable(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let mut marks = Marks::default();
    let mut stable = String::new();
    let mut step = None;
    for line in text.lines() {
        // Other processes on the machine are not part of the lesson.
        if line.contains("could not be looked into") {
            continue;
        }
        if let Some((n, _)) = line.split_once(". ").filter(|(n, _)| n.parse::<u32>().is_ok()) {
            end(&mut stable, step);
            step = Some(n.to_string());
            let _ = writeln!(stable, "ANCHOR: step-{n}");
        } else if line.starts_with("claims: ") {
            end(&mut stable, step.take());
        }
        let _ = writeln!(stable, "{}", marks.replace(line).trim_end());
    }
    stable
}

/// Returns the events with the same replacements.
fn stable_events(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let mut marks = Marks::default();
    let mut stable = String::new();
    for line in text.lines() {
        let mut event: Value = serde_json::from_str(line).expect("JSON");
        marks.replace_in(&mut event);
        let _ = writeln!(stable, "{event}");
    }
    stable
}

fn end(stable: &mut String, step: Option<String>) {
    if let Some(n) = step {
        let _ = writeln!(stable, "ANCHOR_END: step-{n}");
    }
}

/// The replacements so far. The same number always gets the same mark.
#[derive(Default)]
struct Marks {
    seen: Vec<(&'static str, String)>,
}

impl Marks {
    fn replace(&mut self, line: &str) -> String {
        if let Some((before, _)) = line.split_once(" · Linux ") {
            let place = if line.ends_with(" · private namespace") { " · private namespace" } else { "" };
            return format!("{before} · Linux VERSION · glibc VERSION{place}");
        }
        let mut line = self.keys_of_files(line);
        line = self.dates(&line);
        for (before, mark) in [
            ("pid ", "PID"),
            ("PID ", "PID"), // Hello from PID 7
            ("pid=", "PID"), // shm_cpid=
            ("NOTIFY_PID ", "PID"),
            ("fork() = ", "PID"),
            ("kill(", "PID"),
            ("waitpid(", "PID"),
            ("F_SETOWN, ", "PID"),
            ("GETPID) = ", "PID"),
            ("], 0) = ", "PID"),
            ("/proc/", "PID"),
            ("ipc-workbook.", "FILE"),
            ("st_ino ", "INODE"),
            ("st_dev ", "DEVICE"),
            ("time=", "TIME"), // sem_otime=
            ("0x", "ADDRESS"),
        ] {
            line = self.after(&line, before, mark);
        }
        line
    }

    fn replace_in(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                // Other processes are not part of the lesson, and the result is in the call's text too.
                for key in ["processes_not_visible", "result"] {
                    fields.remove(key);
                }
                self.pids_of_claims(fields);
                for (key, value) in fields {
                    let mark = match key.as_str() {
                        "kernel" | "libc" => {
                            *value = "VERSION".into();
                            continue;
                        }
                        key if key.ends_with("pid") || key == "NOTIFY_PID" => "PID",
                        key if key.ends_with("time") => "TIME",
                        "st_ino" => "INODE",
                        "st_dev" => "DEVICE",
                        _ => "",
                    };
                    match value.as_u64() {
                        Some(number) if !mark.is_empty() && number != 0 => {
                            *value = self.mark(mark, &number.to_string()).into();
                        }
                        _ => self.replace_in(value),
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.replace_in(value)),
            Value::String(text) => *text = self.replace(text),
            _ => {}
        }
    }

    /// Replaces a value in a claim or question about a pid, if the value is a pid that was seen before.
    fn pids_of_claims(&self, event: &mut serde_json::Map<String, Value>) {
        let about = event.get("id").or_else(|| event.get("text")).and_then(Value::as_str).unwrap_or_default();
        if !about.to_lowercase().contains("pid") {
            return;
        }
        let known: Vec<&str> =
            self.seen.iter().filter(|(kind, _)| *kind == "PID").map(|(_, pid)| &**pid).collect();
        let replace = |value: &mut Value| {
            if let Some(n) = known.iter().position(|pid| value == pid) {
                *value = format!("PID-{}", n + 1).into();
            }
        };
        for key in ["got", "want"] {
            if let Some(value) = event.get_mut(key) {
                replace(value);
            }
        }
        if let Some(options) = event.get_mut("options").and_then(Value::as_array_mut) {
            options.iter_mut().for_each(replace);
        }
    }

    /// Replaces the path and the key in `ftok("/etc/hosts", 1) = 0x1004002`, which depend on the machine. A
    /// path that the lesson created stays, and so do keys that do not come from a file.
    fn keys_of_files(&mut self, line: &str) -> String {
        let mut line = line.to_string();
        if let Some((call, key)) = line.clone().rsplit_once(" = 0x").filter(|_| line.contains("ftok(\"")) {
            let path = call.split('"').nth(1).unwrap_or_default();
            if !path.contains("/ipc-workbook.") {
                line = line.replace(path, &self.mark("FILE", path));
            }
            line = line.replace(&format!("0x{key}"), &self.mark("KEY", key));
        }
        line
    }

    /// Replaces the dates that a lesson read from a clock or computed from them, as in
    /// `{tv_sec=1764489600, tv_nsec=835074402}`. Dates and durations that the lesson chose are round: they
    /// stay.
    fn dates(&mut self, line: &str) -> String {
        let mut parts = line.split("{tv_sec=");
        let mut out = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let (date, rest) = part.split_once('}').unwrap_or((part, ""));
            let nsec = date.split_once(", tv_nsec=").and_then(|(_, nsec)| nsec.parse::<i64>().ok());
            let is_chosen = nsec.is_none_or(|nsec| nsec % 1_000_000 == 0 || matches!(nsec, -1 | 999_999_999));
            let date = if is_chosen { format!("tv_sec={date}") } else { self.mark("TIME", date) };
            out.extend(["{", &date, "}", rest]);
        }
        out
    }

    /// Replaces the number after each occurrence of `before`.
    fn after(&mut self, line: &str, before: &str, mark: &'static str) -> String {
        let mut parts = line.split(before);
        let mut out = parts.next().unwrap_or_default().to_string();
        for part in parts {
            // Text that is not a number, such as the word after "a pid", stays.
            let radix = if ["0x", "ipc-workbook."].contains(&before) { 16 } else { 10 };
            let digits = part.find(|c: char| !c.is_digit(radix)).unwrap_or(part.len());
            let (number, rest) = part.split_at(digits);
            // 0 stands for no process and no time. A key is chosen by the lesson.
            let is_key = before == "0x" && ["get(", "key=", "key "].iter().any(|about| out.ends_with(about));
            let stays = number.is_empty() || number == "0" || is_key;
            if is_key {
                out.push_str("0x");
            }
            let mark =
                if stays { number.to_string() } else { self.mark(mark, number.trim_start_matches('0')) };
            let before = if before == "0x" { "" } else { before };
            out.extend([before, &mark, rest]);
        }
        out
    }

    fn mark(&mut self, mark: &'static str, number: &str) -> String {
        let known = (mark, number.to_string());
        if !self.seen.contains(&known) {
            self.seen.push(known.clone());
        }
        let same_kind = self.seen.iter().filter(|(kind, _)| *kind == mark);
        let n = same_kind.map(|(_, number)| number).position(|seen| *seen == known.1).unwrap_or(0) + 1;
        format!("{mark}-{n}")
    }
}
