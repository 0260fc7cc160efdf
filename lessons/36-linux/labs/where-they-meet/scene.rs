//! Two IPC namespaces with a queue `/lab` each, and a process in one of them.

use crate::peer::create_queue;
use crate::sandbox::{Fault, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_receive, mq_setattr};
use ipc_workbook::observe::Kind;
use libc::O_NONBLOCK;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{chdir, chroot};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

/// Each queue has room for `ROOM` messages of at most `SIZE` bytes.
pub(super) const ROOM: i64 = 2;
pub(super) const SIZE: i64 = 16;
pub(super) const LONGEST: &str = "sixteen letters.";

/// A message's text and priority.
pub(super) type Message = (String, u32);

/// What is in the process's `/dev/mqueue`: the queues here, the queues there, or a folder without a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    Here,
    There,
    Nothing,
}

/// A process, here in the program's namespace or there in another one. Each has a queue `/lab`.
pub(super) struct Scene {
    pub(super) here: Mqd,
    pub(super) there: Mqd,
    /// The other IPC namespace.
    away: File,
    process: Running,
    pub(super) what: String,
}

impl Scene {
    pub(super) fn new(trial: &mut Trial, is_here: bool, shows: Shows) -> Result<Self, Fault> {
        trial.renew()?;
        let here = create_lab()?;
        let home = namespace("ipc")?;
        let made = leave_and_return(|| {
            unshare(CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWNS)?;
            let (there, away) = (create_lab()?, namespace("ipc")?);
            mount_queues(trial, shows)?;
            if is_here {
                setns(&home, CloneFlags::CLONE_NEWIPC)?;
            }
            // The process has no capabilities, so the program may look at it.
            let shell = trial.sandbox.tool("/bin/sh", &["-c", "read line"]);
            Ok((there, away, shell.with_input().start()?))
        });
        let (there, away, process) = made?;
        check_that_it_stays_in_the_tree(trial, &process)?;
        let whose = if is_here { "the program's" } else { "another" };
        let what = match shows {
            Shows::Here => "shows the program's queues",
            Shows::There => "shows another namespace's queues",
            Shows::Nothing => "is an ordinary folder",
        };
        let what = format!("a process in {whose} namespace, whose /dev/mqueue {what}");
        Ok(Scene { here, there, away, process, what })
    }

    /// Does something in the other namespace.
    pub(super) fn over_there<T>(&self, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        leave_and_return(|| {
            setns(&self.away, CloneFlags::CLONE_NEWIPC)?;
            act()
        })
    }

    /// Returns the process's id as the program sees it.
    pub(super) fn pid(&self) -> Result<String, Fault> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.pid()));
        let status = status.map_err(|error| Fault::io("/proc/PID/status", &error))?;
        let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        let pid = ids.and_then(|ids| ids.split_whitespace().last());
        pid.map(str::to_owned).ok_or_else(|| Fault::new("/proc/PID/status has no NSpid"))
    }

    /// Judges a run by its exit code and output, and by the messages here and there.
    pub(super) fn judge(
        &self,
        trial: &mut Trial,
        line: &str,
        program: &mut Running,
        (code, output): (i32, &str),
        wanted: &[Vec<Message>; 2],
    ) -> Result<(), Fault> {
        let got = [take(&self.here)?, take(&self.there)?];
        let said = program.stdout();
        let others = trial.objects()?.besides(Kind::Queue, "/lab").besides(Kind::Queue, "/only");
        let right = got == *wanted && said == output && others.is_empty() && program.exited(code);
        let [here, there] = &got;
        let said: String = said.trim_end().chars().take(40).collect();
        let others = others.or("nothing else");
        let observed = format!(
            "{}: the messages {here:?} here and {there:?} there; {others}; output {said:?}; {}",
            self.what,
            program.end()
        );
        trial.judge(line, right, observed);
        Ok(())
    }
}

/// The program sees the process's tree, and must see nothing of the machine through it.
fn check_that_it_stays_in_the_tree(trial: &Trial, process: &Running) -> Result<(), Fault> {
    let inode = |path: String| {
        let meta = fs::metadata(&path).map_err(|error| Fault::io(&path, &error))?;
        Ok::<_, Fault>((meta.dev(), meta.ino()))
    };
    let above = inode(format!("/proc/{}/root/..", process.pid()))?;
    if above == inode(trial.sandbox.path("/").display().to_string())? {
        return Ok(());
    }
    Err(Fault::new("the process of this lab has a way out of the sandbox's tree"))
}

/// Makes the sandbox's tree the root of this new mount namespace, and mounts the queues in it.
fn mount_queues(trial: &Trial, shows: Shows) -> Result<(), Fault> {
    let none: Option<&str> = None;
    let tree = trial.sandbox.path("/");
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    // If not, the program could leave its tree: /proc/PID/root/.. would be a folder of the machine.
    chdir(&tree)?;
    mount(Some("."), "/", none, MsFlags::MS_MOVE, none)?;
    chroot(".")?;
    // The sandbox starts processes in the tree, which has its own path again.
    mount(Some("/"), &tree, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
    let folder = trial.sandbox.path("/dev/mqueue");
    match shows {
        Shows::Here => {}
        Shows::There => mount(Some("none"), &folder, Some("mqueue"), MsFlags::empty(), none)?,
        Shows::Nothing => umount2(&folder, MntFlags::MNT_DETACH)?,
    }
    Ok(())
}

/// Opens one of the grader's namespaces, such as `ipc`.
fn namespace(kind: &str) -> Result<File, Fault> {
    let path = format!("/proc/self/ns/{kind}");
    File::open(&path).map_err(|error| Fault::io(&path, &error))
}

/// Does something that changes namespaces, and returns to those of the program.
fn leave_and_return<T>(act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let (ipc, mounts) = (namespace("ipc")?, namespace("mnt")?);
    let result = act();
    setns(&ipc, CloneFlags::CLONE_NEWIPC)?;
    setns(&mounts, CloneFlags::CLONE_NEWNS)?;
    result
}

fn create_lab() -> Result<Mqd, Fault> {
    Ok(create_queue(c"/lab", ROOM, SIZE)?)
}

/// Receives all messages. It never waits, even if a process of the submission receives one first.
fn take(queue: &Mqd) -> Result<Vec<Message>, Fault> {
    let attr = mq_getattr(queue)?;
    mq_setattr(queue, &MqAttr { mq_flags: O_NONBLOCK.into(), ..attr })?;
    let mut buffer = [0; LONGEST.len()];
    let mut messages = Vec::new();
    for _ in 0..attr.mq_curmsgs {
        let (length, priority) = mq_receive(queue, &mut buffer)?;
        messages.push((String::from_utf8_lossy(&buffer[..length]).into_owned(), priority));
    }
    Ok(messages)
}
