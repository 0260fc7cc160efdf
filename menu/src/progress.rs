//! Which lessons the reader has run, and which comes next. The lessons write this down themselves.

use ipc_workbook::lesson::finished;
use ipc_workbook_tools::workbook::{Chapter, Contents, Lesson};
use std::collections::BTreeSet;

/// The lessons that the reader has run.
pub(crate) struct Progress<'a> {
    contents: &'a Contents,
    finished: BTreeSet<String>,
    /// The lesson that was run last.
    last: Option<String>,
}

impl<'a> Progress<'a> {
    /// Reads the file in which the lessons write that they were run.
    pub(crate) fn load(contents: &'a Contents) -> Self {
        let runs = finished::file().map(|file| finished::runs(&file)).unwrap_or_default();
        let finished = runs.into_iter().map(|run| run.lesson);
        // A lesson that was removed from the workbook does not count.
        let known: Vec<String> =
            finished.filter(|name| contents.lessons().any(|(_, lesson)| lesson.name == *name)).collect();
        Progress { contents, last: known.last().cloned(), finished: known.into_iter().collect() }
    }

    /// Returns whether a lesson has been run to its end.
    pub(crate) fn has(&self, lesson: &Lesson) -> bool {
        self.finished.contains(&lesson.name)
    }

    /// Returns whether no lesson has been run yet.
    pub(crate) fn is_at_the_beginning(&self) -> bool {
        self.finished.is_empty()
    }

    /// Counts the lessons of some chapters. Returns how many have been run, and how many there are.
    pub(crate) fn count(&self, chapters: &[&Chapter]) -> (usize, usize) {
        let lessons = chapters.iter().flat_map(|chapter| &chapter.lessons);
        lessons.fold((0, 0), |(run, all), lesson| (run + usize::from(self.has(lesson)), all + 1))
    }

    /// Returns the next lesson that has not been run: in the chapter of the last run or, if that chapter is
    /// complete, in the first chapter that is not.
    pub(crate) fn next(&self) -> Option<(&'a Chapter, &'a Lesson)> {
        let last = self.last.as_ref();
        let here = |chapter: &&Chapter| chapter.lessons.iter().any(|lesson| Some(&lesson.name) == last);
        let here = self.contents.chapters.iter().find(here);
        here.into_iter().chain(&self.contents.chapters).find_map(|chapter| {
            let lesson = chapter.lessons.iter().find(|lesson| !self.has(lesson))?;
            Some((chapter, lesson))
        })
    }

    /// Returns the part that contains the next lesson.
    pub(crate) fn part(&self) -> &'a str {
        let chapter = self.next().map(|(chapter, _)| chapter).or(self.contents.chapters.first());
        chapter.map_or("1", Chapter::part)
    }
}
