//! The attributes that the limits allow. The grader varies the limits, and asks the kernel what they allow.

use crate::finding::{Finding, either, found};
use crate::peer::{create_queue, set_limit};
use crate::sandbox::{Fault, Limits, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{mq_getattr, mq_open, mq_send, mq_unlink};
use ipc_workbook::observe::limit;
use libc::{O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR, c_long};
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::fs;
use std::os::unix::fs::MetadataExt;

const SCHEDULES: u64 = 50;

/// `mq_maxmsg` and `mq_msgsize`.
type Size = (c_long, c_long);

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    allowed(trial)?;
    an_existing_queue(trial)?;
    two_at_once(trial)?;
    trial.judge_part("the-command-gets-a-queue-that-waits", a_command)?;
    under_rlimit(trial)?;
    exit_codes(trial)?;
    // The last part changes the settings of the sandbox.
    above_the_settings(trial)
}

fn allowed(trial: &mut Trial) -> Result<(), Fault> {
    let largest = (setting("fs/mqueue/msg_max")?.min(10), setting("fs/mqueue/msgsize_max")?.min(8192));
    for wish in [(4, 64), (1, 1), largest] {
        trial.renew()?;
        let mut program = trial.run(&["/lab", &wish.0.to_string(), &wish.1.to_string()])?;
        let finding = only_queue(trial, &mut program, "created", wish)?;
        trial.judge_finding("an-allowed-wish-is-granted", &finding);
    }
    Ok(())
}

/// Each wish is tried with the settings as they are and, where the sandbox allows it, with lower and higher
/// ones.
fn above_the_settings(trial: &mut Trial) -> Result<(), Fault> {
    for settings in [None, Some((7, 5000)), Some((20, 10_000))] {
        if let Some((maxmsg, msgsize)) = settings
            && !(set_limit(trial, "fs/mqueue/msg_max", maxmsg)
                && set_limit(trial, "fs/mqueue/msgsize_max", msgsize))
        {
            return Ok(());
        }
        let (maxmsg, msgsize) = (setting("fs/mqueue/msg_max")?, setting("fs/mqueue/msgsize_max")?);
        if maxmsg.saturating_mul(msgsize.saturating_add(96)) > 600_000 {
            return Err(Fault::new(
                "msg_max and msgsize_max of this machine are too high for RLIMIT_MSGQUEUE",
            ));
        }
        for (wish, largest) in [
            ((maxmsg + 1, 64), (maxmsg, 64)),
            ((2, msgsize + 1), (2, msgsize)),
            ((1_000_000_000, 1_000_000_000), (maxmsg, msgsize)),
        ] {
            trial.renew()?;
            let mut program = trial.run(&["/lab", &wish.0.to_string(), &wish.1.to_string()])?;
            let finding = only_queue(trial, &mut program, "reduced", largest)?;
            trial.judge_finding("a-wish-above-a-setting-is-reduced", &finding);
        }
    }
    Ok(())
}

/// Another queue of the same user is charged as well, so the limit alone does not say how much is left.
fn under_rlimit(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "RLIMIT_MSGQUEUE-leaves-the-largest-number";
    for (bytes, maxmsg, theirs) in [(5000, 10, false), (5000, 1_000_000_000, true), (2600, 9, true)] {
        trial.renew()?;
        let theirs = theirs.then(|| create_queue(c"/another", 4, 256)).transpose()?;
        let mut program = run_with_queue_bytes(trial, bytes, &["/lab", &maxmsg.to_string(), "1000"])?;
        let end = program.end();
        let Some(got) = size_of_lab() else {
            trial.judge(LINE, false, format!("{bytes} bytes: {end}, and no queue /lab"));
            continue;
        };
        // The kernel says whether a queue for one more message was possible.
        mq_unlink(c"/lab")?;
        let more = with_queue_bytes(bytes, || create_queue(c"/lab", got.0 + 1, got.1))?;
        let is_largest = matches!(more, Err(Errno::EMFILE)) && got.1 == 1000;
        let reported = is_report(&mut program, "reduced", got);
        let what = if is_largest { "the largest queue" } else { "not the largest queue of this size" };
        let beside = if theirs.is_some() { "beside another queue" } else { "and no other queue" };
        let said = said(&mut program);
        let observed = format!("{bytes} bytes {beside}: {got:?} is {what}; {said}; {end}");
        trial.judge(LINE, is_largest && reported && end.exited(0), observed);
    }
    Ok(())
}

fn an_existing_queue(trial: &mut Trial) -> Result<(), Fault> {
    for (size, wish, bytes) in [((3, 32), ("4", "64"), 614_400), ((5, 100), ("1000000000", "1"), 0)] {
        trial.renew()?;
        let queue = create_queue(c"/lab", size.0, size.1)?;
        mq_send(&queue, b"the first", 0)?;
        mq_send(&queue, b"the second", 0)?;
        let before = trial.objects()?;
        let mut program = run_with_queue_bytes(trial, bytes, &["/lab", wish.0, wish.1])?;
        let after = trial.objects()?;
        let stays = after.len() == 1 && after.still_have(&before) && mq_getattr(&queue)?.mq_curmsgs == 2;
        let right = is_report(&mut program, "existing", size) && program.exited(0);
        let what = if stays { "the queue is unchanged" } else { "the queue has changed" };
        let observed = format!("a queue {size:?}: {what}; {}; {}", said(&mut program), program.end());
        trial.judge("an-existing-queue-keeps-its-attributes", stays && right, observed);
    }
    Ok(())
}

fn two_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(SCHEDULES, |scheduler| {
        scheduler.start(&["/lab", "4", "64"])?;
        scheduler.start(&["/lab", "5", "32"])?;
        let ends = scheduler.play()?;
        let reports = [0, 1].map(|n| scheduler.program(n).stdout());
        let right = size_of_lab().is_some_and(|(maxmsg, msgsize)| {
            let creator = usize::from((maxmsg, msgsize) == (5, 32));
            reports[creator] == format!("created {maxmsg} {msgsize}\n")
                && reports[1 - creator] == format!("existing {maxmsg} {msgsize}\n")
        });
        let observed = format!("{:?} and {:?}; {ends}", reports[0].trim_end(), reports[1].trim_end());
        Ok(vec![("of-two-at-once-one-creates", found(right && ends.exited(0) == 2, observed))])
    })
}

/// The command waits for input, and the grader looks at its descriptor 3.
fn a_command(trial: &mut Trial) -> Result<Finding, Fault> {
    for existing in [false, true] {
        trial.renew()?;
        let _theirs = existing.then(|| create_queue(c"/lab", 4, 64)).transpose()?;
        let args = ["/lab", "4", "64", "sh", "-c", "echo command; read line; exit 0"];
        let mut program = trial.start_with_input(&args)?;
        if !trial.waits_for_input(&mut program)? {
            return Ok(Err(format!("the command does not wait for input: {}", program.end())));
        }
        let Some(queue) = trial.objects()?.queue().map(|queue| queue.ino) else {
            return Ok(Err("the command runs, and there is no queue /lab".into()));
        };
        let commands = trial.processes()?.into_iter().filter(|process| process.name == "sh");
        let flags: Vec<Option<i32>> = commands.map(|process| flags_of_3(process.pid, queue)).collect();
        let flaw = match flags[..] {
            [Some(flags)] if flags & O_ACCMODE != O_RDWR => Some("not open for reading and writing"),
            [Some(flags)] if flags & O_NONBLOCK != 0 => Some("O_NONBLOCK is set"),
            [Some(_)] => None,
            [None] => Some("not the queue"),
            _ => Some("there is no such process"),
        };
        if let Some(flaw) = flaw {
            return Ok(Err(format!("descriptor 3 of the command: {flaw}")));
        }
        program.write("go on\n");
        program.close_input();
        let end = trial.wait(&mut program)?;
        let word = if existing { "existing" } else { "created" };
        if program.stdout() != format!("{word} 4 64\ncommand\n") || !end.exited(0) {
            return Ok(Err(format!("{}; {end}", said(&mut program))));
        }
    }
    Ok(Ok("descriptor 3 is the queue, O_RDWR, and O_NONBLOCK is not set".into()))
}

/// Returns the flags of a process's descriptor 3, if it is the queue with this inode.
fn flags_of_3(pid: i32, queue: u64) -> Option<i32> {
    let is_queue = fs::metadata(format!("/proc/{pid}/fd/3")).is_ok_and(|meta| meta.ino() == queue);
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/3")).ok().filter(|_| is_queue)?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    i32::from_str_radix(flags.trim(), 8).ok()
}

fn exit_codes(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "each-end-has-its-exit-code";
    trial.renew()?;
    let program = trial.run(&["/lab", "4", "64", "sh", "-c", "exit 7"])?;
    trial.judge(LINE, program.exited(7), format!("a command that ends with 7: {}", program.end()));
    let few: &[&str] = &["/lab", "4"];
    for (args, bytes, code) in [
        (few, 614_400, 2),
        (&["/lab", "0", "64"], 614_400, 2),
        (&["/lab", "4", "-1"], 614_400, 2),
        (&["/lab", "4", "64k"], 614_400, 2),
        (&["/lab", "4", "64"], 100, 3),
        (&["/lab/no", "4", "64"], 614_400, 1),
    ] {
        trial.renew()?;
        let mut program = run_with_queue_bytes(trial, bytes, args)?;
        let objects = trial.objects()?;
        let right = program.exited(code) && objects.is_empty() && program.stdout().is_empty();
        let left = objects.or("no object");
        let observed = format!("{}: {}, {}, {left}", args.join(" "), program.end(), said(&mut program));
        trial.judge(LINE, right, observed);
    }
    Ok(())
}

/// Checks that the program ended with a report, and left one queue of this size and nothing else.
fn only_queue(trial: &Trial, program: &mut Running, word: &str, size: Size) -> Result<Finding, Fault> {
    let objects = trial.objects()?;
    let Some(got) = size_of_lab() else {
        return Ok(Err(format!("{}, and {}", program.end(), objects.or("no queue"))));
    };
    let right = got == size && objects.len() == 1 && is_report(program, word, size) && program.exited(0);
    let observed = format!("{}, {}; {}", objects.or("no object"), said(program), program.end());
    Ok(either(
        right,
        format!("{size:?} is reported as {word:?}"),
        format!("{observed}; the queue is {got:?}, possible is {size:?}"),
    ))
}

fn is_report(program: &mut Running, word: &str, (maxmsg, msgsize): Size) -> bool {
    program.stdout() == format!("{word} {maxmsg} {msgsize}\n")
}

fn said(program: &mut Running) -> String {
    const SHOWN: usize = 60;
    let text: String = program.stdout().trim_end().chars().take(SHOWN).collect();
    if text.is_empty() { "no report".into() } else { format!("the report is {text:?}") }
}

/// Returns the size of the queue `/lab`, if it exists.
fn size_of_lab() -> Option<Size> {
    let attr = mq_getattr(&mq_open(c"/lab", O_RDONLY, 0, None).ok()?).ok()?;
    Some((attr.mq_maxmsg, attr.mq_msgsize))
}

fn setting(name: &str) -> Result<c_long, Fault> {
    let text = limit(name)?;
    text.parse().map_err(|_| Fault(format!("{name} is {text}")))
}

fn run_with_queue_bytes(trial: &Trial, bytes: u64, args: &[&str]) -> Result<Running, Fault> {
    let limits = Limits { queues: bytes, ..Limits::RUN };
    trial.sandbox.run(trial.sandbox.program(args).limits(limits), trial.limit())
}

/// Makes a call of the grader's own under this soft limit of `RLIMIT_MSGQUEUE`.
fn with_queue_bytes<T>(bytes: u64, call: impl FnOnce() -> T) -> Result<T, Fault> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_MSGQUEUE)?;
    setrlimit(Resource::RLIMIT_MSGQUEUE, bytes, hard)?;
    let result = call();
    setrlimit(Resource::RLIMIT_MSGQUEUE, soft, hard)?;
    Ok(result)
}
