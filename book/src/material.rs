//! Reads all that the book shows, before the first page is made: chapters, lessons, recorded runs,
//! questions, labs.

use crate::machine::site::Site;
use anyhow::{Context, Result, bail};
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::copies::is_anchor;
use ipc_workbook_tools::workbook::events::{Claim, Event};
use ipc_workbook_tools::workbook::labs::{Lab, labs_of};
use ipc_workbook_tools::workbook::promises::{Promise, promises};
use ipc_workbook_tools::workbook::questions::{Bank, Question};
use ipc_workbook_tools::workbook::recordings::{RecordedOn, predictions, recorded_on, recording};
use ipc_workbook_tools::workbook::{self, blocks, contents, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The whole workbook.
pub(crate) struct Material {
    /// The folder of Cargo.toml.
    pub(crate) root: PathBuf,
    pub(crate) chapters: Vec<Chapter>,
    pub(crate) claims: Claims,
    /// The machine on which the runs were recorded.
    pub(crate) recorded_on: RecordedOn,
    /// The Linux for the page, if it was built.
    pub(crate) machine: Option<Site>,
}

/// A folder of lessons/.
pub(crate) struct Chapter {
    /// `13-refcount`
    pub(crate) folder: String,
    /// The path of this folder.
    pub(crate) path: PathBuf,
    /// Its README.md.
    pub(crate) text: String,
    pub(crate) lessons: Vec<Lesson>,
    pub(crate) questions: Vec<Question>,
    /// The recorded answers of predictions whose run has flags.
    pub(crate) predictions: BTreeMap<String, String>,
    pub(crate) promises: BTreeMap<String, Promise>,
    /// The named console blocks of its text. Each is a claim too, and the tests run it.
    pub(crate) blocks: Vec<String>,
    pub(crate) labs: Vec<LabPage>,
}

/// A program of src/bin/.
pub(crate) struct Lesson {
    pub(crate) name: String,
    /// The sentence on its first line.
    pub(crate) title: String,
    pub(crate) source: String,
    /// The C twin, which the tests compile, run and compare.
    pub(crate) twin: String,
    /// The recorded run.
    pub(crate) events: Vec<Event>,
}

/// A lab, with its task.
pub(crate) struct LabPage {
    pub(crate) lab: Lab,
    pub(crate) task: String,
}

impl Material {
    /// Reads everything.
    pub(crate) fn load(root: &Path) -> Result<Material> {
        let contents = contents(root)?;
        if let Some(file) = contents.strays.first() {
            bail!("{}: its header names no chapter; write Chapter: lessons/FOLDER", file.display());
        }
        let claims = Claims::recorded(&contents)?;
        let mut questions = questions(root)?;
        let mut chapters = Vec::new();
        for chapter in contents.chapters {
            let asked = questions.remove(&chapter.folder).unwrap_or_default();
            chapters.push(Chapter::load(chapter, asked)?);
        }
        let (recorded_on, machine) = (recorded_on(root)?, Site::find(root));
        Ok(Material { root: root.into(), chapters, claims, recorded_on, machine })
    }

    /// Returns what a prediction's claim got in the recorded run; `None` if it was not seen there.
    pub(crate) fn got(&self, question: &Question, claim: &str) -> Option<&str> {
        if question.run.contains(' ') {
            let chapter = self.chapters.iter().find(|chapter| chapter.folder == question.chapter)?;
            return chapter.predictions.get(&question.id).map(String::as_str);
        }
        let lessons = self.chapters.iter().flat_map(|chapter| &chapter.lessons);
        let mut claims = lessons.filter(|lesson| lesson.name == question.run).flat_map(Lesson::claims);
        claims.find(|other| other.id == claim && other.held.is_some()).map(|claim| &*claim.got)
    }

    /// Returns the folder of the chapter that asks a question.
    pub(crate) fn folder_of(&self, question: &str) -> &str {
        let mut chapters = self.chapters.iter();
        let found = chapters.find(|chapter| chapter.questions.iter().any(|other| other.id == question));
        found.map_or("", |chapter| &chapter.folder)
    }
}

impl Chapter {
    fn load(chapter: workbook::Chapter, questions: Vec<Question>) -> Result<Chapter> {
        let mut lessons = Vec::new();
        for lesson in &chapter.lessons {
            let twin = chapter.path.join("c").join(&lesson.name).with_extension("c");
            let twin =
                read(&twin).context("the lesson has no C twin; CONTRIBUTING.md says how to write one")?;
            let workbook::Lesson { name, title, source } = lesson;
            let (name, title, source) = (name.clone(), title.clone(), source.clone());
            let events = recording(&chapter, &name)?;
            lessons.push(Lesson { name, title, source, twin, events });
        }
        let mut labs = Vec::new();
        for lab in labs_of(&chapter.path)? {
            labs.push(LabPage { task: lab.task()?, lab });
        }
        let blocks = blocks::blocks(&chapter.text).into_iter().map(|block| block.name.to_string());
        Ok(Chapter {
            lessons,
            questions,
            predictions: predictions(&chapter)?,
            promises: promises(&chapter)?,
            blocks: blocks.collect(),
            labs,
            folder: chapter.folder,
            path: chapter.path,
            text: chapter.text,
        })
    }

    /// Returns the heading of its text.
    pub(crate) fn title(&self) -> &str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// Returns the first words of its heading: `Reference counts` of `Reference counts: when an object is destroyed`.
    pub(crate) fn short_title(&self) -> &str {
        self.title().split(':').next().unwrap_or_default()
    }

    /// Returns the identifier of a claim of this chapter: `refcount/…`
    pub(crate) fn claim(&self, sentence: &str) -> String {
        workbook::claim_of(&self.folder, sentence)
    }
}

impl Lesson {
    /// Returns the claims of its recorded run.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.events.iter().filter_map(|event| match event {
            Event::Claim(claim) => Some(claim),
            _ => None,
        })
    }

    /// Returns the source without the anchors.
    pub(crate) fn plain_source(&self) -> String {
        let lines = self.source.lines().filter(|line| !is_anchor(line));
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

/// Reads the questions of each chapter, by its folder, and checks that each follow-up is a question.
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
