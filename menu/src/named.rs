//! Finds the chapters and lessons that a reader names: `13`, `refcount`, `13-refcount`, its folder, or
//! `refcount_demo`.

use ipc_workbook_tools::cli::Failure;
use ipc_workbook_tools::workbook::{Chapter, Contents, Lesson, nearest};

/// What a name means.
pub(crate) enum Named<'a> {
    /// A chapter.
    Chapter(&'a Chapter),
    /// A lesson, and the chapter that it belongs to.
    Lesson(&'a Chapter, &'a Lesson),
}

impl Named<'_> {
    fn contains(&self, in_chapter: &Chapter, lesson: &Lesson) -> bool {
        match self {
            Named::Chapter(chapter) => chapter.folder == in_chapter.folder,
            Named::Lesson(_, named) => named.name == lesson.name,
        }
    }
}

/// Returns the lessons with these names and of the chapters with these names, in the order of the workbook. Without a name,
/// returns all lessons.
pub(crate) fn lessons_of<'a>(
    contents: &'a Contents,
    typed: &[&String],
) -> Result<Vec<(&'a Chapter, &'a Lesson)>, Failure> {
    if typed.is_empty() {
        return Ok(contents.lessons().collect());
    }
    let named: Vec<Named> =
        typed.iter().map(|name| chapter_or_lesson(contents, name)).collect::<Result<_, _>>()?;
    let is_meant =
        |(chapter, lesson): &(&Chapter, &Lesson)| named.iter().any(|named| named.contains(chapter, lesson));
    let lessons: Vec<_> = contents.lessons().filter(is_meant).collect();
    if lessons.is_empty() {
        return Err(Failure::Usage(
            "a chapter without lessons has no claims; cargo run lists the chapters".into(),
        ));
    }
    Ok(lessons)
}

/// Finds the chapter or lesson with this name. If there is none, the error suggests the nearest name.
pub(crate) fn chapter_or_lesson<'a>(contents: &'a Contents, typed: &str) -> Result<Named<'a>, Failure> {
    find(contents, typed).ok_or_else(|| {
        Failure::Usage(match nearest(typed, names(contents)) {
            Some(name) => format!("there is no chapter or lesson {typed:?}; do you mean {name}?"),
            None => format!("there is no chapter or lesson {typed:?}; cargo run lists the chapters"),
        })
    })
}

fn find<'a>(contents: &'a Contents, typed: &str) -> Option<Named<'a>> {
    let typed = typed.trim_end_matches('/').trim_start_matches("lessons/");
    let called = |chapter: &&Chapter| [&*chapter.folder, chapter.number(), chapter.name()].contains(&typed);
    if let Some(chapter) = contents.chapters.iter().find(called) {
        return Some(Named::Chapter(chapter));
    }
    let lesson = contents.lessons().find(|(_, lesson)| lesson.name == typed);
    lesson.map(|(chapter, lesson)| Named::Lesson(chapter, lesson))
}

fn names(contents: &Contents) -> impl Iterator<Item = &str> {
    let chapters = contents.chapters.iter();
    let chapters = chapters.flat_map(|chapter| [chapter.number(), chapter.name(), &*chapter.folder]);
    chapters.chain(contents.lessons().map(|(_, lesson)| &*lesson.name))
}

/// Returns the error for an unknown command. It suggests a command, or how to run what was named.
pub(crate) fn no_such_command(contents: &Contents, typed: &str) -> Failure {
    if find(contents, typed).is_some() {
        return Failure::Usage(format!("there is no command {typed:?}; cargo run -- run {typed} plays it"));
    }
    let commands = ["list", "run", "verify", "help"].into_iter();
    Failure::Usage(match nearest(typed, commands) {
        Some(command) => format!("there is no command {typed:?}; do you mean {command}?"),
        None => match nearest(typed, names(contents)) {
            Some(name) => format!("there is no command {typed:?}; do you mean run {name}?"),
            None => format!("there is no command {typed:?}; try ipc-workbook --help"),
        },
    })
}
