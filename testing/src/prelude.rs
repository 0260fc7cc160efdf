//! The items that most tests use.

pub use crate::child::*;
pub use crate::compiler::{cc, cc_submission};
pub use crate::folder::{Folder, entries, files, files_below, name, text_if_there, text_of};
pub use crate::kept::{compiled, compiled_beside};
pub use crate::lessons::*;
pub use crate::namespace::*;
pub use crate::objects::*;
pub use crate::paused::*;
pub use crate::processes::*;
pub use crate::requirement::*;
pub use crate::root;
pub use crate::run::*;
pub use crate::sample::{exhaustive, is_in_sample, replay, sample, shuffled};
pub use crate::screen::{fits, on_screen};
pub use crate::terminal::Terminal;
pub use crate::trials::{Place, Trials, users_of_trials};
pub use crate::until::*;
pub use crate::user::*;
