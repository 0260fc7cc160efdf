//! What a grader finds about a line of the rubric.

use std::fmt::Display;

/// What was observed: `Ok` if the line is earned by it, `Err` if it is lost. A part of a grader that
/// looks at one thing after another returns early with the first flaw:
///
/// ```text
/// let Some(queue) = objects.queue() else { return Ok(Err("no queue /lab".into())) };
/// ```
pub(crate) type Finding = Result<String, String>;

/// A finding, from whether the line is earned.
pub(crate) fn found(earned: bool, observed: impl Display) -> Finding {
    if earned { Ok(observed.to_string()) } else { Err(observed.to_string()) }
}

/// A finding, with one thing to say if the line is earned, and another if it is lost.
pub(crate) fn either(earned: bool, if_earned: impl Display, if_lost: impl Display) -> Finding {
    if earned { Ok(if_earned.to_string()) } else { Err(if_lost.to_string()) }
}

/// What was observed, whether the line is earned or lost.
pub(crate) fn observed(finding: &Finding) -> &str {
    match finding {
        Ok(observed) | Err(observed) => observed,
    }
}

/// Keeps the first flaw of several moments.
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
    /// If this is a flaw, it is described so.
    pub(crate) fn seen_if<D: Display>(&mut self, is_flaw: bool, describe: impl FnOnce() -> D) {
        if is_flaw && self.0.is_none() {
            self.0 = Some(describe().to_string());
        }
    }

    /// The first flaw, or this.
    pub(crate) fn or(&self, flawless: impl Display) -> Finding {
        self.0.clone().map_or_else(|| Ok(flawless.to_string()), Err)
    }
}
