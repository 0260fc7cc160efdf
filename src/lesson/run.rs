//! Runs a lesson, from its command line to its exit code.

use super::flags::{Flags, Keys};
use super::source::Source;
use super::speak::{Lesson, Outcome};
use super::system::{kernel_release, libc_version};
use super::{children, cleanup, exit, finished, refusal, streams, tally, waits, watcher};
use crate::call;
use crate::cli::{Failure, complain};
use crate::narrate::Event;
use crate::private::{self, Namespace};
use clap::Arg;
use nix::unistd::geteuid;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Where a lesson runs without `--private`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// In the same namespaces as the user's other programs.
    Shared,
    /// In a private namespace, if the machine allows one.
    Private,
}

/// Runs a lesson and returns its exit code. Lessons call this through `lesson!`.
pub fn run(
    source: Source,
    keys: Keys,
    runs: Runs,
    own_flags: impl IntoIterator<Item = Arg>,
    body: impl FnOnce(&Lesson) -> Outcome,
) -> ExitCode {
    // The body is boxed so that the code below is compiled once, and not for each lesson.
    run_boxed(source, keys, runs, own_flags.into_iter().collect(), Box::new(body))
}

type Body<'a> = Box<dyn FnOnce(&Lesson) -> Outcome + 'a>;

fn run_boxed(source: Source, keys: Keys, runs: Runs, own_flags: Vec<Arg>, body: Body<'_>) -> ExitCode {
    let mut flags = match Flags::parse(&source, keys, own_flags) {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    // A child tries this first, since a process that is refused half-way cannot return.
    flags.private = flags.private || (runs == Runs::Private && private::available().is_ok());
    exit::prepare(source.name());
    ExitCode::from(match begin(source, flags) {
        Ok(lesson) => play(lesson, body),
        Err(failure) => failure.report(source.name()),
    })
}

fn begin(source: Source, flags: Flags) -> Result<&'static Lesson, Failure> {
    streams::check(&flags)?;
    if flags.private {
        Namespace::new().enter().map_err(|refused| refusal::no_namespace(&refused))?;
    }
    cleanup::open()?;
    tally::open()?;
    waits::open()?;
    // The call modules keep a reference to the lesson for the life of the process, so it is leaked.
    let lesson: &'static Lesson = Box::leak(Box::new(Lesson::new(source, flags)));
    watcher::start(lesson);
    call::listen(lesson);
    Ok(lesson)
}

fn play(lesson: &Lesson, body: Body<'_>) -> u8 {
    let name = lesson.source.name();
    lesson.narrator.report(&Event::Lesson {
        name,
        chapter: lesson.source.chapter(),
        title: lesson.source.title(),
        kernel: &kernel_release(),
        libc: &libc_version(),
        private: lesson.flags.private,
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        body(lesson)?;
        lesson.pause()
    }));
    children::end_all();
    let not_removed = cleanup::remove_all();
    let tally = tally::claims();
    let exit = match outcome {
        Ok(Ok(())) => {
            finished::note(name, tally);
            u8::from(tally.failed > 0)
        }
        Ok(Err(failure)) => failure.report(name),
        Err(_) => 1, // the panic hook has printed a message
    };
    for object in not_removed {
        complain(&format!("{name}: cannot remove {object}; remove it yourself"));
    }
    let (right, all) = tally::predictions();
    if all > 0 {
        lesson.narrator.print(&format!("\npredictions: {right} of {all} right\n"));
    }
    let (invisible, remedy) = (tally::invisible(), way_to_look_into_more(lesson.flags.private));
    lesson.narrator.report(&Event::End { tally, invisible, remedy, exit });
    exit
}

/// Returns how the reader can let the lesson look into more processes; empty if there is no way.
///
/// To look into the processes of every user, a process needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH in their
/// user namespace. In a private namespace, root has its capabilities only over the processes inside.
fn way_to_look_into_more(private: bool) -> &'static str {
    match (private, geteuid().is_root()) {
        (true, _) => "; only root can look into more, and only outside a private namespace",
        (false, false) => "; run the lesson as root to look into more",
        (false, true) => "",
    }
}
