//! `prose/check` finds wrong spelling and grammar, and says what it needs.

use ipc_workbook_testing::prelude::*;

/// Whether `prose/check` can run here. In CI it must.
fn can_check() -> bool {
    let harper = root().join("target/browser/node_modules/harper.js").exists();
    assert!(harper || std::env::var("CI").is_err(), "harper.js is missing, and CI must have it");
    if !harper {
        skip("prose/check needs harper.js; prose/check says how to install it");
    }
    harper && have("node")
}

#[test]
fn only_mistakes_are_found_in_each_sort_of_file() {
    if !can_check() {
        return;
    }
    let folder = Folder::new("prose");
    let page = "# A queue\n\nTeh queue has a name. `Teh`\nIt have an mode: EACCES, 0644.\n\n```\nteh\n```\n| a | teh cell |\n";
    let quiz = "# Teh questions\n[[question]]\nid = \"teh-id\"\nquestion = \"What does teh queue has?\"\n";
    let lesson = "//! The queue keep its mesages.\nfn main() {\n    step(\"Open teh queue and read\"); // teh queue\n}\n";
    let twin = "/* The queue\n * keeps its mesages. */\nint teh;\n";
    let script = "#!/bin/sh\n# Removes teh queue.\nteh\n";
    let right = "The queue has a mode and an errno.\n";
    let mut check = command(root().join("prose/check"));
    // One run checks all files: to load the rules takes seconds.
    for (file, content) in [
        ("page.md", page),
        ("right.md", right),
        ("quiz.toml", quiz),
        ("lesson.rs", lesson),
        ("twin.c", twin),
        ("script", script),
    ] {
        std::fs::write(folder.join(file), content).expect("written");
        check.arg(file);
    }
    let found = stdout(&run(check.current_dir(&*folder), 1));
    let mut places: Vec<&str> = found.lines().filter_map(|line| line.split(": ").next()).collect();
    places.dedup();
    let expected = [
        "page.md:3",
        "page.md:4",
        "page.md:9",
        "quiz.toml:1",
        "quiz.toml:4",
        "lesson.rs:1",
        "lesson.rs:3",
        "twin.c:2",
        "script:2",
    ];
    assert_eq!(places, expected, "{found}");
}

#[test]
fn what_is_missing_is_said_and_how_to_get_it() {
    if !have("node") {
        skip("node is not installed");
        return;
    }
    let folder = Folder::new("prose");
    std::fs::create_dir(folder.join("prose")).expect("a folder");
    for file in files(&root().join("prose")) {
        std::fs::copy(&file, folder.join("prose").join(name(&file))).expect("copied");
    }
    let check = || command(folder.join("prose/check"));
    let message = stderr(&run(&mut check(), 3));
    assert!(message.contains("npm install --prefix target/browser harper.js@"), "{message}");
    let message = stderr(&run(check().arg("--unknown"), 2));
    assert!(message.contains("--unknown is unknown"), "{message}");
    assert!(stdout(&run(check().arg("--help"), 0)).contains("3 harper.js is not"));
}
