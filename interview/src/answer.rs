//! An answer: how it is typed, and how good it is beside the right one.

use crate::review::Grade;
use crate::screen::letter;

/// What can be answered. Places are those on the screen, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The option at this place.
    Option(usize),
    /// The places of the steps, in order.
    Order(Vec<usize>),
    /// The line with the bug, counted from 1.
    Line(usize),
    /// The places of the points that were named.
    Points(Vec<usize>),
}

impl Answer {
    /// The option that was typed, one of `n`.
    pub(crate) fn option(typed: &str, n: usize) -> Result<Answer, String> {
        match places(typed, n)[..] {
            [Some(place)] => Ok(Answer::Option(place)),
            _ => Err(format!("is none of a-{}, s and q", letter(n - 1))),
        }
    }

    /// The order that was typed, `c a d b` or `cadb`, of `n` steps.
    pub(crate) fn order(typed: &str, n: usize) -> Result<Answer, String> {
        let order: Option<Vec<usize>> = places(typed, n).into_iter().collect();
        match order.filter(|order| order.len() == n && all_differ(order)) {
            Some(order) => Ok(Answer::Order(order)),
            None => Err(format!("has not each of a-{} once; s skips, q stops", letter(n - 1))),
        }
    }

    /// The line that was typed, one of `n`.
    pub(crate) fn line(typed: &str, n: usize) -> Result<Answer, String> {
        match typed.parse() {
            Ok(line) if (1..=n).contains(&line) => Ok(Answer::Line(line)),
            _ => Err(format!("is none of 1-{n}, s and q")),
        }
    }

    /// The points that were typed, some of `n`.
    pub(crate) fn points(typed: &str, n: usize) -> Result<Answer, String> {
        let points: Option<Vec<usize>> = places(typed, n).into_iter().collect();
        match points.filter(|points| all_differ(points)) {
            Some(mut points) => {
                points.sort_unstable();
                Ok(Answer::Points(points))
            }
            None => Err(format!("is not some of a-{}, each once; Enter is for none, q stops", letter(n - 1))),
        }
    }

    /// As it is typed.
    pub(crate) fn typed(&self) -> String {
        match self {
            Answer::Option(place) => letter(*place).into(),
            Answer::Order(places) | Answer::Points(places) => {
                places.iter().map(|place| letter(*place)).collect()
            }
            Answer::Line(line) => line.to_string(),
        }
    }

    /// How good it is. Of an explanation two thirds are good, and half of it is hard-won.
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

/// The places that letters mean, with blanks and commas between them or not.
fn places(typed: &str, n: usize) -> Vec<Option<usize>> {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != ',');
    letters.map(|c| (0..n).find(|place| letter(*place) == c)).collect()
}

fn all_differ(places: &[usize]) -> bool {
    places.iter().enumerate().all(|(n, place)| !places[..n].contains(place))
}
