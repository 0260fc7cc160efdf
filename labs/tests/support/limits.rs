//! The limits of a submission, as the page for lecturers states them.

use ipc_workbook_testing::root;

const PAGE: &str = "lessons/grading-a-course.md";

/// Returns the limit of a resource: the second cell in the row of the page whose first cell is `resource`.
pub fn stated(resource: &str) -> String {
    let page = std::fs::read_to_string(root().join(PAGE)).expect("the page");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_string()).collect::<Vec<_>>();
    let row = page.lines().map(cells).find(|cells| cells.get(1).is_some_and(|first| first == resource));
    row.unwrap_or_else(|| panic!("{PAGE} states no limit of {resource:?}"))[2].clone()
}

/// Returns the numbers in a text, such as 614400 and 4 in "614,400 bytes in 4 queues".
pub fn numbers(text: &str) -> Vec<u64> {
    let text = text.replace(',', "");
    text.split(|char: char| !char.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}
