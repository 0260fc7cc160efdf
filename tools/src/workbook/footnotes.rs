//! The marks of claims in a page. Each mark is a footnote, which a git host renders. It does not disturb a
//! reader of the plain file:
//!
//! ```text
//! Unlink removes the name at once.[^1]
//!
//! [^1]: `refcount_demo`: mq_unlink removes the name at once
//! ```
//!
//! A definition is one line. It names the lesson that checks the claims, and then the claims, separated by
//! semicolons. A page may use a mark twice.

use super::claims::Claims;
use super::{files, prose};
use crate::cli::Failure;
use std::collections::BTreeMap;
use std::path::Path;

/// A page that is split at its marks. It no longer contains the definitions.
#[derive(Debug)]
pub struct Footnotes<'a> {
    pieces: Vec<Piece<'a>>,
    /// The claims of each definition, in the order of their first marks in the page.
    definitions: Vec<Vec<String>>,
}

#[derive(Debug)]
enum Piece<'a> {
    Text(&'a str),
    /// A mark: the index of its definition in the order above.
    Mark(usize),
}

/// A definition in the page.
struct Definition {
    line: usize,
    claims: Vec<String>,
    /// Its index in the order above, once a mark of it has been found.
    place: Option<usize>,
}

impl<'a> Footnotes<'a> {
    /// Reads a page. Returns an error unless each mark has a definition, each definition has a mark, and all
    /// claims exist.
    pub fn read(file: &Path, page: &'a str, claims: &Claims) -> Result<Footnotes<'a>, Failure> {
        let mut written = definitions(file, page, claims)?;
        let mut footnotes = Footnotes { pieces: Vec::new(), definitions: Vec::new() };
        for line in prose::lines(page) {
            let wrong = |what: &str| files::malformed(file, line.number, what);
            if !line.is_code && definition(line.text).is_some() {
                continue;
            }
            for (text, label) in cut(&line) {
                if !text.is_empty() {
                    footnotes.pieces.push(Piece::Text(text));
                }
                let Some(label) = label else { continue };
                if matches!(footnotes.pieces.last(), Some(Piece::Mark(_))) {
                    return Err(wrong(&format!(
                        "[^{label}] is directly behind another mark; name all claims in one definition"
                    )));
                }
                let definition = written.get_mut(label).ok_or_else(|| {
                    wrong(&format!("[^{label}] has no definition; write a line [^{label}]: with its claim"))
                })?;
                let place = *definition.place.get_or_insert_with(|| {
                    footnotes.definitions.push(definition.claims.clone());
                    footnotes.definitions.len() - 1
                });
                footnotes.pieces.push(Piece::Mark(place));
            }
        }
        match written.iter().find(|(_, definition)| definition.place.is_none()) {
            Some((label, definition)) => {
                let what = format!("this definition has no mark [^{label}]; add one, or remove it");
                Err(files::malformed(file, definition.line, &what))
            }
            None => Ok(footnotes),
        }
    }

    /// Returns the definitions in their order: the number of each, and its claims.
    pub fn definitions(&self) -> impl Iterator<Item = (usize, &[String])> {
        (1..).zip(self.definitions.iter().map(Vec::as_slice))
    }

    /// Returns the page without definitions, with each mark replaced by the result of `mark`. The arguments
    /// of `mark` are the number of the definition and its claims.
    pub fn with_marks(&self, mut mark: impl FnMut(usize, &[String]) -> String) -> String {
        let piece = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => (*text).to_string(),
            Piece::Mark(place) => mark(place + 1, &self.definitions[*place]),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// Returns the page with its marks numbered in order, and the definitions at its end.
    #[must_use]
    pub fn numbered(&self, claims: &Claims) -> String {
        let page = self.with_marks(|n, _| format!("[^{n}]"));
        if self.definitions.is_empty() {
            return page;
        }
        let definition = |(n, ids)| format!("[^{n}]: {}\n", claims.listed(ids));
        format!("{}\n\n{}", page.trim_end(), self.definitions().map(definition).collect::<String>())
    }
}

/// Returns the definitions of a page, by their labels.
fn definitions<'a>(
    file: &Path,
    page: &'a str,
    claims: &Claims,
) -> Result<BTreeMap<&'a str, Definition>, Failure> {
    let chapter = chapter_of(file);
    let mut all = BTreeMap::new();
    for line in prose::lines(page).filter(|line| !line.is_code) {
        let Some((label, text)) = definition(line.text) else { continue };
        let wrong = |what: &str| files::malformed(file, line.number, what);
        let ids = listed(&chapter, text, claims).map_err(|what| wrong(&what))?;
        if all.insert(label, Definition { line: line.number, claims: ids, place: None }).is_some() {
            return Err(wrong(&format!("[^{label}] is defined twice; give one of them another label")));
        }
    }
    Ok(all)
}

/// Returns the folder of the chapter to which a page or a lab's page belongs; empty for other pages.
fn chapter_of(file: &Path) -> String {
    let mut folders = file.ancestors().skip(1);
    let chapter = folders.find(|folder| folder.parent().is_some_and(|above| above.ends_with("lessons")));
    chapter.map(files::name).unwrap_or_default()
}

/// Splits `[^7]: a new queue has one name` into its label and the rest.
fn definition(line: &str) -> Option<(&str, &str)> {
    let (label, text) = line.strip_prefix("[^")?.split_once("]:")?;
    is_label(label).then_some((label, text.trim()))
}

/// Returns the claims that a definition names: `` `refcount_demo`: a new queue has one name; … ``.
fn listed(chapter: &str, text: &str, claims: &Claims) -> Result<Vec<String>, String> {
    let mut by = None;
    let mut ids = Vec::new();
    for entry in text.split(';').map(str::trim) {
        let named = entry.strip_prefix('`').and_then(|entry| entry.split_once("`: "));
        let sentence = match named {
            Some((lesson, sentence)) => {
                by = Some(lesson);
                sentence
            }
            None => entry,
        };
        ids.push(claims.find(chapter, by, sentence)?);
    }
    Ok(ids)
}

/// Splits a line behind each of its marks. Each piece is text and the label of its mark. Code has no marks.
fn cut<'a>(line: &prose::Line<'a>) -> Vec<(&'a str, Option<&'a str>)> {
    let mut pieces = Vec::new();
    for (mut text, is_code) in line.pieces() {
        while !is_code && let Some((before, label, behind)) = first_mark(text) {
            pieces.push((before, Some(label)));
            text = behind;
        }
        pieces.push((text, None));
    }
    pieces
}

/// Returns the text before the first mark, the mark's label, and the text behind it.
fn first_mark(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices("[^").find_map(|(at, _)| {
        let (label, behind) = text[at + 2..].split_once(']')?;
        is_label(label).then_some((&text[..at], label, behind))
    })
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}
