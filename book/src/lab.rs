//! The page of a lab: its task as it is written, and beneath it what lab.toml says, so that no
//! rubric is written twice.

use crate::marks::{Shown, with_links_to_claims, with_marks};
use crate::material::{Chapter, LabPage};
use crate::page::with_pages_for_files;
use anyhow::Result;
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::labs::Language;
use std::fmt::Write;

/// The way from a lab's page to the book's first page.
const UP: &str = "../../../";

/// The task, how it is graded, the hints, and how to begin.
pub(crate) fn page(LabPage { lab, task }: &LabPage, claims: &Claims) -> Result<String> {
    let shown = Shown { file: &lab.folder.join("README.md"), up: UP, home: "" };
    let task = with_marks(task, &shown, claims)?;
    let mut page = with_pages_for_files(&with_links_to_claims(&task, claims, UP));
    let (name, about) = (&lab.name, &lab.about);
    let points = lab.points();
    let languages: Vec<&str> = lab.languages().into_iter().map(Language::name).collect();
    let _ = writeln!(
        page,
        "\n\n## Points\n\nThe grader looks at what the kernel shows; {points} points in all.\n\n\
         <div class=\"wide\" tabindex=\"0\"><table class=\"rubric\">\n<thead><tr><th>points</th><th>demanded</th>\
         <th>required</th><th>see it yourself</th></tr></thead>\n<tbody>"
    );
    for demand in &about.rubric {
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            demand.points,
            escape(&demand.says),
            escape(&demand.required),
            escape(&demand.see)
        );
    }
    page.push_str("</tbody></table></div>\n\n## Hints\n\nFrom vague to plain: unfold one at a time.\n\n");
    for (hint, n) in about.hints.iter().zip(1..) {
        let _ = writeln!(
            page,
            "<details><summary>Hint {n} of {}</summary>\n<p>{}</p>\n</details>\n",
            about.hints.len(),
            escape(hint)
        );
    }
    let _ = writeln!(
        page,
        "## Check\n\n```console\n$ cargo run --bin lab -- show {name}     # the task, and a starter in exercises/{name}\n\
         $ cargo run --bin lab -- watch {name}    # your points, again after each change\n\
         $ cargo run --bin lab -- check {name} --program ./a.out   # in any language\n```\n\n\
         `--language` chooses the starter: {}. `hint {name}` gives one hint more each time; `build {name}` makes the program\n\
         that the commands above call `PROGRAM`; `solution {name}` shows a solution once you have full marks.\n\n\
         [What a program may use]({UP}grading-a-course.html#what-a-program-may-use) has the limits: memory, processes, files.",
        languages.join(", ")
    );
    Ok(page)
}

/// Where a chapter's text does not lead to its labs itself, its page ends with them, before the questions.
pub(crate) fn with_labs(text: &str, chapter: &Chapter) -> String {
    if chapter.labs.is_empty() || text.contains("](labs/") {
        return text.into();
    }
    let mut section = String::from("## Make\n\n");
    for LabPage { lab, .. } in &chapter.labs {
        let _ = writeln!(section, "- [{}](labs/{}/index.html)", lab.about.title, lab.name);
    }
    match text.split_once("\n## Questions\n") {
        Some((before, after)) => format!("{before}\n{section}\n## Questions\n{after}"),
        None => format!("{text}\n\n{section}"),
    }
}
