//! Lessons that are called wrongly, or that this machine does not allow. They exit with the right code,
//! print one line with the reason and the remedy, and create nothing.

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
        "a wrong name is refused with exit 2 before the lesson begins",
        &corners,
        Profile::makes_something,
        usage::wrong_names,
    );
    trials.shared_layer(
        "the longest name works, and one byte more is refused",
        &corners,
        Profile::makes_something,
        usage::long_names,
    );
    trials.shared_layer("wrong flags are refused with exit 2", &corners, any_lesson, usage::wrong_flags);
    trials.shared_layer(
        "a flag that needs a terminal or an input says so without it",
        &corners,
        any_lesson,
        streams::no_input,
    );
    trials.shared_layer(
        "it ends when standard output is closed, full or broken",
        &all,
        any_lesson,
        streams::no_output,
    );
    trials.shared_layer(
        "it goes on when standard error is closed, full or broken",
        &all,
        any_lesson,
        streams::no_error_output,
    );
    trials.shared_layer(
        "without /dev/shm it says how to mount it if it needs it",
        &users,
        |lesson| lesson.makes_named,
        machine::no_dev_shm,
    );
    trials.shared_layer(
        "it reports a read-only /dev/shm if it needs it",
        &all,
        |lesson| lesson.makes_named,
        machine::read_only_dev_shm,
    );
    for place in &users {
        let name = format!("every lesson reports a /dev/shm that is too small{}", place.words());
        trials.add(name, *place, machine::small_dev_shm);
    }
    trials.shared_layer(
        "it reports that a private namespace is refused",
        &users,
        any_lesson,
        machine::no_namespaces,
    );
    trials.some_lessons(
        "without namespaces, claims that need one are not seen",
        &users,
        any_lesson,
        machine::not_apart,
    );
    trials.shared_layer(
        "it reports a limit on the bytes of queues",
        &all,
        |lesson| lesson.makes_named,
        limits::no_queue_bytes,
    );
    trials.some_lessons(
        "a limit on descriptors never makes a claim fail",
        &all,
        any_lesson,
        limits::few_descriptors,
    );
    trials.shared_layer(
        "it reports a limit on the number of queues",
        &all,
        |lesson| lesson.makes_named,
        limits::queues_max,
    );
    // Only root may lower the limits of a namespace.
    trials.shared_layer(
        "it reports a limit on System V objects",
        &[Place::EASIEST],
        |lesson| lesson.makes_keyed,
        limits::system_v_limits,
    );
    trials.some_lessons(
        "a leftover of an earlier run is reported and removed",
        &all,
        |lesson| lesson.makes_named,
        existing::own_leftover,
    );
    trials.shared_layer(
        "an object that a living process has open is left alone",
        &all,
        |lesson| lesson.makes_named,
        existing::held_by_a_process,
    );
    let anothers = "an object of another user is left alone";
    if users_of_trials().len() > 1 || nix::unistd::geteuid().is_root() {
        let places = [Mqueue::Mounted, Mqueue::Absent].map(|mqueue| Place { user: User::Me, mqueue });
        trials.shared_layer(anothers, &places, |lesson| lesson.makes_named, existing::made_by_another);
    } else {
        trials.skip(anothers, "only root can run it as two users");
    }
}

/// Panics if the lesson began.
fn did_nothing(output: &std::process::Output, when: &str) {
    let printed = stdout(output);
    for sign in ["\n1. ", "_open(", " = "] {
        assert!(!printed.contains(sign), "{when}: the lesson began: {}", describe(output));
    }
    nothing_left(when);
}

/// Makes a command do something between fork and exec, in its own mount namespace.
fn after_fork(command: &mut Command, act: impl FnMut() -> std::io::Result<()> + Send + Sync + 'static) {
    // SAFETY: every `act` in these files makes only system calls.
    unsafe { command.pre_exec(act) };
}
