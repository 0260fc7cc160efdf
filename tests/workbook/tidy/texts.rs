//! What people read in the repository: the paragraphs of pages, comments, questions, and what programs print.

use ipc_workbook_testing::prelude::*;
use ipc_workbook_tools::workbook::prose;
use regex::Regex;
use std::path::{Path, PathBuf};

/// A paragraph, a cell of a table, or a sentence of quiz.toml.
pub(super) struct Text {
    /// The file, from the workbook's root.
    pub file: PathBuf,
    /// The number of its first line.
    pub line: usize,
    pub lines: String,
}

/// All texts of the workbook in this folder. What a tool has written is not among them.
pub(super) fn texts(root: &Path) -> Vec<Text> {
    let own = |path: &PathBuf| !["target", ".git", "exercises", "grades"].contains(&name(path).as_str());
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    let files = entries(root).into_iter().filter(own).flat_map(below);
    let of_file = |file: PathBuf| {
        let path = file.strip_prefix(root).expect("below the root").to_path_buf();
        let mut found = paragraphs(&path, &text_if_there(&file));
        found.sort();
        found.into_iter().map(move |(line, lines)| Text { file: path.clone(), line, lines })
    };
    files.flat_map(of_file).collect()
}

/// The paragraphs of a file, with the numbers of their first lines.
fn paragraphs(path: &Path, content: &str) -> Vec<(usize, String)> {
    let printed =
        !["tests", "testing", "benches"].iter().any(|folder| path.iter().any(|part| part == *folder));
    match path.extension().map(|end| end.to_string_lossy()).as_deref() {
        Some("md") => markdown(content, 1),
        Some("rs") if printed => [comments(content, "//"), literals(content)].concat(),
        Some("rs" | "c" | "h" | "js" | "mjs") => comments(content, "//"),
        Some("toml") if ["quiz.toml", "lab.toml"].contains(&name(path).as_str()) => {
            [comments(content, "#"), literals(content)].concat()
        }
        Some("toml") if name(path) == "claims.toml" => [comments(content, "#"), claims(content)].concat(),
        Some("toml" | "sh" | "awk" | "py" | "pl") => comments(content, "#"),
        None if content.starts_with("#!") => {
            comments(content, if content.contains("node") { "//" } else { "#" })
        }
        _ => Vec::new(),
    }
}

/// Paragraphs and cells of a page, without its code and the definitions of its footnotes.
fn markdown(page: &str, first: usize) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for line in prose::lines(page) {
        let text = line.text.trim().trim_start_matches("> ");
        let (number, begins) = (first + line.number - 1, text.starts_with(['#', '|', '-', '*']));
        if line.is_code || text.is_empty() || text.starts_with("<!--") || text.starts_with("[^") {
            goes_on = false;
        } else if text.starts_with('|') {
            let cells = text.split('|').map(str::trim).filter(|cell| !cell.is_empty());
            found.extend(cells.map(|cell| (number, cell.to_string())));
            goes_on = false;
        } else if let Some((_, paragraph)) = found.last_mut().filter(|_| goes_on && !begins) {
            paragraph.push('\n');
            paragraph.push_str(text);
        } else {
            found.push((number, text.to_string()));
            goes_on = !text.starts_with('#');
        }
    }
    found
}

/// Blocks of comment lines, and remarks behind code.
fn comments(content: &str, mark: &str) -> Vec<(usize, String)> {
    let (mut found, mut block, mut first, mut within) = (Vec::new(), String::new(), 0, false);
    for (number, line) in (1..).zip(content.lines().chain([""])) {
        let opens = mark == "//" && line.trim_start().starts_with("/*");
        let text = if within || opens {
            Some(line.trim().trim_start_matches(['/', '*']))
        } else {
            line.trim_start().strip_prefix(mark).map(|text| text.trim_start_matches(['/', '!']))
        };
        within = (within || opens) && !line.contains("*/");
        if let Some(text) = text {
            first = if block.is_empty() { number } else { first };
            block.push_str(text.strip_prefix(' ').unwrap_or(text).trim_end_matches("*/").trim_end());
            block.push('\n');
            continue;
        }
        found.extend(markdown(&std::mem::take(&mut block), first));
        let behind = line.split_once(&format!(" {mark} ")).or_else(|| line.split_once(" /* "));
        let behind = behind.filter(|(code, _)| code.matches('"').count() % 2 == 0);
        found.extend(behind.map(|(_, remark)| (number, remark.trim_end_matches(" */").to_string())));
    }
    found
}

/// String literals of several words.
fn literals(content: &str) -> Vec<(usize, String)> {
    let literal = Regex::new(r#"(?m)^\s*(?://|#).*$|'"'|"((?:\\(?s:.)|[^"\\])*)""#).expect("a pattern");
    let mut found = Vec::new();
    for captures in literal.captures_iter(content) {
        let text = captures.get(1).filter(|text| text.as_str().matches(' ').count() >= 2);
        found.extend(text.map(|text| {
            let line = content[..text.start()].matches('\n').count() + 1;
            (line, text.as_str().replace("\\\n", "\n").replace("\\n", "\n").replace('\\', ""))
        }));
    }
    found
}

/// The claims' sentences, as the pages show them.
fn claims(content: &str) -> Vec<(usize, String)> {
    let sentence = |line: &str| {
        let id = line.split(" = ").next().filter(|id| id.contains('-') && !id.contains(' '))?;
        Some(id[..1].to_uppercase() + &id[1..].replace('-', " "))
    };
    (1..).zip(content.lines()).filter_map(|(number, line)| Some((number, sentence(line)?))).collect()
}
