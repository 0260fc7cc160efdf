//! All claims, and what checks each of them: a lesson, whose recorded run shows the claim, or a console block
//! of a chapter.

use super::events::Event;
use super::recordings::recording;
use super::{Contents, blocks, claim_of, nearest, sentence};
use crate::cli::Failure;
use std::collections::BTreeMap;

/// All claims of the workbook.
#[derive(Debug, Default)]
pub struct Claims {
    /// What checks each claim, by its identifier: a lesson, or the folder of the chapter with the console
    /// block.
    checked_by: BTreeMap<String, String>,
    /// The chapter's folder for each lesson or folder that checks claims.
    folders: BTreeMap<String, String>,
}

impl Claims {
    /// Collects the claims from the recordings and the console blocks.
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

    /// Returns all identifiers, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.checked_by.keys().map(String::as_str)
    }

    /// Returns what checks this claim; `None` if there is no such claim.
    #[must_use]
    pub fn checked_by(&self, id: &str) -> Option<&str> {
        self.checked_by.get(id).map(String::as_str)
    }

    /// Returns the folder of the chapter that makes this claim; `None` if there is no such claim.
    #[must_use]
    pub fn chapter_of(&self, id: &str) -> Option<&str> {
        self.folders.get(self.checked_by(id)?).map(String::as_str)
    }

    /// Returns whether the text has the form of a claim's identifier: a chapter, a slash, and words separated
    /// by hyphens. The claim need not exist.
    #[must_use]
    pub fn is_name(&self, text: &str) -> bool {
        text.split_once('/').is_some_and(|(chapter, words)| {
            let mut chapters = self.folders.values().filter_map(|folder| folder.split_once('-'));
            words.contains('-') && !words.contains([' ', '/']) && chapters.any(|(_, name)| name == chapter)
        })
    }

    /// Returns the identifier of the claim with this sentence, which the lesson `by` checks. For a claim of
    /// the page's own chapter, `by` may be `None`. An identifier may stand in the place of the sentence. The
    /// error says what is wrong.
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
        Err(format!("no lesson makes the claim {id}{meant}; name another, or claim it"))
    }

    /// Returns the claims as a footnote lists them, in a form that [`find`](Self::find) understands:
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
