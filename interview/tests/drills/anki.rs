//! `export anki`: a note in HTML, on one line, for each kind of question.

use crate::common::*;

/// Returns the fields of a question's note.
fn note(stdout: &str, id: &str) -> Vec<String> {
    let line = stdout.lines().find(|line| line.split('\t').next() == Some(id));
    line.unwrap_or_else(|| panic!("no {id} in {stdout}")).split('\t').map(String::from).collect()
}

#[test]
fn a_note_has_a_stable_id_first_and_escapes_html() {
    let folder = Folder::new("anki");
    std::fs::create_dir_all(folder.join("91-x")).expect("a folder");
    let quiz = "[[question]]\nid = \"x-y\"\ntopic = \"two words\"\nlevel = \"mid\"\nkind = \"choice\"\n\
                question = \"Is 1 < 2\\t& \\\"so\\\"?\\nYes?\"\nrun = \"refcount_demo\"\nclaims = []\n\
                options = [{ text = \"<b>\", why = \"w\" }, { text = \"r\", why = \"v\", right = true }]\n";
    std::fs::write(folder.join("91-x/quiz.toml"), quiz).expect("written");
    let lessons = folder.display().to_string();
    let (stdout, _) = typed(&mut interview(&folder, &["export", "anki", "--lessons", &lessons]), "", 0);
    assert!(stdout.starts_with("#separator:tab\n#html:true\n#columns:Id\tFront\tBack\tTags\n"), "{stdout}");
    let fields = note(&stdout, "x-y");
    assert_eq!(fields.len(), 4, "{fields:?}");
    let front = "Is 1 &lt; 2 &amp; &quot;so&quot;?<br>Yes?<ul><li>&lt;b&gt;</li>";
    assert!(fields[1].starts_with(front), "{fields:?}");
    assert!(fields[2].starts_with("<b>r</b><br>v<ul><li>Not: &lt;b&gt;<br>w</li></ul>"), "{fields:?}");
    assert_eq!(fields[3], "ipc-workbook 91-x two-words mid choice");
}

#[test]
fn each_kind_has_a_note_whose_front_does_not_give_the_answer_away() {
    let (stdout, stderr) = typed(&mut drills(&Folder::new("anki-kinds"), &["export", "anki"]), "", 0);
    assert!(stderr.is_empty(), "{stderr}");
    assert_eq!(stdout.lines().filter(|line| !line.starts_with('#')).count(), 5, "{stdout}");
    for (id, front, back) in [
        ("drill-predict", "<li>EBADF</li><li>ENOENT</li>", "<b>ENOENT</b><br>There is no such name."),
        (
            "drill-order",
            "<li>It is created.</li>",
            "<ol><li>It is created.</li><li>Its name is removed.</li>",
        ),
        ("drill-bug", "<pre>  1  ", "<b>Line 14</b>: <code>mq_unlink(NAME);</code>"),
        ("drill-explain", "Explain what keeps", "<ul><li>Its name.</li>"),
    ] {
        let fields = note(&stdout, id);
        assert_eq!(fields.len(), 4, "{fields:?}");
        assert!(fields[1].contains(front) && !fields[1].contains(back), "{fields:?}");
        assert!(fields[2].contains(back) && fields[2].contains("Proof: <code>"), "{fields:?}");
    }
    let order = &note(&stdout, "drill-order")[1];
    assert!(
        !order.contains("<li>It is created.</li><li>Its name is removed.</li><li>It delivers"),
        "{order}"
    );
    assert!(!stdout.contains("BUG"), "{stdout}");
}
