//! Trials over the lessons. Nothing here names a lesson: the next one is covered without an edit.

use crate::lessons::{Profile, lessons, profiles};
use crate::namespace::{Mqueue, inside, inside_container, is_inside};
use crate::requirement::note;
use crate::sample::{exhaustive, sample, seed};
use crate::user::User;
use libtest_mimic::{Arguments, Failed, Trial};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// With how many lessons a promise of the shared layer is tried in each place.
const LESSONS_A_PLACE: usize = 2;

/// All users of whom the test program has trials. Inside its namespace a trial may be nobody
/// already, and the list of trials has to stay the same.
pub fn users_of_trials() -> Vec<User> {
    match is_inside() {
        Some(name) if name.contains(AS_NOBODY) => vec![User::Me, User::Nobody],
        _ => User::all(),
    }
}

/// What the name of a trial says that runs as nobody.
const AS_NOBODY: &str = ", as nobody";

/// Where a lesson runs: as whom, and whether /dev/mqueue is mounted.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub user: User,
    pub mqueue: Mqueue,
}

impl Place {
    /// As whoever runs the tests, with /dev/mqueue.
    pub const EASIEST: Place = Place { user: User::Me, mqueue: Mqueue::Mounted };

    /// Every user, with and without /dev/mqueue.
    #[must_use]
    pub fn all() -> Vec<Place> {
        let mut all = Place::each_user(Mqueue::Mounted);
        all.extend(Place::each_user(Mqueue::Absent));
        all
    }

    /// The easiest and the hardest: as whoever runs the tests, with /dev/mqueue; and as
    /// nobody, without.
    #[must_use]
    pub fn corners() -> Vec<Place> {
        let hardest = *users_of_trials().last().expect("one user at least");
        vec![Place::EASIEST, Place { user: hardest, mqueue: Mqueue::Absent }]
    }

    /// Every user.
    #[must_use]
    pub fn each_user(mqueue: Mqueue) -> Vec<Place> {
        users_of_trials().into_iter().map(|user| Place { user, mqueue }).collect()
    }

    /// `, as nobody, without /dev/mqueue`
    #[must_use]
    pub fn words(self) -> String {
        let user = if self.user == User::Nobody { AS_NOBODY } else { "" };
        let mqueue = if self.mqueue == Mqueue::Absent { ", without /dev/mqueue" } else { "" };
        format!("{user}{mqueue}")
    }
}

/// The trials of one test program.
#[derive(Default)]
pub struct Trials(Vec<Trial>);

impl Trials {
    #[must_use]
    pub fn new() -> Self {
        Trials::default()
    }

    /// What each lesson itself has to keep: every lesson is tried in one of the places, another one each day.
    pub fn each_lesson(&mut self, sentence: &str, places: &[Place], body: fn(&str)) {
        if !is_wanted(sentence) {
            return;
        }
        for lesson in lessons() {
            let label = format!("{lesson}: {sentence}");
            for place in sample(places.to_vec(), &label, 1) {
                self.lesson(lesson, sentence, place, body);
            }
        }
    }

    /// What the layer that all lessons share has to keep: in each place it is tried with a
    /// few of the lessons that it `concerns`, other ones each day.
    pub fn shared_layer(
        &mut self,
        sentence: &str,
        places: &[Place],
        concerns: fn(&Profile) -> bool,
        body: fn(&str),
    ) {
        if !is_wanted(sentence) {
            return;
        }
        let concerned: Vec<String> = profiles()
            .iter()
            .filter(|profile| concerns(profile))
            .map(|profile| profile.name.clone())
            .collect();
        assert!(!concerned.is_empty(), "no lesson is concerned: {sentence}");
        for place in places {
            let label = format!("{sentence}{}", place.words());
            for lesson in sample(concerned.clone(), &label, LESSONS_A_PLACE) {
                self.lesson(&lesson, sentence, *place, body);
            }
        }
    }

    fn lesson(&mut self, lesson: &str, sentence: &str, place: Place, body: fn(&str)) {
        let of = lesson.to_string();
        self.add(format!("{lesson}: {sentence}{}", place.words()), place, move || body(&of));
    }

    /// A trial in a private namespace.
    pub fn add(&mut self, name: String, place: Place, body: impl FnOnce() + Send + 'static) {
        let whole = name.clone();
        let trial = move || reported(|| inside(&whole, place.user, place.mqueue, body));
        self.0.push(Trial::test(name, trial));
    }

    /// A trial in a sandbox like a container's, for each user.
    pub fn in_container(&mut self, sentence: &str, body: fn()) {
        for user in users_of_trials() {
            let name = format!("{sentence}{}", if user == User::Nobody { AS_NOBODY } else { "" });
            let whole = name.clone();
            let trial = move || reported(|| inside_container(&whole, user, body));
            self.0.push(Trial::test(name, trial));
        }
    }

    /// A trial that needs no namespace.
    pub fn plain(&mut self, name: String, body: impl FnOnce() + Send + 'static) {
        self.0.push(Trial::test(name, move || reported(body)));
    }

    /// A trial that cannot run here: it is listed as ignored, with the reason.
    pub fn skip(&mut self, sentence: &str, reason: &str) {
        let name = format!("{sentence} (skipped: {reason})");
        self.0.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    }

    /// Runs them.
    ///
    /// # Panics
    ///
    /// If two have the same name.
    #[must_use]
    pub fn run(self) -> ExitCode {
        if is_inside().is_none() && !exhaustive() {
            note(&format!("a sample with the seed {}; .ci/exhaustive tries everything", seed()));
        }
        let mut names: Vec<&str> = self.0.iter().map(Trial::name).collect();
        names.sort_unstable();
        // A process inside a namespace runs the one trial of a name.
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "two trials have one name: {twice:?}");
        libtest_mimic::run(&Arguments::from_args(), self.0).exit_code()
    }
}

/// Whether this process has to know trials of that sentence: one that runs a single trial
/// inside a namespace knows it by name, and drawing the samples of all others would take
/// longer than the trial.
fn is_wanted(sentence: &str) -> bool {
    is_inside().is_none_or(|name| name.contains(sentence))
}

/// A panic's message as libtest-mimic shows it, with its lines.
fn reported(body: impl FnOnce()) -> Result<(), Failed> {
    // The message is shown once, below.
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Failed::from(text.unwrap_or_default())
    })
}
