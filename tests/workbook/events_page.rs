//! The book's page on exit codes and events matches the program's help and the schema. `scripts/record`
//! writes the page.

use ipc_workbook::lesson::flags::EXIT_CODES;
use ipc_workbook_testing::folder::text_of;
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

const PAGE: &str = "lessons/exit-codes-and-events.md";

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Returns the type of a field: `string`, or `integer or null`.
fn kind(field: &Value) -> String {
    match &field["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

/// Returns a table for each event and for each structure inside one, in the schema's order.
fn tables() -> String {
    let schema: Value = serde_json::from_str(&text_of("src/narrate/events.schema.json")).expect("JSON");
    let parts = schema["$defs"].as_object().expect("definitions");
    let mut page = String::new();
    for (name, part) in parts.iter().filter(|(_, part)| part["properties"].is_object()) {
        let _ = writeln!(
            page,
            "### {name}\n\n{}\n\n| field | holds | meaning |\n| --- | --- | --- |",
            text(part, "description")
        );
        let needed: Vec<&str> =
            part["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (field, about) in part["properties"].as_object().expect("fields") {
            // The definition may be elsewhere in the schema.
            let referred = about["$ref"].as_str().and_then(|to| parts.get(to.rsplit('/').next()?));
            let about = referred.unwrap_or(about);
            let Some(meaning) = about["description"].as_str() else { continue };
            let maybe = if needed.contains(&field.as_str()) { "" } else { ", may be absent" };
            let _ = writeln!(page, "| `{field}` | {}{maybe} | {meaning} |", kind(about));
        }
        page.push('\n');
    }
    page
}

/// Compares a part of the page with what it should be. With RECORD set, writes the part instead.
fn compare(what: &str, now: &str) {
    let page = text_of(PAGE);
    let begin = format!("<!-- {what}, written by scripts/record -->\n");
    let (before, rest) = page.split_once(&begin).expect("the mark before this part");
    let (shown, after) = rest.split_once("<!-- end -->").expect("the mark after this part");
    if std::env::var("RECORD").is_ok() {
        let page = format!("{before}{begin}\n{}\n\n<!-- end -->{after}", now.trim());
        std::fs::write(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PAGE), page).expect("the page");
    } else {
        assert!(shown.trim() == now.trim(), "{PAGE} is out of date; run scripts/record. Now:\n{now}");
    }
}

#[test]
fn the_page_on_exit_codes_and_events_matches_the_program_and_the_schema() {
    compare("exit codes", &format!("```text\n{EXIT_CODES}\n```"));
    compare("events", &tables());
}

#[test]
fn every_event_of_the_schema_is_on_the_page() {
    let schema: Value = serde_json::from_str(&text_of("src/narrate/events.schema.json")).expect("JSON");
    let page = tables();
    for event in schema["properties"]["event"]["enum"].as_array().expect("events") {
        let name = event.as_str().expect("a name");
        assert!(page.contains(&format!("### {name}\n")), "the page has no section {name}");
    }
}
