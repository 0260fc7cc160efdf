//! What there is to show: chapters, lessons, recorded runs, questions. All of it
//! is found by looking into lessons/ and src/bin/.

use anyhow::{Context, Result, bail};
use interview_questions::bank::Bank;
use interview_questions::question::Question;
use ipc_workbook::lesson::{chapter_of, title_of};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The whole workbook.
pub(crate) struct Workbook {
    /// Where Cargo.toml is.
    pub(crate) root: PathBuf,
    pub(crate) chapters: Vec<Chapter>,
    /// What the recordings were made on.
    pub(crate) recorded_on: RecordedOn,
}

/// A folder of lessons/.
pub(crate) struct Chapter {
    /// `13-refcount`
    pub(crate) folder: String,
    pub(crate) lessons: Vec<Lesson>,
    pub(crate) questions: Vec<Question>,
    /// What runs with flags gave, for the questions that ask to predict it, when they were recorded.
    pub(crate) predictions: BTreeMap<String, String>,
    /// claims.toml: where each claim is written, and who promises it.
    pub(crate) known: BTreeMap<String, Known>,
    /// The console blocks of its text: each is a claim too, which the tests run.
    pub(crate) blocks: Vec<String>,
    pub(crate) labs: Vec<Lab>,
}

/// A lab: `lessons/CHAPTER/labs/NAME`.
pub(crate) struct Lab {
    pub(crate) name: String,
    /// Its README.md: the task.
    pub(crate) task: String,
    /// Those that it has a starter in, as `--language` names them.
    pub(crate) languages: Vec<&'static str>,
    pub(crate) about: AboutLab,
}

/// Of its lab.toml, what a reader is shown.
#[derive(Deserialize)]
pub(crate) struct AboutLab {
    pub(crate) title: String,
    pub(crate) hints: Vec<String>,
    pub(crate) rubric: Vec<Demand>,
}

/// A line of its rubric.
#[derive(Deserialize)]
pub(crate) struct Demand {
    pub(crate) points: u32,
    pub(crate) says: String,
    pub(crate) required: String,
    pub(crate) see: String,
}

/// A program of src/bin/.
pub(crate) struct Lesson {
    pub(crate) name: String,
    /// The sentence of truth on the first line.
    pub(crate) title: String,
    pub(crate) source: String,
    /// The same calls in C, which the tests compile, run and compare.
    pub(crate) twin: String,
    /// The recorded run.
    pub(crate) events: Vec<Event>,
}

/// The kernel and libc of the recordings.
#[derive(Deserialize)]
pub(crate) struct RecordedOn {
    pub(crate) kernel: String,
    pub(crate) libc: String,
}

/// One line of a recording. The schema is src/narrate/events.schema.json.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    Lesson {},
    Step {
        n: u32,
        title: String,
    },
    Note {
        text: String,
    },
    Call {
        process: String,
        text: String,
        ok: bool,
    },
    Kernel {
        what: String,
        #[serde(flatten)]
        facts: Map<String, Value>,
    },
    Question {
        text: String,
        options: Vec<String>,
    },
    Claim(Claim),
    End {},
}

/// What a run has claimed.
#[derive(Clone, Deserialize)]
pub(crate) struct Claim {
    pub(crate) id: String,
    pub(crate) held: Option<bool>,
    pub(crate) got: String,
}

impl Claim {
    pub(crate) fn sentence(&self) -> String {
        sentence(&self.id)
    }
}

/// A claim's identifier without its chapter, as a sentence.
pub(crate) fn sentence(id: &str) -> String {
    id.split_once('/').map_or(id, |(_, sentence)| sentence).replace('-', " ")
}

/// An entry of claims.toml: what no program can find out about a claim.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// `mq_unlink(3p), linux ipc/mqueue.c`
    pub(crate) source: String,
    pub(crate) by: By,
}

/// Who promises it.
#[derive(Clone, Copy, Deserialize)]
pub(crate) enum By {
    /// POSIX.1-2024 demands it of every system.
    #[serde(rename = "POSIX")]
    Posix,
    /// POSIX leaves it to the system, or does not define it; this is what Linux and glibc make of it.
    #[serde(rename = "left open")]
    LeftOpen,
    /// POSIX knows nothing of it: the kernel alone.
    Linux,
    /// The C library alone.
    #[serde(rename = "glibc")]
    Glibc,
    /// Rust's standard library.
    Rust,
    /// A command, of the system or of this workbook.
    #[serde(rename = "command")]
    Command,
}

impl By {
    /// As the page of claims has it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            By::Posix => "POSIX",
            By::LeftOpen => "left open by POSIX",
            By::Linux => "Linux alone",
            By::Glibc => "glibc alone",
            By::Rust => "Rust",
            By::Command => "the command",
        }
    }
}

impl Workbook {
    /// Looks at everything.
    pub(crate) fn load(root: &Path) -> Result<Workbook> {
        let mut chapters: BTreeMap<String, Chapter> = BTreeMap::new();
        let mut asked = questions(root)?;
        for entry in entries(&root.join("lessons"))? {
            let folder = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if folder.starts_with(|c: char| c.is_ascii_digit()) {
                let questions = asked.remove(&folder).unwrap_or_default();
                let blocks = blocks(&read(&entry.join("README.md"))?);
                let known = known(&entry.join("claims.toml"))?;
                let predictions = predictions(&entry.join("output/predictions.json"))?;
                let labs = labs(&entry.join("labs"))?;
                let lessons = Vec::new();
                let chapter =
                    Chapter { folder: folder.clone(), lessons, questions, predictions, known, blocks, labs };
                chapters.insert(folder, chapter);
            }
        }
        for file in entries(&root.join("src/bin"))? {
            let source = read(&file)?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let Some(chapter) = chapter_of(&source).and_then(|folder| chapters.get_mut(folder)) else {
                bail!("{}: its header names no chapter of lessons/", file.display());
            };
            let folder = root.join("lessons").join(&chapter.folder);
            let events = events(&folder.join("output").join(&name).with_extension("jsonl"))?;
            let missing = "the lesson has no program in C; CONTRIBUTING.md says how to write it";
            let twin = read(&folder.join("c").join(&name).with_extension("c")).context(missing)?;
            chapter.lessons.push(Lesson { title: title_of(&source).into(), name, source, twin, events });
        }
        for chapter in chapters.values_mut() {
            let text = read(&root.join("lessons").join(&chapter.folder).join("README.md"))?;
            // In the order in which the chapter's headings come to them.
            let place = |lesson: &Lesson| {
                let mut headings = text.lines().filter(|line| line.starts_with("## "));
                headings.position(|heading| heading.contains(&lesson.name)).unwrap_or(usize::MAX)
            };
            chapter.lessons.sort_by_key(place);
        }
        let file = root.join("lessons/recorded.json");
        let recorded_on = serde_json::from_str(&read(&file)?).with_context(|| file.display().to_string())?;
        Ok(Workbook { root: root.into(), chapters: chapters.into_values().collect(), recorded_on })
    }

    /// Every claim, with what puts it to the test: a lesson, or a console block.
    pub(crate) fn claims(&self) -> BTreeMap<String, &str> {
        let mut all = BTreeMap::new();
        for chapter in &self.chapters {
            for lesson in &chapter.lessons {
                all.extend(lesson.claims().map(|claim| (claim.id.clone(), &*lesson.name)));
            }
            all.extend(chapter.blocks.iter().map(|block| (chapter.claim(block), "a console block")));
        }
        all
    }
}

impl Workbook {
    /// What a prediction's claim got when the runs were recorded; `None` if it was not seen then.
    pub(crate) fn got(&self, question: &Question, claim: &str) -> Option<&str> {
        if question.run.contains(' ') {
            let chapter = self.chapters.iter().find(|chapter| chapter.folder == question.chapter)?;
            return chapter.predictions.get(&question.id).map(String::as_str);
        }
        let lessons = self.chapters.iter().flat_map(|chapter| &chapter.lessons);
        let mut claims = lessons.filter(|lesson| lesson.name == question.run).flat_map(Lesson::claims);
        claims.find(|other| other.id == claim && other.held.is_some()).map(|claim| &*claim.got)
    }

    /// The chapter's folder in which a question stands.
    pub(crate) fn folder_of(&self, question: &str) -> &str {
        let mut chapters = self.chapters.iter();
        let found = chapters.find(|chapter| chapter.questions.iter().any(|other| other.id == question));
        found.map_or("", |chapter| &chapter.folder)
    }
}

impl Chapter {
    /// The identifier of a claim of this chapter: `refcount/…`
    pub(crate) fn claim(&self, sentence: &str) -> String {
        format!("{}/{sentence}", self.folder.split_once('-').map_or(&*self.folder, |(_, name)| name))
    }
}

impl Lesson {
    /// What its recorded run claims.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.events.iter().filter_map(|event| match event {
            Event::Claim(claim) => Some(claim),
            _ => None,
        })
    }

    /// The source as a reader wants it: without the marks of what pages include.
    pub(crate) fn plain_source(&self) -> String {
        let lines = self.source.lines().filter(|line| !line.trim_start().starts_with("// ANCHOR"));
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

/// The lines between the marks of an anchor; without one, all.
pub(crate) fn anchored<'a>(text: &'a str, anchor: &str) -> impl Iterator<Item = &'a str> {
    let [begin, end] = ["", "_END"].map(|end| format!("ANCHOR{end}: {anchor}"));
    let whole = anchor.is_empty();
    let lines = text.lines().skip_while(move |line| !whole && !line.ends_with(&begin));
    lines.skip(usize::from(!whole)).take_while(move |line| whole || !line.ends_with(&end))
}

/// The text of a file, or an error that names it.
pub(crate) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{}: cannot be read", file.display()))
}

/// What lies in a folder, in order.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{}: cannot be read", folder.display()))?;
    let mut all: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    all.sort();
    Ok(all)
}

/// The names of the console blocks.
fn blocks(text: &str) -> Vec<String> {
    let mark = |line: &str| block_name(line).map(String::from);
    text.lines().filter_map(mark).collect()
}

/// `<!-- console: objects-are-files -->`, maybe with who runs it after a comma.
pub(crate) fn block_name(line: &str) -> Option<&str> {
    let name = line.strip_prefix("<!-- console: ")?.strip_suffix(" -->")?;
    name.split(", ").next()
}

/// The questions of each chapter, by its folder.
fn questions(root: &Path) -> Result<BTreeMap<String, Vec<Question>>> {
    let bank = Bank::find(&root.join("lessons"))?;
    let mut chapters: BTreeMap<String, Vec<Question>> = BTreeMap::new();
    for entry in bank.entries() {
        let question = entry.parse()?;
        for then in &question.then {
            bank.follow_up(&question, then)?;
        }
        chapters.entry(question.chapter.clone()).or_default().push(question);
    }
    Ok(chapters)
}

/// The labs of a chapter, of which it may have none.
fn labs(folder: &Path) -> Result<Vec<Lab>> {
    let folders = if folder.is_dir() { entries(folder)? } else { Vec::new() };
    let mut all = Vec::new();
    for lab in folders.into_iter().filter(|path| path.is_dir()) {
        let file = lab.join("lab.toml");
        let languages = [("rust", "rs"), ("c", "c"), ("sh", "sh")]
            .into_iter()
            .filter(|(_, end)| lab.join("starter").with_extension(end).exists());
        all.push(Lab {
            name: lab.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            task: read(&lab.join("README.md"))?,
            languages: languages.map(|(name, _)| name).collect(),
            about: toml::from_str(&read(&file)?)
                .with_context(|| format!("{}: is malformed", file.display()))?,
        });
    }
    Ok(all)
}

/// A chapter may lack the file; the tests name the chapters that do.
fn known(file: &Path) -> Result<BTreeMap<String, Known>> {
    let text = if file.exists() { read(file)? } else { String::new() };
    toml::from_str(&text).with_context(|| format!("{}: is malformed", file.display()))
}

/// A chapter without such questions has no such file.
fn predictions(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = if file.exists() { read(file)? } else { "{}".into() };
    serde_json::from_str(&text)
        .with_context(|| format!("{}: is malformed; scripts/record writes it anew", file.display()))
}

fn events(file: &Path) -> Result<Vec<Event>> {
    let missing = || format!("{}: there is no recording; scripts/record makes one", file.display());
    let text = fs::read_to_string(file).with_context(missing)?;
    let event = |(n, line): (usize, &str)| {
        let wrong = || format!("{}:{}: is no event; scripts/record writes it anew", file.display(), n + 1);
        serde_json::from_str(line).with_context(wrong)
    };
    text.lines().enumerate().map(event).collect()
}
