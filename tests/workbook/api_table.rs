//! The tables of calls match the library's documentation: each wrapper begins with its C prototype, and
//! each module with its header. One table is in chapter 23, on System V, and the other is the book's
//! reference, on all other calls. `scripts/record` writes both.

use ipc_workbook_testing::folder::text_of;
use ipc_workbook_testing::root;
use std::fmt::Write;
use std::path::Path;

const SYSTEM_V: &str = "lessons/23-connectionless/api-table.md";
const SUBJECT: [&str; 3] = ["mqueue", "semaphore", "mman"];
const POSIX: &str = "lessons/calls.md";
const BEGIN: &str = "<!-- written by scripts/record from the library's documentation -->\n";
const END: &str = "<!-- end -->\n";

/// An item, and the C line that begins its documentation: `pub fn msgget(…) -> …` and `int msgget(…);`.
struct Item {
    c: String,
    here: String,
}

/// Returns the text between the first pair of backticks of a documentation line.
fn code(line: &str) -> Option<String> {
    line.split('`').nth(1).map(Into::into)
}

/// Returns the items of a module that begin with `pub KIND` and whose documentation begins with C.
fn items(source: &str, kind: &str) -> Vec<Item> {
    let lines: Vec<&str> = source.lines().collect();
    let start = format!("pub {kind} ");
    let declared = lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with(&start));
    let items = declared.filter_map(|(n, _)| {
        let is_head =
            |line: &&&str| line.trim_start().starts_with("///") || line.trim_start().starts_with('#');
        let head =
            lines[..n].iter().rev().take_while(is_head).filter(|line| line.trim_start().starts_with("///"));
        let c = code(head.last()?)?;
        // A declaration may take several lines.
        let text = lines[n..].join(" ");
        let here = text.split('{').next()?.split_whitespace().collect::<Vec<_>>().join(" ");
        let here = here.replace("( ", "(").replace(", )", ")");
        Some(Item { c, here })
    });
    items.collect()
}

/// Returns the name in a prototype: `msgget` for `int msgget(key_t key, int msgflg);`.
fn name(c: &str) -> &str {
    let before = c.split('(').next().unwrap_or_default();
    before.rsplit([' ', '*']).next().unwrap_or_default()
}

/// Returns the row of a function. Functions that belong to no other row operate on the object.
fn row_of(name: &str) -> &'static str {
    match name {
        "shmat" => "attach",
        "shmdt" => "close",
        name if name.ends_with("get") => "get",
        name if name.ends_with("ctl") => "control",
        _ => "operate",
    }
}

fn table(module: &str, structure: &str, title: &str) -> String {
    let source = text_of(format!("src/sysv/{module}.rs"));
    let header = code(source.lines().next().unwrap_or_default()).expect("the header");
    let mut text = format!("## {title}\n\n| | C | here |\n| --- | --- | --- |\n");
    let mut row = |what: &str, c: &str, here: &str| {
        let _ = writeln!(text, "| {what} | {c} | {here} |");
    };
    let quoted = |text: &str| format!("`{text}`");
    row("header", &quoted(&header), &quoted(&format!("ipc_workbook::sysv::{module}")));
    let structures = items(&source, "struct");
    let c = format!("struct {structure}");
    let item = structures.iter().find(|item| item.c == c).unwrap_or_else(|| panic!("no {c}"));
    row("structure", &quoted(&c), &quoted(&item.here));
    let functions = items(&source, "fn");
    for what in ["get", "attach", "operate", "control", "close"] {
        let mut none = true;
        for item in functions.iter().filter(|item| row_of(name(&item.c)) == what) {
            assert!(item.here.starts_with(&format!("pub fn {}", name(&item.c))), "{}: {}", item.c, item.here);
            row(what, &quoted(&item.c), &quoted(&item.here));
            none = false;
        }
        match what {
            "operate" if none => {
                let methods = items_of_memory();
                row(what, "the memory itself, by `*` and `memcpy(3)`", &methods);
            }
            "close" if none => row(what, "none", "none"),
            _ => {}
        }
    }
    // Other structures, such as that of an operation or of attributes, get a row of their own.
    for item in structures.iter().filter(|item| item.c.starts_with("struct ") && item.c != c) {
        row("beside it", &quoted(&item.c), &quoted(&item.here));
    }
    text
}

/// Returns the functions that read and write attached memory.
fn items_of_memory() -> String {
    let source = text_of("src/memory.rs");
    let of = |name: &str| {
        let line = source.lines().find(|line| line.trim_start().starts_with(&format!("pub fn {name}(")));
        let line = line.unwrap_or_else(|| panic!("no {name} in src/memory.rs")).trim();
        format!("`{}`", line.trim_end_matches(" {"))
    };
    format!("{}, {}", of("read"), of("write"))
}

fn tables() -> String {
    [
        ("msg", "msqid_ds", "Message queues"),
        ("sem", "semid_ds", "Semaphore sets"),
        ("shm", "shmid_ds", "Shared memory"),
    ]
    .map(|(module, structure, title)| table(module, structure, title))
    .join("\n")
}

/// Returns the text of a module, and of the parts in its folder, if it has one.
fn source_of(module: &str) -> String {
    let mut parts: Vec<String> = std::fs::read_dir(root().join("src").join(module))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
        .map(|file| format!("src/{module}/{file}"))
        .collect();
    parts.sort();
    parts.insert(0, format!("src/{module}.rs"));
    parts.iter().map(text_of).collect()
}

/// Returns the modules of the library that correspond to a C header, those of POSIX IPC first.
fn headers() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = std::fs::read_dir(root().join("src"))
        .expect("src")
        .filter_map(|entry| {
            entry.expect("an entry").file_name().into_string().ok()?.strip_suffix(".rs").map(String::from)
        })
        .map(|module| (source_of(&module), module))
        .filter(|(source, _)| source.starts_with("//! `<"))
        .map(|(source, module)| (module, source))
        .collect();
    all.sort_by_key(|(module, _)| {
        (SUBJECT.iter().position(|name| name == module).unwrap_or(SUBJECT.len()), module.clone())
    });
    all
}

fn posix_tables() -> String {
    let table = |(module, source): (String, String)| {
        let mut text = format!(
            "## {}\n\n`ipc_workbook::{module}`\n\n| C | here |\n| --- | --- |\n",
            code(source.lines().next().unwrap_or_default()).expect("the header").replace('<', "\\<")
        );
        for item in items(&source, "struct") {
            // Show only the name, without the fields or the value.
            let here = item.here.split(['(', ';']).next().unwrap_or_default();
            let _ = writeln!(text, "| `{}` | `{here}` |", item.c);
        }
        for item in items(&source, "fn").iter().filter(|item| item.c.contains('(')) {
            let _ = writeln!(text, "| `{}` | `{}` |", item.c, item.here);
        }
        text
    };
    headers().into_iter().map(table).collect::<Vec<_>>().join("\n")
}

/// Compares a page with what it should contain. With RECORD set, writes the page instead.
fn compare(page: &str, tables: &str) {
    let text = text_of(page);
    let (before, rest) = text.split_once(BEGIN).expect("the mark before the tables");
    let (shown, after) = rest.split_once(END).expect("the mark after the tables");
    if std::env::var("RECORD").is_ok() {
        let text = format!("{before}{BEGIN}\n{tables}\n{END}{after}");
        std::fs::write(root().join(Path::new(page)), text).expect("the page");
    } else {
        assert!(shown.trim() == tables.trim(), "{page} is out of date; run scripts/record. Now:\n{tables}");
    }
}

#[test]
fn the_api_table_matches_the_documentation() {
    compare(SYSTEM_V, &tables());
}

#[test]
fn the_reference_of_calls_matches_the_documentation() {
    compare(POSIX, &posix_tables());
}

#[test]
fn every_wrapper_of_posix_ipc_is_in_the_reference() {
    let page = posix_tables();
    for module in SUBJECT {
        let source = source_of(module);
        let public = source.lines().filter_map(|line| line.strip_prefix("pub fn "));
        for name in public.filter_map(|line| line.split(['(', '<']).next()) {
            assert!(page.contains(&format!("pub fn {name}")), "{module}::{name} is missing");
        }
    }
}

#[test]
fn every_wrapper_of_system_v_ipc_is_in_the_table() {
    let page = tables();
    for module in ["msg", "sem", "shm"] {
        let source = text_of(format!("src/sysv/{module}.rs"));
        let public = source.lines().filter_map(|line| line.strip_prefix("pub fn "));
        for name in public.filter_map(|line| line.split(['(', '<']).next()) {
            assert!(page.contains(&format!("pub fn {name}")), "{name} is missing");
        }
    }
}
