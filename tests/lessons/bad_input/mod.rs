//! Lessons that are called wrongly, or on a machine that does not let them:
//! the exit code, one line that says why and what helps, and nothing created.

mod existing;
mod limits;
mod machine;
mod streams;
mod usage;

use ipc_workbook_testing::prelude::*;
use std::os::unix::process::CommandExt;
use std::process::Command;

pub(crate) fn trials(trials: &mut Trials) {
    let (all, corners, users) = (Place::all(), Place::corners(), Place::each_user(Mqueue::Mounted));
    trials.shared_layer(
        "wrong names are refused with exit 2, before anything is done",
        &corners,
        Profile::makes_something,
        usage::wrong_names,
    );
    trials.shared_layer(
        "a name one byte too long is refused, the longest is used",
        &corners,
        Profile::makes_something,
        usage::long_names,
    );
    trials.shared_layer("wrong flags are refused with exit 2", &corners, any_lesson, usage::wrong_flags);
    trials.shared_layer(
        "a flag that needs a terminal or an input says so",
        &corners,
        any_lesson,
        streams::no_input,
    );
    trials.shared_layer(
        "standard output that is closed, full or gone ends it",
        &all,
        any_lesson,
        streams::no_output,
    );
    trials.shared_layer(
        "standard error that is closed, full or gone changes nothing",
        &all,
        any_lesson,
        streams::no_error_output,
    );
    trials.shared_layer(
        "without /dev/shm it says how to mount it, if it needs it",
        &users,
        |lesson| lesson.makes_named,
        machine::no_dev_shm,
    );
    trials.shared_layer(
        "a read-only /dev/shm is named, if it needs it",
        &all,
        |lesson| lesson.makes_named,
        machine::read_only_dev_shm,
    );
    for place in &users {
        let name = format!("in a small /dev/shm every lesson says so{}", place.words());
        trials.add(name, *place, machine::small_dev_shm);
    }
    trials.shared_layer(
        "a private namespace that is refused is named",
        &users,
        any_lesson,
        machine::no_namespaces,
    );
    trials.each_lesson(
        "where there are no namespaces, what takes one is not seen",
        &users,
        machine::not_apart,
    );
    trials.shared_layer(
        "a limit on the bytes of queues is named",
        &all,
        |lesson| lesson.makes_named,
        limits::no_queue_bytes,
    );
    trials.each_lesson("a limit on descriptors never makes it tell a lie", &all, limits::few_descriptors);
    trials.shared_layer(
        "a limit on the number of queues is named",
        &all,
        |lesson| lesson.makes_named,
        limits::queues_max,
    );
    // Only root may lower the limits of a namespace.
    trials.shared_layer(
        "a limit on System V objects is named",
        &[Place::EASIEST],
        |lesson| lesson.makes_keyed,
        limits::system_v_limits,
    );
    trials.each_lesson("a leftover of one's own is explained and removed", &all, existing::own_leftover);
    trials.shared_layer(
        "what a living process holds is left alone",
        &all,
        |lesson| lesson.makes_named,
        existing::held_by_a_process,
    );
    let anothers = "what another user made is left alone";
    if users_of_trials().len() > 1 || nix::unistd::geteuid().is_root() {
        let places = [Mqueue::Mounted, Mqueue::Absent].map(|mqueue| Place { user: User::Me, mqueue });
        trials.shared_layer(anothers, &places, |lesson| lesson.makes_named, existing::made_by_another);
    } else {
        trials.skip(anothers, "it needs root, to be two users");
    }
}

/// Demands that the lesson did not even begin.
fn did_nothing(output: &std::process::Output, when: &str) {
    let printed = stdout(output);
    for sign in ["\n1. ", "_open(", " = "] {
        assert!(!printed.contains(sign), "{when}: it began: {}", describe(output));
    }
    nothing_left(when);
}

/// What a command does between fork and exec, in a mount namespace of its own.
fn after_fork(command: &mut Command, act: impl FnMut() -> std::io::Result<()> + Send + Sync + 'static) {
    // SAFETY: every `act` of these files makes system calls only.
    unsafe { command.pre_exec(act) };
}
