//! `export anki`: a text file that Anki imports. The id is the first field, by
//! which Anki knows a note again, so a later import updates it.

use crate::bank::{Bank, Question};
use crate::screen::show;
use ipc_workbook::lesson::Stop;
use std::fmt::Write;

/// One note a question: id, question, answer, tags.
pub(crate) fn export(bank: &Bank) -> Result<u8, Stop> {
    let mut text =
        String::from("#separator:tab\n#html:true\n#columns:Id\tFront\tBack\tTags\n#tags column:4\n");
    for entry in bank.entries() {
        let question = entry.parse()?;
        let tags = [&*question.chapter, &*question.topic, &*question.level, &*question.kind];
        // Blanks separate tags.
        let tags = tags.map(|tag| tag.replace(char::is_whitespace, "-")).join(" ");
        let _ =
            writeln!(text, "{}\t{}\t{}\tipc-workbook {tags}", question.id, front(&question), back(&question));
    }
    show(&text)?;
    Ok(0)
}

fn front(question: &Question) -> String {
    let options = question.options.iter().map(|option| format!("<li>{}</li>", escaped(&option.text)));
    format!("{}<ul>{}</ul>", escaped(&question.asks), options.collect::<String>())
}

fn back(question: &Question) -> String {
    let (right, wrong): (Vec<_>, Vec<_>) = question.options.iter().partition(|option| option.right);
    let all = right.into_iter().chain(wrong).map(|option| {
        let (text, why) = (escaped(&option.text), escaped(&option.why));
        if option.right {
            format!("<b>{text}</b><br>{why}<ul>")
        } else {
            format!("<li>Not: {text}<br>{why}</li>")
        }
    });
    format!("{}</ul>Proof: <code>{}</code>", all.collect::<String>(), escaped(&question.run))
}

/// As HTML, in one field of one line.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>"),
            '\t' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
