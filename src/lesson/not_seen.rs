//! Claims that cannot be tested on this machine.

use super::speak::{Lesson, Outcome};
use crate::observe::Unseen;

impl Lesson {
    /// Reports each of these claims as not seen, with the reason. The lesson skips the calls that would
    /// test them.
    pub fn not_seen(&self, ids: &[&str], why: &Unseen) -> Outcome {
        for id in ids {
            self.claim(id, Err::<bool, _>(why.clone()), true);
        }
        Ok(())
    }
}
