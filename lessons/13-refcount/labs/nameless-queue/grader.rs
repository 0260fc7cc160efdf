//! A queue handed to a child, with no name left.

use crate::sandbox::{Choice, End, Fault, Process, Scheduler, describe};
use crate::trial::Trial;
use ipc_workbook::fcntl::open;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_open, mq_send};
use ipc_workbook::observe::{Holders, Inode, Kind};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno;
use std::ffi::CString;
use std::fs;
use std::os::unix::fs::MetadataExt;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let works = the_child_waits(trial)?;
    step_by_step(trial)?;
    a_taken_name(trial, works)
}

/// Looks while the child waits; then puts a message into the queue, past the parent.
fn the_child_waits(trial: &mut Trial) -> Result<bool, Fault> {
    let (sent, read) = (37, 41);
    let limit = trial.limit();
    let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
    program.waits_for_input(&trial.sandbox, limit)?;
    let processes = match trial.sandbox.at_rest(limit)? {
        Some(processes) => processes,
        None => trial.sandbox.processes()?,
    };
    let children = processes.iter().filter(|process| process.pid != program.pid());
    let found = children.clone().find_map(|child| Some((child, Queue::waited_at_by(child)?)));
    let Some((child, queue)) = found else {
        let seen = if processes.is_empty() { program.end().to_string() } else { describe(&processes) };
        let dead = processes.iter().any(|process| process.state == 'Z');
        let because = dead
            .then_some("a child has ended already; execve closes queue descriptors, unless told otherwise");
        for id in [
            "the-queue-has-no-name-while-the-child-waits",
            "both-hold-one-open-file-description",
            "the-child-is-executed-anew",
            "the-message-arrives-through-the-queue",
            "nothing-is-left",
        ] {
            let observed = format!("no child waits in mq_receive: {seen}");
            trial.judge_because(id, false, observed, because);
        }
        return Ok(false);
    };

    let names = trial.sandbox.objects()?;
    let named = names.first().map_or("no name".into(), ToString::to_string);
    let nameless = names.is_empty() && queue.links == 0;
    let observed = format!("st_nlink {}, {named}", queue.links);
    trial.judge("the-queue-has-no-name-while-the-child-waits", nameless, observed);

    let holders = Holders::of(queue.inode);
    let descriptions = holders.descriptions().map_err(|unseen| Fault::new(unseen.0))?;
    let holds = |pid| holders.descriptors.iter().any(|held| held.pid == pid);
    let only_both = holders.descriptors.iter().all(|held| [program.pid(), child.pid].contains(&held.pid));
    let shared = descriptions == 1 && holds(program.pid()) && holds(child.pid) && only_both;
    let observed = format!(
        "descriptors of the parent: {}, of all: {}; open file descriptions: {descriptions}",
        holders.descriptors.iter().filter(|held| held.pid == program.pid()).count(),
        holders.descriptors.len(),
    );
    trial.judge("both-hold-one-open-file-description", shared, observed);

    let [theirs, its] = [program.pid(), child.pid].map(command_line);
    trial.judge("the-child-is-executed-anew", theirs != its, format!("{its}; the parent is {theirs}"));

    let put = queue.put(&sent.to_string());
    trial.sandbox.at_rest(limit)?;
    program.write(&format!("{read}\n"));
    let end = program.wait(&trial.sandbox, limit)?.clone();
    let observed = match &put {
        Ok(()) => format!("{end}; {sent} was in the queue, and {read} came on standard input later"),
        Err(errno) => format!("the queue does not take the message {sent}: {errno:?}"),
    };
    let arrives = put.is_ok() && program.exited(sent);
    trial.judge("the-message-arrives-through-the-queue", arrives, observed);

    let mut left = trial.sandbox.processes()?;
    left.retain(|process| process.state != 'Z');
    let observed = match (trial.sandbox.objects()?.first(), left.is_empty()) {
        (Some(object), _) => object.to_string(),
        (None, false) => describe(&left),
        (None, true) => "nothing".into(),
    };
    trial.judge("nothing-is-left", observed == "nothing", observed);
    Ok(true)
}

/// Stops both before each call, and looks for the name.
fn step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    let number = 43;
    trial.sandbox.renew()?;
    let limit = trial.limit();
    let sandbox = &trial.sandbox;
    let (mut looks, mut late, mut sends) = (0, None, 0);
    let mut scheduler = Scheduler::new(sandbox);
    scheduler.start_with_input(&["/lab"], &format!("{number}\n"))?;
    let parent = scheduler.program(0).pid();
    let end = scheduler
        .play_with(limit, |pending| {
            let named = sandbox.objects().is_ok_and(|objects| !objects.is_empty());
            if named {
                looks += 1;
                let other =
                    pending.iter().find(|next| !["mq_unlink", "mq_getsetattr"].contains(&next.call.as_str()));
                late = late.take().or(other.map(|next| next.call.clone()));
            }
            sends += usize::from(pending[0].call == "mq_timedsend" && pending[0].pid == parent);
            (0, Choice::Go)
        })?
        .swap_remove(0);
    let observed = match (&late, looks) {
        (_, 0) => "no name at any moment".into(),
        (Some(call), _) => format!("the name is still there before {call}"),
        (None, _) => "mq_unlink is the next call".into(),
    };
    trial.judge("the-name-goes-before-the-child-comes", looks > 0 && late.is_none(), observed);

    let passed = sends > 0 && end == End::Exited(number);
    let observed = format!("{end}, mq_send by the parent: {sends}; {number} came on standard input");
    trial.judge("the-parent-sends-and-returns-the-childs-code", passed, observed);
    Ok(())
}

/// Somebody else has a queue of that name.
fn a_taken_name(trial: &mut Trial, works: bool) -> Result<(), Fault> {
    const LINE: &str = "a-taken-name-is-left-alone";
    if !works {
        trial.judge(LINE, false, "it makes no queue for a child where the name is free");
        return Ok(());
    }
    trial.sandbox.renew()?;
    let _theirs = mq_open(c"/lab", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)))?;
    let inode = || fs::metadata("/dev/mqueue/lab").map(|meta| meta.ino()).ok();
    let before = inode();
    let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
    program.write("44\n");
    program.close_input();
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let stays = if inode() == before { "it is still there" } else { "it is gone" };
    trial.judge(LINE, program.exited(1) && inode() == before, format!("{end}, and {stays}"));
    Ok(())
}

/// A queue, as one finds it by a process that waits at it.
struct Queue {
    inode: Inode,
    links: u64,
    pid: i32,
    fd: i32,
}

impl Queue {
    fn waited_at_by(process: &Process) -> Option<Self> {
        if !process.sleeps_in(&["mq_timedreceive"]) {
            return None;
        }
        // The call's number, and then its arguments, of which the queue is the first.
        let call = fs::read_to_string(format!("/proc/{}/syscall", process.pid)).ok()?;
        let fd = call.split(' ').nth(1)?.trim_start_matches("0x");
        let fd = i32::from_str_radix(fd, 16).ok()?;
        let meta = fs::metadata(format!("/proc/{}/fd/{fd}", process.pid)).ok()?;
        let inode = Inode { kind: Kind::Queue, dev: meta.dev(), ino: meta.ino() };
        Some(Queue { inode, links: meta.nlink(), pid: process.pid, fd })
    }

    /// A descriptor's link in /proc leads to the queue, name or no name.
    fn put(&self, text: &str) -> Result<(), Errno> {
        let link = CString::new(format!("/proc/{}/fd/{}", self.pid, self.fd)).unwrap_or_default();
        let opened = open(&link, O_RDWR | O_NONBLOCK, 0)?;
        mq_send(&Mqd::from_fd(opened), text.as_bytes(), 0)
    }
}

/// Its arguments, and of the first one the file's name.
fn command_line(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).trim_end_matches('\0').replace('\0', " ");
    let (program, args) = text.split_once(' ').unwrap_or((&text, ""));
    format!("{} {args}", program.rsplit('/').next().unwrap_or(program))
}
