//! Each mechanism has its own rules for names, and its own errnos for invalid names.
//!
//!     cargo run --bin name_rules
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_overview(7), sem_overview(7),
//! shm_overview(7). Previous: exclusive_race. Next: raw_names.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Name, Outcome, open, unlink};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::observe::{Kind, Observe, Unseen};
use ipc_workbook::semaphore::sem_unlink;
use ipc_workbook::unistd::close;
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::{self, EACCES, EEXIST, EINVAL, EISDIR, ENOENT};
use nix::sys::stat::fstat;
use std::ffi::CString;
use std::fmt::Write;
use std::process::ExitCode;

/// A kind of name, how to make it from a valid one, and the errno for a queue, a semaphore
/// and a shared memory object; `None`: it opens the object that has the valid name.
type Rule = (&'static str, fn(&str) -> String, [Option<Errno>; 3]);

const RULES: [Rule; 7] = [
    ("one-slash", str::to_string, [None, None, None]),
    ("no-slash", |good| good[1..].into(), [Some(EINVAL), None, None]),
    ("two-slashes-in-front", |good| format!("/{good}"), [Some(EACCES), None, None]),
    ("a-slash-inside", |good| format!("{good}/x"), [Some(EACCES), Some(EINVAL), Some(EINVAL)]),
    ("nothing-after-the-slash", |_| "/".into(), [Some(ENOENT), Some(EINVAL), Some(EINVAL)]),
    ("no-bytes", |_| String::new(), [Some(EINVAL); 3]),
    // ENOENT: a valid name that no semaphore has.
    ("a-dot", |_| "/.".into(), [Some(EACCES), Some(ENOENT), Some(EINVAL)]),
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let names = lesson.names(Kind::ALL, "/name_rules")?;
        let mut table: Vec<String> = RULES.iter().map(|(what, ..)| format!("{what:<24}")).collect();
        let mut held = Vec::new();
        for (column, name) in names.iter().enumerate() {
            held.push(spellings(lesson, name, column, &mut table)?);
        }
        lesson.step("The results of this run as a table");
        lesson.note(&format!("{:<24}queue         semaphore     shared memory", "a name with"));
        for row in table {
            lesson.note(row.trim_end());
        }
        directory(lesson)?;
        drop(held);
        names.iter().try_for_each(|name| Ok(unlink(name)?))
    })
}

fn spellings(
    lesson: &Lesson,
    good: &Name,
    column: usize,
    table: &mut [String],
) -> Result<Box<dyn Observe>, Failure> {
    let (noun, slug) = (good.kind().noun(), good.kind().slug());
    lesson.step(&format!("Create a {noun}, and try other spellings of its name"));
    let object = open(good.kind(), good, O_CREAT | O_EXCL | O_RDWR)?;
    let inode = lesson.look(&*object)?.inode;
    for ((what, spell, wants), row) in RULES.iter().zip(table) {
        let name = CString::new(spell(&good.to_string_lossy())).unwrap_or_default();
        if *what == "no-slash" {
            let mut options = ["true", "EINVAL", "ENOENT"];
            options.rotate_left(column);
            lesson.predict("Does the name work without its slash (true)? If not, which errno?", &options);
        }
        let got = open(good.kind(), &name, O_RDWR);
        let said = got.as_ref().map_or_else(|errno| format!("{errno:?}"), |_| "opens".into());
        let _ = write!(row, "{said:<14}");
        if let Some(errno) = wants[column] {
            lesson.claim(&format!("a-{slug}-name-with-{what}-is-{errno:?}"), got, errno);
            continue;
        }
        let same = got?.snapshot().map(|snapshot| snapshot.inode == inode);
        lesson.claim(&format!("a-{slug}-name-with-{what}-opens-the-object"), same, true);
    }
    Ok(object)
}

fn directory(lesson: &Lesson) -> Outcome {
    lesson.step("Use a dot as the name: it is the directory itself");
    let dot = shm_open(c"/.", O_RDONLY, 0)?;
    let is_directory = fstat(&dot).map(|stat| stat.st_mode & libc::S_IFMT == libc::S_IFDIR);
    let is_directory = is_directory.map_err(|errno| Unseen(format!("fstat: {errno:?}")));
    lesson.claim("shm_open-of-a-dot-for-reading-opens-the-directory", is_directory, true);
    close(dot)?;
    let exclusive = shm_open(c"/.", O_CREAT | O_EXCL | O_RDWR, 0o600);
    lesson.claim("creating-a-dot-exclusively-is-EEXIST", exclusive, EEXIST);
    lesson.claim("shm_unlink-of-a-dot-is-EISDIR", shm_unlink(c"/."), EISDIR);
    lesson.predict("sem_open(\"/\") gives EINVAL. And sem_unlink(\"/\")?", &["EINVAL", "EISDIR", "ENOENT"]);
    lesson.claim("sem_unlink-gives-ENOENT-where-sem_open-gives-EINVAL", sem_unlink(c"/"), ENOENT);
    Ok(())
}
