//! What the tools of the workbook share. The menu, the labs, the interview drills and the book
//! stand on this crate, and none of them reaches into another.
//!
//! | module | what |
//! | --- | --- |
//! | [`workbook`] | the one reader of `lessons/` and `src/bin/`: chapters, lessons, questions, claims, labs, recordings |
//! | [`cli`] | the command line: exit codes, text and JSON, escaping, progress |
//! | [`build`] | builds lessons |
//! | [`child`] | programs that a tool starts |
//! | [`store`] | what is remembered between two runs: locked, atomic, versioned |
//! | [`temporary`] | a folder that exists for a while |
//! | [`clock`] | what time it is |
//! | [`html`] | text inside HTML |

pub mod build;
pub mod child;
pub mod cli;
pub mod clock;
pub mod html;
pub mod store;
pub mod temporary;
pub mod workbook;
