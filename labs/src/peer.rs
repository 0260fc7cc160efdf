//! Lets a grader act as the program's peer: the other process that the program talks to, or that ran before
//! it. The grader calls the workbook's library directly, because it is in the same IPC namespace and is the
//! same user. None of these calls waits.

use crate::sandbox::{Fault, Pass, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_open, mq_receive, mq_send, mq_setattr};
use ipc_workbook::observe::{Inode, Kind, wait_until_blocked_in};
use ipc_workbook::socket::recvmsg;
use ipc_workbook::sysv::msg::{IPC_NOWAIT, MSG_NOERROR, msgrcv};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::fstat;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};
use std::ffi::{CStr, c_long};
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Creates a queue of mode 0600 for `maxmsg` messages of at most `msgsize` bytes.
pub(crate) fn create_queue(name: &CStr, maxmsg: c_long, msgsize: c_long) -> Result<Mqd, Errno> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(maxmsg, msgsize)))
}

/// Sets a limit of the sandbox's IPC namespace, such as `kernel/shmmax`. Returns false if that is not
/// possible: in a shared sandbox the limits are the machine's, and an ordinary user's namespace has no root,
/// who alone may set them there (since Linux 5.19).
pub(crate) fn set_limit(trial: &Trial, name: &str, value: u64) -> bool {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "echo \"$2\" >\"/proc/sys/$1\"", "sh", name, &value.to_string()]).uid(0);
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    !trial.sandbox.is_shared() && shell.status().is_ok_and(|status| status.success())
}

/// A process of the grader that sends messages to a queue. It ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Sender(Pid);

impl Sender {
    /// Starts the process. Returns when it waits for room, so there must be more messages than room. The
    /// queue's descriptor must not have `O_NONBLOCK`.
    #[allow(unsafe_code)]
    pub(crate) fn start(queue: &Mqd, messages: &[(Vec<u8>, u32)]) -> Result<Self, Fault> {
        // SAFETY: this process has one thread, so the child may make any call after fork.
        let ForkResult::Parent { child } = unsafe { fork() }? else {
            for (text, priority) in messages {
                let _ = mq_send(queue, text, *priority);
            }
            // SAFETY: _exit ends the process and runs no code of this program.
            unsafe { libc::_exit(0) }
        };
        let sender = Sender(child);
        wait_until_blocked_in(child.as_raw(), "mq_send")?;
        Ok(sender)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let _ = kill(self.0, Signal::SIGKILL);
        let _ = waitpid(self.0, None);
    }
}

/// Receives all messages in the queue, as text.
pub(crate) fn take_messages(queue: &Mqd) -> Result<Vec<String>, Errno> {
    let attr = mq_getattr(queue)?;
    let mut buffer = vec![0; usize::try_from(attr.mq_msgsize).unwrap_or(0)];
    // Do not wait if a process of the submission receives the message first.
    mq_setattr(queue, &MqAttr { mq_flags: libc::O_NONBLOCK.into(), ..attr })?;
    let messages = (0..attr.mq_curmsgs).map(|_| {
        let (length, _) = mq_receive(queue, &mut buffer)?;
        Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
    });
    let messages = messages.collect();
    mq_setattr(queue, &attr)?;
    messages
}

/// Returns the inode of the queue, whether it still has a name or not.
pub(crate) fn inode_of(queue: &Mqd) -> Result<Inode, Errno> {
    let stat = fstat(queue)?;
    Ok(Inode { kind: Kind::Queue, dev: stat.st_dev, ino: stat.st_ino })
}

/// Receives the first message of a type from a System V queue.
pub(crate) fn take_message(msqid: i32, mtype: c_long) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; 8192];
    let (length, _) = msgrcv(msqid, &mut buffer, mtype, IPC_NOWAIT | MSG_NOERROR)?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Describes a message, or why there is none.
pub(crate) fn describe_message(message: &Result<Vec<u8>, Errno>) -> String {
    match message {
        Ok(bytes) => format!("\"{}\"", bytes.escape_ascii()),
        Err(Errno::ENOMSG) => "no message".into(),
        Err(errno) => format!("msgrcv fails with {errno:?}"),
    }
}

/// A socket that the program connects to.
#[derive(Debug)]
pub(crate) struct Listener(UnixListener);

impl Listener {
    /// Listens on a socket file in the folder where programs start.
    pub(crate) fn at(trial: &Trial, file: &str) -> Result<Self, Fault> {
        let listener = UnixListener::bind(trial.sandbox.path("/work").join(file));
        let listener = listener.map_err(|error| Fault::io("bind", &error))?;
        listener.set_nonblocking(true).map_err(|error| Fault::io("fcntl", &error))?;
        Ok(Listener(listener))
    }

    /// Waits until the program connects. Returns `None` if it ends first, or does not connect in time.
    pub(crate) fn accept(&self, trial: &Trial, program: &mut Running) -> Result<Option<UnixStream>, Fault> {
        let deadline = trial.sandbox.deadline(trial.limit())?;
        loop {
            // Checked before accept: a program that connects and ends at once has connected.
            let over = program.ended().is_some() || trial.sandbox.is_over(&deadline)?;
            match self.0.accept() {
                Ok((stream, _)) => return Ok(Some(stream)),
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    return Err(Fault::io("accept", &error));
                }
                Err(_) if over => return Ok(None),
                Err(_) => {
                    trial.sandbox.let_time_pass(program, Pass::Time)?;
                }
            }
        }
    }

    /// Returns the number of bytes and the descriptors that a program sent before it ended.
    pub(crate) fn receive_all(&self) -> Result<(usize, Vec<OwnedFd>), Fault> {
        let (mut bytes, mut descriptors) = (0, Vec::new());
        let Ok((stream, _)) = self.0.accept() else { return Ok((bytes, descriptors)) };
        stream.set_nonblocking(true).map_err(|error| Fault::io("fcntl", &error))?;
        // One call never returns bytes that were sent after a descriptor.
        while let Ok((n @ 1.., more)) = recvmsg(&stream, &mut [0; 64]) {
            bytes += n;
            descriptors.extend(more);
        }
        Ok((bytes, descriptors))
    }
}
