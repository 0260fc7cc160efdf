//! Wrong names and flags.

use super::*;
use ipc_workbook::observe::Kind;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

pub(super) fn wrong_names(lesson: &str) {
    let usual = usual(lesson);
    if !usual.makes_something() {
        return; // it creates nothing with a name
    }
    // A wrong name must not remove a leftover either.
    let name_of_leftover = format!("/{lesson}.leftover");
    if let Some(kind) = usual.objects.first() {
        drop(make(*kind, &name_of_leftover, 0o600));
    }
    for name in ["taken", "", "/", "/.", "/..", "//two", "/two/slashes", "/end/", "two/", "/new\nline/"] {
        let output = refused(workbook(lesson).args(["--name", name]), 2, &["name", "/my_object"]);
        assert!(!stdout(&output).contains(" = "), "{name:?}: the lesson began: {}", describe(&output));
    }
    if let Some(kind) = usual.objects.first() {
        unmake(*kind, &name_of_leftover);
    }
    let not_utf8 = OsStr::from_bytes(b"/\xff");
    let output = refused(workbook(lesson).arg("--name").arg(not_utf8), 2, &["UTF-8", "--help"]);
    did_nothing(&output, "not UTF-8");
}

pub(super) fn long_names(lesson: &str) {
    let usual = usual(lesson);
    if !usual.makes_something() {
        return;
    }
    // sem_open adds the four bytes "sem.". A lesson may use its name for a semaphore that it does not create
    // here.
    let named = |length: usize| format!("/{}", "n".repeat(length));
    let refusal = stderr(&limited(workbook(lesson).args(["--name", &named(255)])));
    let is_for_semaphores = usual.makes(Kind::Semaphore) || refusal.contains("semaphore has at most 251");
    let longest = if is_for_semaphores { 251 } else { 255 };
    let name = named(longest);
    let output = run(workbook(lesson).args(["--name", &name]), 0);
    assert!(complaints(&output).is_empty(), "{}", describe(&output));
    nothing_left("the longest name");
    let words = [&*(longest + 1).to_string(), &*longest.to_string(), "name"];
    let output = refused(workbook(lesson).args(["--name", &(name + "n")]), 2, &words);
    did_nothing(&output, "a name too long");
    // The limit counts bytes, not characters.
    let wide = format!("/{}", "ä".repeat(longest / 2 + 1));
    refused(workbook(lesson).args(["--name", &wide]), 2, &["bytes"]);
}

pub(super) fn wrong_flags(lesson: &str) {
    let cases: [(&[&str], &str); 9] = [
        (&["--nonsense"], "--nonsense"),
        (&["-x"], "-x"),
        (&["operand"], "operand"),
        (&["--format", "xml"], "json"),
        (&["--format"], "--format"),
        (&["--color", "pink"], "never"),
        (&["--name"], "--name"),
        (&["--predict", "--pause"], "--pause"),
        (&["--private", "--private"], "--private"),
    ];
    for (args, word) in cases {
        let output = refused(workbook(lesson).args(args), 2, &[word, "--help"]);
        assert!(output.stdout.is_empty(), "{args:?}: {}", describe(&output));
        nothing_left(word);
    }
}
