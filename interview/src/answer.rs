//! An answer: how it is typed, and how it is graded.

use crate::review::Grade;
use crate::screen::letter;

/// An answer. Places are those on the screen, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The option at this place.
    Option(usize),
    /// The places of the steps, in order.
    Order(Vec<usize>),
    /// The line with the bug, counted from 1.
    Line(usize),
    /// The places of the points that the reader mentioned.
    Points(Vec<usize>),
}

impl Answer {
    /// Reads the option that was typed, one of `n`.
    pub(crate) fn option(typed: &str, n: usize) -> Result<Answer, String> {
        match places(typed, n)[..] {
            [Some(place)] => Ok(Answer::Option(place)),
            _ => Err(format!("is not an answer; type one letter of a-{}, s or q", letter(n - 1))),
        }
    }

    /// Reads the order of `n` steps that was typed: `c a d b` or `cadb`.
    pub(crate) fn order(typed: &str, n: usize) -> Result<Answer, String> {
        let order: Option<Vec<usize>> = places(typed, n).into_iter().collect();
        match order.filter(|order| order.len() == n && all_differ(order)) {
            Some(order) => Ok(Answer::Order(order)),
            None => Err(format!("is not an order; type each of a-{} once, or s or q", letter(n - 1))),
        }
    }

    /// Reads the line that was typed, one of `n`.
    pub(crate) fn line(typed: &str, n: usize) -> Result<Answer, String> {
        match typed.parse() {
            Ok(line) if (1..=n).contains(&line) => Ok(Answer::Line(line)),
            _ => Err(format!("is not a line; type a number of 1-{n}, s or q")),
        }
    }

    /// Reads the points that were typed, some of `n`.
    pub(crate) fn points(typed: &str, n: usize) -> Result<Answer, String> {
        let points: Option<Vec<usize>> = places(typed, n).into_iter().collect();
        match points.filter(|points| all_differ(points)) {
            Some(mut points) => {
                points.sort_unstable();
                Ok(Answer::Points(points))
            }
            None => Err(format!(
                "is not a choice; type some letters of a-{}, each once, Enter for none, or q",
                letter(n - 1)
            )),
        }
    }

    /// Returns the answer in the form in which it is typed.
    pub(crate) fn typed(&self) -> String {
        match self {
            Answer::Option(place) => letter(*place).into(),
            Answer::Order(places) | Answer::Points(places) => {
                places.iter().map(|place| letter(*place)).collect()
            }
            Answer::Line(line) => line.to_string(),
        }
    }

    /// Grades the answer. For an explanation, all points are easy, two thirds are good, and half are hard.
    pub(crate) fn grade(&self, right: &Answer) -> Grade {
        match (self, right) {
            (Answer::Points(named), Answer::Points(all)) => match (named.len(), all.len()) {
                (named, all) if named == all => Grade::Easy,
                (named, all) if named * 3 >= all * 2 => Grade::Good,
                (named, all) if named * 2 >= all => Grade::Hard,
                _ => Grade::Again,
            },
            _ if self == right => Grade::Good,
            _ => Grade::Again,
        }
    }
}

/// Returns the places of letters, which may have blanks and commas between them.
fn places(typed: &str, n: usize) -> Vec<Option<usize>> {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != ',');
    letters.map(|c| (0..n).find(|place| letter(*place) == c)).collect()
}

fn all_differ(places: &[usize]) -> bool {
    places.iter().enumerate().all(|(n, place)| !places[..n].contains(place))
}
