//! `<sys/shm.h>`: System V shared memory segments.
//!
//! # Differences from the C API
//!
//! - [`shmat`] returns an [`Attached`], which detaches itself when dropped, and
//!   is read and written by copying: other processes may write at any moment,
//!   so a plain slice would be unsound. [`shmdt`] consumes it.
//! - [`shmat`] makes one `IPC_STAT` after attaching, to learn how long the
//!   segment is. If that fails (another process has just taken the permission
//!   away) the segment is detached, and the error is that of `IPC_STAT`.
//! - `SHM_REMAP` is refused with `EINVAL`: it could replace any memory of this
//!   process. So is `SHM_RND` with an address below 256 KiB: rounded down to 0,
//!   it would do the same without being asked to, for the kernel looks for
//!   occupied addresses only above 0.
//! - An [`Attached`] does not guard against the kernel's own answers: writing
//!   to a segment attached with `SHM_RDONLY` is `SIGSEGV`, as in C.
//! - [`shmctl`] takes the command and its argument in one, as
//!   [`ipc`](super::ipc) explains, and returns what C stores through `buf`.
//!
//! nix lacks System V IPC, so libc serves every call.
#![allow(unsafe_code)]

pub use super::ipc::*;

use super::ipc::{get_flags_text, key_text, surely_created};
use crate::call::{self, Errno, Object, Result, Returned, check, flags_text, report};
use crate::memory::Bytes;
pub use libc::{SHM_EXEC, SHM_HUGETLB, SHM_NORESERVE, SHM_RDONLY, SHM_REMAP, SHM_RND};
use libc::{mode_t, pid_t, shmatt_t, time_t};
use std::ffi::c_int;
use std::mem::{self, ManuallyDrop};
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// In `shm_perm.mode`: the segment goes with its last attachment. libc lacks
/// it; this is glibc's `<bits/shm.h>`, and the kernel's `include/linux/shm.h`.
pub const SHM_DEST: mode_t = 0o1000;

/// In `shm_perm.mode`: the segment is not swapped out. From the same headers.
pub const SHM_LOCKED: mode_t = 0o2000;

/// `struct shmid_ds`: a segment as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShmidDs {
    /// Whose the segment is, and who may use it; [`SHM_DEST`] and [`SHM_LOCKED`].
    pub shm_perm: IpcPerm,
    /// The size asked for, in bytes; the kernel gives whole pages.
    pub shm_segsz: usize,
    /// The time of the last [`shmat`], in seconds since 1970; 0 before.
    pub shm_atime: time_t,
    /// The time of the last [`shmdt`]; 0 before.
    pub shm_dtime: time_t,
    /// The time of creation, or of the last [`IPC_SET`].
    pub shm_ctime: time_t,
    /// The process that created the segment.
    pub shm_cpid: pid_t,
    /// The process of the last [`shmat`] or [`shmdt`]; 0 before.
    pub shm_lpid: pid_t,
    /// The number of attachments. Not of processes: one may attach twice.
    pub shm_nattch: shmatt_t,
}

impl ShmidDs {
    /// As strace writes it, without the times.
    fn text(&self) -> String {
        format!(
            "{{shm_perm={}, shm_segsz={}, shm_cpid={}, shm_lpid={}, shm_nattch={}, ...}}",
            self.shm_perm.text(),
            self.shm_segsz,
            self.shm_cpid,
            self.shm_lpid,
            self.shm_nattch
        )
    }
}

impl From<libc::shmid_ds> for ShmidDs {
    fn from(ds: libc::shmid_ds) -> Self {
        ShmidDs {
            shm_perm: ds.shm_perm.into(),
            shm_segsz: ds.shm_segsz,
            shm_atime: ds.shm_atime,
            shm_dtime: ds.shm_dtime,
            shm_ctime: ds.shm_ctime,
            shm_cpid: ds.shm_cpid,
            shm_lpid: ds.shm_lpid,
            shm_nattch: ds.shm_nattch,
        }
    }
}

impl Returned for ShmidDs {
    fn shown(&self) -> String {
        "0".into()
    }
}

/// `int shmget(key_t key, size_t size, int shmflg);`
///
/// Returns the identifier of the segment with this key; with `IPC_CREAT`
/// creates it if there is none, of `size` bytes that read as zero and with the
/// lowest 9 bits of `shmflg` as its permissions (no umask). `IPC_PRIVATE`
/// always creates, whatever the flags. `size` may be 0 for a segment that exists.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the segment exists, and does not grant the mode bits asked for; 0 asks for nothing |
/// | `EEXIST` | `IPC_CREAT` and `IPC_EXCL`, and the segment exists |
/// | `EINVAL` | `size` is 0 or above `kernel.shmmax` for a new segment; the segment exists and is smaller; or `SHM_HUGETLB`, and no huge pages of the size in `shmflg` |
/// | `ENFILE` | the system's limit of open files |
/// | `ENOENT` | no such segment, and no `IPC_CREAT` |
/// | `ENOMEM` | no memory; more than memory and swap, and no `SHM_NORESERVE`; with `SHM_HUGETLB` also no huge pages |
/// | `ENOSPC` | `kernel.shmmni` segments exist already, or there would be more than `kernel.shmall` pages |
/// | `EPERM` | `SHM_HUGETLB`, and neither `CAP_IPC_LOCK` in the initial user namespace nor a member of the group `vm.hugetlb_shm_group` |
///
/// Manual page: [shmget(2)](https://man7.org/linux/man-pages/man2/shmget.2.html).
pub fn shmget(key: key_t, size: usize, shmflg: c_int) -> Result<c_int> {
    let creating = call::creating();
    // SAFETY: no pointer is passed.
    let result = check(unsafe { libc::shmget(key, size, shmflg) });
    if let Ok(shmid) = result
        && surely_created(key, shmflg)
    {
        creating.created(Object::Shm(shmid));
    }
    report("shmget", &result, || {
        let names = [(SHM_HUGETLB, "SHM_HUGETLB"), (SHM_NORESERVE, "SHM_NORESERVE")];
        format!("{}, {size}, {}", key_text(key), get_flags_text(shmflg, &names))
    });
    result
}

/// `void *`: a segment that [`shmat`] has attached to this process, and its length.
///
/// It cannot be used after [`shmdt`], nor beyond its bounds:
///
/// ```compile_fail,E0382
/// use ipc_workbook::sysv::shm::*;
/// let memory = shmat(shmget(IPC_PRIVATE, 4096, 0o600)?, None, 0)?;
/// shmdt(memory)?;
/// memory.read(0, &mut [0])?;
/// # nix::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Attached(Bytes);

impl Deref for Attached {
    type Target = Bytes;
    fn deref(&self) -> &Bytes {
        &self.0
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // SAFETY: the attachment belongs to this handle alone and is not used hereafter.
        unsafe { libc::shmdt(self.0.pointer().as_ptr()) };
    }
}

impl Returned for Attached {
    fn shown(&self) -> String {
        format!("{:p}", self.0.pointer())
    }
}

/// `void *shmat(int shmid, const void *shmaddr, int shmflg);`
///
/// Attaches the whole segment to this process, at an address of the kernel's
/// choice or at `shmaddr`; for reading and writing, or with `SHM_RDONLY` for
/// reading. A segment that [`IPC_RMID`] has marked can still be attached by its
/// identifier while it is attached elsewhere (Linux only).
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no read permission; no write permission, and no `SHM_RDONLY`; or no execute permission, and `SHM_EXEC` |
/// | `EAGAIN` | after `mlockall(MCL_FUTURE)`, and `RLIMIT_MEMLOCK` would be exceeded |
/// | `EIDRM` | the segment was removed during the call |
/// | `EINVAL` | no such segment, or no longer; `shmaddr` is no multiple of the page size, and no `SHM_RND`; the addresses are occupied; `SHM_REMAP`; `SHM_RND`, and `shmaddr` is below 256 KiB |
/// | `ENOMEM` | no address space, or too many mappings |
/// | `EPERM` | `shmaddr` is below `vm.mmap_min_addr`, without `CAP_SYS_RAWIO` in the initial user namespace |
///
/// Manual page: [shmat(2)](https://man7.org/linux/man-pages/man2/shmop.2.html).
pub fn shmat(shmid: c_int, shmaddr: Option<NonZeroUsize>, shmflg: c_int) -> Result<Attached> {
    let result = attach(shmid, shmaddr, shmflg);
    report("shmat", &result, || {
        let names = [
            (SHM_RDONLY, "SHM_RDONLY"),
            (SHM_RND, "SHM_RND"),
            (SHM_REMAP, "SHM_REMAP"),
            (SHM_EXEC, "SHM_EXEC"),
        ];
        let shmaddr = shmaddr.map_or("NULL".into(), |shmaddr| format!("{shmaddr:#x}"));
        format!("{shmid}, {shmaddr}, {}", flags_text(shmflg, String::new(), &names))
    });
    result
}

fn attach(shmid: c_int, shmaddr: Option<NonZeroUsize>, shmflg: c_int) -> Result<Attached> {
    // The largest SHMLBA, to a multiple of which SHM_RND rounds down, is that of MIPS.
    let rounded_to_0 = shmflg & SHM_RND != 0 && shmaddr.is_some_and(|shmaddr| shmaddr.get() < 256 * 1024);
    if shmflg & SHM_REMAP != 0 || rounded_to_0 {
        return Err(Errno::EINVAL);
    }
    let shmaddr = shmaddr.map_or(ptr::null(), |shmaddr| ptr::without_provenance(shmaddr.get()));
    // SAFETY: without SHM_REMAP, and other than at 0, the kernel takes only
    // addresses that are free, so no memory that Rust knows of is replaced.
    let address = check(unsafe { libc::shmat(shmid, shmaddr, shmflg) })?;
    // The kernel attaches at 0 with SHM_REMAP only.
    let address = NonNull::new(address).ok_or(Errno::EINVAL)?;
    // SAFETY: no bytes are always there.
    let mut attached = Attached(unsafe { Bytes::new(address, 0) });
    let length = stat(shmid)?.shm_segsz;
    // SAFETY: while the segment is attached, its identifier is not given to
    // another, and its size never changes. So this many bytes lie at `address`,
    // until the handle is dropped.
    attached.0 = unsafe { Bytes::new(address, length) };
    Ok(attached)
}

/// `int shmdt(const void *shmaddr);`
///
/// Detaches the segment; it stays, with what is in it, unless it was marked by
/// [`IPC_RMID`] and this was the last attachment.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | nothing is attached there; safe code cannot do that to an [`Attached`] |
///
/// Manual page: [shmdt(2)](https://man7.org/linux/man-pages/man2/shmop.2.html).
pub fn shmdt(attached: Attached) -> Result<()> {
    let attached = ManuallyDrop::new(attached);
    let address = attached.0.pointer();
    // SAFETY: the attachment belongs to this handle alone and is not used hereafter.
    let result = check(unsafe { libc::shmdt(address.as_ptr()) }).map(drop);
    report("shmdt", &result, || format!("{address:p}"));
    result
}

/// A command of [`shmctl`]: [`IPC_STAT`], [`IPC_SET`], [`IPC_RMID`],
/// [`SHM_LOCK`] or [`SHM_UNLOCK`].
pub trait ShmCtl {
    /// What [`shmctl`] returns for it.
    type Output;

    /// What [`shmctl`] does for it.
    fn shmctl(self, shmid: c_int) -> Result<Self::Output>;
}

/// `int shmctl(int shmid, int cmd, struct shmid_ds *buf);`
///
/// Looks at the segment, changes or removes it:
///
/// ```no_run
/// use ipc_workbook::sysv::shm::*;
/// # let shmid = shmget(IPC_PRIVATE, 4096, 0o600)?;
/// let mut ds = shmctl(shmid, IPC_STAT)?;
/// ds.shm_perm.mode = 0o640;
/// shmctl(shmid, IPC_SET(&ds))?;
/// shmctl(shmid, IPC_RMID)?;
/// # nix::Result::Ok(())
/// ```
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | `IPC_STAT`, and no read permission |
/// | `EIDRM` | the segment was removed during the call |
/// | `EINVAL` | no such segment, or no longer; `IPC_SET`, and `uid` or `gid` is -1 or unknown in this user namespace |
/// | `ENOMEM` | `SHM_LOCK`, and `RLIMIT_MEMLOCK` would be exceeded |
/// | `EPERM` | not `IPC_STAT`, and neither owner nor creator nor privileged (`CAP_SYS_ADMIN`; to lock and unlock `CAP_IPC_LOCK`); or `SHM_LOCK`, and `RLIMIT_MEMLOCK` is 0 |
///
/// Manual page: [shmctl(2)](https://man7.org/linux/man-pages/man2/shmctl.2.html).
pub fn shmctl<Cmd: ShmCtl>(shmid: c_int, cmd: Cmd) -> Result<Cmd::Output> {
    cmd.shmctl(shmid)
}

fn stat(shmid: c_int) -> Result<ShmidDs> {
    // SAFETY: shmid_ds is plain integers, for which zero is a value.
    let mut ds: libc::shmid_ds = unsafe { mem::zeroed() };
    // SAFETY: IPC_STAT fills the one shmid_ds it is given.
    check(unsafe { libc::shmctl(shmid, libc::IPC_STAT, &raw mut ds) })?;
    Ok(ShmidDs::from(ds))
}

impl ShmCtl for IPC_STAT {
    type Output = ShmidDs;

    fn shmctl(self, shmid: c_int) -> Result<ShmidDs> {
        let result = stat(shmid);
        report("shmctl", &result, || {
            format!("{shmid}, IPC_STAT, {}", result.map_or("buf".into(), |ds| ds.text()))
        });
        result
    }
}

impl ShmCtl for IPC_SET<'_, ShmidDs> {
    type Output = ();

    fn shmctl(self, shmid: c_int) -> Result<()> {
        let IPC_SET(ds) = self;
        // SAFETY: shmid_ds is plain integers, for which zero is a value.
        let mut c_ds: libc::shmid_ds = unsafe { mem::zeroed() };
        ds.shm_perm.set(&mut c_ds.shm_perm);
        // SAFETY: IPC_SET reads the one shmid_ds it is given.
        let result = check(unsafe { libc::shmctl(shmid, libc::IPC_SET, &raw mut c_ds) }).map(drop);
        report("shmctl", &result, || {
            format!("{shmid}, IPC_SET, {{shm_perm={}}}", ds.shm_perm.settable_text())
        });
        result
    }
}

impl ShmCtl for IPC_RMID {
    type Output = ();

    fn shmctl(self, shmid: c_int) -> Result<()> {
        let result = without_buffer(shmid, libc::IPC_RMID, "IPC_RMID");
        if result.is_ok() {
            call::removed(Object::Shm(shmid));
        }
        result
    }
}

/// `SHM_LOCK`: keeps the segment from being swapped out. Pages not yet touched
/// are not fetched.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct SHM_LOCK;

impl ShmCtl for SHM_LOCK {
    type Output = ();

    fn shmctl(self, shmid: c_int) -> Result<()> {
        without_buffer(shmid, libc::SHM_LOCK, "SHM_LOCK")
    }
}

/// `SHM_UNLOCK`: allows the segment to be swapped out again.
#[allow(non_camel_case_types)]
#[derive(Clone, Copy, Debug)]
pub struct SHM_UNLOCK;

impl ShmCtl for SHM_UNLOCK {
    type Output = ();

    fn shmctl(self, shmid: c_int) -> Result<()> {
        without_buffer(shmid, libc::SHM_UNLOCK, "SHM_UNLOCK")
    }
}

fn without_buffer(shmid: c_int, cmd: c_int, name: &str) -> Result<()> {
    // SAFETY: these commands do not look at the pointer.
    let result = check(unsafe { libc::shmctl(shmid, cmd, ptr::null_mut()) }).map(drop);
    report("shmctl", &result, || format!("{shmid}, {name}, NULL"));
    result
}
