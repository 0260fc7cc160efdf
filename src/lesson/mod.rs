//! What every lesson is: a program that narrates, claims, keeps its promises
//! about flags and exit codes, and leaves nothing behind.
//!
//! Each file uses only files that stand below it in this table. [`Lesson`] is what a
//! lesson is given; the files above it add what only some lessons do.
//!
//! | file | what |
//! | --- | --- |
//! | `run` | a lesson's run from its command line to its exit code |
//! | `listen` | the lesson hears of every call, reports it, and records what it created |
//! | `optional_process` | processes that can be had on some machines only: another user, another namespace |
//! | `limit_trial` | trials of limits, each in a fresh namespace |
//! | `apart` | an IPC namespace of one's own, and its limits |
//! | `process`, `turn`, `baton` | the lesson's other processes, who take turns |
//! | `alone` | the server and the client of svmsg_demo, as `--alone` starts them |
//! | `charge`, `shm_account` | what queues are charged for, and what the lesson's calls take of /dev/shm |
//! | `key`, `key_file`, `take_over` | System V keys and objects, and what to do with a key that is taken |
//! | `any_kind` | one call for objects of each kind |
//! | `name`, `names` | the rules of names, and what to do with a name that is taken |
//! | `not_seen` | claims that nothing can put to the test on this machine |
//! | `speak` | [`Lesson`]: steps, what the kernel shows, claims, predictions |
//! | `seen` | what was looked at last, and the command that shows it again |
//! | `refusal` | a call was refused: which, and what the reader can do about it |
//! | `exit`, `signals` | the ways out: the end, an error, a signal, a closed pipe |
//! | `cleanup`, `children` | what exists because of this lesson, and its removal |
//! | `tally`, `shared` | how claims and predictions fared, in all processes |
//! | `run_lock` | what only one run may do at a time |
//! | `streams`, [`flags`], `source`, `system` | the standard streams, the flags, the lesson's own source, the machine |
#![allow(unsafe_code)]

mod alone;
mod any_kind;
mod apart;
mod baton;
mod charge;
mod children;
mod cleanup;
mod exit;
pub mod flags;
mod key;
mod key_file;
mod limit_trial;
mod listen;
mod name;
mod names;
mod not_seen;
mod optional_process;
mod process;
mod refusal;
mod run;
mod run_lock;
mod seen;
mod shared;
mod shm_account;
mod signals;
mod source;
mod speak;
mod streams;
mod system;
mod take_over;
mod tally;
mod turn;

pub use crate::narrate::outcome;
pub use alone::{ask_alone, serve_alone};
pub use any_kind::{Hold, open, unlink};
pub use charge::{Charge, charge_of, since};
pub use flags::{Keys, switch};
pub use key::{PROJ_ID, Usual};
pub use limit_trial::{Group, Seen, Trial, beyond, number};
pub use name::Name;
pub use optional_process::{NOBODY, OptionalProcess, another_user};
pub use process::{Blocked, Process};
pub use run::run;
pub use shm_account::ShmAccount;
pub use source::{Source, chapter_of, title_of};
pub use speak::{Lesson, Outcome};
pub use system::{kernel_release, libc_version, since_glibc_2_34};
pub use take_over::{take_over, take_over_queue};
pub use turn::Turn;

/// The body of `main`: runs the lesson, which is a closure that is given a [`Lesson`].
///
/// Before the closure a lesson declares what it takes on its command line besides the
/// flags that all lessons have: `keys` for `--key` and `--key-file`, `key_file` for
/// `--key-file` alone, and then flags of its own, as a list of clap's arguments.
#[macro_export]
macro_rules! lesson {
    (keys, $body:expr) => {
        $crate::lesson!(keys, [], $body)
    };
    (keys, $flags:expr, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::Key, $flags, $body)
    };
    (key_file, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::FileOnly, [], $body)
    };
    (@run $keys:expr, $flags:expr, $body:expr) => {
        $crate::lesson::run(
            $crate::lesson::Source {
                file: file!(),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", file!())),
            },
            $keys,
            $flags,
            $body,
        )
    };
    ($body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::None, [], $body)
    };
    ($flags:expr, $body:expr) => {
        $crate::lesson!(@run $crate::lesson::Keys::None, $flags, $body)
    };
}
