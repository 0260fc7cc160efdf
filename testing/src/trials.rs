//! Trials that run on the lessons. No lesson is named here, so a new lesson is covered without an edit.

use crate::harness::{self, Trial, arguments};
use crate::lessons::{Profile, profiles};
use crate::namespace::{Mqueue, inside, inside_container, is_inside};
use crate::requirement::note;
use crate::sample::{exhaustive, sample, seed};
use crate::user::User;
use std::process::ExitCode;

/// How many lessons a trial of the shared layer runs in each place.
const LESSONS_A_PLACE: usize = 2;

/// What a lesson and the shared layer do together is tried with one lesson in so many.
const ONE_LESSON_IN: usize = 3;

/// If root has run the tests before, they run with one lesson in so many as an unprivileged user.
const FEWER_AFTER_ROOT: usize = 5;

/// Returns whether an unprivileged user repeats the tests after root, as `.ci/run` lets it. Root's run has tried
/// each lesson as nobody, too.
fn after_root() -> bool {
    std::env::var_os("IPC_WORKBOOK_AFTER_ROOT").is_some()
        && !nix::unistd::geteuid().is_root()
        && is_inside().is_none()
}

/// Returns every user as whom this test program has trials. The list is the same inside a private
/// namespace, where the trial may already be nobody: the names of the trials must not change.
pub fn users_of_trials() -> Vec<User> {
    match is_inside() {
        Some(name) if name.contains(AS_NOBODY) => vec![User::Me, User::Nobody],
        _ => User::all(),
    }
}

/// The ending of the name of a trial that runs as nobody.
const AS_NOBODY: &str = ", as nobody";

/// The ending of the name of a trial without /dev/mqueue. It stands after [`AS_NOBODY`].
const WITHOUT_MQUEUE: &str = ", without /dev/mqueue";

/// Where a lesson runs: as which user, and with or without /dev/mqueue.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub user: User,
    pub mqueue: Mqueue,
}

impl Place {
    /// As the user who runs the tests, with /dev/mqueue.
    pub const EASIEST: Place = Place { user: User::Me, mqueue: Mqueue::Mounted };

    /// Returns every combination of user and /dev/mqueue.
    #[must_use]
    pub fn all() -> Vec<Place> {
        let mut all = Place::each_user(Mqueue::Mounted);
        all.extend(Place::each_user(Mqueue::Absent));
        all
    }

    /// Returns the easiest and the hardest place: as the user who runs the tests, with /dev/mqueue,
    /// and as nobody, without it.
    #[must_use]
    pub fn corners() -> Vec<Place> {
        let hardest = *users_of_trials().last().expect("one user at least");
        vec![Place::EASIEST, Place { user: hardest, mqueue: Mqueue::Absent }]
    }

    /// Returns a place for each user, with or without /dev/mqueue.
    #[must_use]
    pub fn each_user(mqueue: Mqueue) -> Vec<Place> {
        users_of_trials().into_iter().map(|user| Place { user, mqueue }).collect()
    }

    /// Returns the ending of a trial's name: `, as nobody, without /dev/mqueue`.
    #[must_use]
    pub fn words(self) -> String {
        let user = if self.user == User::Nobody { AS_NOBODY } else { "" };
        let mqueue = if self.mqueue == Mqueue::Absent { WITHOUT_MQUEUE } else { "" };
        format!("{user}{mqueue}")
    }
}

/// Returns the name of a trial of nobody as root's run has it: in that run, too, it runs as nobody.
#[must_use]
pub fn name_in_roots_run(name: &str) -> String {
    match name.strip_suffix(WITHOUT_MQUEUE) {
        Some(rest) => format!("{rest}{AS_NOBODY}{WITHOUT_MQUEUE}"),
        None => format!("{name}{AS_NOBODY}"),
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

    /// Adds a trial for each lesson that it `concerns`. It runs in one of the places, in another one each day. A trial
    /// for each lesson makes every new lesson cost more, so it is for the promises of the lesson itself.
    pub fn each_lesson(
        &mut self,
        sentence: &str,
        places: &[Place],
        concerns: fn(&Profile) -> bool,
        body: fn(&str),
    ) {
        self.one_lesson_in(1, sentence, places, concerns, body);
    }

    /// Adds trials like [`Trials::each_lesson`] for some of the lessons, for others each day. With a name on the command
    /// line, every lesson has its trial: `cargo test --test lessons my_lesson` leaves out nothing.
    pub fn some_lessons(
        &mut self,
        sentence: &str,
        places: &[Place],
        concerns: fn(&Profile) -> bool,
        body: fn(&str),
    ) {
        self.one_lesson_in(ONE_LESSON_IN, sentence, places, concerns, body);
    }

    fn one_lesson_in(
        &mut self,
        n: usize,
        sentence: &str,
        places: &[Place],
        concerns: fn(&Profile) -> bool,
        body: fn(&str),
    ) {
        if !is_wanted(sentence) {
            return;
        }
        let mut chosen = concerned(sentence, concerns);
        if arguments().filter.is_none() {
            let n = if after_root() { n * FEWER_AFTER_ROOT } else { n };
            let enough = chosen.len().div_ceil(n);
            chosen = sample(chosen, sentence, enough);
        }
        for lesson in chosen {
            let label = format!("{lesson}: {sentence}");
            for place in sample(places.to_vec(), &label, 1) {
                self.lesson(&lesson, sentence, place, body);
            }
        }
    }

    /// Adds trials of the layer that all lessons share. In each place, a few of the lessons that it
    /// `concerns` are tried, different ones each day.
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
        let concerned = concerned(sentence, concerns);
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

    /// Adds a trial that runs in a private namespace.
    pub fn add(&mut self, name: String, place: Place, body: impl FnOnce() + Send + 'static) {
        let whole = name.clone();
        self.plain(name, move || inside(&whole, place.user, place.mqueue, body));
    }

    /// Adds a trial for each user that runs in a sandbox like a container's.
    pub fn in_container(&mut self, sentence: &str, body: fn()) {
        for user in users_of_trials() {
            let name = format!("{sentence}{}", if user == User::Nobody { AS_NOBODY } else { "" });
            let whole = name.clone();
            self.plain(name, move || inside_container(&whole, user, body));
        }
    }

    /// Adds a trial that needs no namespace.
    pub fn plain(&mut self, name: String, body: impl FnOnce() + Send + 'static) {
        let trial = || {
            body(); // a panic is its failure
            Ok(())
        };
        self.0.push(Trial::test(name, trial));
    }

    /// Lists a trial that cannot run here as ignored, with the reason.
    pub fn skip(&mut self, sentence: &str, reason: &str) {
        let name = format!("{sentence} (skipped: {reason})");
        self.0.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    }

    /// Runs the trials.
    ///
    /// # Panics
    ///
    /// Panics if two trials have the same name.
    #[must_use]
    pub fn run(self) -> ExitCode {
        if is_inside().is_none() && !exhaustive() {
            note(&format!("a sample with the seed {}; .ci/exhaustive runs all trials", seed()));
        }
        let mut names: Vec<&str> = self.0.iter().map(Trial::name).collect();
        names.sort_unstable();
        // A process inside a namespace finds its one trial by name.
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        assert!(twice.is_none(), "two trials have the same name: {twice:?}");
        harness::run(arguments(), self.0)
    }
}

/// Returns the names of the lessons that a sentence concerns.
fn concerned(sentence: &str, concerns: fn(&Profile) -> bool) -> Vec<String> {
    let of_these = profiles().iter().filter(|profile| concerns(profile));
    let names: Vec<String> = of_these.map(|profile| profile.name.clone()).collect();
    assert!(!names.is_empty(), "no lesson is concerned: {sentence}");
    names
}

/// Whether this process needs the trials of a sentence. A process that runs a single trial, inside a namespace or for
/// `.ci/exhaustive`, knows its name. To draw the samples of all other trials would take longer than the trial itself.
fn is_wanted(sentence: &str) -> bool {
    is_inside().or_else(only_name).is_none_or(|name| name.contains(sentence))
}

/// Returns the name of the only trial that was asked for on the command line.
fn only_name() -> Option<String> {
    let arguments = arguments();
    arguments.filter.clone().filter(|_| arguments.exact && !arguments.list)
}
