//! The effect of the lies on the claims of a lesson, and the claims that are wrong because of it.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The effect of a lie on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// None: the claim held.
    Held,
    /// The claim was not tested, because the lesson ended or was killed before it.
    Absent,
    /// The claim was not seen.
    NotSeen,
    /// The claim failed.
    Failed,
}

impl Effect {
    /// Returns the word for the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Effect::Held => "held",
            Effect::Absent => "absent",
            Effect::NotSeen => "not seen",
            Effect::Failed => "✘",
        }
    }
}

/// A claim, and the lie that affected it most.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub effect: Effect,
    /// Whether the lie was about a call with which the workbook looks at something, not the lesson's own.
    pub by_look: bool,
    /// The lie, and what the claim got, such as `mq_send(3, "hello", 5, 0): made twice: 10, not 5`. Empty
    /// if no lie had an effect.
    pub lie: String,
}

impl Claim {
    /// Returns whether a lie turned the claim. A claim that the lesson did not reach has not turned.
    #[must_use]
    pub fn has_turned(&self) -> bool {
        self.effect > Effect::Absent
    }

    /// Returns whether a lie about a call of the lesson turned the claim.
    #[must_use]
    pub fn has_turned_by_a_call(&self) -> bool {
        self.has_turned() && !self.by_look
    }

    /// Records the effect of a lie, unless an earlier lie had a stronger one.
    pub(super) fn affected(&mut self, effect: Effect, by_look: bool, lie: &str, got: &str) {
        let rank = |effect, by_look: bool| (effect > Effect::Absent, !by_look, effect);
        if effect != Effect::Held && rank(effect, by_look) > rank(self.effect, self.by_look) {
            (self.effect, self.by_look) = (effect, by_look);
            self.lie = if self.has_turned() { format!("{lie}: {got}") } else { lie.into() };
        }
    }
}

/// The results of all lies to a lesson.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The claims that hold when the kernel is honest, in order.
    pub claims: Vec<Claim>,
    /// The number of lies.
    pub lies: usize,
    /// The number of lies after which the lesson did not end.
    pub hangs: usize,
}

impl Findings {
    /// Begins with every claim unaffected.
    pub(super) fn new(ids: impl Iterator<Item = String>) -> Self {
        let claim = |id| Claim { id, effect: Effect::Held, by_look: true, lie: String::new() };
        Findings { claims: ids.map(claim).collect(), lies: 0, hangs: 0 }
    }

    /// Returns a message for each claim that neither turns nor has a reason, and for each that has both.
    #[must_use]
    pub fn wrong(&self, reasons: &BTreeMap<String, String>) -> Vec<String> {
        let wrong = |claim: &Claim| match (claim.has_turned(), reasons.contains_key(&claim.id)) {
            (false, false) => Some(format!(
                "{}: no lie about a call turns it ({}); mend it, or give `unturned` in claims.toml",
                claim.id,
                claim.effect.word()
            )),
            (true, true) => Some(format!(
                "{}: a lie turns it, so remove `unturned` from claims.toml: {}",
                claim.id, claim.lie
            )),
            _ => None,
        };
        self.claims.iter().filter_map(wrong).collect()
    }

    /// Returns the claims that no lie turned and that have no reason.
    #[must_use]
    pub fn unexplained(&self, reasons: &BTreeMap<String, String>) -> Vec<String> {
        let left = |claim: &&Claim| !claim.has_turned() && !reasons.contains_key(&claim.id);
        self.claims.iter().filter(left).map(|claim| claim.id.clone()).collect()
    }

    /// Returns the findings as one line, for another process.
    #[must_use]
    pub fn line(&self) -> String {
        let claims: Vec<Value> = self
            .claims
            .iter()
            .map(|claim| json!([claim.id, claim.effect.word(), claim.by_look, claim.lie]))
            .collect();
        json!({ "claims": claims, "lies": self.lies, "hangs": self.hangs }).to_string()
    }

    /// Parses a line that [`Findings::line`] has written.
    #[must_use]
    pub fn read(line: &str) -> Option<Findings> {
        let value: Value = serde_json::from_str(line).ok()?;
        let number = |key: &str| usize::try_from(value[key].as_u64()?).ok();
        let claim = |claim: &Value| {
            let text = |n: usize| claim[n].as_str().unwrap_or_default().to_string();
            let all = [Effect::Held, Effect::Absent, Effect::NotSeen, Effect::Failed];
            let effect = all.into_iter().find(|effect| effect.word() == text(1))?;
            Some(Claim { id: text(0), effect, by_look: claim[2] == true, lie: text(3) })
        };
        let claims = value["claims"].as_array()?.iter().map(claim).collect::<Option<_>>()?;
        Some(Findings { claims, lies: number("lies")?, hangs: number("hangs")? })
    }
}
