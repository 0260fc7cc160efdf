//! Generates the pages of the lessons and of the misconceptions. They are HTML inside Markdown, so that mdBook
//! adds its frame, its search and its print page.

use crate::claims::mark;
use crate::machine::site::Site;
use crate::marks::{Shown, with_marks};
use crate::material::{Chapter, Lesson, Material};
use crate::pictures::{life, references};
use anyhow::Result;
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::events::{Claim, Event};
use serde_json::Value;
use std::fmt::Write;

/// Returns the page of a lesson: its pictures, its run, its source. The sentence of the lesson stands below the run,
/// because it often answers the predictions of the run.
pub(crate) fn lesson(lesson: &Lesson, chapter: &Chapter, machine: Option<&Site>) -> Result<String> {
    let mut page = String::new();
    let name = &lesson.name;
    let _ = writeln!(page, "# {name}\n\n```console\n$ cargo run --bin {name}\n```\n");
    let program = format!("data-lesson=\"{name}\" data-folder=\"{}\"", chapter.folder);
    let _ = writeln!(page, "{}\n", run_here(&program, "../", machine));
    if let Some(picture) = life::figure(lesson)? {
        let _ = writeln!(page, "## What existed when\n\n{}\n", picture.html(&format!("life-{name}")));
    }
    let _ = writeln!(page, "## The run\n");
    if let Some(picture) = references::figure(chapter, lesson)? {
        let _ = writeln!(page, "{}\n", picture.html(&format!("references-{name}")));
    }
    let _ = writeln!(page, "{}\nWhat the run shows: {}\n", run(lesson), escape(&lesson.title));
    let _ = writeln!(page, "## The source\n\n{}", sources(lesson, &chapter.folder));
    Ok(page)
}

/// Returns the place where theme/run.js puts the button that runs a C program in the page. `program` are the attributes that
/// say which one; `up` leads to the book's root.
pub(crate) fn run_here(program: &str, up: &str, machine: Option<&Site>) -> String {
    let files = machine.map_or(String::new(), |site| {
        let (place, size) = (site.within_the_book(), &site.size);
        format!(" data-assets=\"{up}{place}/\" data-size=\"{size}\"")
    });
    format!("<p class=\"run-here\" {program}{files}></p>")
}

/// Returns the source in Rust and in C. theme/tabs.js turns the two sections into tabs. Without
/// JavaScript, one follows the other.
fn sources(lesson: &Lesson, folder: &str) -> String {
    let (rust, name, twin) = (lesson.plain_source(), &lesson.name, &lesson.twin);
    format!(
        "<div class=\"tabs\" data-label=\"Language of the source\">\n<section>\n\n### Rust\n\n```rust,ignore\n{rust}```\n\n\
         </section>\n<section>\n\n### C\n\nThis program makes the calls of the lesson in C, and prints what the kernel returned. The tests \
         compare its output with the lesson. Its headers are in `lessons/c`.\n\n\
         ```console\n$ cc -Wall lessons/{folder}/c/{name}.c -o target/{name}\n$ target/{name}\n```\n\n\
         ```c\n{twin}```\n\n</section>\n</div>\n"
    )
}

/// Returns the recorded run, step by step. theme/player.js shows one step at a time. Without JavaScript,
/// the page shows the whole run.
fn run(lesson: &Lesson) -> String {
    let mut html = format!(
        "<div class=\"run\" role=\"group\" aria-label=\"The recorded run of {}\" tabindex=\"0\">\n",
        lesson.name
    );
    let mut open = false;
    for event in &lesson.events {
        if let Event::Step { n, title } = event {
            let end = if open { "</ul></section>\n" } else { "" };
            open = true;
            let _ = write!(
                html,
                "{end}<section class=\"step\"><h3 id=\"{}\">{n}. {}</h3>\n<ul class=\"events\">\n",
                life::step_id(lesson, *n),
                escape(title)
            );
        } else if open {
            html.push_str(&item(event));
        }
    }
    html.push_str(if open { "</ul></section>\n</div>\n" } else { "</div>\n" });
    html
}

/// Returns an event as an item of its step's list.
fn item(event: &Event) -> String {
    match event {
        Event::Call { process, text, ok, .. } => {
            let class = if *ok { "call" } else { "call refused" };
            format!(
                "<li class=\"{class}\"><span class=\"process\">{process}</span> <code>{}</code></li>\n",
                escape(text)
            )
        }
        Event::Kernel { what, facts } => {
            format!("<li class=\"kernel\">kernel: {what}{}</li>\n", escape(&facts_text(facts)))
        }
        Event::Note { text } => {
            let tag = if text.contains('\n') { "pre" } else { "span" };
            format!("<li class=\"note\"><{tag}>{}</{tag}></li>\n", escape(text))
        }
        Event::Question { text, options } => {
            let options: Vec<String> = options.iter().map(|option| escape(option)).collect();
            let options = options.join("</li><li>");
            format!(
                "<li class=\"question\">Predict: {}<ul class=\"options\"><li>{options}</li></ul></li>\n",
                escape(text)
            )
        }
        Event::Claim(claim) => format!("<li class=\"claim\">{}</li>\n", claim_link(claim)),
        _ => String::new(),
    }
}

/// ` · st_nlink 1 · … · holders: A fd 3`
fn facts_text(facts: &serde_json::Map<String, Value>) -> String {
    let mut text = String::new();
    for (name, value) in facts {
        match (name.as_str(), value) {
            ("process", _) => {}
            ("holders", Value::Array(holders)) => {
                for holder in holders {
                    let field = |name: &str| holder.get(name).map(|value| value.to_string().replace('"', ""));
                    let process = field("process").or(field("pid")).unwrap_or_default();
                    let place = field("fd").map(|fd| format!("fd {fd}")).or(field("address"));
                    let _ = write!(text, " · {process} {}", place.unwrap_or_default());
                }
            }
            // As C programmers write it.
            ("key", Value::Number(key)) => {
                let _ = write!(text, " · key {:#x}", key.as_i64().unwrap_or_default());
            }
            (name, Value::Null) => {
                let _ = write!(text, " · {name} not seen");
            }
            (name, value) => {
                let _ = write!(text, " · {name} {}", value.to_string().replace('"', ""));
            }
        }
    }
    text
}

/// Returns a mark that says whether the claim held, and its sentence as a link to the chapter's page of claims.
fn claim_link(claim: &Claim) -> String {
    format!(
        "{} <a href=\"claims.html#{}\" data-got=\"{}\">{}</a>",
        mark(claim.held),
        claim.id,
        escape(&claim.got),
        escape(&claim.sentence())
    )
}

/// Turns links between files into links between pages. A chapter's README.md becomes its index.html, and
/// its quiz.toml becomes its page of questions.
pub(crate) fn with_pages_for_files(text: &str) -> String {
    text.replace("README.md)", "index.html)")
        .replace("README.md#", "index.html#")
        .replace("](quiz.toml)", "](questions.html)")
}

/// Turns a link to the source of a lesson into a link to its page. `up` is the relative path to the book's root.
pub(crate) fn with_pages_for_lessons(text: &str, material: &Material, up: &str) -> String {
    let mut linked = text.to_string();
    for chapter in material.chapters.iter().filter(|_| text.contains("/src/bin/")) {
        for Lesson { name, .. } in &chapter.lessons {
            let source = format!("]({up}../src/bin/{name}.rs)");
            linked = linked.replace(&source, &format!("]({up}{}/{name}.html)", chapter.folder));
        }
    }
    linked
}

/// Returns the misconceptions of all chapters, each with a link to the experiment that refutes it.
pub(crate) fn misconceptions(material: &Material) -> Result<String> {
    let mut page = String::new();
    for chapter in &material.chapters {
        let folder = &chapter.folder;
        let file = chapter.path.join("README.md");
        let shown = Shown { file: &file, up: "", home: &format!("{folder}/index.html") };
        // The whole text, because the rows alone do not contain the definitions of their footnotes.
        let text = with_marks(&chapter.text, &shown, &material.claims)?;
        let title = chapter.title();
        let _ = writeln!(page, "### {title}\n\n[Read the chapter]({folder}/index.html)\n");
        let table = text.lines().skip_while(|line| *line != "## Misconceptions").skip(1);
        let table = table.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|'));
        for row in table {
            page.push_str(&with_links_to_experiments(row, chapter));
            page.push('\n');
        }
        page.push('\n');
    }
    Ok(page)
}

/// Turns a lesson or a console block that is named as code into a link to it.
fn with_links_to_experiments(row: &str, chapter: &Chapter) -> String {
    let mut linked = row.to_string();
    for code in row.split('`').skip(1).step_by(2) {
        let folder = &chapter.folder;
        let lesson = chapter.lessons.iter().find(|lesson| code.split(' ').next() == Some(&*lesson.name));
        let page = match lesson {
            Some(lesson) => format!("{folder}/{}.html", lesson.name),
            None if chapter.blocks.iter().any(|block| block == code) => {
                format!("{folder}/index.html#block-{code}")
            }
            None => continue,
        };
        linked = linked.replace(&format!("`{code}`"), &format!("[`{code}`]({page})"));
    }
    linked
}
