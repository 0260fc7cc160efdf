//! What every lesson has in common: it narrates, makes claims, keeps its promises
//! about flags and exit codes, and leaves nothing behind.
//!
//! Each file uses only files below it in this table. A lesson's body is given a [`Lesson`];
//! the files above `speak` add methods that only some lessons need.
//!
//! | file | what |
//! | --- | --- |
//! | `run` | a lesson's run from its command line to its exit code |
//! | `watcher` | a process that reports a wait that does not end |
//! | `listen` | the lesson as a listener: reports each call, and records the objects that it created |
//! | `optional_process` | processes that only some machines allow: another user, another namespace |
//! | `limit_trial` | trials of limits, each in a new namespace |
//! | `join` | containers, and processes that join them |
//! | `apart` | a separate IPC namespace for one process, and its limits |
//! | `process`, `turn`, `baton` | the lesson's other processes, which take turns |
//! | [`numbered_requests`] | the client and the server of svmsg_restart_load |
//! | [`notified`] | what the lessons about notification by SIGUSR1 do again and again |
//! | [`stepped_server`] | a server of `request_reply` that makes one step in each turn |
//! | [`request_reply`], `request`, `journal` | the service of mq_server, mq_dead_client, mq_client and mq_restart_load |
//! | [`killed_requests`] | the processes of mq_restart_load, and where they are killed |
//! | `service_alone` | its server and its client, as `--alone` starts them |
//! | `alone` | the server and the client of svmsg_demo, as `--alone` starts them |
//! | `race` | processes that make the same call at the same moment |
//! | `charge`, `dev_shm` | the charge for queues and the use of /dev/shm, without those of other programs |
//! | `key`, `key_file`, `take_over` | System V keys and objects, and what to do with a key that is in use |
//! | `any_kind` | one function for objects of each kind |
//! | `names`, `name` | the rules for names, and what to do with a name that is in use |
//! | `usual_or_own` | the usual name or key, or this user's own if another user has the usual one |
//! | `not_seen` | claims that cannot be tested on this machine |
//! | `speak` | [`Lesson`]: steps, what the kernel shows, claims, predictions |
//! | `seen` | the object that was looked at last, and a command that shows it |
//! | `refusal` | a refused call, and what the reader can do about it |
//! | `exit`, `signals` | the ways in which a lesson ends: normally, by an error, a signal, a closed pipe |
//! | `cleanup`, `children` | the objects and processes that this lesson has created, and their removal |
//! | [`finished`] | which lessons the reader has run to the end |
//! | `waits` | the call in which each process of the lesson waits |
//! | `tally`, `shared` | counts of claims and predictions, for all processes together |
//! | `again` | a lesson that executes its own program again |
//! | `run_lock` | locks for names and keys, which only one run may use at a time |
//! | `streams`, [`flags`], `source`, `system` | the standard streams, the flags, the lesson's own source, the machine |
#![allow(unsafe_code)]

mod again;
mod alone;
mod any_kind;
mod apart;
mod baton;
mod charge;
mod children;
mod cleanup;
mod dev_shm;
mod exit;
pub mod finished;
pub mod flags;
mod join;
mod journal;
mod key;
mod key_file;
pub mod killed_requests;
mod limit_trial;
mod listen;
mod name;
mod names;
mod not_seen;
pub mod notified;
pub mod numbered_requests;
mod optional_process;
mod process;
mod race;
mod refusal;
mod request;
pub mod request_reply;
mod run;
mod run_lock;
mod seen;
mod service_alone;
mod shared;
mod signals;
mod source;
mod speak;
pub mod stepped_server;
mod streams;
mod system;
mod take_over;
mod tally;
mod turn;
mod usual_or_own;
mod waits;
mod watcher;

pub use crate::narrate::outcome;
pub use again::executed_as;
pub use alone::{ask_alone, serve_alone};
pub use any_kind::{Hold, open, unlink};
pub use apart::enter_fresh_namespace;
pub use charge::{QueueAccount, SMALLEST, charge_of, has_a_new_sum};
pub use flags::{Keys, switch};
pub use join::Namespaces;
pub use journal::Journal;
pub use key::{PROJ_ID, Usual};
pub use limit_trial::{Group, Seen, Trial, beyond, new_queue, new_segment, new_set, number};
pub use name::Name;
pub use optional_process::{NOBODY, OptionalProcess, another_user};
pub use process::{Blocked, Process};
pub use race::RACERS;
pub use run::{Runs, run};
pub use service_alone::{answer_requests_alone, request_alone};
pub use source::{Source, chapter_of, title_of};
pub use speak::{Lesson, Outcome};
pub use system::{
    higher_nice_value, kernel_is_at_least, kernel_release, libc_version, may_set_the_clock,
    segments_must_stay, since_glibc_2_34,
};
pub use take_over::{replace_queue, take_over, take_over_queue};
pub use turn::Turn;

/// Runs the lesson: a closure that takes a [`Lesson`]. This is the whole body of `main`.
///
/// Before the closure, a lesson declares which flags it has beside those of all
/// lessons: `keys` for `--key` and `--key-file`, or `key_file` for
/// `--key-file` alone, and then its own flags, as a list of clap's arguments. A lesson that
/// measures all of /dev/shm declares `private`: it runs in a private namespace wherever there is one.
#[macro_export]
macro_rules! lesson {
    (keys, $body:expr) => {
        $crate::lesson!(keys, [], $body)
    };
    (keys, $flags:expr, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::Key, $crate::lesson::Runs::Shared, $flags, $body)
    };
    (key_file, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::FileOnly, $crate::lesson::Runs::Shared, [], $body)
    };
    (private, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::None, $crate::lesson::Runs::Private, [], $body)
    };
    (@run $keys:expr, $runs:expr, $flags:expr, $body:expr) => {
        $crate::lesson::run(
            $crate::lesson::Source {
                file: file!(),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
            },
            $keys,
            $runs,
            $flags,
            $body,
        )
    };
    ($body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::None, $crate::lesson::Runs::Shared, [], $body)
    };
    ($flags:expr, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::None, $crate::lesson::Runs::Shared, $flags, $body)
    };
}
