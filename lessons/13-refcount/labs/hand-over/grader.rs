//! A descriptor handed over through a socket. The grader plays the other part.

use crate::finding::found;
use crate::peer::{Listener, create_queue, inode_of, take_messages};
use crate::sandbox::{Descriptor, Fault, Process, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_send, mq_unlink};
use ipc_workbook::observe::Holders;
use ipc_workbook::socket::sendmsg;
use nix::errno::Errno;
use nix::sys::stat::fstat;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};

/// In the folder where the program starts.
const SOCKET: &str = "socket";
const GIVE: [&str; 3] = ["give", "/lab", SOCKET];
const TAKE: [&str; 2] = ["take", SOCKET];

/// What cannot be seen of a program that does not take the queue that it is given.
const TAKES: [&str; 4] = [
    "the-descriptor-closes-on-exec",
    "take-ends-with-the-number",
    "what-nobody-asked-for-is-closed",
    "a-byte-alone-is-no-queue",
];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if give(trial)? {
        give_step_by_step(trial)?;
        give_a_taken_name(trial)?;
    }
    if take(trial)? {
        take_one_of_three(trial)?;
        take_nothing(trial)?;
    }
    Ok(())
}

fn give(trial: &mut Trial) -> Result<bool, Fault> {
    const LINE: &str = "the-queue-outlives-its-maker-in-flight";
    let listener = listen(trial)?;
    let program = trial.run_with_input(&GIVE, "57\n")?;
    let end = program.end();
    let objects = trial.objects()?;
    let Some(queue) = listener.receive_queue()? else {
        trial.judge(LINE, false, format!("{end}, and no descriptor of a queue came out of the socket"));
        return Ok(false);
    };
    // This process is a holder as well, now that it has received the descriptor.
    let (names, holders) = (fstat(&queue)?.st_nlink, Holders::of(inode_of(&queue)?).descriptors.len() - 1);
    let passed = program.exited(0) && names == 0 && objects.is_empty() && holders == 0;
    trial.judge(LINE, passed, format!("{end}; names of the queue: {names}, other holders: {holders}"));

    let message = take_messages(&queue).unwrap_or_default().into_iter().next();
    let observed = message.as_ref().map_or("it is empty".into(), |text| format!("{text:?} for \"57\""));
    trial.judge("the-message-is-in-it", message.as_deref() == Some("57"), observed);
    Ok(true)
}

/// Looks before each call whether there is a name.
fn give_step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    let _listener = listen(trial)?;
    let mut scheduler = trial.start_scheduled_with_input(&GIVE, "58\n")?;
    let (_, goes) = scheduler.play_named_only_before(&["mq_unlink", "mq_getsetattr"], |_| ())?;
    trial.judge_finding("the-name-goes-at-once", &goes);
    Ok(())
}

fn give_a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    let _listener = listen(trial)?;
    let _theirs = create_queue(c"/lab", 1, 64)?;
    let left_alone = trial.run_beside_others(&GIVE, "59\n", 1)?;
    trial.judge_finding("a-taken-name-is-left-alone", &left_alone);
    Ok(())
}

fn take(trial: &mut Trial) -> Result<bool, Fault> {
    const LINE: &str = "take-waits-at-the-queue-it-was-given";
    trial.renew()?;
    let queue = nameless()?;
    let (mut program, taken) = send_to_take(trial, &[queue.as_fd()])?;
    let taken = match taken {
        Ok((_, taken)) => taken,
        Err(why) => {
            trial.judge(LINE, false, why);
            trial.not_reached(&TAKES, LINE);
            return Ok(false);
        }
    };
    let inode = inode_of(&queue)?;
    let descriptions = Holders::of(inode).descriptions()?;
    let which = if taken.inode == inode { "the queue that was sent" } else { "another queue" };
    let observed = format!("it waits at {which}; open file descriptions of that: {descriptions}");
    trial.judge(LINE, taken.inode == inode && descriptions == 1, observed);
    trial.judge("the-descriptor-closes-on-exec", taken.closes_on_exec(), format!("flags {}", taken.flags));

    mq_send(&queue, b"61", 0)?;
    let end = trial.wait(&mut program)?;
    trial.judge("take-ends-with-the-number", program.exited(61), format!("{end}, for 61"));
    Ok(true)
}

fn take_one_of_three(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let queues = [nameless()?, nameless()?, nameless()?];
    let first = inode_of(&queues[0])?;
    let (_program, taken) = send_to_take(trial, &queues.each_ref().map(AsFd::as_fd))?;
    let finding = taken.and_then(|(process, taken)| {
        let (right, open) = (taken.inode == first, process.queues().len());
        let which = if right { "the first" } else { "another than the first" };
        found(right && open == 1, format!("it waits at {which}, and has {open} open"))
    });
    let three = |observed| format!("three were sent: {observed}");
    trial.judge_finding("what-nobody-asked-for-is-closed", &finding.map(three).map_err(three));
    Ok(())
}

/// A byte comes, and no descriptor; or the connection ends at once.
fn take_nothing(trial: &mut Trial) -> Result<(), Fault> {
    for (bytes, what) in [(&b"q"[..], "a byte alone"), (b"", "no byte")] {
        let listener = listen(trial)?;
        let mut program = trial.start(&TAKE)?;
        if let Some(mut stream) = listener.accept(trial, &mut program)? {
            // Whether it is still there to read it is seen by its end.
            let _ = stream.write_all(bytes);
        }
        let end = trial.wait(&mut program)?;
        trial.judge("a-byte-alone-is-no-queue", program.exited(255), format!("{what}: {end}"));
    }
    Ok(())
}

/// A process that waits in mq_receive, and at which descriptor; otherwise why none does.
type Taken = Result<(Process, Descriptor), String>;

/// Starts a taker, and sends it these descriptors.
fn send_to_take(trial: &mut Trial, descriptors: &[BorrowedFd]) -> Result<(Running, Taken), Fault> {
    let listener = listen(trial)?;
    let mut program = trial.start(&TAKE)?;
    let Some(stream) = listener.accept(trial, &mut program)? else {
        let end = trial.end_now(&mut program)?;
        return Ok((program, Err(format!("it does not connect: {end}"))));
    };
    if let Err(errno) = sendmsg(&stream, b"q", descriptors) {
        return Ok((program, Err(format!("it does not take what is sent: {errno:?}"))));
    }
    let waits = trial.waits_in(&mut program, &["mq_timedreceive"])?.and_then(|process| {
        let queue = process.waits_at().ok_or("it waits at nothing that is open")?;
        Ok((process, queue))
    });
    Ok((program, waits.map_err(|why| format!("it does not wait in mq_receive: {why}"))))
}

fn listen(trial: &mut Trial) -> Result<Listener, Fault> {
    trial.renew()?;
    Listener::at(trial, SOCKET)
}

/// A queue of the grader's, in the way that the lab asks for.
fn nameless() -> Result<Mqd, Errno> {
    let queue = create_queue(c"/lab_given", 1, 64)?;
    mq_unlink(c"/lab_given").map(|()| queue)
}
