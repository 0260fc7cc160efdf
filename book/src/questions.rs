//! Generates the page of a chapter's questions. Each answer is folded.
//!
//! theme/questions/ lets readers answer in the page. What its scripts need stands in attributes: the kind of
//! the question, the place of a step, the number of the wrong line. Without JavaScript, the page is complete.

use crate::claims::address;
use crate::material::{Chapter, Material};
use anyhow::{Result, bail};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::questions::{Bug, Choice, Guess, Point, Question, Task};
use ipc_workbook_tools::workbook::sentence;
use std::fmt::Write;

/// Returns the page.
pub(crate) fn page(chapter: &Chapter, material: &Material) -> Result<String> {
    let mut page = String::from("# Questions\n\n");
    page.push_str("An interviewer could ask you these questions about the chapter. Answer each one before you unfold its answer.\n\n");
    for question in &chapter.questions {
        page.push_str(&asked(question, material)?);
    }
    Ok(page)
}

fn asked(question: &Question, material: &Material) -> Result<String> {
    let Question { id, topic, level, asks, task, .. } = question;
    let (offered, answer) = match task {
        Task::Choice { options } => {
            let right = options.iter().position(|option| option.right);
            let options: Vec<_> = options.iter().map(|Choice { text, why, .. }| (&**text, &**why)).collect();
            (lettered(&options), verdicts(&options, right))
        }
        Task::Predict { options, claim, answer } => {
            let (offered, verdicts) = predicted(question, options, claim, material)?;
            let sentence = answer.iter().map(|answer| format!("<p>{}</p>\n", escape(answer)));
            (offered, sentence.fold(verdicts, |all, sentence| all + &sentence))
        }
        Task::Order { steps, why } => in_order(steps, why),
        Task::FindBug(bug) => found(bug),
        Task::Explain { points } => explained(points, &material.claims),
    };
    let kind = task.kind();
    let mut html = format!(
        "<section class=\"asked\" id=\"{id}\" data-kind=\"{kind}\">\n\n## {}\n\n<p class=\"about\">{}, {level}, {kind}</p>\n\
         {offered}<details class=\"answer\"><summary>Answer</summary>\n{answer}",
        markdown(asks),
        escape(topic),
    );
    let proofs: Vec<String> = question.claims.iter().map(|id| proof(id, &material.claims)).collect();
    let _ = writeln!(
        html,
        "<p>Proof: {}. See it yourself: <code>{}</code>.</p>",
        proofs.join(", "),
        command(question, material)
    );
    for then in &question.then {
        let folder = material.folder_of(&then.id);
        let asks = escape(&then.asks);
        let _ =
            writeln!(html, "<p>Follow-up: <a href=\"../{folder}/questions.html#{}\">{asks}</a></p>", then.id);
    }
    Ok(html + "</details>\n</section>\n\n")
}

fn lettered(options: &[(&str, &str)]) -> String {
    let mut html = String::from("<ol class=\"options\" type=\"A\">\n");
    for (text, _) in options {
        let _ = writeln!(html, "<li>{}</li>", escape(text));
    }
    html + "</ol>\n"
}

/// Says whether each option is right and why; without a right option, only the reasons.
fn verdicts(options: &[(&str, &str)], right: Option<usize>) -> String {
    let mut html = String::from("<ul class=\"answers\">\n");
    for ((place, (text, why)), letter) in options.iter().enumerate().zip('A'..) {
        let why = escape(why);
        let _ = match right {
            Some(right) => {
                let verdict = if right == place { "right" } else { "wrong" };
                writeln!(
                    html,
                    "<li class=\"is-{verdict}\"><strong>{letter} is {verdict}.</strong> {why}</li>"
                )
            }
            None => writeln!(html, "<li><strong>{letter}, {}.</strong> {why}</li>", escape(text)),
        };
    }
    html + "</ul>\n"
}

/// The right option is the result of the recorded run. If the claim was not seen there, the reader has to
/// run the command.
fn predicted(
    question: &Question,
    guesses: &[Guess],
    claim: &str,
    material: &Material,
) -> Result<(String, String)> {
    let options: Vec<_> = guesses.iter().map(|Guess { text, why }| (&**text, &**why)).collect();
    let got = material.got(question, claim);
    let right = got.and_then(|got| options.iter().position(|(text, _)| *text == got));
    if let (Some(got), None) = (got, right) {
        let Question { id, chapter, .. } = question;
        bail!("lessons/{chapter}/quiz.toml: {id}: {claim} got {got:?}, which is none of the options; add it");
    }
    let on = &material.recorded_on;
    let seen = match right {
        Some(_) => format!("Seen on Linux {} with {}.", on.kernel, on.libc),
        None => "Not seen when this book was made. Run the command to see the answer on your machine.".into(),
    };
    Ok((lettered(&options), format!("{}<p>{}</p>\n", verdicts(&options, right), escape(&seen))))
}

/// Returns the steps in alphabetical order, each with its place, and then in the right order.
fn in_order(steps: &[String], why: &str) -> (String, String) {
    let mut sorted: Vec<(usize, &String)> = steps.iter().enumerate().collect();
    sorted.sort_unstable_by_key(|(_, step)| *step);
    // The right order must not be the one in which they are shown.
    if sorted.is_sorted() {
        sorted.rotate_left(1);
    }
    let mut offered = String::from("<ol class=\"options\" type=\"A\">\n");
    for (place, step) in sorted {
        let _ = writeln!(offered, "<li data-place=\"{place}\">{}</li>", escape(step));
    }
    let steps = steps.iter().map(|step| format!("<li>{}</li>\n", escape(step)));
    let steps = steps.fold(String::new(), |all, step| all + &step);
    (offered + "</ol>\n", format!("<ol class=\"answers\">\n{steps}</ol>\n<p>{}</p>\n", escape(why)))
}

/// Returns the program with numbered lines, and the answer: the wrong line and its fix.
fn found(bug: &Bug) -> (String, String) {
    // The program needs an HTML block of its own, because an empty line in it would end the block before.
    let offered = format!("\n<pre class=\"program\" tabindex=\"0\">{}</pre>\n", escape(&bug.numbered()));
    let line = escape(bug.wrong_line().trim_start());
    let fix = match escape(&bug.fix).replace('\n', "<br>") {
        fix if fix.is_empty() => "Remove this line.".into(),
        fix => format!("It should be: <code>{fix}</code>"),
    };
    let mut answer =
        format!("<p data-line=\"{0}\"><strong>Line {0}</strong>: <code>{line}</code></p>\n", bug.line);
    let _ = writeln!(answer, "<p>{fix}</p>\n<p>{}</p>", escape(&bug.why));
    let _ = writeln!(
        answer,
        "<p>With the bug it prints <code>{}</code>. With the fix it prints <code>{}</code>.</p>",
        escape(&bug.shows),
        escape(&bug.fixed_shows)
    );
    (offered, answer)
}

fn explained(points: &[Point], claims: &Claims) -> (String, String) {
    let mut html = String::from("<p>A complete answer has these points:</p>\n<ul class=\"answers\">\n");
    for Point { text, claim } in points {
        let _ = writeln!(html, "<li>{} ({})</li>", escape(text), proof(claim, claims));
    }
    (String::new(), html + "</ul>\n")
}

/// Returns the command that shows the answer.
fn command(question: &Question, material: &Material) -> String {
    let Question { run, chapter, task, .. } = question;
    let program = run.split(' ').next().unwrap_or_default();
    let mut lessons = material.chapters.iter().flat_map(|chapter| &chapter.lessons);
    if let Task::FindBug(bug) = task {
        let name = &bug.program;
        format!("cc lessons/{chapter}/bugs/{name}.c -o target/{name} -lrt &amp;&amp; target/{name}")
    } else if lessons.any(|lesson| lesson.name == program) {
        escape(&format!("cargo run --bin {}", run.replacen(' ', " -- ", 1)))
    } else {
        escape(run)
    }
}

/// Escapes the characters that Markdown would not show in a heading.
fn markdown(text: &str) -> String {
    text.replace('_', "\\_").replace('*', "\\*").replace('<', "&lt;")
}

fn proof(id: &str, claims: &Claims) -> String {
    format!("<a href=\"{}\">{}</a>", address(id, claims, "../"), escape(&sentence(id)))
}
