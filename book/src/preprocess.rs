//! Gives mdBook the chapters as they are written and, below each of them, its generated pages.

use crate::marks::{Shown, with_links_to_claims, with_marks};
use crate::material::{Chapter, Material};
use crate::{claims, lab, page, pictures, progress, questions};
use anyhow::{Result, anyhow};
use mdbook_preprocessor::book::{Book, BookItem, Chapter as Page, SectionNumber};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::path::Path;
use std::sync::Arc;

/// Adds the pages.
pub(crate) struct Pages(pub(crate) Arc<Material>);

impl Preprocessor for Pages {
    fn name(&self) -> &'static str {
        "workbook"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let misconceptions = page::misconceptions(&self.0)?;
        let mut wrong = None;
        book.for_each_chapter_mut(|written| {
            if let Err(error) = fill(written, &self.0, &misconceptions) {
                wrong = Some(error);
            }
        });
        if let Some(error) = wrong {
            return Err(error);
        }
        for Generated { title, name, text, source } in GENERATED {
            let mut page = Page::new(title, text(&self.0), format!("{name}.md"), vec![]);
            page.source_path = Some(source.into());
            book.items.push(BookItem::Chapter(page));
        }
        Ok(book)
    }
}

/// A generated page at the book's root.
struct Generated {
    title: &'static str,
    /// The name of its file, without the ending.
    name: &'static str,
    text: fn(&Material) -> String,
    /// The file in which an author changes the page.
    source: &'static str,
}

const GENERATED: [Generated; 3] = [
    Generated {
        title: "Your progress",
        name: "progress",
        text: progress::progress,
        source: "../book/src/progress.rs",
    },
    Generated { title: "What is due", name: "due", text: progress::due, source: "../book/src/progress.rs" },
    Generated { title: "All claims", name: "claims", text: claims::overview, source: "../src/bin" },
];

/// Turns the title of a generated page, in italics, into a link to the page. On a git host there is no such page.
fn with_links_to_generated(text: &str) -> String {
    let link = |text: String, Generated { title, name, .. }: &Generated| {
        text.replace(&format!("*{title}*"), &format!("[{title}]({name}.html)"))
    };
    GENERATED.iter().fold(text.to_string(), link)
}

/// Resolves marks and directives in a written page, and adds a chapter's generated pages below it.
fn fill(written: &mut Page, material: &Material, misconceptions: &str) -> Result<()> {
    let chapter = chapter_of(material, written);
    let claims = &material.claims;
    let file = material.root.join("lessons").join(written.source_path.as_deref().unwrap_or(Path::new("")));
    let up = if chapter.is_some() { "../" } else { "" };
    let mut text = with_marks(&written.content, &Shown { file: &file, up, home: "" }, claims)?;
    if chapter.is_none() {
        text = with_links_to_generated(&text.replace("{{#misconceptions}}", misconceptions));
    }
    let text = page::with_pages_for_lessons(&with_links_to_claims(&text, claims, up), material, up);
    let text = page::with_pages_for_files(&text);
    written.content = pictures::with_pictures(&text, &file, material, up)?;
    let Some(chapter) = chapter else {
        // Otherwise, mdBook would number this page like a chapter.
        written.number = None;
        return Ok(());
    };
    // Only the chapter's own page has pages below it.
    if is_the_chapter(written) {
        written.content = lab::with_labs(&written.content, chapter);
        let parents = [written.parent_names.clone(), vec![written.name.clone()]].concat();
        written.sub_items.splice(0..0, pages_of(chapter, material, &parents)?);
        number(written, chapter);
    }
    Ok(())
}

/// Returns the chapter whose folder contains the page.
fn chapter_of<'a>(material: &'a Material, page: &Page) -> Option<&'a Chapter> {
    let folder = page.source_path.as_deref().and_then(Path::parent)?;
    material.chapters.iter().find(|chapter| Path::new(&chapter.folder) == folder)
}

/// Returns whether a page of a chapter's folder is the chapter itself.
fn is_the_chapter(page: &Page) -> bool {
    page.source_path.as_deref().is_some_and(|path| path.ends_with("README.md"))
}

/// Gives a page the number of its chapter: chapter 13 is 13 in the book too, not 3.
fn number(page: &mut Page, chapter: &Chapter) {
    let Some(place) = chapter.folder.split_once('-').and_then(|(place, _)| place.parse().ok()) else {
        return;
    };
    page.number = Some(SectionNumber::new([place]));
    for (item, n) in page.sub_items.iter_mut().zip(1..) {
        if let BookItem::Chapter(sub) = item {
            sub.number = Some(SectionNumber::new([place, n]));
        }
    }
}

/// Returns the generated pages of a chapter. The edit link of each leads to the file it is generated from.
fn pages_of(chapter: &Chapter, material: &Material, parents: &[String]) -> Result<Vec<BookItem>> {
    let folder = &chapter.folder;
    let page = |name: &str, title: &str, content: String, source: String| {
        let mut page = Page::new(title, content, format!("{folder}/{name}.md"), parents.to_vec());
        page.source_path = Some(source.into());
        BookItem::Chapter(page)
    };
    let mut pages = Vec::new();
    for lesson in &chapter.lessons {
        let name = &lesson.name;
        let text = page::lesson(lesson, chapter, material.machine.as_ref())?;
        pages.push(page(name, name, text, format!("../src/bin/{name}.rs")));
    }
    for made in &chapter.labs {
        let (lab, text) = (&made.lab, lab::page(made, &material.claims, material.machine.as_ref())?);
        // In the folder of its README.md, so that the relative links in it work on the page too.
        let place = format!("labs/{}", lab.name);
        let source = format!("{folder}/{place}/README.md");
        pages.push(page(&format!("{place}/index"), &format!("Lab: {}", lab.about.title), text, source));
    }
    let questions = questions::page(chapter, material)?;
    pages.push(page("questions", "Questions", questions, format!("{folder}/quiz.toml")));
    pages.push(page(
        "claims",
        "Claims",
        claims::of_chapter(chapter, material),
        format!("{folder}/claims.toml"),
    ));
    Ok(pages)
}

/// Adds the pages when mdBook's own command calls this program, with the book on standard input.
pub(crate) fn from_mdbook(root: &Path) -> Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(std::io::stdin()).map_err(|error| {
        anyhow!("standard input contains no book: {error}; this command is for mdBook; use build instead")
    })?;
    let mut material = Material::load(root)?;
    material.machine = None; // mdBook does not copy its files
    crate::check::sources(&material)?;
    let book = Pages(Arc::new(material)).run(&context, book)?;
    serde_json::to_writer(std::io::stdout(), &book)?;
    Ok(())
}
