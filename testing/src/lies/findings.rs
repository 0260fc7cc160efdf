//! What lies did to the claims of a lesson, and what is wrong with that.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a lie did to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing: it held.
    Held,
    /// It was not put to the test, because the lesson ended before, or was ended.
    Absent,
    /// It was not seen.
    NotSeen,
    /// It failed.
    Failed,
}

impl Effect {
    /// The word for a report.
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

/// A claim, and the lie that has affected it most.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub effect: Effect,
    /// Whether the lie was about a look of the workbook, and not about a call of the lesson.
    pub by_look: bool,
    /// The lie, and what the claim got: `mq_send(3, "hello", 5, 0): made twice: 10, not 5`. Empty,
    /// if no lie did anything to it.
    pub lie: String,
}

impl Claim {
    /// Whether a lie has turned it. One that is not put to the test any more has noticed nothing.
    #[must_use]
    pub fn has_turned(&self) -> bool {
        self.effect > Effect::Absent
    }

    /// Whether a lie about a call of the lesson has turned it.
    #[must_use]
    pub fn has_turned_by_a_call(&self) -> bool {
        self.has_turned() && !self.by_look
    }

    /// Takes down what a lie did to it, if no other lie did more.
    pub(super) fn affected(&mut self, effect: Effect, by_look: bool, lie: &str, got: &str) {
        let rank = |effect, by_look: bool| (effect > Effect::Absent, !by_look, effect);
        if effect != Effect::Held && rank(effect, by_look) > rank(self.effect, self.by_look) {
            (self.effect, self.by_look) = (effect, by_look);
            self.lie = if self.has_turned() { format!("{lie}: {got}") } else { lie.into() };
        }
    }
}

/// What the lies of a lesson have shown.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The claims that hold when the kernel is honest, in their order.
    pub claims: Vec<Claim>,
    /// How many lies were told.
    pub lies: usize,
    /// After how many of them the lesson came to no end.
    pub hangs: usize,
}

impl Findings {
    /// Before any lie: every claim holds.
    pub(super) fn new(ids: impl Iterator<Item = String>) -> Self {
        let claim = |id| Claim { id, effect: Effect::Held, by_look: true, lie: String::new() };
        Findings { claims: ids.map(claim).collect(), lies: 0, hangs: 0 }
    }

    /// What is wrong: a claim that no lie turns has no reason, or one that turns has one.
    #[must_use]
    pub fn wrong(&self, reasons: &BTreeMap<String, String>) -> Vec<String> {
        let wrong = |claim: &Claim| match (claim.has_turned(), reasons.contains_key(&claim.id)) {
            (false, false) => Some(format!(
                "{}: no lie about a call turns it ({}); mend the claim, or give `unturned` in claims.toml",
                claim.id,
                claim.effect.word()
            )),
            (true, true) => Some(format!(
                "{}: claims.toml says why no lie turns it, and one does: {}",
                claim.id, claim.lie
            )),
            _ => None,
        };
        self.claims.iter().filter_map(wrong).collect()
    }

    /// The claims that no lie has turned, and that have no reason.
    #[must_use]
    pub fn unexplained(&self, reasons: &BTreeMap<String, String>) -> Vec<String> {
        let left = |claim: &&Claim| !claim.has_turned() && !reasons.contains_key(&claim.id);
        self.claims.iter().filter(left).map(|claim| claim.id.clone()).collect()
    }

    /// As one line, for another process.
    #[must_use]
    pub fn line(&self) -> String {
        let claims: Vec<Value> = self
            .claims
            .iter()
            .map(|claim| json!([claim.id, claim.effect.word(), claim.by_look, claim.lie]))
            .collect();
        json!({ "claims": claims, "lies": self.lies, "hangs": self.hangs }).to_string()
    }

    /// What [`Findings::line`] has written.
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
