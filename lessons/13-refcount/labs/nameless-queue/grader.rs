//! A queue without a name is passed to a child.

use crate::finding::either;
use crate::peer::{create_queue, take_messages};
use crate::sandbox::{Descriptor, Fault, Process, Running, describe};
use crate::trial::Trial;
use ipc_workbook::fcntl::open;
use ipc_workbook::mqueue::{Mqd, mq_send};
use ipc_workbook::observe::{Holders, stat_field};
use libc::{O_NONBLOCK, O_RDWR};
use nix::errno::Errno;

/// The line that all other lines depend on.
const CHILD_WAITS: &str = "the-queue-has-no-name-while-the-child-waits";
/// The calls that may come next once the name exists. In some languages the name is a file in /dev/mqueue.
/// (A program may get the attributes first, because nobody else notices that.)
const UNLINKS: [&str; 4] = ["mq_unlink", "unlink", "unlinkat", "mq_getsetattr"];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let made = step_by_step(trial)?;
    while_the_child_waits(trial, made)?;
    other_numbers(trial)?;
    a_taken_name(trial, made)
}

/// Checks before each call of both processes whether an object has a name. Returns false if none ever has.
fn step_by_step(trial: &mut Trial) -> Result<bool, Fault> {
    let (mut made, mut sent) = (false, Vec::new());
    let mut scheduler = trial.start_scheduled_with_input(&["/lab"], "43\n")?;
    let parent = scheduler.program(0).pid();
    let (ends, goes) = scheduler.play_named_only_before(&UNLINKS, |moment| {
        let call = moment.call;
        made |= moment.sandbox.objects().is_ok_and(|objects| !objects.is_empty());
        if call.is("mq_timedsend") && call.pid == parent {
            let length = usize::try_from(call.args[2]).unwrap_or(0).min(64);
            sent.push(String::from_utf8_lossy(&call.memory(1, length).unwrap_or_default()).into_owned());
        }
    })?;
    trial.judge_finding("the-name-goes-before-the-child-comes", &goes);

    let observed = format!("{ends}; the parent sent {sent:?}; 43 was on standard input");
    // The newline may be sent or not.
    let once = sent.len() == 1 && sent[0].trim_end_matches(['\n', '\0']) == "43";
    trial.judge("the-parent-sends-and-returns-the-childs-code", once && ends.are(&[43]), observed);
    Ok(made)
}

/// Looks while the child waits. Then sends a message to the queue directly, not through the parent.
fn while_the_child_waits(trial: &mut Trial, made: bool) -> Result<(), Fault> {
    let (sent, read) = (37, "41\n");
    trial.renew()?;
    let mut program = trial.start_with_input(&["/lab"])?;
    trial.waits_for_input(&mut program)?;
    let processes = trial.processes_at_rest()?;
    let mut children = processes.iter().filter(|process| process.pid != program.pid());
    let waiting = children.find(|child| child.sleeps_in(&["mq_timedreceive"]));
    let Some((child, queue)) = waiting.and_then(|child| Some((child, child.waits_at()?))) else {
        let seen = if processes.is_empty() { program.end().to_string() } else { describe(&processes) };
        let dead = processes.iter().any(|process| process.state == 'Z');
        no_child_waits(trial, &seen, dead);
        program.write(read);
        return what_is_left(trial, &mut program, made);
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
        "descriptors of the parent: {parents}, of all processes: {all}; open file descriptions: {descriptions}"
    );
    trial.judge("both-hold-one-open-file-description", shared, observed);

    let executed = if is_executed(child) { "called execve" } else { "was forked and did not call execve" };
    trial.judge(
        "the-child-is-executed-anew",
        is_executed(child),
        format!("{} {executed}", child.command_line()),
    );

    let put = put(&queue, &sent.to_string());
    trial.processes_at_rest()?;
    program.write(read);
    let end = trial.wait(&mut program)?;
    let observed = match &put {
        Ok(()) => format!("{end}; {sent} was in the queue, and 41 came later on standard input"),
        Err(errno) => format!("sending the message {sent} to the queue fails with {errno:?}"),
    };
    let arrives = put.is_ok() && program.exited(sent);
    trial.judge("the-message-arrives-through-the-queue", arrives, observed);
    what_is_left(trial, &mut program, made)
}

fn no_child_waits(trial: &mut Trial, seen: &str, dead: bool) {
    let because = dead
        .then_some("a child has already ended; execve closes queue descriptors unless FD_CLOEXEC is cleared");
    trial.judge_because(CHILD_WAITS, false, format!("no child waits in mq_receive: {seen}"), because);
    let others = [
        "both-hold-one-open-file-description",
        "the-child-is-executed-anew",
        "the-message-arrives-through-the-queue",
    ];
    trial.not_reached(&others, CHILD_WAITS);
}

fn what_is_left(trial: &mut Trial, program: &mut Running, made: bool) -> Result<(), Fault> {
    let end = trial.wait(program)?;
    let mut left = trial.processes()?;
    left.retain(|process| process.state != 'Z');
    let objects = trial.objects()?;
    let observed = match (made, end.in_time(), left.is_empty()) {
        (false, ..) => "it creates no queue".into(),
        (_, false, _) => end.to_string(),
        (.., true) => objects.or("nothing"),
        (.., false) => objects.or(&describe(&left)),
    };
    let nothing = end.in_time() && left.is_empty() && objects.is_empty();
    trial.judge("nothing-is-left", made && nothing, observed);
    Ok(())
}

/// The smallest and the largest number, and one with a leading zero, under another name.
fn other_numbers(trial: &mut Trial) -> Result<(), Fault> {
    for (text, number) in [("0", 0), ("255", 255), ("010", 10)] {
        trial.renew()?;
        let program = trial.run_with_input(&["/lab two"], &format!("{text}\n"))?;
        let observed = format!("{}; {text} was on standard input", program.end());
        trial.judge("the-parent-sends-and-returns-the-childs-code", program.exited(number), observed);
        if !program.exited(number) {
            break;
        }
    }
    Ok(())
}

/// Another process has a queue with this name.
fn a_taken_name(trial: &mut Trial, made: bool) -> Result<(), Fault> {
    const LINE: &str = "a-taken-name-is-left-alone";
    if !made {
        trial.not_reached(&[LINE], CHILD_WAITS);
        return Ok(());
    }
    trial.renew()?;
    let theirs = create_queue(c"/lab", 1, 64)?;
    mq_send(&theirs, b"11", 0)?;
    let left_alone = trial.run_beside_others(&["/lab"], "44\n", 1)?;
    let same = take_messages(&theirs)? == ["11"];
    let left_alone = left_alone.and_then(|seen| either(same, seen, "the message in it is gone"));
    trial.judge_finding(LINE, &left_alone);
    Ok(())
}

/// Whether a process has called execve since it was forked.
fn is_executed(process: &Process) -> bool {
    const PF_FORKNOEXEC: u64 = 0x40; // <linux/sched.h>
    let flags = stat_field(process.pid, 9).and_then(|flags| flags.parse::<u64>().ok());
    flags.is_some_and(|flags| flags & PF_FORKNOEXEC == 0)
}

/// Sends a message through the descriptor's link in /proc, which works without a name.
fn put(queue: &Descriptor, text: &str) -> Result<(), Errno> {
    let opened = open(&queue.path(), O_RDWR | O_NONBLOCK, 0)?;
    mq_send(&Mqd::from_fd(opened), text.as_bytes(), 0)
}
