//! How the claims of several lessons have fared.

use ipc_workbook::narrate::Tally;

/// The sum.
pub(crate) fn total(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), |sum, tally| Tally {
        held: sum.held + tally.held,
        failed: sum.failed + tally.failed,
        unseen: sum.unseen + tally.unseen,
    })
}
