//! A grader's findings about the lines of the rubric.

use std::fmt::Display;

/// What was observed: `Ok` if it earns the line, `Err` if it loses the line. A function that checks one
/// thing after another can return early with the first flaw:
///
/// ```text
/// let Some(queue) = objects.queue() else { return Ok(Err("no queue /lab".into())) };
/// ```
pub(crate) type Finding = Result<String, String>;

/// Returns a finding: `Ok` if the line is earned, otherwise `Err`, with the same observation.
pub(crate) fn found(earned: bool, observed: impl Display) -> Finding {
    if earned { Ok(observed.to_string()) } else { Err(observed.to_string()) }
}

/// Returns a finding with one observation if the line is earned, and another if it is lost.
pub(crate) fn either(earned: bool, if_earned: impl Display, if_lost: impl Display) -> Finding {
    if earned { Ok(if_earned.to_string()) } else { Err(if_lost.to_string()) }
}

/// Returns what was observed, whether the line is earned or lost.
pub(crate) fn observed(finding: &Finding) -> &str {
    match finding {
        Ok(observed) | Err(observed) => observed,
    }
}

/// Keeps the first flaw that is seen over several moments.
///
/// ```text
/// let mut flaw = Flaw::default();
/// scheduler.play_with(|moment| {
///     flaw.seen_if(two_are_inside(&moment), || "two inside at the same time");
///     Ok(())
/// })?;
/// trial.judge_finding("never-two-inside", &flaw.or("one at a time"));
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct Flaw(Option<String>);

impl Flaw {
    /// Keeps this description if it is a flaw, and the first one.
    pub(crate) fn seen_if<D: Display>(&mut self, is_flaw: bool, describe: impl FnOnce() -> D) {
        if is_flaw && self.0.is_none() {
            self.0 = Some(describe().to_string());
        }
    }

    /// Returns the first flaw as a lost line, or this observation as an earned one.
    pub(crate) fn or(&self, flawless: impl Display) -> Finding {
        self.0.clone().map_or_else(|| Ok(flawless.to_string()), Err)
    }
}
