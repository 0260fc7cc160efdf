//! A copy of the workbook that is broken in many ways. Each way must be reported.

use super::copied::copy;
use super::everything_wrong;
use ipc_workbook_testing::prelude::*;
use std::fs;

#[test]
fn missing_parts_are_reported() {
    let Some(broken) = copy("broken") else { return };
    assert_eq!(everything_wrong(&broken), Vec::<String>::new());
    fs::remove_file(broken.join("lessons/13-refcount/quiz.toml")).expect("removed");
    fs::write(broken.join("lessons/SUMMARY.md"), "").expect("written");
    let shell = broken.join("lessons/15-from-the-shell/README.md");
    fs::write(
        &shell,
        text_if_there(&shell)
            .replace("<!-- console: the-help-of-lsipc-tells-whether-it-knows-posix-objects -->\n", ""),
    )
    .expect("written");
    fs::remove_file(broken.join("lessons/13-refcount/c/unlink_demo.c")).expect("removed");
    fs::write(broken.join("lessons/13-refcount/c/stray.c"), "").expect("written");
    let demo = broken.join("src/bin/refcount_demo.rs");
    fs::write(
        &demo,
        text_if_there(&demo).replace("13-refcount", "99-nowhere").replace("ANCHOR: emsgsize", ""),
    )
    .expect("written");
    let demo = broken.join("src/bin/unlink_demo.rs");
    fs::write(&demo, text_if_there(&demo) + "// ANCHOR: nowhere\n").expect("written");
    let lab = broken.join("lessons/12-permissions/labs/exact-mode");
    for gone in ["grader.rs", "inside.sh", "solution.c"] {
        fs::remove_file(lab.join(gone)).expect("removed");
    }
    // Keep one submission fewer than there must be, and one that loses a line.
    let kept = [
        "first-for-everybody.diff",
        "hangs-afterwards.diff",
        "leaves-a-semaphore.diff",
        "says-that-it-did.c",
    ];
    for bad in fs::read_dir(lab.join("bad")).expect("a folder").filter_map(Result::ok) {
        if !kept.iter().any(|kept| bad.file_name() == *kept) {
            fs::remove_file(bad.path()).expect("removed");
        }
    }
    let change = |file: &str, piece: &str, by: &str| {
        let text = text_if_there(&lab.join(file));
        assert!(text.contains(piece), "{file} has no {piece}");
        fs::write(lab.join(file), text.replacen(piece, by, 1)).expect("written");
    };
    change("README.md", "    PROGRAM /NAME MODE", "");
    change("starter.rs", "TODO", "");
    change("bad/leaves-a-semaphore.diff", "loses: nothing-else-is-left", "loses: the-moon");
    change("bad/hangs-afterwards.diff", "loses: ", "");
    change("bad/first-for-everybody.diff", "--- solution.c", "--- starter.c");
    change("lab.toml", "points = 4", "points = 0");
    change("bad/says-that-it-did.c", "the-program-ends-with-exit-code-0 ", "");
    change("lab.toml", "required = \"exit code 0, and a queue\"", "required = \"\"");
    fs::write(broken.join("lessons/13-refcount/labs/nameless-queue/lab.toml"), "= =").expect("written");
    fs::remove_dir_all(broken.join("lessons/16-errors/labs")).expect("removed");
    let wrong = everything_wrong(&broken).join("\n");
    for part in [
        "quiz.toml",
        "SUMMARY.md does not link",
        "15-from-the-shell: a console block has no name",
        "refcount_demo: its header must name a chapter that exists",
        "src/bin/refcount_demo.rs has no anchor emsgsize",
        "unlink_demo.rs: no page shows the anchor nowhere",
        "unlink_demo: lessons/13-refcount/c/unlink_demo.c is missing",
        "stray.c: there is no such lesson",
        "lab exact-mode: grader.rs has no function grade",
        "lab exact-mode: inside.sh judges nothing",
        "lab exact-mode: solution.c is missing",
        "lab exact-mode: there must be at least five known-bad submissions",
        "lab exact-mode: README.md has no interface",
        "lab exact-mode: starter.rs has no TODO",
        "lab exact-mode: bad/leaves-a-semaphore.diff loses the-moon, which is",
        "lab exact-mode: bad/hangs-afterwards.diff does not say on its first line what it loses",
        "lab exact-mode: bad/first-for-everybody.diff does not name the solution that it changes",
        "lab exact-mode: the line the-queue-has-the-mode-under-any-umask must give points",
        "lab exact-mode: the line the-program-ends-with-exit-code-0 has no required",
        "lab exact-mode: no known-bad submission loses the-program-ends-with-exit-code-0",
        "16-errors: the chapter has no lab",
        "lab nameless-queue: lab.toml is missing or is not TOML",
    ] {
        assert!(wrong.contains(part), "nothing reports {part}:\n{wrong}");
    }
}
