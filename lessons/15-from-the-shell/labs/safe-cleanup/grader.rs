//! A safe clean-up script.

use crate::finding::{Finding, observed};
use crate::peer::create_queue;
use crate::sandbox::{Fault, Running};
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::{msg::msgget, sem::semget, shm::*};
use nix::unistd::{Uid, chown};
use std::ffi::{CString, OsStr};
use std::fmt;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if trial.sandbox.is_shared() {
        return Err(Fault::new(
            "this lab needs namespaces: without them a wrong clean-up would remove your own objects",
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
    trial.renew()?;
    let (first, closed) = (shm("buffer")?, shm("closed")?);
    in_shm(fs::hard_link("/dev/shm/buffer", "/dev/shm/second-name"))?;
    set_mode("/dev/shm/closed", 0)?;
    let gone = [
        first,
        file("/dev/shm/second-name")?,
        closed,
        shm("sem.lock")?,
        shm(".hidden")?,
        queue("jobs")?,
        queue(".hidden")?,
        segment()?,
    ];
    clean(trial, "what-nobody-holds-is-removed", &gone)
}

/// The parts of each strange name are names of objects that must stay.
fn strange_names(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let strange =
        ["two words", "-rf", "*", "new\nline", "end\n", "back\\nslash", "$(echo buffer)", "'\"", "sem. x"];
    let mut gone = strange.into_iter().map(shm).collect::<Result<Vec<_>, _>>()?;
    gone.push(shm(OsStr::from_bytes(b"latin \xe9"))?);
    for name in ["two words", "-rf", "new\nline", "*"] {
        gone.push(queue(name)?);
    }
    let mut holders = Vec::new();
    for part in ["two", "words", "new", "line", "end", "buffer"] {
        shm(part)?;
        holders.push(hold(trial, &format!("/dev/shm/{part}"))?);
        precious(trial, &format!("/work/{part}"))?;
    }
    holders_rest(trial)?;
    clean(trial, "a-name-is-bytes", &gone)
}

fn held(trial: &mut Trial) -> Result<(), Fault> {
    const RUN: &str = "/dev/shm/a shell";
    trial.renew()?;
    let orphan = shm("orphan")?;
    let attached = shmget(IPC_PRIVATE, 4096, 0o600)?;
    let attachment = shmat(attached, None, 0)?;
    shm("open")?;
    queue("in-use")?;
    let _holders = [hold(trial, "/dev/shm/open")?, hold(trial, "/dev/mqueue/in-use")?];
    // A process maps the program that it runs, and has no descriptor of it.
    fs::copy("/bin/sh", RUN).map_err(|error| Fault::io("copy /bin/sh", &error))?;
    set_mode(RUN, 0o755)?;
    let _running = trial.sandbox.tool(RUN, &["-c", "read line"]).with_input().start()?;
    holders_rest(trial)?;
    clean(trial, "what-a-process-holds-is-kept", &[orphan])?;
    Ok(shmdt(attachment)?)
}

fn held_by_another_name(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    shm("held")?;
    shm("again")?;
    let _holders = [hold(trial, "/dev/shm/held")?, hold(trial, "/dev/shm/again")?];
    holders_rest(trial)?;
    in_shm(fs::hard_link("/dev/shm/held", "/dev/shm/alias"))?;
    in_shm(fs::remove_file("/dev/shm/again"))?;
    let newer = shm("again")?;
    clean(trial, "the-object-counts-and-not-its-name", &[newer])
}

fn no_objects(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let orphan = shm("orphan")?;
    in_shm(fs::create_dir(trial.sandbox.path("/work/folder")))?;
    precious(trial, "/work/precious")?;
    precious(trial, "/work/folder/precious")?;
    for (link, to) in [("link", "/work/precious"), ("dangling", "/nowhere"), ("to-folder", "/work/folder")] {
        in_shm(symlink(to, format!("/dev/shm/{link}")))?;
    }
    in_shm(fs::create_dir("/dev/shm/folder"))?;
    shm("folder/inside")?;
    nix::unistd::mkfifo("/dev/shm/fifo", nix::sys::stat::Mode::S_IRWXU)?;
    let _socket = in_shm(UnixListener::bind("/dev/shm/socket"))?;
    someone_elses()?;
    clean(trial, "what-is-no-object-is-left-alone", &[orphan])
}

/// Gives objects to another user. An ordinary user cannot do this, because its namespace has no other user;
/// these objects are then not created.
fn someone_elses() -> Result<(), Fault> {
    let other = Uid::from_raw(1);
    shm("another-users")?;
    if chown("/dev/shm/another-users", Some(other), None).is_err() {
        return in_shm(fs::remove_file("/dev/shm/another-users"));
    }
    queue("another-users")?;
    chown("/dev/mqueue/another-users", Some(other), None)?;
    let id = shmget(IPC_PRIVATE, 4096, 0o600)?;
    let mut status = shmctl(id, IPC_STAT)?;
    status.shm_perm.uid = other.as_raw();
    Ok(shmctl(id, IPC_SET(&status))?)
}

fn queues_and_sets(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    msgget(IPC_PRIVATE, 0o600)?;
    semget(IPC_PRIVATE, 1, 0o600)?;
    let orphan = segment()?;
    clean(trial, "system-v-queues-and-sets-are-kept", &[orphan])
}

fn options(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "with-n-nothing-is-removed";
    trial.renew()?;
    let orphans = [shm("orphan")?, segment()?];
    for (option, code) in [("-n", 0), ("-x", 2), ("orphan", 2)] {
        let finding = removes(trial, &[option], code, &[])?;
        trial.judge(LINE, finding.is_ok(), format!("with {option}: {}", observed(&finding)));
    }
    let mut program = trial.run(&["-n"])?;
    let shows = [program.stdout(), program.stderr()].iter().any(|output| output.contains("orphan"));
    trial.judge(LINE, shows, "with -n it does not show /dev/shm/orphan, which it would remove");
    clean(trial, LINE, &orphans)
}

/// Nothing can be removed from a folder without write permission.
fn refused(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    shm("stuck")?;
    let rest = [queue("jobs")?, segment()?];
    set_mode("/dev/shm", 0o555)?;
    let finding = removes(trial, &[], 1, &rest)?;
    set_mode("/dev/shm", 0o1777)?;
    let finding = finding.map(|_| "exit code 1, and the rest is gone".into());
    trial.judge_finding("a-refusal-is-told-and-the-rest-removed", &finding);
    Ok(())
}

/// Judges a run: it must remove these things, and nothing else.
fn clean(trial: &mut Trial, line: &str, gone: &[Thing]) -> Result<(), Fault> {
    let finding = removes(trial, &[], 0, gone)?;
    trial.judge_finding(line, &finding);
    Ok(())
}

/// Runs the program, which must remove these things, and nothing else. Reports a lost thing first, because
/// that is worse than one that is left.
fn removes(trial: &Trial, args: &[&str], code: i32, gone: &[Thing]) -> Result<Finding, Fault> {
    let before = everything(trial)?;
    let program = trial.run(args)?;
    let after = everything(trial)?;
    let mut kept = before.iter().filter(|thing| !gone.contains(thing));
    let kept_count = kept.clone().count();
    let end = program.end();
    Ok(if let Some(lost) = kept.find(|thing| !after.contains(thing)) {
        Err(format!("{lost} was removed"))
    } else if let Some(left) = gone.iter().find(|thing| after.contains(thing)) {
        Err(format!("{left} still exists ({end})"))
    } else if !program.exited(code) {
        Err(end.to_string())
    } else {
        Ok(format!("{} removed, {kept_count} kept", gone.len()))
    })
}

/// A thing that must be removed or kept.
#[derive(Debug, PartialEq, Eq)]
enum Thing {
    /// A path as seen in the sandbox, and the inode.
    File(PathBuf, u64),
    SystemV(Table, i32),
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Debug adds quotes and escapes strange bytes.
            Thing::File(name, _) => fmt::Debug::fmt(name, f),
            Thing::SystemV(table, id) => write!(f, "the {} {id}", table.noun()),
        }
    }
}

/// Returns everything that exists: objects, and files that only look like objects.
fn everything(trial: &Trial) -> Result<Vec<Thing>, Fault> {
    let mut all = Vec::new();
    for (folder, path) in [
        ("/dev/shm", "/dev/shm".into()),
        ("/dev/mqueue", "/dev/mqueue".into()),
        ("/work", trial.sandbox.path("/work")),
    ] {
        for entry in WalkDir::new(&path).min_depth(1).into_iter().filter_map(Result::ok) {
            let Ok(meta) = entry.metadata() else { continue };
            let rest = entry.path().strip_prefix(&path).unwrap_or(entry.path());
            all.push(Thing::File(Path::new(folder).join(rest), meta.ino()));
        }
    }
    let objects = trial.objects()?;
    for table in Table::ALL {
        // A segment that was removed while it is attached still exists, with SHM_DEST in its mode.
        let rows =
            objects.rows(table).into_iter().filter(|row| row.fact("perms").is_ok_and(|mode| mode < 1000));
        all.extend(rows.map(|row| Thing::SystemV(table, row.id)));
    }
    Ok(all)
}

fn shm(name: impl AsRef<Path>) -> Result<Thing, Fault> {
    let path = Path::new("/dev/shm").join(name);
    in_shm(fs::write(&path, [0; 32]))?;
    file(path)
}

fn queue(name: &str) -> Result<Thing, Fault> {
    let path = CString::new(format!("/{name}")).map_err(|_| Fault::new("a name contains a NUL byte"))?;
    create_queue(&path, 2, 16)?;
    file(format!("/dev/mqueue/{name}"))
}

fn segment() -> Result<Thing, Fault> {
    Ok(Thing::SystemV(Table::Shm, shmget(IPC_PRIVATE, 4096, 0o600)?))
}

fn file(path: impl Into<PathBuf>) -> Result<Thing, Fault> {
    let path = path.into();
    let meta = fs::symlink_metadata(&path).map_err(|error| Fault::io(&path.to_string_lossy(), &error))?;
    Ok(Thing::File(path, meta.ino()))
}

/// Creates a file that is not an object.
fn precious(trial: &Trial, inside: &str) -> Result<(), Fault> {
    fs::write(trial.sandbox.path(inside), "precious").map_err(|error| Fault::io(inside, &error))
}

/// Starts a shell that keeps the file open until its input ends.
fn hold(trial: &Trial, path: &str) -> Result<Running, Fault> {
    trial.sandbox.tool("/bin/sh", &["-c", "exec 3<>\"$1\"; read line", "sh", path]).with_input().start()
}

/// Waits until the holders wait: then they have opened their files.
fn holders_rest(trial: &Trial) -> Result<(), Fault> {
    let rest = trial.sandbox.at_rest(trial.limit())?;
    rest.map(drop).ok_or_else(|| Fault::new("the holders do not come to rest"))
}

fn set_mode(path: &str, mode: u32) -> Result<(), Fault> {
    in_shm(fs::set_permissions(path, fs::Permissions::from_mode(mode)))
}

fn in_shm<T>(result: std::io::Result<T>) -> Result<T, Fault> {
    result.map_err(|error| Fault::io("/dev/shm", &error))
}
