//! `<sys/ipc.h>`: what the three System V mechanisms share.
//!
//! # Differences from the C API
//!
//! - The control commands [`IPC_STAT`], [`IPC_SET`] and [`IPC_RMID`] are types,
//!   not numbers: each carries the argument it needs and decides what
//!   `msgctl`, `semctl` and `shmctl` return. So an unknown command cannot be
//!   given, and no buffer of the wrong type.
//! - [`IpcPerm`] names the fields `__key` and `__seq` of `struct ipc_perm`
//!   `key` and `seq`, and its `mode` is a `mode_t` on every architecture.
//! - `IPC_INFO` is not here, nor are `MSG_INFO`, `SEM_INFO`, `SHM_INFO` and
//!   their relatives, with which ipcs(1) lists objects: /proc/sysvipc shows
//!   the same.
//!
//! nix lacks System V IPC, so libc serves every call.
#![allow(unsafe_code)]

use crate::call::{self, Result, Returned, check, name_text, report};
pub use libc::{IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_PRIVATE, key_t};
use libc::{c_uint, gid_t, mode_t, uid_t};
use std::ffi::{CStr, c_int};

/// `key_t ftok(const char *pathname, int proj_id);`
///
/// Makes a key from the file's identity: bits 31 to 24 are the low 8 bits of
/// `proj_id`, 23 to 16 the low 8 bits of `st_dev`, 15 to 0 the low 16 bits of
/// `st_ino`. Different files can have the same key, and the same path has
/// another key once the file is made anew.
///
/// The key -1 is possible too, and is taken for a failure here as in C, with
/// whatever errno was left from before.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | a directory of the path cannot be searched; the file itself need not be readable |
/// | `ELOOP` | too many symbolic links |
/// | `ENAMETOOLONG` | the path has more than 4095 bytes, or a part of it more than 255 |
/// | `ENOENT` | no such file; or the path is empty |
/// | `ENOMEM` | no memory |
/// | `ENOTDIR` | a part of the path before the last is no directory |
///
/// Manual page: [ftok(3)](https://man7.org/linux/man-pages/man3/ftok.3.html).
pub fn ftok(pathname: &CStr, proj_id: c_int) -> Result<key_t> {
    // SAFETY: `pathname` ends in a NUL.
    let result = check(unsafe { libc::ftok(pathname.as_ptr(), proj_id) }).map(Key);
    report("ftok", &result, || {
        let letter = u8::try_from(proj_id).ok().filter(u8::is_ascii_alphabetic);
        let proj_id = letter.map_or(proj_id.to_string(), |letter| format!("'{}'", char::from(letter)));
        format!("{}, {proj_id}", name_text(pathname))
    });
    result.map(|Key(key)| key)
}

/// A key, to be shown as ipcs(1) shows it.
struct Key(key_t);

impl Returned for Key {
    fn shown(&self) -> String {
        format!("{:#x}", self.0)
    }
}

/// `struct ipc_perm`: whose an object is, and who may do what with it.
///
/// The permissions are checked at every call, not once at opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpcPerm {
    /// `__key`: the key given to `msgget`, `semget` or `shmget`; 0 is `IPC_PRIVATE`.
    pub key: key_t,
    /// The owner's user; [`IPC_SET`] changes it.
    pub uid: uid_t,
    /// The owner's group; [`IPC_SET`] changes it.
    pub gid: gid_t,
    /// The creator's effective user.
    pub cuid: uid_t,
    /// The creator's effective group.
    pub cgid: gid_t,
    /// The permissions, of which [`IPC_SET`] changes the lowest 9 bits; for a
    /// segment also `SHM_DEST` and `SHM_LOCKED`.
    pub mode: mode_t,
    /// `__seq`: grows each time the kernel has gone through its slots, and sets
    /// a slot's old identifiers apart from its new one, `seq * 32768 + slot`.
    pub seq: c_uint,
}

impl IpcPerm {
    /// Stores the fields that `IPC_SET` reads.
    // `mode` is 16 bits wide in libc's x86-64, 32 elsewhere; the kernel reads 9 of them.
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn set(self, c_perm: &mut libc::ipc_perm) {
        c_perm.uid = self.uid;
        c_perm.gid = self.gid;
        c_perm.mode = (self.mode & 0o777) as _;
    }

    /// The fields in the order of strace, which also writes `...` for the rest.
    pub(super) fn text(self) -> String {
        let settable = self.settable_text();
        format!("{}, key={:#x}, ...}}", settable.trim_end_matches('}'), self.key)
    }

    pub(super) fn settable_text(self) -> String {
        format!("{{uid={}, gid={}, mode=0{:03o}}}", self.uid, self.gid, self.mode)
    }
}

impl From<libc::ipc_perm> for IpcPerm {
    // `mode` and `__seq` are narrower on some architectures than on others.
    #[allow(clippy::useless_conversion)]
    fn from(perm: libc::ipc_perm) -> Self {
        IpcPerm {
            key: perm.__key,
            uid: perm.uid,
            gid: perm.gid,
            cuid: perm.cuid,
            cgid: perm.cgid,
            mode: mode_t::from(perm.mode),
            seq: c_uint::from(perm.__seq),
        }
    }
}

/// `IPC_STAT`: returns the object's data structure. Needs read permission.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct IPC_STAT;

/// `IPC_SET`: sets the owner's `uid` and `gid`, the lowest 9 bits of `mode`,
/// and a queue's `msg_qbytes`; the other fields are not looked at.
///
/// Only the owner, the creator or a privileged process may. As all of these
/// are set at once, begin with what [`IPC_STAT`] returned.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct IPC_SET<'a, Ds>(pub &'a Ds);

/// `IPC_RMID`: removes the queue or the set at once, whoever uses it; marks
/// the segment, which goes with its last attachment.
///
/// Only the owner, the creator or a privileged process may.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct IPC_RMID;

/// `0x3039`, as ipcs(1) and strace write a key.
pub(super) fn key_text(key: key_t) -> String {
    if key == IPC_PRIVATE { "IPC_PRIVATE".into() } else { format!("{key:#x}") }
}

/// `IPC_CREAT|IPC_EXCL|0600`; `more` are the flags that only one mechanism has.
pub(super) fn get_flags_text(flags: c_int, more: &[(c_int, &str)]) -> String {
    let mode = flags & 0o777;
    let names = [&[(IPC_CREAT, "IPC_CREAT"), (IPC_EXCL, "IPC_EXCL")], more].concat();
    let flags = call::flags_text(flags & !0o777, String::new(), &names);
    match (flags.as_str(), mode) {
        (_, 0) => flags,
        ("0", _) => format!("{mode:04o}"),
        _ => format!("{flags}|{mode:04o}"),
    }
}

/// Whether a successful `msgget`, `semget` or `shmget` has created its object for certain.
pub(super) fn surely_created(key: key_t, flags: c_int) -> bool {
    key == IPC_PRIVATE || flags & (IPC_CREAT | IPC_EXCL) == IPC_CREAT | IPC_EXCL
}
