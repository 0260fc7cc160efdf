//! Every claim, and what checks it: a lesson, whose recorded run shows it, or a console block of
//! a chapter.

use super::events::Event;
use super::recordings::recording;
use super::{Contents, blocks, claim_of, nearest, sentence};
use crate::cli::Failure;
use std::collections::BTreeMap;

/// All claims of the workbook.
#[derive(Debug, Default)]
pub struct Claims {
    /// By the claim's identifier: the lesson, or the folder of the chapter whose console block it is.
    checked_by: BTreeMap<String, String>,
    /// The chapter's folder, by what checks its claims.
    folders: BTreeMap<String, String>,
}

impl Claims {
    /// As the recordings have them.
    pub fn recorded(contents: &Contents) -> Result<Claims, Failure> {
        let mut claims = Claims::default();
        for chapter in &contents.chapters {
            for lesson in &chapter.lessons {
                let events = recording(chapter, &lesson.name)?.into_iter();
                let ids = events.filter_map(|event| match event {
                    Event::Claim(claim) => Some(claim.id),
                    _ => None,
                });
                claims.add(&chapter.folder, &lesson.name, ids);
            }
            let blocks = blocks::blocks(&chapter.text).into_iter();
            claims.add(&chapter.folder, &chapter.folder, blocks.map(|block| chapter.claim(block.name)));
        }
        Ok(claims)
    }

    fn add(&mut self, folder: &str, by: &str, ids: impl Iterator<Item = String>) {
        self.folders.insert(by.into(), folder.into());
        self.checked_by.extend(ids.map(|id| (id, by.to_string())));
    }

    /// All identifiers, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.checked_by.keys().map(String::as_str)
    }

    /// What checks this claim; `None` if there is no such claim.
    #[must_use]
    pub fn checked_by(&self, id: &str) -> Option<&str> {
        self.checked_by.get(id).map(String::as_str)
    }

    /// Whether this names a claim, known or not: a chapter, a slash, and words with hyphens between.
    #[must_use]
    pub fn is_name(&self, text: &str) -> bool {
        text.split_once('/').is_some_and(|(chapter, words)| {
            let mut chapters = self.folders.values().filter_map(|folder| folder.split_once('-'));
            words.contains('-') && !words.contains([' ', '/']) && chapters.any(|(_, name)| name == chapter)
        })
    }

    /// The identifier of the claim with this sentence, which is checked `by` a lesson. A claim of
    /// the page's own chapter needs no lesson, and an identifier does for a sentence. The error
    /// says what is wrong.
    pub fn find(&self, chapter: &str, by: Option<&str>, sentence: &str) -> Result<String, String> {
        let words = sentence.replace(' ', "-");
        let folder = match by {
            Some(by) => self.folders.get(by).ok_or(format!("there is no lesson {by}"))?,
            None => chapter,
        };
        let id = if words.contains('/') { words } else { claim_of(folder, &words) };
        if self.checked_by.contains_key(&id) {
            return Ok(id);
        }
        let meant = nearest(&id, self.ids()).map_or(String::new(), |meant| format!(" (is it {meant}?)"));
        Err(format!("no lesson claims {id}{meant}; name another, or claim it"))
    }

    /// The claims as a footnote shows them, which [`find`](Self::find) reads:
    /// `` `refcount_demo`: a new queue has one name; an unlinked queue has no name ``.
    #[must_use]
    pub fn listed(&self, ids: &[String]) -> String {
        let mut last = None;
        let entry = |id: &String| {
            let by = self.checked_by(id);
            let begin = by.filter(|_| by != last).map_or(String::new(), |by| format!("`{by}`: "));
            last = by;
            format!("{begin}{}", sentence(id))
        };
        ids.iter().map(entry).collect::<Vec<_>>().join("; ")
    }
}
