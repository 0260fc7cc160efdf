//! The questions of `lessons/*/quiz.toml`, for the drills and for the book.
//!
//! | module | what |
//! | --- | --- |
//! | [`bank`] | all questions, found by looking; each is parsed when it is wanted |
//! | [`question`] | a question of each kind |
//! | [`bug`] | the program of a question whose answer is a line |

pub mod bank;
pub mod bug;
mod keys;
pub mod question;
