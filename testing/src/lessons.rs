//! Finds the chapters and lessons in the source tree, and records an undisturbed run of each lesson.

use crate::folder::{entries, name, text_if_there};
use crate::namespace::mqueue_is_mounted;
use crate::root;
use crate::run::{events, run, workbook};
use crate::user::User;
use ipc_workbook::capability::{CAP_SYS_RESOURCE, permitted};
use ipc_workbook::lesson::may_set_the_clock;
use ipc_workbook::observe::{Kind, is_in_initial_user_namespace};
use ipc_workbook::private::Namespace;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Returns the folders of the chapters, in order: those in lessons/ whose name begins with a number.
pub fn chapters(root: &Path) -> Vec<PathBuf> {
    let is_chapter =
        |path: &PathBuf| path.is_dir() && name(path).starts_with(|first: char| first.is_ascii_digit());
    entries(&root.join("lessons")).into_iter().filter(is_chapter).collect()
}

/// Returns the names of all lessons: the programs in src/bin that name a chapter.
pub fn lessons() -> &'static [String] {
    static ALL: OnceLock<Vec<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        // A parent that knows them has read all programs.
        if let Some(profiles) = inherited_profiles() {
            return profiles.into_iter().map(|profile| profile.name).collect();
        }
        let is_lesson = |file: &PathBuf| {
            let source = text_if_there(file);
            ipc_workbook::lesson::chapter_of(&source).is_some()
        };
        let programs = entries(&root().join("src/bin")).into_iter().filter(is_lesson);
        programs.map(|file| name(&file.with_extension(""))).collect()
    })
}

/// Returns whether a claim held, or was not seen for a good reason: this run does not have what the claim needs.
/// That is another user, root's capabilities, a clock that it may set, or the initial user namespace.
pub fn held_or_excused(claim: &serde_json::Value) -> bool {
    held_or_excused_as(User::Me, claim)
}

/// Returns the same as [`held_or_excused`], for a run as `user`.
pub fn held_or_excused_as(user: User, claim: &serde_json::Value) -> bool {
    let is_me = user == User::Me;
    let why = claim["why"].as_str().unwrap_or_default();
    let is_clock = why.starts_with("this needs a clock") && may_set_the_clock().is_err();
    let is_mount = why == "/dev/mqueue is not mounted" && !mqueue_is_mounted();
    let has_capability = permitted().is_ok_and(|permitted| permitted & CAP_SYS_RESOURCE != 0);
    let is_capability = why == "this needs CAP_SYS_RESOURCE in the initial user namespace"
        && !(is_me && has_capability && is_in_initial_user_namespace());
    let excuse = is_clock
        || is_mount
        || is_capability
        || (why.starts_with("this needs another user") && !(is_me && User::all().len() > 1))
        || (why.starts_with("this needs root") && !(is_me && nix::unistd::geteuid().is_root()));
    claim["held"] == true || (claim["held"].is_null() && excuse)
}

/// An undisturbed run of a lesson.
pub struct Usual {
    pub steps: usize,
    /// The identifiers of its claims, in order, each with whether it held.
    pub claims: Vec<(String, Option<bool>)>,
    /// The C names of the calls that it makes.
    pub calls: Vec<String>,
    /// The kinds of object that it creates under the name `/usual`.
    pub objects: Vec<Kind>,
    /// The System V calls with which it creates objects with a key.
    pub keyed: Vec<&'static str>,
}

/// Runs the lesson once, undisturbed.
pub fn usual(lesson: &str) -> Usual {
    let output = run(workbook(lesson).args(["--format", "json", "--name", "/usual"]), 0);
    let events = events(&output);
    let of = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    let calls: Vec<String> = of("call").filter_map(|call| call["call"].as_str().map(Into::into)).collect();
    let objects = objects(&events);
    let claims = of("claim")
        .map(|claim| (claim["id"].as_str().unwrap_or_default().to_string(), claim["held"].as_bool()));
    let made: Vec<(&str, String)> = keyed(&events);
    let keyed =
        ["msgget", "semget", "shmget"].into_iter().filter(|call| made.iter().any(|(made, _)| made == call));
    Usual { steps: of("step").count(), claims: claims.collect(), calls, objects, keyed: keyed.collect() }
}

/// Returns the kinds of object that the lesson created under `/usual`, where another run could find them.
/// Objects in a lesson's own private namespace do not count.
fn objects(events: &[serde_json::Value]) -> Vec<Kind> {
    if events[0]["private"] == true {
        return Vec::new();
    }
    let makes = |call: &str| {
        events.iter().any(|event| {
            let text = event["text"].as_str().unwrap_or_default();
            event["call"] == call && text.contains("\"/usual\"") && text.contains("O_CREAT")
        })
    };
    let kinds = [(Kind::Queue, "mq_open"), (Kind::Semaphore, "sem_open"), (Kind::SharedMemory, "shm_open")];
    kinds.into_iter().filter(|(_, call)| makes(call)).map(|(kind, _)| kind).collect()
}

/// Returns the System V objects that the lesson created with a key, as pairs of call and key. Objects of
/// a process in its own namespace do not count, because no other run can find them.
pub fn keyed(events: &[serde_json::Value]) -> Vec<(&str, String)> {
    let apart: Vec<_> =
        events.iter().filter(|event| event["call"] == "unshare").map(|event| &event["process"]).collect();
    let made = events.iter().filter(|event| event["ok"] == true && !apart.contains(&&event["process"]));
    let made = made.filter_map(|event| event["text"].as_str()).filter(|text| text.contains("IPC_CREAT"));
    made.filter_map(|text| {
        let (call, rest) = text.split_once("(0x")?;
        let call = call.ends_with("get").then_some(call)?;
        Some((call, format!("0x{}", rest.split(',').next()?)))
    })
    .collect()
}

impl Usual {
    /// Returns whether it creates anything that another run could find.
    pub fn makes_something(&self) -> bool {
        !self.objects.is_empty() || !self.keyed.is_empty()
    }
    pub fn makes(&self, kind: Kind) -> bool {
        self.objects.contains(&kind)
    }
    /// Returns whether it needs /dev/shm.
    pub fn needs_dev_shm(&self) -> bool {
        self.calls.iter().any(|call| call == "sem_open" || call == "shm_open")
    }
}

/// The properties of a lesson that decide which trials concern it.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // these are independent properties
pub struct Profile {
    pub name: String,
    /// Whether it creates POSIX objects with the name that `--name` sets.
    pub makes_named: bool,
    /// Whether it creates System V objects with a key.
    pub makes_keyed: bool,
    /// Whether it makes a key from a file.
    pub uses_key_file: bool,
    /// Whether it asks the reader to predict something.
    pub asks: bool,
    /// Whether it creates semaphores or memory in /dev/shm.
    pub needs_dev_shm: bool,
}

impl Profile {
    /// Returns whether it creates anything that another run could find.
    pub fn makes_something(&self) -> bool {
        self.makes_named || self.makes_keyed
    }

    fn of(lesson: &str) -> Profile {
        let mut command = workbook(lesson);
        Namespace::new().before_exec(command.args(["--format", "json", "--name", "/usual"]));
        let output = run(&mut command, 0);
        let events = events(&output);
        let makes_keyed = !keyed(&events).is_empty();
        Profile {
            name: lesson.into(),
            makes_named: !objects(&events).is_empty(),
            makes_keyed,
            uses_key_file: makes_keyed || events.iter().any(|event| event["call"] == "ftok"),
            asks: events.iter().any(|event| event["event"] == "question"),
            needs_dev_shm: events
                .iter()
                .any(|event| event["call"] == "sem_open" || event["call"] == "shm_open"),
        }
    }

    /// Returns the profile as one word, which [`Profile::read`] parses.
    fn word(&self) -> String {
        let Profile { name, makes_named, makes_keyed, uses_key_file, asks, needs_dev_shm } = self;
        format!("{name}:{makes_named}:{makes_keyed}:{uses_key_file}:{asks}:{needs_dev_shm}")
    }

    fn read(word: &str) -> Profile {
        let fields: Vec<&str> = word.split(':').collect();
        let is = |n: usize| fields[n] == "true";
        Profile {
            name: fields[0].into(),
            makes_named: is(1),
            makes_keyed: is(2),
            uses_key_file: is(3),
            asks: is(4),
            needs_dev_shm: is(5),
        }
    }
}

/// Accepts every lesson, for trials that concern all of them.
pub fn any_lesson(_: &Profile) -> bool {
    true
}

/// The environment variable that gives the profiles to the children of a test process.
const PROFILES: &str = "IPC_WORKBOOK_TEST_PROFILES";

fn inherited_profiles() -> Option<Vec<Profile>> {
    let words = std::env::var(PROFILES).ok()?;
    Some(words.split(' ').map(Profile::read).collect())
}

/// Returns the profiles of all lessons. The first process finds them by running each lesson once, and
/// its children take them from the environment.
pub fn profiles() -> &'static [Profile] {
    static ALL: OnceLock<Vec<Profile>> = OnceLock::new();
    ALL.get_or_init(|| {
        if let Some(profiles) = inherited_profiles() {
            return profiles;
        }
        let all: Vec<Profile> = lessons().iter().map(|lesson| Profile::of(lesson)).collect();
        let words: Vec<String> = all.iter().map(Profile::word).collect();
        // SAFETY: a test program lists its trials before it starts a thread.
        unsafe { std::env::set_var(PROFILES, words.join(" ")) };
        all
    })
}
