//! The pages that are made, not written: HTML inside Markdown, so that mdBook
//! gives them its frame, its search and its print page.

use crate::timeline;
use crate::workbook::{Chapter, Claim, Event, Lesson, Question, Workbook, block_name, read, sentence};
use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Text as HTML shows it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The page of a lesson: its picture, its run, its source.
pub(crate) fn lesson(lesson: &Lesson) -> String {
    let mut page = String::new();
    let name = &lesson.name;
    let _ = writeln!(page, "# {name}\n\n{}\n", escaped(&lesson.title));
    let _ = writeln!(page, "```console\n$ cargo run --bin {name}\n```\n");
    if let Some(picture) = timeline::svg(lesson) {
        let _ = writeln!(page, "## What lived when\n\n{picture}\n");
    }
    let _ = writeln!(page, "## The run\n\n{}", run(lesson));
    let _ = writeln!(page, "## The source\n\n```rust,ignore\n{}```\n", lesson.plain_source());
    page
}

/// The recorded run, step by step. Without JavaScript all of it is there; with
/// it, theme/player.js shows one step at a time.
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
                "{end}<section class=\"step\"><h3 id=\"{}-{n}\">{n}. {}</h3>\n<ul class=\"events\">\n",
                lesson.name,
                escaped(title)
            );
        } else if open {
            html.push_str(&item(event));
        }
    }
    html.push_str(if open { "</ul></section>\n</div>\n" } else { "</div>\n" });
    html
}

/// An event as an item of its step's list.
fn item(event: &Event) -> String {
    match event {
        Event::Call { process, text, ok, .. } => {
            let class = if *ok { "call" } else { "call refused" };
            format!(
                "<li class=\"{class}\"><span class=\"process\">{process}</span> <code>{}</code></li>\n",
                escaped(text)
            )
        }
        Event::Kernel { what, facts } => {
            format!("<li class=\"kernel\">kernel: {what}{}</li>\n", escaped(&facts_text(facts)))
        }
        Event::Note { text } => {
            let tag = if text.contains('\n') { "pre" } else { "span" };
            format!("<li class=\"note\"><{tag}>{}</{tag}></li>\n", escaped(text))
        }
        Event::Question { text, options } => {
            let options: Vec<String> = options.iter().map(|option| escaped(option)).collect();
            let options = options.join("</li><li>");
            format!(
                "<li class=\"question\">Predict: {}<ul class=\"options\"><li>{options}</li></ul></li>\n",
                escaped(text)
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

/// A mark that says whether it held, its sentence, and the way to the page of claims.
fn claim_link(claim: &Claim) -> String {
    format!(
        "{} <a href=\"../claims.html#{}\" data-got=\"{}\">{}</a>",
        mark(claim.held),
        claim.id,
        escaped(&claim.got),
        escaped(&claim.sentence())
    )
}

fn mark(held: Option<bool>) -> &'static str {
    match held {
        Some(true) => "<span class=\"held\">✔ held:</span>",
        Some(false) => "<span class=\"failed\">✘ failed:</span>",
        None => "<span class=\"unseen\">? not seen:</span>",
    }
}

/// A chapter's questions, answers folded away.
pub(crate) fn questions(chapter: &Chapter) -> String {
    let mut page = String::from("# Questions\n\n");
    page.push_str("What an interviewer asks about this chapter. Answer before you unfold.\n\n");
    for question in &chapter.questions {
        page.push_str(&asked(question));
    }
    page
}

fn asked(question: &Question) -> String {
    let mut html = format!(
        "## {}\n\n<p class=\"about\">{}, {}</p>\n<ol class=\"options\" type=\"A\">\n",
        markdown(&question.asks),
        escaped(&question.topic),
        escaped(&question.level)
    );
    for option in &question.options {
        let _ = writeln!(html, "<li>{}</li>", escaped(&option.text));
    }
    let _ = writeln!(
        html,
        "</ol>\n<details id=\"{}\"><summary>Answer</summary>\n<ul class=\"answers\">",
        question.id
    );
    for (option, letter) in question.options.iter().zip('A'..) {
        let verdict = if option.right { "right" } else { "wrong" };
        let _ = writeln!(
            html,
            "<li class=\"is-{verdict}\"><strong>{letter} is {verdict}.</strong> {}</li>",
            escaped(&option.why)
        );
    }
    let proofs: Vec<String> = question.claims.iter().map(|id| proof(id)).collect();
    let _ = writeln!(
        html,
        "</ul>\n<p>Proved by {}; run <code>cargo run --bin {}</code>.</p>\n</details>\n",
        proofs.join(", "),
        escaped(&question.run.replacen(' ', " -- ", 1))
    );
    html
}

/// A heading shows the characters that it has.
fn markdown(text: &str) -> String {
    text.replace('_', "\\_").replace('*', "\\*").replace('<', "&lt;")
}

fn proof(id: &str) -> String {
    format!("<a href=\"../claims.html#{id}\">{}</a>", escaped(&sentence(id)))
}

/// All claims, each with the lesson that puts it to the test.
pub(crate) fn claims(workbook: &Workbook) -> String {
    let mut page = String::from("# Claims\n\n");
    let _ = writeln!(
        page,
        "The workbook says {} things about the kernel, and each of them is put to the test whenever its lesson \
         runs. This is how they fared when the runs in this book were recorded, on Linux {} with {}. How they fare \
         with you, `cargo run -- verify` tells.\n",
        workbook.claims().len(),
        workbook.recorded_on.kernel,
        workbook.recorded_on.libc
    );
    for chapter in &workbook.chapters {
        let _ = writeln!(page, "## {}\n", chapter.folder);
        page.push_str("<div class=\"wide\" tabindex=\"0\"><table class=\"claims\">\n<thead><tr><th>claim</th><th>seen</th><th>lesson</th></tr></thead>\n<tbody>\n");
        for lesson in &chapter.lessons {
            for claim in lesson.claims() {
                let _ = writeln!(
                    page,
                    "<tr id=\"{}\"><td>{} {}</td><td><code>{}</code></td><td><a href=\"{}/{}.html\">{}</a></td></tr>",
                    claim.id,
                    mark(claim.held),
                    escaped(&claim.sentence()),
                    escaped(&claim.got),
                    chapter.folder,
                    lesson.name,
                    lesson.name
                );
            }
        }
        for block in &chapter.blocks {
            let _ = writeln!(
                page,
                "<tr id=\"{}\"><td>{}</td><td></td><td><a href=\"{}/index.html#block-{block}\">console block</a></td></tr>",
                chapter.claim(block),
                escaped(&sentence(block)),
                chapter.folder
            );
        }
        page.push_str("</tbody></table></div>\n\n");
    }
    page
}

/// The parts of sources that a chapter includes, moved to the left: mdBook would
/// show them as deep as they stand in their program. That they are there is checked before.
pub(crate) fn with_sources(text: &str, folder: &Path) -> Result<String> {
    let mut parts = text.split("{{#include ../../src/bin/");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (include, rest) = part.split_once("}}").unwrap_or((part, ""));
        let (file, anchor) = include.split_once(':').unwrap_or((include, ""));
        let source = read(&folder.join("../../src/bin").join(file))?;
        let [begin, end] = ["", "_END"].map(|end| format!("ANCHOR{end}: {anchor}"));
        let lines = source.lines().skip_while(|line| !line.ends_with(&begin)).skip(1);
        let lines: Vec<&str> = lines.take_while(|line| !line.ends_with(&end)).collect();
        let deep = |line: &&str| line.len() - line.trim_start().len();
        let left = lines.iter().filter(|line| !line.trim().is_empty()).map(deep).min().unwrap_or(0);
        let lines = lines.iter().filter(|line| !line.contains("// ANCHOR"));
        let moved: Vec<&str> = lines.map(|line| line.get(left..).unwrap_or("")).collect();
        out.push_str(&moved.join("\n"));
        out.push_str(rest);
    }
    Ok(out)
}

/// Links between files become links between pages: a chapter's README.md is its
/// index, and the questions of quiz.toml have a page that asks them.
pub(crate) fn with_pages_for_files(text: &str) -> String {
    text.replace("README.md)", "index.html)")
        .replace("README.md#", "index.html#")
        .replace("](quiz.toml)", "](questions.html)")
}

/// `{{#claim unlink-removes-the-name-at-once}}` in a chapter's text becomes a
/// small mark, which leads to the claim.
pub(crate) fn with_marks(text: &str, chapter: &Chapter, known: &BTreeMap<String, &str>) -> Result<String> {
    let folder = &chapter.folder;
    let mut parts = text.split("{{#claim ");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let line = out.lines().count();
        let Some((id, rest)) = part.split_once("}}") else {
            bail!("lessons/{folder}/README.md:{line}: a claim's mark has no end");
        };
        let id = if id.contains('/') { id.to_string() } else { chapter.claim(id) };
        let Some(lesson) = known.get(&id) else {
            bail!("lessons/{folder}/README.md:{line}: no lesson claims {id}; mark another, or claim it");
        };
        let _ = write!(
            out,
            "<a class=\"claim\" href=\"../claims.html#{id}\" title=\"{lesson} has checked this\" aria-label=\"claim\">✔</a>{rest}"
        );
    }
    Ok(out)
}

/// A claim named whole, as code, becomes a link to it; and a console block, which
/// is a claim as well, a place to lead to. `up` is the way to the book's first page.
pub(crate) fn with_links_to_claims(text: &str, known: &BTreeMap<String, &str>, up: &str) -> String {
    let line = |line: &str| {
        if let Some(name) = block_name(line) {
            return format!("<a id=\"block-{name}\"></a>\n");
        }
        let mut line = line.to_string();
        for code in line.clone().split('`').filter(|code| known.contains_key(*code)) {
            let link = format!("<a href=\"{up}claims.html#{code}\">✔ {}</a>", escaped(&sentence(code)));
            line = line.replace(&format!("`{code}`"), &link);
        }
        line
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The misconceptions of all chapters, each leading to the experiment that refutes it.
pub(crate) fn misconceptions(workbook: &Workbook) -> Result<String> {
    let mut page = String::new();
    for chapter in &workbook.chapters {
        let folder = &chapter.folder;
        let text = read(&workbook.root.join("lessons").join(folder).join("README.md"))?;
        let title = text.lines().next().unwrap_or_default().trim_start_matches("# ");
        let _ = writeln!(page, "### {title}\n\n[The chapter]({folder}/index.html)\n");
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

/// A lesson or a console block named as code becomes a link to it.
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
