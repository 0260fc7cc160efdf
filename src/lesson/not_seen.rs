//! Claims that nothing can put to the test on this machine.

use super::speak::{Lesson, Outcome};
use crate::observe::Unseen;

impl Lesson {
    /// Reports each of these claims as not seen, and why. What would prove them, the
    /// lesson leaves out.
    pub fn not_seen(&self, ids: &[&str], why: &Unseen) -> Outcome {
        for id in ids {
            self.claim(id, Err::<bool, _>(why.clone()), true);
        }
        Ok(())
    }
}
