//! Adds up the results of several lessons' claims.

use ipc_workbook::narrate::Tally;

/// Returns the sum.
pub(crate) fn total(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), |sum, tally| Tally {
        held: sum.held + tally.held,
        failed: sum.failed + tally.failed,
        unseen: sum.unseen + tally.unseen,
    })
}
