//! All that a test of lessons takes.

pub use crate::child::*;
pub use crate::compiler::cc;
pub use crate::folder::Folder;
pub use crate::lessons::*;
pub use crate::namespace::*;
pub use crate::objects::*;
pub use crate::paused::*;
pub use crate::processes::*;
pub use crate::requirement::*;
pub use crate::root;
pub use crate::run::*;
pub use crate::sample::{exhaustive, sample};
pub use crate::terminal::Terminal;
pub use crate::trials::{Place, Trials, users_of_trials};
pub use crate::until::*;
pub use crate::user::*;
