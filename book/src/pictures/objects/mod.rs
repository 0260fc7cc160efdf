//! Follows the objects of a recorded run: their names, and the references to them.
//!
//! The calls of the run say what changes: a successful `mq_open` makes a reference, `mq_close` ends one. Each
//! snapshot from the kernel says what is the case. If the two contradict each other, the book is not built.
//! What neither of them says, for example after a `fork`, is marked as not known until the next snapshot.
//!
//! | file | what |
//! | --- | --- |
//! | [`calls`] | applies a call to the objects |
//! | [`snapshots`] | compares the objects with a snapshot from the kernel |

mod calls;
mod snapshots;

use crate::material::Lesson;
use crate::pictures::call::Call;
use anyhow::{Context, Result};
use ipc_workbook_tools::workbook::events::Event;

/// A kind of object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Queue,
    Semaphore,
    Memory,
    SysVQueue,
    SysVSet,
    SysVSegment,
}

/// The kinds, with the name that a snapshot gives them.
const KINDS: [(Kind, &str); 6] = [
    (Kind::Queue, "queue"),
    (Kind::Semaphore, "semaphore"),
    (Kind::Memory, "shared memory object"),
    (Kind::SysVQueue, "System V queue"),
    (Kind::SysVSet, "System V semaphore set"),
    (Kind::SysVSegment, "System V segment"),
];

impl Kind {
    pub(crate) fn what(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, what)| what)
    }

    /// Whether the kernel counts references: it destroys the object when the last one ends.
    pub(crate) fn is_counted(self) -> bool {
        !matches!(self, Kind::SysVQueue | Kind::SysVSet)
    }

    pub(crate) fn is_posix(self) -> bool {
        matches!(self, Kind::Queue | Kind::Semaphore | Kind::Memory)
    }
}

/// An object of a run.
pub(crate) struct Object {
    pub(crate) kind: Kind,
    /// Its name in the picture, for example `queue /refcount_demo`.
    pub(crate) label: String,
    /// Its inode number or identifier, once it is known.
    pub(crate) identity: Option<String>,
    /// Whether the run shows its creation.
    pub(crate) is_created: bool,
    /// Its states, each with the event from which on it holds.
    pub(crate) life: Vec<(usize, State)>,
    now: State,
    /// Whether a call of the run removed its name.
    unlinked: bool,
}

/// What is known about an object at one time.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each of them is a fact of its own")]
pub(crate) struct State {
    pub(crate) exists: bool,
    /// Whether a process can find it: by its name, or by its key.
    pub(crate) named: bool,
    pub(crate) references: Vec<Reference>,
    /// How many attachments of a System V segment there are beside the references: the kernel shows only
    /// their number, and not who holds them.
    unseen: i32,
    /// Whether nothing happened since that the recording does not show.
    pub(crate) is_known: bool,
    /// Whether the kernel was asked at this event.
    pub(crate) measured: bool,
}

/// A descriptor or a mapping.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    /// The label of the process, or [`MESSAGE`].
    pub(crate) process: String,
    /// A descriptor's number, or a mapping's address.
    pub(crate) place: String,
    /// A number for the open file description; `None` for a mapping.
    pub(crate) description: Option<u64>,
    /// How often glibc has given out this address: `sem_open` maps a semaphore once for each process.
    opens: u32,
}

/// Holds a descriptor that is on its way through a Unix socket.
pub(crate) const MESSAGE: &str = "a message";

impl Object {
    /// Returns the state after an event; `None` before the object is known.
    pub(crate) fn at(&self, event: usize) -> Option<&State> {
        self.life.iter().rev().find(|(from, _)| *from <= event).map(|(_, state)| state)
    }
}

impl State {
    /// The number of references: descriptors that share a description are one.
    pub(crate) fn count(&self) -> i32 {
        let mut descriptions: Vec<u64> = self.references.iter().filter_map(|one| one.description).collect();
        descriptions.sort_unstable();
        descriptions.dedup();
        let mappings = self.references.iter().filter(|one| one.description.is_none()).count();
        i32::try_from(descriptions.len() + mappings).unwrap_or(i32::MAX) + self.unseen
    }
}

/// All objects of a run, while it is followed.
struct Run {
    objects: Vec<Object>,
    /// Numbers for the open file descriptions.
    descriptions: u64,
    /// Whether the calls can be followed.
    follows_calls: bool,
}

/// Returns the objects of a lesson's recorded run, in order of appearance.
pub(crate) fn objects(lesson: &Lesson) -> Result<Vec<Object>> {
    let mut run = Run { objects: Vec::new(), descriptions: 0, follows_calls: !changes_namespaces(lesson) };
    for (at, event) in lesson.events.iter().enumerate() {
        match event {
            Event::Call { ok: true, .. } if run.follows_calls => {
                if let Some(call) = Call::of(event) {
                    run.apply(&call);
                }
            }
            Event::Kernel { what, facts } => run
                .compare(what, facts)
                .with_context(|| format!("the recorded run of {}, event {}", lesson.name, at + 1))?,
            _ => {}
        }
        run.note(at);
    }
    Ok(run.objects)
}

/// In other namespaces, the same name leads to another object. There, only the snapshots are used.
fn changes_namespaces(lesson: &Lesson) -> bool {
    let changing = ["unshare", "setns", "mount", "umount"];
    lesson.events.iter().any(|event| matches!(event, Event::Call { call, .. } if changing.contains(&&**call)))
}

impl Run {
    /// Adds an object.
    fn create(&mut self, kind: Kind, name: Option<&str>, is_created: bool) -> usize {
        let mut label = kind.what().to_string();
        if let Some(name) = name {
            label = format!("{label} {name}");
        }
        let same =
            self.objects.iter().filter(|object| object.label.split(" (").next() == Some(&*label)).count();
        if same > 0 {
            label = format!("{label} ({})", same + 1);
        }
        let now = State { exists: true, named: name.is_some(), is_known: is_created, ..State::default() };
        self.objects.push(Object {
            kind,
            label,
            identity: None,
            is_created,
            life: Vec::new(),
            now,
            unlinked: false,
        });
        self.objects.len() - 1
    }

    /// Ends the objects that nothing keeps, and notes the states that have changed with this event.
    fn note(&mut self, at: usize) {
        for object in &mut self.objects {
            let is_kept = object.now.named || object.now.count() > 0 || !object.now.is_known;
            // A System V segment without a key exists until it is removed.
            let can_end = object.unlinked || object.kind.is_posix();
            if object.now.exists && object.kind.is_counted() && can_end && !is_kept {
                object.now.exists = false;
            }
            if object.now.measured || object.life.last().is_none_or(|(_, last)| !last.same(&object.now)) {
                object.life.push((at, object.now.clone()));
            }
            object.now.measured = false;
            // Without the calls, nothing is known between two snapshots.
            object.now.is_known &= self.follows_calls;
        }
    }
}

impl State {
    /// Whether two states differ only in what was measured.
    fn same(&self, other: &State) -> bool {
        State { measured: false, ..self.clone() } == State { measured: false, ..other.clone() }
    }
}
