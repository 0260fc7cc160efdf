//! Generates the pages of the reader's progress and of the questions that are due. The browser knows what was
//! answered, so theme/questions/overview.js fills in the rest.

use crate::material::{Chapter, Material};
use ipc_workbook_tools::html::escape;
use std::fmt::Write;

/// Returns the page with a row for each chapter, and with the export and the import of all answers.
pub(crate) fn progress(material: &Material) -> String {
    let mut page = String::from(
        "# Your progress\n\n\
         You can answer the questions of each chapter in its page of questions. Your browser remembers the answers. They \
         are stored on your machine, and are not sent anywhere. This needs JavaScript.\n\n\
         <div class=\"wide\" tabindex=\"0\"><table class=\"progress\">\n<thead><tr><th>chapter</th><th>asked</th>\
         <th>answered</th><th>right</th><th>due</th></tr></thead>\n<tbody>\n",
    );
    for chapter in asking(material) {
        let ids: Vec<&str> = chapter.questions.iter().map(|question| question.id.as_str()).collect();
        let _ = writeln!(
            page,
            "<tr data-questions=\"{}\"><td><a href=\"{}/questions.html\">{}</a></td><td>{}</td>\
             <td>-</td><td>-</td><td>-</td></tr>",
            ids.join(" "),
            chapter.folder,
            escape(chapter.title()),
            ids.len()
        );
    }
    page + "</tbody></table></div>\n\nA question counts as right if its last answer was right. [What is due](due.md) lists the \
            questions that you should answer again now.\n\n"
        + TRANSFER
}

const TRANSFER: &str = "## Move your answers\n\n\
    The command `interview` asks the same questions in the terminal, with the same dates. An export of this page is a file \
    that it can import. The file has the name `answers.json`:\n\n\
    ```console\n$ cargo run --bin interview -- import answers.json\n```\n\n\
    This page can import what `interview` exports:\n\n\
    ```console\n$ cargo run --bin interview -- export json > answers.json\n```\n\n\
    Answers that are on both sides count once, so you can import a file twice.\n\n\
    <div class=\"transfer\"></div>\n";

/// Returns the page with all questions, of which the browser shows those that are due.
pub(crate) fn due(material: &Material) -> String {
    let mut page = String::from(
        "# What is due\n\n\
         A question that you have answered is asked again: soon after a wrong answer, and later after each right one. \
         Without JavaScript, this page lists all questions. [Your progress](progress.md) shows what you have answered.\n\n\
         <div class=\"due\">\n\n",
    );
    for chapter in asking(material) {
        let _ = writeln!(page, "## {}\n\n<ul>", chapter.title());
        for question in &chapter.questions {
            let _ = writeln!(
                page,
                "<li data-question=\"{0}\"><a href=\"{1}/questions.html#{0}\">{2}</a></li>",
                question.id,
                chapter.folder,
                escape(&question.asks)
            );
        }
        page.push_str("</ul>\n\n");
    }
    page + "</div>\n"
}

/// Returns the chapters that have questions.
fn asking(material: &Material) -> impl Iterator<Item = &Chapter> {
    material.chapters.iter().filter(|chapter| !chapter.questions.is_empty())
}
