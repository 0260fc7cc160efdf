//! Generates the pages of the claims: one for each chapter, and one that leads to them.

use crate::material::{Chapter, Material};
use ipc_workbook_tools::html::escape;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::sentence;
use std::fmt::Write;

/// Says whether a claim held.
pub(crate) fn mark(held: Option<bool>) -> &'static str {
    match held {
        Some(true) => "<span class=\"held\">✔ held:</span>",
        Some(false) => "<span class=\"failed\">✘ failed:</span>",
        None => "<span class=\"unseen\">? not seen:</span>",
    }
}

/// Returns the address of a claim. `up` is the relative path to the book's root.
pub(crate) fn address(id: &str, claims: &Claims, up: &str) -> String {
    format!("{up}{}/claims.html#{id}", claims.chapter_of(id).unwrap_or_default())
}

const COLUMNS: &str = "[Another page](../claims.html) explains the columns.";

/// Returns the page of a chapter's claims: which lesson checks each, on which kernel it held, who promises
/// it, and where that is written.
pub(crate) fn of_chapter(chapter: &Chapter, material: &Material) -> String {
    let on = &material.recorded_on;
    let mut page = format!(
        "# Claims\n\nThis page lists what the chapter says about the kernel. `cargo run -- run {}` checks it on your machine. \
         The table shows the results of the recorded runs in this book, on Linux {} with {}. {COLUMNS}\n\n\
         <div class=\"wide\" tabindex=\"0\"><table class=\"claims\">\n<thead><tr><th>claim</th><th>seen</th>\
         <th>held on Linux</th><th>lesson</th><th>promised by</th><th>source</th></tr></thead>\n<tbody>\n",
        chapter.folder, on.kernel, on.libc
    );
    for lesson in &chapter.lessons {
        for claim in lesson.claims() {
            let name = &lesson.name;
            page.push_str(&row(
                chapter,
                &claim.id,
                &format!("{} {}", mark(claim.held), escape(&claim.sentence())),
                &format!("<code>{}</code>", escape(&claim.got)),
                if claim.held == Some(true) { &on.kernel } else { "" },
                &format!("<a href=\"{name}.html\">{name}</a>"),
            ));
        }
    }
    for block in &chapter.blocks {
        page.push_str(&row(
            chapter,
            &chapter.claim(block),
            &escape(&sentence(block)),
            "",
            // The tests run each block, so it held where they ran last.
            &on.kernel,
            &format!("<a href=\"index.html#block-{block}\">console block</a>"),
        ));
    }
    page + "</tbody></table></div>\n"
}

/// Returns the page that leads to the claims of each chapter. All claims were once on this page: theme/claims.js
/// leads an old link, such as `claims.html#refcount/…`, to the right page.
pub(crate) fn overview(material: &Material) -> String {
    let mut page = format!(
        "# All claims\n\nThe workbook makes {} claims about the kernel and the libraries and commands that use it. Each claim \
         is checked whenever its lesson runs. `cargo run -- verify` checks all claims on your machine.\n\n{PROMISES}\
         ## The claims of each chapter\n\n",
        material.claims.ids().len()
    );
    for chapter in &material.chapters {
        let folder = &chapter.folder;
        let claims = material.claims.ids().filter(|id| material.claims.chapter_of(id) == Some(folder));
        let _ = writeln!(
            page,
            "- <a href=\"{folder}/claims.html\" data-claims=\"{}\">{}</a>: {} claims",
            chapter.claim(""),
            escape(chapter.title()),
            claims.count()
        );
    }
    page
}

const PROMISES: &str = "The column *promised by* of each table says who promises the claim:\n\n\
    - **POSIX**: POSIX.1-2024 demands it of every system.\n\
    - **left open by POSIX**: the standard leaves it to the system, or does not define it. The claim says what Linux and \
    glibc do.\n\
    - **Linux alone**, **glibc alone**, **Rust**: POSIX does not mention it.\n\
    - **the command**: a command of the system or of this workbook prints it.\n\n\
    A source with a p in its section, such as mq_unlink(3p), is a page of POSIX. The tests also run each lesson with \
    false answers to its system calls, and a false answer should turn the claim. If no false answer can turn a claim, the \
    reason stands after its sources. If the result depends on whether a pointer has 64 or 32 bits, that is written there too.\n\n";

fn row(chapter: &Chapter, id: &str, claim: &str, seen: &str, kernel: &str, test: &str) -> String {
    let promise = id.split_once('/').and_then(|(_, claim)| chapter.promises.get(claim));
    let by = promise.map_or("", |promise| promise.by.text());
    let sources: Vec<String> =
        promise.iter().flat_map(|promise| promise.source.split(", ")).map(source).collect();
    let reasons = promise.iter().flat_map(|promise| [&promise.unturned, &promise.wide]).flatten();
    let reasons: Vec<String> = reasons.map(|reason| format!("<br>{}", escape(reason))).collect();
    let reasons = reasons.concat();
    let formerly = promise.iter().flat_map(|promise| &promise.formerly);
    let anchors: Vec<String> = formerly.map(|old| format!("<a id=\"{}\"></a>", chapter.claim(old))).collect();
    format!(
        "<tr id=\"{id}\"><td>{}{claim} <a class=\"permalink\" href=\"#{id}\" title=\"Link to this claim\" \
         aria-label=\"Link to the claim: {}\"></a></td><td>{seen}</td><td>{kernel}</td><td>{test}</td><td>{by}</td><td>{}{reasons}</td></tr>\n",
        anchors.concat(),
        escape(&sentence(id)),
        sources.join(", ")
    )
}

/// Returns a manual page or a page of POSIX as a link to it, and a source file as its name.
fn source(text: &str) -> String {
    let Some((name, section)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return format!("<code>{}</code>", escape(text));
    };
    let posix = "https://pubs.opengroup.org/onlinepubs/9799919799";
    let place = match section {
        "0p" => format!("{posix}/basedefs/{name}.html"),
        "1p" => format!("{posix}/utilities/{name}.html"),
        "3p" => format!("{posix}/functions/{name}.html"),
        _ => format!("https://man7.org/linux/man-pages/man{}/{name}.{section}.html", &section[..1]),
    };
    format!("<a href=\"{place}\">{text}</a>")
}
