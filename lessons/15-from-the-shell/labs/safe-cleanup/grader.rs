//! A safe clean-up.

use crate::sandbox::{Sandbox, End, Fault, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, mq_open};
use ipc_workbook::observe::sysvipc::{Table, row};
use ipc_workbook::sysv::{msg::msgget, sem::semget, shm::*};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CString;
use std::fmt;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if trial.sandbox.is_shared() {
        return Err(Fault::new(
            "this lab takes namespaces: without them a clean-up that goes wrong would remove your own objects",
        ));
    }
    orphans(trial)?;
    strange_names(trial)?;
    held(trial)?;
    held_by_another_name(trial)?;
    no_objects(trial)?;
    queues_and_sets(trial)?;
    options(trial)?;
    refused(trial)
}

fn orphans(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let gone = [shm("buffer")?, shm("sem.lock")?, shm(".hidden")?, queue("jobs")?, segment()?];
    clean(trial, "what-nobody-holds-is-removed", &gone, &[])
}

/// Each strange name falls into parts, and the parts are names of what has to stay.
fn strange_names(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let strange =
        ["two words", "-rf", "*", "new\nline", "end\n", "back\\nslash", "$(echo buffer)", "'\"", "sem. x"];
    let gone = strange.into_iter().map(shm).collect::<Result<Vec<_>, _>>()?;
    let parts = ["two", "words", "new", "line", "end", "buffer"];
    let mut kept = Vec::new();
    let mut holders = Vec::new();
    for part in parts {
        kept.push(shm(part)?);
        holders.push(hold(trial, &format!("/dev/shm/{part}"))?);
        kept.push(file(&trial.sandbox, &format!("/work/{part}"))?);
    }
    at_rest(trial)?;
    clean(trial, "a-name-is-bytes", &gone, &kept)
}

fn held(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let orphan = shm("orphan")?;
    let queue = queue("in-use")?;
    let attached = segment()?;
    let Thing::SystemV(_, id) = attached else { return Err(Fault::new("a segment is of System V")) };
    let attachment = shmat(id, None, 0)?;
    let open = shm("open")?;
    let _open = hold(trial, "/dev/shm/open")?;
    let _open_queue = hold(trial, "/dev/mqueue/in-use")?;
    // Who runs a program has it mapped, and no descriptor of it.
    fs::copy("/bin/sh", "/dev/shm/sh").map_err(|error| Fault::io("copy /bin/sh", &error))?;
    set_mode("/dev/shm/sh", 0o755)?;
    let _running = trial.sandbox.tool("/dev/shm/sh", &["-c", "read line"]).with_input().start()?;
    at_rest(trial)?;
    let kept = [open, queue, Thing::object("/dev/shm/sh")?, attached];
    let judged = clean(trial, "what-a-process-holds-is-kept", &[orphan], &kept);
    shmdt(attachment)?;
    judged
}

fn held_by_another_name(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let held = shm("held")?;
    shm("again")?;
    let _holders = [hold(trial, "/dev/shm/held")?, hold(trial, "/dev/shm/again")?];
    at_rest(trial)?;
    let io = |error| Fault::io("/dev/shm", &error);
    fs::hard_link("/dev/shm/held", "/dev/shm/alias").map_err(io)?;
    fs::remove_file("/dev/shm/again").map_err(io)?;
    let newer = shm("again")?;
    let kept = [held, Thing::object("/dev/shm/alias")?];
    clean(trial, "the-object-counts-and-not-its-name", &[newer], &kept)
}

fn no_objects(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let io = |error| Fault::io("/dev/shm", &error);
    let orphan = shm("orphan")?;
    fs::create_dir(trial.sandbox.path("/work/folder")).map_err(io)?;
    let mut kept = vec![file(&trial.sandbox, "/work/precious")?, file(&trial.sandbox, "/work/folder/precious")?];
    for (link, to) in [("link", "/work/precious"), ("dangling", "/nowhere"), ("to-folder", "/work/folder")] {
        symlink(to, format!("/dev/shm/{link}")).map_err(io)?;
        kept.push(Thing::object(&format!("/dev/shm/{link}"))?);
    }
    fs::create_dir("/dev/shm/folder").map_err(io)?;
    kept.push(shm("folder/inside")?);
    nix::unistd::mkfifo("/dev/shm/fifo", nix::sys::stat::Mode::S_IRWXU)?;
    kept.push(Thing::object("/dev/shm/fifo")?);
    clean(trial, "what-is-no-object-is-left-alone", &[orphan], &kept)
}

fn queues_and_sets(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let queue = Thing::SystemV(Table::Msg, msgget(IPC_PRIVATE, 0o600)?);
    let set = Thing::SystemV(Table::Sem, semget(IPC_PRIVATE, 1, 0o600)?);
    clean(trial, "system-v-queues-and-sets-are-kept", &[segment()?], &[queue, set])
}

fn options(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "with-n-nothing-is-removed";
    trial.sandbox.renew()?;
    let orphans = [shm("orphan")?, segment()?];
    for (option, code) in [("-n", 0), ("-x", 2)] {
        let program = trial.run(&[option])?;
        let flaw = flaw(&End::Exited(code), &program.end(), &[], &orphans)?;
        let observed = flaw.as_deref().unwrap_or("everything kept");
        trial.judge(LINE, flaw.is_none(), format!("with {option}: {observed}"));
    }
    clean(trial, LINE, &orphans, &[])
}

/// From a folder that may not be written to nothing can be removed.
fn refused(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let (stuck, queue) = (shm("stuck")?, queue("jobs")?);
    set_mode("/dev/shm", 0o555)?;
    let program = trial.run(&[])?;
    set_mode("/dev/shm", 0o1777)?;
    let flaw = flaw(&End::Exited(1), &program.end(), &[queue], &[stuck])?;
    let observed = flaw.as_deref().unwrap_or("exit code 1, and the rest is gone");
    trial.judge("a-refusal-is-told-and-the-rest-removed", flaw.is_none(), observed);
    Ok(())
}

/// Something that is to go, or to stay.
#[derive(Debug)]
enum Thing {
    /// A path, as it is called in the sandbox, and as this process has to write it; and the inode.
    File(String, PathBuf, u64),
    SystemV(Table, i32),
}

impl Thing {
    /// Of `/dev/shm` and `/dev/mqueue`, which this process sees under the same names.
    fn object(path: &str) -> Result<Self, Fault> {
        Thing::file(path, path.into())
    }

    fn file(name: &str, path: PathBuf) -> Result<Self, Fault> {
        let meta = fs::symlink_metadata(&path).map_err(|error| Fault::io(name, &error))?;
        Ok(Thing::File(name.into(), path, meta.ino()))
    }

    fn is_there(&self) -> Result<bool, Fault> {
        Ok(match self {
            Thing::File(_, path, inode) => fs::symlink_metadata(path).is_ok_and(|meta| meta.ino() == *inode),
            Thing::SystemV(table, id) => {
                let row = row(*table, *id).map_err(|unseen| Fault(unseen.0))?;
                // A segment that is removed while it is attached stays for those, with SHM_DEST in its mode.
                row.is_some_and(|row| row.fact("perms").is_ok_and(|mode| mode < 1000))
            }
        })
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::File(name, ..) => write!(f, "{name:?}"),
            Thing::SystemV(table, id) => write!(f, "the {} {id}", table.noun()),
        }
    }
}

/// Runs the program, and looks what is gone.
fn clean(trial: &mut Trial, line: &str, gone: &[Thing], kept: &[Thing]) -> Result<(), Fault> {
    let program = trial.run(&[])?;
    let flaw = flaw(&End::Exited(0), &program.end(), gone, kept)?;
    let observed = match (&flaw, kept) {
        (Some(flaw), _) => flaw.clone(),
        (None, []) => format!("{} removed", gone.len()),
        (None, _) => format!("{} removed, {} kept", gone.len(), kept.len()),
    };
    trial.judge(line, flaw.is_none(), observed);
    Ok(())
}

/// What is not as it should be: first what is lost, for that is worse.
fn flaw(wanted: &End, end: &End, gone: &[Thing], kept: &[Thing]) -> Result<Option<String>, Fault> {
    for thing in kept {
        if !thing.is_there()? {
            return Ok(Some(format!("{thing} was removed")));
        }
    }
    for thing in gone {
        if thing.is_there()? {
            return Ok(Some(format!("{thing} is still there ({end})")));
        }
    }
    Ok((end != wanted).then(|| end.to_string()))
}

fn shm(name: &str) -> Result<Thing, Fault> {
    let path = format!("/dev/shm/{name}");
    fs::write(&path, [0; 32]).map_err(|error| Fault::io(&path, &error))?;
    Thing::object(&path)
}

fn queue(name: &str) -> Result<Thing, Fault> {
    let path = CString::new(format!("/{name}")).map_err(|_| Fault::new("a name holds a NUL"))?;
    mq_open(&path, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
    Thing::object(&format!("/dev/mqueue/{name}"))
}

fn segment() -> Result<Thing, Fault> {
    Ok(Thing::SystemV(Table::Shm, shmget(IPC_PRIVATE, 4096, 0o600)?))
}

/// A file that is no object.
fn file(sandbox: &Sandbox, inside: &str) -> Result<Thing, Fault> {
    let path = sandbox.path(inside);
    fs::write(&path, "precious").map_err(|error| Fault::io(inside, &error))?;
    Thing::file(inside, path)
}

/// Starts a shell that has the file open until its input ends.
fn hold(trial: &Trial, path: &str) -> Result<Running, Fault> {
    trial.sandbox.tool("/bin/sh", &["-c", "exec 3<>\"$1\"; read line", "sh", path]).with_input().start()
}

/// The holders have what they hold as soon as they wait.
fn at_rest(trial: &Trial) -> Result<(), Fault> {
    let rest = trial.sandbox.at_rest(trial.limit())?;
    rest.map(drop).ok_or_else(|| Fault::new("the holders do not come to rest"))
}

fn set_mode(path: &str, mode: u32) -> Result<(), Fault> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| Fault::io(path, &error))
}
