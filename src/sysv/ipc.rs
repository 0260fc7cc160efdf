//! `<sys/ipc.h>`: the common part of the three System V mechanisms.
//!
//! # Differences from the C API
//!
//! - The control commands [`IPC_STAT`], [`IPC_SET`] and [`IPC_RMID`] are types,
//!   not numbers. Each contains the argument that it needs, and determines what
//!   `msgctl`, `semctl` and `shmctl` return. It is therefore impossible to pass an unknown
//!   command or a buffer of the wrong type.
//! - [`IpcPerm`] calls the fields `__key` and `__seq` of `struct ipc_perm`
//!   `key` and `seq`, and its `mode` is a `mode_t` on every architecture.
//! - `IPC_INFO`, `MSG_INFO`, `SEM_INFO`, `SHM_INFO` and similar commands are missing. ipcs(1)
//!   can list objects with them, but /proc/sysvipc shows the same.
//!
//! nix has no System V IPC, so every call goes through libc.
#![allow(unsafe_code)]

use crate::call::{self, Result, Returned, check, name_text, report};
pub use libc::{IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_PRIVATE, key_t};
use libc::{c_uint, gid_t, mode_t, uid_t};
use std::ffi::{CStr, c_int};

/// `key_t ftok(const char *pathname, int proj_id);`
///
/// Makes a key from the file's inode and device. In glibc, bits 31 to 24 are the low 8 bits of
/// `proj_id`, bits 23 to 16 the low 8 bits of `st_dev`, and bits 15 to 0 the low 16 bits of
/// `st_ino`. Different files can have the same key. If the file is deleted and created again, the same
/// path may have another key.
///
/// The key can also be -1. As in C, this counts as a failure, with an errno from an
/// earlier call.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | a directory of the path cannot be searched; the file itself need not be readable |
/// | `ELOOP` | too many symbolic links |
/// | `ENAMETOOLONG` | the path has more than 4095 bytes, or a component of it more than 255 |
/// | `ENOENT` | the file does not exist; or the path is empty |
/// | `ENOMEM` | not enough memory |
/// | `ENOTDIR` | a component of the path before the last is not a directory |
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

/// A key, which is shown as ipcs(1) shows it.
struct Key(key_t);

impl Returned for Key {
    fn shown(&self) -> String {
        format!("{:#x}", self.0)
    }
}

/// `struct ipc_perm`: the owner, the creator and the permissions of an object.
///
/// The kernel checks the permissions at every call, since System V objects are not opened.
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
    /// The permissions; [`IPC_SET`] changes the lowest 9 bits. For a
    /// segment, also the bits `SHM_DEST` and `SHM_LOCKED`.
    pub mode: mode_t,
    /// `__seq`: a sequence number, which the kernel increases each time it has gone through its slots. It
    /// makes a slot's new identifier, `seq * 32768 + slot`, different from the old ones.
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

    /// Returns the fields in the order of strace, with `...` for the others as in strace.
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
/// and a queue's `msg_qbytes`. The kernel ignores the other fields.
///
/// Only the owner, the creator or a privileged process may do this. All of these fields
/// are set together, so begin with the result of [`IPC_STAT`].
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct IPC_SET<'a, Ds>(pub &'a Ds);

/// `IPC_RMID`: removes a queue or a set at once, even if processes use it. A segment
/// is only marked; the kernel destroys it at its last detach.
///
/// Only the owner, the creator or a privileged process may do this.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct IPC_RMID;

/// Returns a key as ipcs(1) and strace write it: `0x3039`.
pub(super) fn key_text(key: key_t) -> String {
    if key == IPC_PRIVATE { "IPC_PRIVATE".into() } else { format!("{key:#x}") }
}

/// Returns the flags as `IPC_CREAT|IPC_EXCL|0600`. `more` lists flags that only one mechanism has.
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

/// Returns whether a successful `msgget`, `semget` or `shmget` has certainly created its object.
pub(super) fn surely_created(key: key_t, flags: c_int) -> bool {
    key == IPC_PRIVATE || flags & (IPC_CREAT | IPC_EXCL) == IPC_CREAT | IPC_EXCL
}
