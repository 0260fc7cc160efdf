//! The common part of the workbook's tools. The menu, the labs, the interview drills and the book
//! depend on this crate, and not on each other.
//!
//! | module | what |
//! | --- | --- |
//! | [`workbook`] | the only reader of `lessons/` and `src/bin/`: chapters, lessons, questions, claims, labs, recordings |
//! | [`cli`] | the command line: exit codes, text and JSON, escaping, progress |
//! | [`build`] | builds lessons |
//! | [`child`] | programs that a tool starts |
//! | [`store`] | data that is kept between runs: locked, atomic, versioned |
//! | [`temporary`] | a temporary folder |
//! | [`clock`] | the time |
//! | [`html`] | escapes text for HTML |

pub mod build;
pub mod child;
pub mod cli;
pub mod clock;
pub mod html;
pub mod store;
pub mod temporary;
pub mod workbook;
