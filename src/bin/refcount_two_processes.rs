//! An object exists until its name and its last reference are gone, no matter which process holds it.
//!
//!     cargo run --bin refcount_two_processes -- --kind queue
//!
//! Chapter: lessons/13-refcount. Manual pages: mq_overview(7), sem_overview(7),
//! shm_overview(7). Previous: refcount_demo. Next: unlink_demo.

use clap::Arg;
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Hold, Lesson, Name, Outcome, unlink};
use ipc_workbook::observe::{Inode, Kind, Observe, Snapshot, Unseen};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::ENOENT;
use std::process::ExitCode;

fn main() -> ExitCode {
    let kind = Arg::new("kind").long("kind").value_name("KIND").help("Use this kind of object only");
    lesson!([kind.value_parser(Kind::ALL.map(Kind::slug))], |lesson| {
        let wanted = lesson.flag("kind");
        let kinds: Vec<Kind> =
            Kind::ALL.into_iter().filter(|kind| wanted.is_none_or(|slug| slug == kind.slug())).collect();
        let names = lesson.names_of(&kinds, "/refcount_demo")?;
        for (kind, name) in kinds.into_iter().zip(&names) {
            play(lesson, kind, name)?;
        }
        Ok(())
    })
}

/// The lifecycle tutorial's table, row by row.
fn play(lesson: &Lesson, kind: Kind, name: &Name) -> Outcome {
    let noun = kind.noun();

    // B is forked before the object exists. It inherits nothing, and must open the object itself.
    lesson.step(&format!("Two processes and a {noun}: A starts process B"));
    let mut b = lesson.process("B", |turn| {
        let theirs = Hold::open(name, O_RDWR)?;
        turn.finish()?;
        theirs.close()?;
        turn.finish()
    })?;

    lesson.step(&format!("A creates and opens the {noun}"));
    let mine = Hold::open(name, O_RDWR | O_CREAT | O_EXCL)?;
    let object = row(lesson, "A opens", &mine, 1)?;

    lesson.step(&format!("B opens the same {noun}"));
    b.turn()?;
    row(lesson, "B opens", &mine, 2)?;

    // ANCHOR: unlink
    lesson.step("A unlinks the name");
    lesson.predict("Both processes hold it, and A unlinks the name. What is the count?", &["0", "1", "2"]);
    unlink(name)?;
    row(lesson, "A unlinks", &mine, 2)?;
    let again = Hold::open(name, O_RDWR);
    lesson.claim(&format!("after-A-unlinks-nobody-can-open-the-{}", kind.slug()), again, ENOENT);
    // ANCHOR_END: unlink

    lesson.step("A closes");
    mine.close()?;
    row(lesson, "A closes", object, 1)?;

    lesson.step("B closes");
    lesson.predict("B has closed the object, and is still running. What is the count?", &["2", "1", "0"]);
    b.turn()?;
    row(lesson, "B closes", object, 0)?;
    b.finish()
}

/// One row of the table: the count that the lifecycle tutorial expects, and the count that /proc
/// shows. For a queue, it is the number of open file descriptions. For the other objects, both
/// processes keep a mapping, which holds the open file description that it was made from.
fn row(lesson: &Lesson, event: &str, object: impl Observe, expected: usize) -> Result<Inode, Failure> {
    let snapshot: Snapshot = lesson.look(object)?;
    let count: Result<usize, Unseen> = snapshot.descriptions().and_then(|n| Ok(n + snapshot.mappings()?));
    let measured = count.as_ref().map_or("not seen".into(), usize::to_string);
    lesson.note(&format!("{event:<10} expected count {expected}, measured {measured}"));
    let slug = snapshot.inode.kind.slug();
    lesson.claim(
        &format!("the-count-of-the-{slug}-is-{expected}-after-{}", event.replace(' ', "-")),
        count,
        expected,
    );
    Ok(snapshot.inode)
}
