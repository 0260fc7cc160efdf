//! Makes the page of a lab: the task from its README.md, and below it the rubric and the hints from
//! lab.toml, which nobody has to write twice.

use crate::machine::site::Site;
use crate::marks::{Shown, with_links_to_claims, with_marks};
use crate::material::{Chapter, LabPage};
use crate::page::{run_here, with_pages_for_files};
use anyhow::Result;
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::labs::{Lab, Language};
use std::fmt::Write;
use std::fs;

/// The relative path from a lab's page to the book's root.
const UP: &str = "../../../";

/// Returns the page: the task, how it is graded, the hints, and how to begin.
pub(crate) fn page(
    LabPage { lab, task }: &LabPage,
    claims: &Claims,
    machine: Option<&Site>,
) -> Result<String> {
    let shown = Shown { file: &lab.folder.join("README.md"), up: UP, home: "" };
    let task = with_marks(task, &shown, claims)?;
    let mut page = with_pages_for_files(&with_links_to_claims(&task, claims, UP));
    let (name, about) = (&lab.name, &lab.about);
    let points = lab.points();
    let languages: Vec<&str> = lab.languages().into_iter().map(Language::name).collect();
    let _ = writeln!(
        page,
        "\n\n## Points\n\nThe grader looks at what the kernel shows. There are {points} points in all.\n\n\
         <div class=\"wide\" tabindex=\"0\"><table class=\"rubric\">\n<thead><tr><th>points</th><th>what the program must do</th>\
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
    page.push_str("</tbody></table></div>\n\n## Hints\n\nThe first hint is vague and the last one is plain. Unfold one at a time.\n\n");
    for (hint, n) in about.hints.iter().zip(1..) {
        let _ = writeln!(
            page,
            "<details><summary>Hint {n} of {}</summary>\n<p>{}</p>\n</details>\n",
            about.hints.len(),
            escape(hint)
        );
    }
    page.push_str(&in_the_page(lab, machine)?);
    let _ = writeln!(
        page,
        "## Check\n\n```console\n$ cargo run --bin lab -- show {name}     # shows the task, and puts a starter into exercises/{name}\n\
         $ cargo run --bin lab -- watch {name}    # shows your points after each change\n\
         $ cargo run --bin lab -- check {name} --program ./a.out   # checks a program in any language\n```\n\n\
         `--language` chooses the language of the starter: {}. `hint {name}` shows one more hint each time. `build {name}` compiles\n\
         the program that the commands above call `PROGRAM`. `solution {name}` shows a solution when you have full marks.\n\n\
         [What a program may use]({UP}grading-a-course.html#what-a-program-may-use) lists the limits: memory, processes, files.",
        languages.join(", ")
    );
    Ok(page)
}

/// Returns the section with the button that opens the starter beside a Linux in this page. Without JavaScript it shows the
/// starter.
fn in_the_page(lab: &Lab, machine: Option<&Site>) -> Result<String> {
    let name = &lab.name;
    let file = lab.starter_in_the_page();
    let starter = fs::read_to_string(&file)?;
    let (language, is) = match file.extension() {
        Some(end) if end == "sh" => ("sh", "a script"),
        _ => ("c", "in C"),
    };
    let (judged, all) = (lab.judged_in_the_page()?, lab.about.rubric.len());
    let program = format!("data-lab=\"{name}\" data-file=\"starter.{language}\"");
    let button = run_here(&program, UP, machine);
    Ok(format!(
        "## Try it in this page\n\n{button}\n\n\
         The command `check` in this Linux runs your program and looks at what the kernel shows; it judges {judged} of the {all} lines \
         of the rubric. Only the grader judges the other lines and gives points, because it also decides the order of the calls, makes \
         calls fail, and kills the program before each of them.\n\n\
         <details class=\"starter\"><summary>The starter ({is})</summary>\n\n```{language}\n{starter}```\n\n</details>\n\n"
    ))
}

/// Adds links to the labs before the questions, if the chapter's text has none.
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
