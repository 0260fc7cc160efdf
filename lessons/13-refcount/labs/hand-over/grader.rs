//! A descriptor is passed through a socket. The grader is the other process.

use crate::finding::{either, found};
use crate::peer::{Listener, create_queue, inode_of, take_messages};
use crate::sandbox::{Descriptor, Fault, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_send, mq_unlink};
use ipc_workbook::observe::Holders;
use ipc_workbook::socket::sendmsg;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::fstat;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

/// The socket's name in the program's working directory.
const SOCKET: &str = "socket";
const GIVE: [&str; 3] = ["give", "/lab", SOCKET];
const TAKE: [&str; 2] = ["take", SOCKET];

/// The calls that may come next once the name exists. In some languages the name is a file in /dev/mqueue.
/// (A program may get the attributes first, because nobody else notices that.)
const UNLINKS: [&str; 4] = ["mq_unlink", "unlink", "unlinkat", "mq_getsetattr"];

/// The line that the other lines about take depend on.
const WAITS: &str = "take-waits-at-the-queue-it-was-given";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let gives = give(trial)?;
    let unlinks = give_step_by_step(trial)?;
    if gives || unlinks {
        give_a_taken_name(trial)?;
    }
    let waits = take(trial)?;
    let ends = take_numbers(trial)?;
    for sent in [2, 3, 9] {
        take_the_first_of(trial, sent)?;
    }
    if waits || ends {
        take_nothing(trial)?;
    } else {
        trial.not_reached(&["a-byte-alone-is-no-queue"], WAITS);
    }
    Ok(())
}

/// Gives different lines under different names. Returns false if no queue comes out of a socket.
fn give(trial: &mut Trial) -> Result<bool, Fault> {
    let longest = "x".repeat(60);
    for (name, socket, input, line) in [
        ("/lab", SOCKET, "57\n", "57"),
        ("/lab two", "a socket", "  back\\slash \t \nthe next line\n", "  back\\slash \t "),
        ("/lab", SOCKET, "\n", ""),
        ("/lab", SOCKET, &*format!("{longest}\n"), &*longest),
    ] {
        if !give_a_line(trial, &["give", name, socket], input, line)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn give_a_line(trial: &mut Trial, args: &[&str], input: &str, line: &str) -> Result<bool, Fault> {
    const LINE: &str = "the-queue-outlives-its-maker-in-flight";
    trial.renew()?;
    let listener = Listener::at(trial, args[2])?;
    let program = trial.run_with_input(args, input)?;
    let end = program.end();
    let objects = trial.objects()?;
    let (bytes, descriptors) = listener.receive_all()?;
    let n = descriptors.len();
    let first = descriptors.into_iter().next().map(Mqd::from_fd);
    let Some(queue) = first.filter(|first| mq_getattr(first).is_ok()) else {
        trial.judge(LINE, false, format!("{end}, and no descriptor of a queue came out of the socket"));
        return Ok(false);
    };
    // This process is a holder as well, because it has received the descriptor.
    let (names, holders) = (fstat(&queue)?.st_nlink, Holders::of(inode_of(&queue)?).descriptors.len() - 1);
    let in_flight = names == 0 && objects.is_empty() && holders == 0;
    let passed = program.exited(0) && in_flight && (bytes, n) == (1, 1);
    let sent = format!("received: {bytes} bytes, {n} descriptors");
    trial.judge(
        LINE,
        passed,
        format!("{end}; {sent}; names of the queue: {names}, other holders: {holders}"),
    );

    let observed = match take_messages(&queue) {
        Ok(messages) if messages.is_empty() => Err("the queue is empty".to_string()),
        Ok(messages) => found(messages == [line], format!("{messages:?}, expected {line:?}")),
        Err(errno) => Err(format!("mq_receive fails on it with {errno:?}")),
    };
    trial.judge_finding("the-message-is-in-it", &observed);
    Ok(true)
}

/// Checks before each call whether an object has a name.
fn give_step_by_step(trial: &mut Trial) -> Result<bool, Fault> {
    let _listener = listen(trial)?;
    let mut scheduler = trial.start_scheduled_with_input(&GIVE, "58\n")?;
    let (_, goes) = scheduler.play_named_only_before(&UNLINKS, |_| ())?;
    trial.judge_finding("the-name-goes-at-once", &goes);
    Ok(goes.is_ok())
}

fn give_a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    let _listener = listen(trial)?;
    let theirs = create_queue(c"/lab", 1, 64)?;
    mq_send(&theirs, b"theirs", 0)?;
    let left_alone = trial.run_beside_others(&GIVE, "59\n", 1)?;
    let same = take_messages(&theirs)? == ["theirs"];
    let left_alone = left_alone.and_then(|seen| either(same, seen, "the message in it is gone"));
    trial.judge_finding("a-taken-name-is-left-alone", &left_alone);
    Ok(())
}

/// Sends the message when take waits for it. Returns false if take does not wait.
fn take(trial: &mut Trial) -> Result<bool, Fault> {
    let (mut program, stream) = connect(trial)?;
    let queue = nameless()?;
    let taken = match send_and_see(trial, &mut program, &stream, &[queue.as_fd()])? {
        Ok(taken) => taken,
        Err(why) => {
            trial.judge(WAITS, false, why);
            trial.not_reached(&["the-descriptor-closes-on-exec"], WAITS);
            return Ok(false);
        }
    };
    let inode = inode_of(&queue)?;
    let descriptions = Holders::of(inode).descriptions()?;
    let which = if taken.inode == inode { "the queue that was sent" } else { "another queue" };
    let observed = format!("it waits for a message from {which}; its open file descriptions: {descriptions}");
    trial.judge(WAITS, taken.inode == inode && descriptions == 1, observed);
    trial.judge("the-descriptor-closes-on-exec", taken.closes_on_exec(), format!("flags {}", taken.flags));

    mq_send(&queue, b"61", 0)?;
    let end = trial.wait(&mut program)?;
    trial.judge("take-ends-with-the-number", program.exited(61), format!("{end}, expected 61"));
    Ok(true)
}

/// The message is in the queue before take starts, and another one follows it. Returns false if take ends
/// with another number.
fn take_numbers(trial: &mut Trial) -> Result<bool, Fault> {
    for (text, number) in [("0", 0), ("255", 255), ("010", 10), ("7", 7)] {
        let (mut program, stream) = connect(trial)?;
        let queue = nameless()?;
        mq_send(&queue, text.as_bytes(), 0)?;
        mq_send(&queue, b"99", 0)?;
        let sent = stream.and_then(|stream| send(&stream, &[queue.as_fd()]).map(|()| stream));
        let end = trial.wait(&mut program)?;
        let left = take_messages(&queue)?;
        let passed = sent.is_ok() && program.exited(number) && left == ["99"];
        let observed = format!("{end}, expected {number}; {} of 2 messages left", left.len());
        trial.judge("take-ends-with-the-number", passed, observed);
        if !passed {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Sends several descriptors. The first is the queue, the last is a pipe, and the others are queues.
fn take_the_first_of(trial: &mut Trial, sent: usize) -> Result<(), Fault> {
    let (mut program, stream) = connect(trial)?;
    let queues = (1..sent).map(|_| nameless()).collect::<Result<Vec<Mqd>, Errno>>()?;
    let (hung_up, pipe) = std::io::pipe().map_err(|error| Fault::io("pipe", &error))?;
    let mut descriptors: Vec<BorrowedFd> = queues.iter().map(AsFd::as_fd).collect();
    descriptors.push(pipe.as_fd());
    let taken = send_and_see(trial, &mut program, &stream, &descriptors)?;
    drop(pipe);

    let mut read_end = [PollFd::new(hung_up.as_fd(), PollFlags::POLLIN)];
    poll(&mut read_end, PollTimeout::ZERO).map_err(|errno| Fault::call("poll", errno))?;
    let pipe_is_open = !read_end[0].revents().is_some_and(|events| events.contains(PollFlags::POLLHUP));
    let mut open = usize::from(pipe_is_open);
    for queue in &queues[1..] {
        open += usize::from(Holders::of(inode_of(queue)?).descriptors.len() > 1);
    }
    let first = inode_of(&queues[0])?;
    let finding = taken.and_then(|taken| {
        let right = taken.inode == first;
        let which = if right { "the first queue" } else { "another queue" };
        found(
            right && open == 0,
            format!("it waits for a message from {which}, and has {open} of the others open"),
        )
    });
    let of = |observed| format!("{sent} descriptors were sent: {observed}");
    trial.judge_finding("what-nobody-asked-for-is-closed", &finding.map(of).map_err(of));
    Ok(())
}

/// Sends a byte without a descriptor, or closes the connection at once.
fn take_nothing(trial: &mut Trial) -> Result<(), Fault> {
    for (bytes, what) in [(&b"q"[..], "one byte alone"), (b"", "no byte at all")] {
        let listener = listen(trial)?;
        let mut program = trial.start(&TAKE)?;
        if let Some(mut stream) = listener.accept(trial, &mut program)? {
            // An error means that the program has ended, which its exit code shows.
            let _ = stream.write_all(bytes);
        }
        let end = trial.wait(&mut program)?;
        trial.judge("a-byte-alone-is-no-queue", program.exited(255), format!("{what}: {end}"));
    }
    Ok(())
}

/// Starts take and waits until it connects; the inner error says how it ended. (The grader creates the
/// descriptors that it sends afterwards, so that no process of the sandbox inherits them.)
fn connect(trial: &mut Trial) -> Result<(Running, Result<UnixStream, String>), Fault> {
    let listener = listen(trial)?;
    let mut program = trial.start(&TAKE)?;
    let stream = match listener.accept(trial, &mut program)? {
        Some(stream) => Ok(stream),
        None => Err(format!("it does not connect: {}", trial.end_now(&mut program)?)),
    };
    Ok((program, stream))
}

fn send(stream: &UnixStream, descriptors: &[BorrowedFd]) -> Result<(), String> {
    let sent = sendmsg(stream, b"q", descriptors);
    sent.map(drop).map_err(|errno| format!("sendmsg to it fails with {errno:?}"))
}

/// Sends it these descriptors. Returns the one from which it then waits for a message; the error says why it
/// does not wait.
fn send_and_see(
    trial: &mut Trial,
    program: &mut Running,
    stream: &Result<UnixStream, String>,
    descriptors: &[BorrowedFd],
) -> Result<Result<Descriptor, String>, Fault> {
    let sent = stream.as_ref().map_err(Clone::clone).and_then(|stream| send(stream, descriptors));
    if let Err(why) = sent {
        return Ok(Err(why));
    }
    let waits = trial.waits_in(program, &["mq_timedreceive"])?;
    let waits = waits
        .and_then(|process| process.waits_at().ok_or("it waits on a descriptor that is not open".into()));
    Ok(waits.map_err(|why| format!("it does not wait in mq_receive: {why}")))
}

fn listen(trial: &mut Trial) -> Result<Listener, Fault> {
    trial.renew()?;
    Listener::at(trial, SOCKET)
}

/// Creates a queue without a name.
fn nameless() -> Result<Mqd, Errno> {
    let queue = create_queue(c"/lab_given", 2, 64)?;
    mq_unlink(c"/lab_given").map(|()| queue)
}
