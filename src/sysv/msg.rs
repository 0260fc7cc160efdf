//! `<sys/msg.h>`: System V message queues.
//!
//! # Differences from the C API
//!
//! - `struct msgbuf` is replaced by two arguments, `mtype` and `mtext`. [`msgsnd`] takes
//!   both; [`msgrcv`] returns the length and the type. `msgsz` is the
//!   length of `mtext`, so it is never negative. The text is copied once more
//!   than in C, since the kernel needs type and text in one buffer.
//! - [`msgctl`] takes the command together with its argument, as
//!   [`ipc`](super::ipc) explains, and returns what C stores through `buf`.
//! - [`MsqidDs`] has `msg_cbytes`, a macro for `__msg_cbytes` in C.
//!
//! nix has no System V IPC, so every call goes through libc.
#![allow(unsafe_code)]

pub use super::ipc::*;

use super::ipc::{get_flags_text, key_text, surely_created};
use crate::call::{self, Object, Result, Returned, Wait, bytes_text, check, flags_text, may_wait, report};
pub use libc::{MSG_COPY, MSG_EXCEPT, MSG_NOERROR};
use libc::{msglen_t, msgqnum_t, pid_t, time_t};
use std::ffi::{c_int, c_long, c_ulong};
use std::{mem, ptr, slice};

/// `struct msqid_ds`: a queue as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsqidDs {
    /// The queue's owner and permissions.
    pub msg_perm: IpcPerm,
    /// The time of the last [`msgsnd`], in seconds since 1970; 0 before.
    pub msg_stime: time_t,
    /// The time of the last [`msgrcv`]; 0 before.
    pub msg_rtime: time_t,
    /// The time of creation, or of the last [`IPC_SET`].
    pub msg_ctime: time_t,
    /// The bytes of text on the queue now.
    pub msg_cbytes: c_ulong,
    /// The messages on the queue now.
    pub msg_qnum: msgqnum_t,
    /// The maximum number of bytes on the queue, and of messages on it.
    /// [`IPC_SET`] changes it.
    pub msg_qbytes: msglen_t,
    /// The process of the last [`msgsnd`]; 0 before.
    pub msg_lspid: pid_t,
    /// The process of the last [`msgrcv`]; 0 before.
    pub msg_lrpid: pid_t,
}

impl MsqidDs {
    /// Returns the structure as strace writes it, without the times.
    fn text(&self) -> String {
        format!(
            "{{msg_perm={}, msg_cbytes={}, msg_qnum={}, msg_qbytes={}, msg_lspid={}, msg_lrpid={}, ...}}",
            self.msg_perm.text(),
            self.msg_cbytes,
            self.msg_qnum,
            self.msg_qbytes,
            self.msg_lspid,
            self.msg_lrpid
        )
    }
}

impl From<libc::msqid_ds> for MsqidDs {
    fn from(ds: libc::msqid_ds) -> Self {
        MsqidDs {
            msg_perm: ds.msg_perm.into(),
            msg_stime: ds.msg_stime,
            msg_rtime: ds.msg_rtime,
            msg_ctime: ds.msg_ctime,
            msg_cbytes: ds.__msg_cbytes,
            msg_qnum: ds.msg_qnum,
            msg_qbytes: ds.msg_qbytes,
            msg_lspid: ds.msg_lspid,
            msg_lrpid: ds.msg_lrpid,
        }
    }
}

impl Returned for MsqidDs {
    fn shown(&self) -> String {
        "0".into()
    }
}

/// `int msgget(key_t key, int msgflg);`
///
/// Returns the identifier of the queue with this key. With `IPC_CREAT`, creates
/// the queue if there is none. The lowest 9 bits of `msgflg` are then its permissions
/// (the umask does not apply). `IPC_PRIVATE` always creates a queue, whatever the flags.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the queue exists, and does not grant the permissions requested in the mode bits; 0 requests none |
/// | `EEXIST` | `IPC_CREAT` and `IPC_EXCL` are set, and the queue exists |
/// | `ENOENT` | the queue does not exist, and `IPC_CREAT` is not set |
/// | `ENOMEM` | not enough memory |
/// | `ENOSPC` | there are already `kernel.msgmni` queues |
///
/// Manual page: [msgget(2)](https://man7.org/linux/man-pages/man2/msgget.2.html).
pub fn msgget(key: key_t, msgflg: c_int) -> Result<c_int> {
    let creating = call::creating();
    // SAFETY: no pointer is passed.
    let result = check(unsafe { libc::msgget(key, msgflg) });
    if let Ok(msqid) = result
        && surely_created(key, msgflg)
    {
        creating.created(Object::Msg(msqid));
    }
    report("msgget", &result, || format!("{}, {}", key_text(key), get_flags_text(msgflg, &[])));
    result
}

/// `struct msgbuf`: the type in one word, then the text.
struct Msgbuf(Vec<c_long>);

impl Msgbuf {
    fn new(mtype: c_long, msgsz: usize) -> Self {
        let mut words = vec![0; 1 + msgsz.div_ceil(size_of::<c_long>())];
        words[0] = mtype;
        Msgbuf(words)
    }

    fn mtype(&self) -> c_long {
        self.0[0]
    }

    fn mtext(&mut self) -> &mut [u8] {
        let text = &mut self.0[1..];
        // SAFETY: this is the same memory as bytes, and any byte is valid.
        unsafe { slice::from_raw_parts_mut(text.as_mut_ptr().cast(), mem::size_of_val(text)) }
    }
}

/// `int msgsnd(int msqid, const void *msgp, size_t msgsz, int msgflg);`
///
/// Appends a message of type `mtype`, which must be above 0. Waits while the
/// queue has no room, unless `msgflg` has `IPC_NOWAIT`.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no write permission |
/// | `EAGAIN` | the queue would exceed `msg_qbytes` bytes, or this number of messages, and `IPC_NOWAIT` is set |
/// | `EIDRM` | the queue was removed while the call waited |
/// | `EINTR` | a signal handler ran while the call waited, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | the queue does not exist (any more); `mtype` is below 1; the text is longer than `kernel.msgmax` (8192 bytes) |
/// | `ENOMEM` | not enough memory |
///
/// Manual page: [msgsnd(2)](https://man7.org/linux/man-pages/man2/msgop.2.html).
pub fn msgsnd(msqid: c_int, mtype: c_long, mtext: &[u8], msgflg: c_int) -> Result<()> {
    const WAIT: &Wait =
        &Wait { call: "msgsnd", until: "there is room in the queue, or the queue is removed" };
    let mut msgbuf = Msgbuf::new(mtype, mtext.len());
    msgbuf.mtext()[..mtext.len()].copy_from_slice(mtext);
    // SAFETY: the buffer contains a type and at least `msgsz` bytes.
    let send = || check(unsafe { libc::msgsnd(msqid, msgbuf.0.as_ptr().cast(), mtext.len(), msgflg) });
    let result = may_wait(WAIT, send).map(drop);
    report("msgsnd", &result, || {
        let msgbuf = msgbuf_text(mtype, mtext);
        format!("{msqid}, {msgbuf}, {}, {}", mtext.len(), msgflg_text(msgflg))
    });
    result
}

/// `ssize_t msgrcv(int msqid, void *msgp, size_t msgsz, long msgtyp, int msgflg);`
///
/// Receives a message into `mtext`, and returns its length and its type. Waits while
/// no message matches, unless `msgflg` has `IPC_NOWAIT`. `msgtyp` selects the message:
///
/// | `msgtyp` | the message |
/// | --- | --- |
/// | 0 | the first |
/// | above 0 | the first of this type; with `MSG_EXCEPT`, the first of any other type |
/// | below 0 | the first of the lowest type that is not above `-msgtyp` |
/// | with `MSG_COPY` | a copy of the message at this index, counted from 0; the message stays |
///
/// | errno | when |
/// | --- | --- |
/// | `E2BIG` | the text is longer than `mtext`, and `MSG_NOERROR` is not set; the message stays in the queue |
/// | `EACCES` | no read permission |
/// | `EIDRM` | the queue was removed while the call waited |
/// | `EINTR` | a signal handler ran while the call waited, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | the queue does not exist (any more); `MSG_COPY` without `IPC_NOWAIT`, or with `MSG_EXCEPT`, or with `MSG_NOERROR` and a text longer than `mtext` |
/// | `ENOMSG` | no message matches, and `IPC_NOWAIT` is set |
/// | `ENOSYS` | `MSG_COPY` is set, and the kernel was built without `CONFIG_CHECKPOINT_RESTORE` |
///
/// Manual page: [msgrcv(2)](https://man7.org/linux/man-pages/man2/msgop.2.html).
pub fn msgrcv(msqid: c_int, mtext: &mut [u8], msgtyp: c_long, msgflg: c_int) -> Result<(usize, c_long)> {
    const WAIT: &Wait =
        &Wait { call: "msgrcv", until: "a message of the type arrives, or the queue is removed" };
    let mut msgbuf = Msgbuf::new(0, mtext.len());
    let msgp = msgbuf.0.as_mut_ptr().cast();
    // SAFETY: the buffer has room for a type and `msgsz` bytes.
    let received =
        may_wait(WAIT, || check(unsafe { libc::msgrcv(msqid, msgp, mtext.len(), msgtyp, msgflg) }));
    let result = received.map(|length| {
        let length = length.unsigned_abs();
        mtext[..length].copy_from_slice(&msgbuf.mtext()[..length]);
        (length, msgbuf.mtype())
    });
    report("msgrcv", &result, || {
        let msgbuf = result.map_or("msgp".into(), |(length, mtype)| msgbuf_text(mtype, &mtext[..length]));
        format!("{msqid}, {msgbuf}, {}, {msgtyp}, {}", mtext.len(), msgflg_text(msgflg))
    });
    result
}

impl Returned for (usize, c_long) {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

fn msgbuf_text(mtype: c_long, mtext: &[u8]) -> String {
    format!("{{mtype={mtype}, mtext={}}}", bytes_text(mtext))
}

fn msgflg_text(msgflg: c_int) -> String {
    let names = [
        (MSG_NOERROR, "MSG_NOERROR"),
        (MSG_EXCEPT, "MSG_EXCEPT"),
        (MSG_COPY, "MSG_COPY"),
        (IPC_NOWAIT, "IPC_NOWAIT"),
    ];
    flags_text(msgflg, String::new(), &names)
}

/// A command of [`msgctl`]: [`IPC_STAT`], [`IPC_SET`] or [`IPC_RMID`].
pub trait MsgCtl {
    /// What [`msgctl`] returns for this command.
    type Output;

    /// Runs this command; [`msgctl`] calls it.
    fn msgctl(self, msqid: c_int) -> Result<Self::Output>;
}

/// `int msgctl(int msqid, int cmd, struct msqid_ds *buf);`
///
/// Returns facts about the queue, changes it or removes it:
///
/// ```no_run
/// use ipc_workbook::sysv::msg::*;
/// # let msqid = msgget(IPC_PRIVATE, 0o600)?;
/// let mut ds = msgctl(msqid, IPC_STAT)?;
/// ds.msg_perm.mode = 0o640;
/// msgctl(msqid, IPC_SET(&ds))?;
/// msgctl(msqid, IPC_RMID)?;
/// # nix::Result::Ok(())
/// ```
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no read permission for `IPC_STAT` |
/// | `EIDRM` | the queue was removed during the call |
/// | `EINVAL` | the queue does not exist (any more); for `IPC_SET`, `uid` or `gid` is -1 or does not exist in this user namespace |
/// | `EPERM` | for `IPC_SET` or `IPC_RMID`, the caller is neither owner nor creator and has no `CAP_SYS_ADMIN`; or the new `msg_qbytes` exceeds `kernel.msgmnb`, and the caller has no `CAP_SYS_RESOURCE` in the initial user namespace |
///
/// Manual page: [msgctl(2)](https://man7.org/linux/man-pages/man2/msgctl.2.html).
pub fn msgctl<Cmd: MsgCtl>(msqid: c_int, cmd: Cmd) -> Result<Cmd::Output> {
    cmd.msgctl(msqid)
}

impl MsgCtl for IPC_STAT {
    type Output = MsqidDs;

    fn msgctl(self, msqid: c_int) -> Result<MsqidDs> {
        // SAFETY: msqid_ds is plain integers, so all zeros are valid.
        let mut ds: libc::msqid_ds = unsafe { mem::zeroed() };
        // SAFETY: IPC_STAT fills the msqid_ds behind the pointer.
        let returned = unsafe { libc::msgctl(msqid, libc::IPC_STAT, &raw mut ds) };
        let result = check(returned).map(|_| MsqidDs::from(ds));
        report("msgctl", &result, || {
            format!("{msqid}, IPC_STAT, {}", result.map_or("buf".into(), |ds| ds.text()))
        });
        result
    }
}

impl MsgCtl for IPC_SET<'_, MsqidDs> {
    type Output = ();

    fn msgctl(self, msqid: c_int) -> Result<()> {
        let IPC_SET(ds) = self;
        // SAFETY: msqid_ds is plain integers, so all zeros are valid.
        let mut c_ds: libc::msqid_ds = unsafe { mem::zeroed() };
        ds.msg_perm.set(&mut c_ds.msg_perm);
        c_ds.msg_qbytes = ds.msg_qbytes;
        // SAFETY: IPC_SET reads the msqid_ds behind the pointer.
        let result = check(unsafe { libc::msgctl(msqid, libc::IPC_SET, &raw mut c_ds) }).map(drop);
        report("msgctl", &result, || {
            let perm = ds.msg_perm.settable_text();
            format!("{msqid}, IPC_SET, {{msg_perm={perm}, msg_qbytes={}}}", ds.msg_qbytes)
        });
        result
    }
}

impl MsgCtl for IPC_RMID {
    type Output = ();

    fn msgctl(self, msqid: c_int) -> Result<()> {
        // SAFETY: IPC_RMID ignores the pointer.
        let result = check(unsafe { libc::msgctl(msqid, libc::IPC_RMID, ptr::null_mut()) }).map(drop);
        report("msgctl", &result, || format!("{msqid}, IPC_RMID, NULL"));
        if result.is_ok() {
            call::removed(Object::Msg(msqid));
        }
        result
    }
}
