//! A queue handed to a child, with no name left.

use crate::peer::create_queue;
use crate::sandbox::{Descriptor, Fault, Process, describe};
use crate::trial::Trial;
use ipc_workbook::fcntl::open;
use ipc_workbook::mqueue::{Mqd, mq_send};
use ipc_workbook::observe::Holders;
use libc::{O_NONBLOCK, O_RDWR};
use nix::errno::Errno;

/// The line that all others need.
const CHILD_WAITS: &str = "the-queue-has-no-name-while-the-child-waits";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let works = while_the_child_waits(trial)?;
    step_by_step(trial)?;
    a_taken_name(trial, works)
}

/// Looks while the child waits; then puts a message into the queue, past the parent.
fn while_the_child_waits(trial: &mut Trial) -> Result<bool, Fault> {
    let (sent, read) = (37, 41);
    let mut program = trial.start_with_input(&["/lab"])?;
    trial.waits_for_input(&mut program)?;
    let processes = trial.processes_at_rest()?;
    let mut children = processes.iter().filter(|process| process.pid != program.pid());
    let waiting = children.find(|child| child.sleeps_in(&["mq_timedreceive"]));
    let Some((child, queue)) = waiting.and_then(|child| Some((child, child.waits_at()?))) else {
        let seen = if processes.is_empty() { program.end().to_string() } else { describe(&processes) };
        let dead = processes.iter().any(|process| process.state == 'Z');
        no_child_waits(trial, &seen, dead);
        return Ok(false);
    };

    let names = trial.objects()?;
    let nameless = names.is_empty() && queue.links == 0;
    let observed = format!("st_nlink {}, {}", queue.links, names.or("no name"));
    trial.judge(CHILD_WAITS, nameless, observed);

    let holders = Holders::of(queue.inode);
    let descriptions = holders.descriptions()?;
    let held_by = |pid: i32| holders.descriptors.iter().filter(|held| held.pid == pid).count();
    let (all, parents, childs) = (holders.descriptors.len(), held_by(program.pid()), held_by(child.pid));
    let shared = descriptions == 1 && parents > 0 && childs > 0 && parents + childs == all;
    let observed = format!(
        "descriptors of the parent: {parents}, of all: {all}; open file descriptions: {descriptions}"
    );
    trial.judge("both-hold-one-open-file-description", shared, observed);

    let parent = processes.iter().find(|process| process.pid == program.pid());
    let parent = parent.map(Process::command_line).unwrap_or_default();
    let its = child.command_line();
    trial.judge("the-child-is-executed-anew", parent != its, format!("{its}; the parent is {parent}"));

    let put = put(&queue, &sent.to_string());
    trial.processes_at_rest()?;
    program.write(&format!("{read}\n"));
    let end = trial.wait(&mut program)?;
    let observed = match &put {
        Ok(()) => format!("{end}; {sent} was in the queue, and {read} came on standard input later"),
        Err(errno) => format!("the queue does not take the message {sent}: {errno:?}"),
    };
    let arrives = put.is_ok() && program.exited(sent);
    trial.judge("the-message-arrives-through-the-queue", arrives, observed);

    let mut left = trial.processes()?;
    left.retain(|process| process.state != 'Z');
    let objects = trial.objects()?;
    let observed = if left.is_empty() { objects.or("nothing") } else { objects.or(&describe(&left)) };
    trial.judge("nothing-is-left", left.is_empty() && objects.is_empty(), observed);
    Ok(true)
}

fn no_child_waits(trial: &mut Trial, seen: &str, dead: bool) {
    let because =
        dead.then_some("a child has ended already; execve closes queue descriptors, unless told otherwise");
    trial.judge_because(CHILD_WAITS, false, format!("no child waits in mq_receive: {seen}"), because);
    let others = [
        "both-hold-one-open-file-description",
        "the-child-is-executed-anew",
        "the-message-arrives-through-the-queue",
        "nothing-is-left",
    ];
    trial.not_reached(&others, CHILD_WAITS);
}

/// Looks before each call of both whether there is a name.
fn step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    let number = 43;
    trial.renew()?;
    let mut sends = 0;
    let mut scheduler = trial.start_scheduled_with_input(&["/lab"], &format!("{number}\n"))?;
    let parent = scheduler.program(0).pid();
    let (ends, goes) = scheduler.play_named_only_before(&["mq_unlink", "mq_getsetattr"], |moment| {
        sends += usize::from(moment.call.is("mq_timedsend") && moment.call.pid == parent);
    })?;
    trial.judge_finding("the-name-goes-before-the-child-comes", &goes);

    let observed = format!("{ends}, mq_send by the parent: {sends}; {number} came on standard input");
    let returns = sends > 0 && ends.are(&[number]);
    trial.judge("the-parent-sends-and-returns-the-childs-code", returns, observed);
    Ok(())
}

/// Another process has a queue of that name.
fn a_taken_name(trial: &mut Trial, works: bool) -> Result<(), Fault> {
    const LINE: &str = "a-taken-name-is-left-alone";
    if !works {
        trial.not_reached(&[LINE], CHILD_WAITS);
        return Ok(());
    }
    trial.renew()?;
    let _theirs = create_queue(c"/lab", 1, 64)?;
    let left_alone = trial.run_beside_others(&["/lab"], "44\n", 1)?;
    trial.judge_finding(LINE, &left_alone);
    Ok(())
}

/// A descriptor's link in /proc leads to the queue, name or no name.
fn put(queue: &Descriptor, text: &str) -> Result<(), Errno> {
    let opened = open(&queue.path(), O_RDWR | O_NONBLOCK, 0)?;
    mq_send(&Mqd::from_fd(opened), text.as_bytes(), 0)
}
