//! What the built pages contain. A build takes seconds, so one build shows what the workbook as it is gives, and one
//! more what several changes give that are allowed. [`crate::broken`] has the changes that are not.

use crate::broken::{CHAPTER, Copy, QUESTION};
use crate::heads::each_page_has_its_own_title_and_description;
use crate::titles::{RECORDING, TITLE};

#[test]
fn the_workbook_as_it_is_is_built() {
    let copy = Copy::new();
    copy.build();
    each_page_has_its_own_title_and_description(&copy.file("target/book"));
    a_lab_has_a_page_which_its_chapter_links(&copy);
    the_misconceptions_on_their_own_page_lead_to_the_claims(&copy);
}

fn a_lab_has_a_page_which_its_chapter_links(copy: &Copy) {
    let lab = copy.page("12-permissions/labs/exact-mode/index.html");
    for part in ["PROGRAM /NAME MODE", "bit beyond the mode", "Hint 1 of 3", "watch exact-mode", "rust, c"] {
        assert!(lab.contains(part), "{part} is not in {lab}");
    }
    let chapter = copy.page("12-permissions/index.html");
    let (main, _) = chapter.split_once("</main>").expect("a main part");
    let (_, make) = main.split_once("id=\"make\"").expect("a section Make");
    assert!(make.contains("href=\"labs/exact-mode/index.html\""), "{make}");
}

fn the_misconceptions_on_their_own_page_lead_to_the_claims(copy: &Copy) {
    let page = copy.page("what-the-tutorials-say.html");
    assert!(page.contains("<a class=\"claim\" href=\"13-refcount/claims.html#refcount/"), "{page}");
}

/// Each change is made before the build, and its page is looked at after it.
#[test]
fn allowed_changes_are_built() {
    let copy = Copy::new();
    copy.replace(RECORDING, TITLE, "Unlink the name: neither ENOENTRY nor EMSGSIZE");
    copy.add("lessons/13-refcount/quiz.toml", QUESTION);
    copy.add("lessons/12-permissions/README.md", "[The lab](labs/exact-mode/README.md)");
    copy.replace(
        "lessons/13-refcount/claims.toml",
        "a-new-queue-has-one-name = { ",
        "a-new-queue-has-one-name = { formerly = [\"a-queue-is-born-named\"], ",
    );
    mark_a_list_of_claims(&copy);
    copy.build();
    a_title_may_contain_a_longer_word_and_the_answer_of_another_step(&copy);
    the_right_prediction_is_the_recorded_one(&copy);
    a_chapter_that_links_its_labs_itself_is_not_changed(&copy);
    a_link_to_an_old_identifier_still_leads_to_its_claim(&copy);
    one_mark_can_lead_to_a_list_of_claims(&copy);
}

fn a_title_may_contain_a_longer_word_and_the_answer_of_another_step(copy: &Copy) {
    let page = copy.page("13-refcount/refcount_demo.html");
    assert!(page.contains("neither ENOENTRY nor EMSGSIZE"), "{page}");
}

fn the_right_prediction_is_the_recorded_one(copy: &Copy) {
    let page = copy.page("13-refcount/questions.html");
    let answer = page.split("id=\"refcount-broken\"").nth(1).expect("the question");
    assert!(answer.contains("A is right.</strong>") && answer.contains("B is wrong.</strong>"), "{answer}");
}

fn a_chapter_that_links_its_labs_itself_is_not_changed(copy: &Copy) {
    let page = copy.page("12-permissions/index.html");
    assert!(page.contains("labs/exact-mode/index.html\">The lab") && !page.contains("id=\"make\""), "{page}");
}

fn a_link_to_an_old_identifier_still_leads_to_its_claim(copy: &Copy) {
    let page = copy.page("13-refcount/claims.html");
    let (_, row) = page.split_once("<tr id=\"refcount/a-new-queue-has-one-name\">").expect("its row");
    let (row, _) = row.split_once("</tr>").expect("the end of the row");
    assert!(row.contains("id=\"refcount/a-queue-is-born-named\""), "{row}");
}

fn mark_a_list_of_claims(copy: &Copy) {
    let claims = "a-new-queue-has-one-name; an-unlinked-queue-has-no-name; \
                  mq_unlink-leaves-the-messages-in-the-queue; mq_unlink-removes-the-name-at-once";
    copy.add("lessons/glossary.md", &format!("So it is.[^x]\n\n[^x]: `refcount_demo`: {claims}"));
    // Put the mark into the first row of the misconceptions.
    let head = "| you may have read | run | and see |\n| --- | --- | --- |\n";
    copy.replace(CHAPTER, head, &format!("{head}| It is. | `unlink_demo` | so[^x] |\n"));
    copy.add(CHAPTER, &format!("[^x]: {claims}"));
}

fn one_mark_can_lead_to_a_list_of_claims(copy: &Copy) {
    let many = |href: &str| {
        format!(
            "<a class=\"claim\" href=\"{href}\" title=\"4 claims\" aria-label=\"checked: 4 claims\">✔×4</a>"
        )
    };
    let glossary = copy.page("glossary.html");
    assert!(glossary.contains(&many("#lessons-claims-1")), "{glossary}");
    let (_, list) = glossary.split_once("<li id=\"lessons-claims-1\">").expect("a list");
    assert!(
        list.starts_with("<a href=\"13-refcount/claims.html#refcount/a-new-queue-has-one-name\">"),
        "{list}"
    );
    let misconceptions = copy.page("what-the-tutorials-say.html");
    assert!(misconceptions.contains("href=\"13-refcount/index.html#13-refcount-claims-"), "{misconceptions}");
}
