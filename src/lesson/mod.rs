//! What every lesson is: a program that narrates, claims, keeps its promises
//! about flags and exit codes, and leaves nothing behind.
//!
//! Each file uses only files that stand below it in this table. [`Lesson`] is what a
//! lesson is given; the files above it add what only some lessons do.
//!
//! | file | what |
//! | --- | --- |
//! | `run` | a lesson's run from its command line to its exit code |
//! | `watcher` | a process that announces a wait that does not end |
//! | `listen` | the lesson hears of every call, reports it, and records what it created |
//! | `optional_process` | processes that can be had on some machines only: another user, another namespace |
//! | `limit_trial` | trials of limits, each in a fresh namespace |
//! | `apart` | an IPC namespace of one's own, and its limits |
//! | `process`, `turn`, `baton` | the lesson's other processes, who take turns |
//! | [`numbered_requests`] | the client and the server of svmsg_restart_load |
//! | `alone` | the server and the client of svmsg_demo, as `--alone` starts them |
//! | `race` | processes that make the same call at the same moment |
//! | `charge`, `dev_shm` | what queues are charged for, and what is in use on /dev/shm, where nobody else counts |
//! | `key`, `key_file`, `take_over` | System V keys and objects, and what to do with a key that is taken |
//! | `any_kind` | one call for objects of each kind |
//! | `names`, `name` | the rules of names, and what to do with a name that is taken |
//! | `usual_or_own` | the usual name or key, or one of this user's own where another user has it |
//! | `not_seen` | claims that nothing can put to the test on this machine |
//! | `speak` | [`Lesson`]: steps, what the kernel shows, claims, predictions |
//! | `seen` | what was looked at last, and the command that shows it again |
//! | `refusal` | a call was refused: which, and what the reader can do about it |
//! | `exit`, `signals` | the ways out: the end, an error, a signal, a closed pipe |
//! | `cleanup`, `children` | what exists because of this lesson, and its removal |
//! | [`finished`] | which lessons the reader has run to their end |
//! | `waits` | what each process of the lesson waits in |
//! | `tally`, `shared` | how claims and predictions fared, in all processes |
//! | `again` | a lesson that executes its own program again |
//! | `run_lock` | what only one run may use at a time |
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
mod key;
mod key_file;
mod limit_trial;
mod listen;
mod name;
mod names;
mod not_seen;
pub mod numbered_requests;
mod optional_process;
mod process;
mod race;
mod refusal;
mod run;
mod run_lock;
mod seen;
mod shared;
mod signals;
mod source;
mod speak;
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
pub use charge::{QueueAccount, charge_of};
pub use flags::{Keys, switch};
pub use key::{PROJ_ID, Usual};
pub use limit_trial::{Group, Seen, Trial, beyond, number};
pub use name::Name;
pub use optional_process::{NOBODY, OptionalProcess, another_user};
pub use process::{Blocked, Process};
pub use race::RACERS;
pub use run::{Runs, run};
pub use source::{Source, chapter_of, title_of};
pub use speak::{Lesson, Outcome};
pub use system::{kernel_is_at_least, kernel_release, libc_version, segments_must_stay, since_glibc_2_34};
pub use take_over::{replace_queue, take_over, take_over_queue};
pub use turn::Turn;

/// The body of `main`: runs the lesson, which is a closure that is given a [`Lesson`].
///
/// Before the closure a lesson declares what it takes on its command line besides the
/// flags that all lessons have: `keys` for `--key` and `--key-file`, `key_file` for
/// `--key-file` alone, and then flags of its own, as a list of clap's arguments. A lesson that
/// measures all of /dev/shm declares `private`: it always runs in a private namespace, if there is one.
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
