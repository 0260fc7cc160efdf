//! A descriptor handed over through a socket. The grader plays the other part.

use crate::sandbox::{Choice, Fault, Process, Running, Scheduler, describe};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_open, mq_receive, mq_send, mq_unlink};
use ipc_workbook::observe::{Holders, Inode, Kind};
use ipc_workbook::socket::{recvmsg, sendmsg};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno;
use nix::sys::stat::fstat;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

/// In the folder where the program starts.
const SOCKET: &str = "socket";
const GIVE: [&str; 3] = ["give", "/lab", SOCKET];
const TAKE: [&str; 2] = ["take", SOCKET];

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
    let mut program = trial.sandbox.program(&GIVE).with_input().start()?;
    program.write("57\n");
    program.close_input();
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let objects = trial.sandbox.objects()?;
    let Some(queue) = receive(&listener)? else {
        trial.judge(LINE, false, format!("{end}, and no descriptor of a queue came out of the socket"));
        return Ok(false);
    };
    let names = fstat(&queue)?.st_nlink;
    // This process is one, now that it has received the descriptor.
    let holders = Holders::of(inode_of(&queue)?).descriptors.len() - 1;
    let passed = program.exited(0) && names == 0 && objects.is_empty() && holders == 0;
    let observed = format!("{end}; names of the queue: {names}, other holders: {holders}");
    trial.judge(LINE, passed, observed);

    let message = take_out(&queue);
    let observed = message.as_ref().map_or_else(Clone::clone, |message| format!("{message:?} for \"57\""));
    trial.judge("the-message-is-in-it", message.as_deref() == Ok("57"), observed);
    Ok(true)
}

/// Stops it before each call, and looks for the name.
fn give_step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    let _listener = listen(trial)?;
    let sandbox = &trial.sandbox;
    let (mut looks, mut late) = (0, None);
    let mut scheduler = Scheduler::new(sandbox);
    scheduler.start_with_input(&GIVE, "58\n")?;
    scheduler.play_with(trial.limit(), |pending| {
        let call = &pending[0].call;
        if sandbox.objects().is_ok_and(|objects| !objects.is_empty()) {
            looks += 1;
            if !["mq_unlink", "mq_getsetattr"].contains(&call.as_str()) {
                late.get_or_insert(call.clone());
            }
        }
        (0, Choice::Go)
    })?;
    let observed = match (&late, looks) {
        (_, 0) => "no name at any moment".into(),
        (Some(call), _) => format!("the name is still there before {call}"),
        (None, _) => "mq_unlink is the next call".into(),
    };
    trial.judge("the-name-goes-at-once", looks > 0 && late.is_none(), observed);
    Ok(())
}

fn give_a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    let _listener = listen(trial)?;
    let _theirs = mq_open(c"/lab", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)))?;
    let inode = || fs::metadata("/dev/mqueue/lab").map(|meta| meta.ino()).ok();
    let before = inode();
    let mut program = trial.sandbox.program(&GIVE).with_input().start()?;
    program.write("59\n");
    program.close_input();
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let stays = if inode() == before { "it is still there" } else { "it is gone" };
    let passed = program.exited(1) && inode() == before;
    trial.judge("a-taken-name-is-left-alone", passed, format!("{end}, and {stays}"));
    Ok(())
}

fn take(trial: &mut Trial) -> Result<bool, Fault> {
    const LINE: &str = "take-waits-at-the-queue-it-was-given";
    trial.sandbox.renew()?;
    let queue = nameless()?;
    let (mut program, taken) = send_to_take(trial, &[queue.as_fd()])?;
    let Ok(taken) = taken.map_err(|why| trial.judge(LINE, false, why)) else { return Ok(false) };
    let holders = Holders::of(inode_of(&queue)?);
    let descriptions = holders.descriptions().map_err(|unseen| Fault::new(unseen.0))?;
    let given = taken.inode == inode_of(&queue)?.ino;
    let which = if given { "the queue that was sent" } else { "another queue" };
    let observed = format!("it waits at {which}; open file descriptions of that: {descriptions}");
    trial.judge(LINE, given && descriptions == 1, observed);
    trial.judge("the-descriptor-closes-on-exec", taken.closes_on_exec, format!("flags {}", taken.flags));

    mq_send(&queue, b"61", 0)?;
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    trial.judge("take-ends-with-the-number", program.exited(61), format!("{end}, for 61"));
    Ok(true)
}

fn take_one_of_three(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-nobody-asked-for-is-closed";
    trial.sandbox.renew()?;
    let queues = [nameless()?, nameless()?, nameless()?];
    let (_program, taken) = send_to_take(trial, &queues.each_ref().map(AsFd::as_fd))?;
    match taken {
        Ok(taken) => {
            let first = taken.inode == inode_of(&queues[0])?.ino;
            let which = if first { "the first" } else { "another than the first" };
            let observed = format!("three were sent: it waits at {which}, and has {} open", taken.queues);
            trial.judge(LINE, first && taken.queues == 1, observed);
        }
        Err(why) => trial.judge(LINE, false, format!("three were sent: {why}")),
    }
    Ok(())
}

/// A byte comes, and no descriptor; or the connection ends at once.
fn take_nothing(trial: &mut Trial) -> Result<(), Fault> {
    for (bytes, what) in [(&b"q"[..], "a byte alone"), (b"", "no byte")] {
        let listener = listen(trial)?;
        let mut program = trial.sandbox.program(&TAKE).start()?;
        let stream = accept(&listener, &mut program, trial.limit())?;
        if let Some(mut stream) = stream {
            // Whether it is still there to read it is seen by its end.
            let _ = stream.write_all(bytes);
        }
        let end = program.wait(&trial.sandbox, trial.limit())?.clone();
        trial.judge("a-byte-alone-is-no-queue", program.exited(255), format!("{what}: {end}"));
    }
    Ok(())
}

/// A queue of the grader's, in the way that the lab asks for.
fn nameless() -> Result<Mqd, Errno> {
    let queue = mq_open(c"/lab_given", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)))?;
    mq_unlink(c"/lab_given").map(|()| queue)
}

fn listen(trial: &mut Trial) -> Result<UnixListener, Fault> {
    trial.sandbox.renew()?;
    let listener = UnixListener::bind(trial.sandbox.path("/work").join(SOCKET));
    let listener = listener.map_err(|error| Fault::io("bind", &error))?;
    listener.set_nonblocking(true).map_err(|error| Fault::io("fcntl", &error))?;
    Ok(listener)
}

/// The connection that the program makes, if it makes one before it ends.
fn accept(
    listener: &UnixListener,
    program: &mut Running,
    within: Duration,
) -> Result<Option<UnixStream>, Fault> {
    let until = Instant::now() + within;
    loop {
        // Asked before: who connects and ends at once has connected.
        let over = program.ended().is_some() || Instant::now() >= until;
        match listener.accept() {
            Ok((stream, _)) => return Ok(Some(stream)),
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(Fault::io("accept", &error)),
            Err(_) if over => return Ok(None),
            Err(_) => program.listen(Duration::from_millis(1))?,
        }
    }
}

/// The queue that has been sent by a program that has ended.
fn receive(listener: &UnixListener) -> Result<Option<Mqd>, Fault> {
    let Ok((stream, _)) = listener.accept() else { return Ok(None) };
    stream.set_nonblocking(true).map_err(|error| Fault::io("fcntl", &error))?;
    let Ok((_, descriptors)) = recvmsg(&stream, &mut [0; 16]) else { return Ok(None) };
    let queues = descriptors.into_iter().map(Mqd::from_fd);
    Ok(queues.into_iter().find(|queue| mq_getattr(queue).is_ok()))
}

/// The first message; otherwise why there is none.
fn take_out(queue: &Mqd) -> Result<String, String> {
    let attr = mq_getattr(queue).map_err(|errno| format!("mq_getattr: {errno:?}"))?;
    if attr.mq_curmsgs == 0 {
        return Err("it is empty".into());
    }
    let mut message = vec![0; usize::try_from(attr.mq_msgsize).unwrap_or(0)];
    let received = mq_receive(queue, &mut message);
    let (length, _) = received.map_err(|errno| format!("mq_receive: {errno:?}"))?;
    Ok(String::from_utf8_lossy(&message[..length]).into_owned())
}

fn inode_of(queue: &Mqd) -> Result<Inode, Errno> {
    let stat = fstat(queue)?;
    Ok(Inode { kind: Kind::Queue, dev: stat.st_dev, ino: stat.st_ino })
}

/// What a taker waits at.
struct Taken {
    inode: u64,
    /// The descriptor's flags, in octal.
    flags: String,
    closes_on_exec: bool,
    /// How many queues it has open.
    queues: usize,
}

/// Starts a taker, and sends it these descriptors.
fn send_to_take(
    trial: &mut Trial,
    descriptors: &[BorrowedFd],
) -> Result<(Running, Result<Taken, String>), Fault> {
    let listener = listen(trial)?;
    let mut program = trial.sandbox.program(&TAKE).start()?;
    let Some(stream) = accept(&listener, &mut program, trial.limit())? else {
        let end = program.wait(&trial.sandbox, Duration::ZERO)?.to_string();
        return Ok((program, Err(format!("it does not connect: {end}"))));
    };
    if let Err(errno) = sendmsg(&stream, b"q", descriptors) {
        return Ok((program, Err(format!("it does not take what is sent: {errno:?}"))));
    }
    let processes = match trial.sandbox.at_rest(trial.limit())? {
        Some(processes) => processes,
        None => trial.sandbox.processes()?,
    };
    let taken = processes.iter().find_map(Taken::by);
    let taken = taken.ok_or_else(|| {
        program.ended();
        let seen = if processes.is_empty() { program.end().to_string() } else { describe(&processes) };
        format!("it does not wait in mq_receive: {seen}")
    });
    Ok((program, taken))
}

impl Taken {
    fn by(process: &Process) -> Option<Self> {
        if !process.sleeps_in(&["mq_timedreceive"]) {
            return None;
        }
        let proc = format!("/proc/{}", process.pid);
        // The call's number, and then its arguments, of which the queue is the first.
        let call = fs::read_to_string(format!("{proc}/syscall")).ok()?;
        let fd = i32::from_str_radix(call.split(' ').nth(1)?.trim_start_matches("0x"), 16).ok()?;
        let info = fs::read_to_string(format!("{proc}/fdinfo/{fd}")).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim().to_string();
        let bits = i32::from_str_radix(&flags, 8).ok()?;
        let mqueue = fs::metadata("/dev/mqueue").ok()?.dev();
        let open = fs::read_dir(format!("{proc}/fd"))
            .ok()?
            .filter_map(|entry| fs::metadata(entry.ok()?.path()).ok());
        Some(Taken {
            inode: fs::metadata(format!("{proc}/fd/{fd}")).ok()?.ino(),
            flags,
            closes_on_exec: bits & libc::O_CLOEXEC != 0,
            queues: open.filter(|meta| meta.dev() == mqueue).count(),
        })
    }
}
