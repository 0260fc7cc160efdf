//! A kernel that lies to a lesson, and the claims of the lesson that notice.
//!
//! In each run one call gets a false answer. It is answered with success and not made, made twice, made
//! and answered with an error, or answered like the call before it. A claim whose result stays the
//! same under all these lies does not depend on what the kernel does. A claim that the lesson no
//! longer reaches, because the lie ended it, has not noticed the lie.
//!
//! | file | contents |
//! | --- | --- |
//! | `findings` | the effect of the lies on each claim, and the claims that are wrong |
//! | `recording` | an honest run of the lesson: its calls, and the claims between them |
//! | `lie`, `answer` | a kernel that lies once, and its answers |
//! | `run` | one run of the lesson under the tracer |
//! | `site` | finds a call of one run again in the next |
//! | [`reasons`] | the reasons in claims.toml why no lie can turn a claim |
//!
//! `cargo run -p ipc-workbook-testing --bin lies [LESSON…]` prints a report.

mod answer;
mod findings;
mod lie;
mod recording;
mod run;
mod site;

pub mod reasons;

pub use findings::{Claim, Effect, Findings};

use crate::tracer::End;
use lie::{Kind, LyingKernel};
use recording::{Claimed, Recorded, Recording};
use run::{LIED_TO, Ran, run};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Lies to a lesson, given as a program, until each of its claims has turned or no lie is left. Leaves out
/// the claims for which `is_excused` returns true. This process must have no children.
pub fn lie_to(lesson: &Path, is_excused: impl Fn(&str) -> bool) -> std::io::Result<Findings> {
    let recording = Recording::of(lesson)?;
    let mut findings = Findings::new(recording.claims.iter().map(|claimed| claimed.id.clone()));
    let mut told = HashSet::new();
    for (n, claimed) in recording.claims.iter().enumerate().filter(|(_, claimed)| !is_excused(&claimed.id)) {
        for recorded in before(&recording, claimed) {
            for kind in Kind::all_about(recorded.call) {
                let claim = &findings.claims[n];
                let is_done =
                    if recorded.is_look() { claim.has_turned() } else { claim.has_turned_by_a_call() };
                if !is_done && told.insert((recorded.site.clone(), kind)) {
                    tell(&mut findings, lesson, recorded, kind)?;
                }
            }
        }
    }
    findings.claims.retain(|claim| !is_excused(&claim.id));
    Ok(findings)
}

/// Tells one lie, and records its effect on all claims.
fn tell(findings: &mut Findings, lesson: &Path, recorded: &Recorded, kind: Kind) -> std::io::Result<()> {
    let mut kernel = LyingKernel::new(&recorded.site, kind, recorded.result);
    let ran = run(lesson, LIED_TO, &mut kernel)?;
    if !kernel.has_lied {
        return Ok(()); // processes race, so the calls of this run were different
    }
    findings.lies += 1;
    findings.hangs += usize::from(ran.end == End::Killed);
    let call = recorded.text.clone().unwrap_or_else(|| recorded.site.to_string());
    let lie = format!("{call}: {kind}");
    for claim in &mut findings.claims {
        let (effect, got) = ran.effect_on(&claim.id);
        claim.affected(effect, recorded.is_look(), &lie, &got);
    }
    Ok(())
}

/// Returns the calls before a claim, the nearest first, because those turn it most often. Calls that only
/// look come last: they show only that the claim depends on some answer of the kernel.
fn before<'a>(recording: &'a Recording, claimed: &Claimed) -> Vec<&'a Recorded> {
    let before = || recording.calls[..claimed.after].iter().rev();
    let mut calls = thinned(before().filter(|recorded| recorded.is_the_lessons()).collect());
    calls.extend(nearest(before().filter(|recorded| recorded.is_look())));
    calls
}

/// Returns the nearest looks of each name.
fn nearest<'a>(looks: impl Iterator<Item = &'a Recorded>) -> impl Iterator<Item = &'a Recorded> {
    const NEAR: usize = 24; // a search for an object's holders reads a few dozen files
    let mut of_name: HashMap<(&str, bool), usize> = HashMap::new();
    looks.filter(move |recorded| {
        let n = of_name.entry((recorded.site.call, recorded.site.is_look)).or_default();
        *n += 1;
        *n <= NEAR
    })
}

/// Returns the calls in the order in which they are lied about. Calls that do the same are alike, so this
/// order goes round: first the nearest call of each group, then the second of each, and so on. It keeps the
/// nearest calls of a large group, and a few of those further away.
fn thinned(calls: Vec<&Recorded>) -> Vec<&Recorded> {
    /// More calls that do the same are made in a loop, and a lesson with loops takes long.
    const FEW: usize = 16;
    const NEAR: usize = 2;
    const FAR: usize = 3;
    let mut groups: Vec<Vec<&Recorded>> = Vec::new();
    for recorded in calls {
        match groups.iter_mut().find(|group| group[0].does() == recorded.does()) {
            Some(group) => group.push(recorded),
            None => groups.push(vec![recorded]),
        }
    }
    for group in &mut groups {
        let all = group.len();
        let mut n = 0;
        group.retain(|_| {
            n += 1;
            all <= FEW || n <= NEAR || all - n < FAR || (all - n).is_multiple_of(all.div_ceil(FAR))
        });
    }
    let rounds = groups.iter().map(Vec::len).max().unwrap_or(0);
    (0..rounds).flat_map(|round| groups.iter().filter_map(move |group| group.get(round).copied())).collect()
}

impl Ran {
    fn effect_on(&self, id: &str) -> (Effect, String) {
        let Some(fared) = self.claims.get(id) else { return (Effect::Absent, String::new()) };
        let effect = match fared.held {
            Some(true) => Effect::Held,
            Some(false) => Effect::Failed,
            None => Effect::NotSeen,
        };
        (effect, format!("{}, not {}", fared.got, fared.want))
    }
}
