//! `<sys/shm.h>`: System V shared memory segments.
//!
//! # Differences from the C API
//!
//! - [`shmat`] returns an [`Attached`], which detaches itself when dropped. Its bytes
//!   are copied in and out: other processes may write at any time,
//!   so a plain slice would be unsound. [`shmdt`] consumes it.
//! - [`shmat`] calls `IPC_STAT` once after attaching, to get the size of the
//!   segment. If that fails (another process has just removed the permission),
//!   the segment is detached, and the error is that of `IPC_STAT`.
//! - `SHM_REMAP` is refused with `EINVAL`: it could replace any memory of this
//!   process. `SHM_RND` with an address below 256 KiB is refused too: the address may be rounded down to 0,
//!   and the kernel checks for used addresses only above 0, so it could replace memory
//!   even without `SHM_REMAP`.
//! - An [`Attached`] does not prevent the kernel's signals, as in C: a write
//!   to a segment that is attached with `SHM_RDONLY` gives `SIGSEGV`.
//! - [`shmctl`] takes the command together with its argument, as
//!   [`ipc`](super::ipc) explains, and returns what C stores through `buf`.
//!
//! nix has no System V IPC, so every call goes through libc.
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

/// A bit in `shm_perm.mode`: the kernel will destroy the segment at its last detach. libc does not have this
/// constant; it is from glibc's `<bits/shm.h>` and the kernel's `include/linux/shm.h`.
pub const SHM_DEST: mode_t = 0o1000;

/// A bit in `shm_perm.mode`: the segment is not swapped out. It is from the same headers.
pub const SHM_LOCKED: mode_t = 0o2000;

/// `struct shmid_ds`: a segment as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShmidDs {
    /// The segment's owner and permissions; [`SHM_DEST`] and [`SHM_LOCKED`].
    pub shm_perm: IpcPerm,
    /// The requested size in bytes; the kernel allocates whole pages.
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
    /// The number of attachments, not of processes: a process may attach a segment twice.
    pub shm_nattch: shmatt_t,
}

impl ShmidDs {
    /// Returns the structure as strace writes it, without the times.
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
/// Returns the identifier of the segment with this key. With `IPC_CREAT`,
/// creates the segment if there is none, with `size` bytes that read as zero. The
/// lowest 9 bits of `shmflg` are then its permissions (the umask does not apply). `IPC_PRIVATE`
/// always creates a segment, whatever the flags. `size` may be 0 for a segment that exists.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the segment exists, and does not grant the permissions requested in the mode bits; 0 requests none |
/// | `EEXIST` | `IPC_CREAT` and `IPC_EXCL` are set, and the segment exists |
/// | `EINVAL` | `size` is 0 or above `kernel.shmmax` for a new segment; the segment exists and is smaller; or `SHM_HUGETLB` is set, and there are no huge pages of the size in `shmflg` |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOENT` | the segment does not exist, and `IPC_CREAT` is not set |
/// | `ENOMEM` | not enough memory; without `SHM_NORESERVE`, more than memory and swap together; with `SHM_HUGETLB`, also not enough huge pages |
/// | `ENOSPC` | there are already `kernel.shmmni` segments, or there would be more than `kernel.shmall` pages |
/// | `EPERM` | `SHM_HUGETLB` is set, and the caller has no `CAP_IPC_LOCK` in the initial user namespace and is not in the group `vm.hugetlb_shm_group` |
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

/// `void *`: a segment that [`shmat`] has attached to this process, with its length.
///
/// It cannot be used after [`shmdt`] or beyond its bounds:
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
        // SAFETY: the attachment belongs to this handle alone and is not used afterwards.
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
/// Attaches the whole segment to this process, at `shmaddr` or at an address that the kernel
/// chooses. The memory is readable and writable; with `SHM_RDONLY`, it is read-only.
/// A segment that [`IPC_RMID`] has marked can still be attached by its
/// identifier while it is still attached anywhere (Linux only).
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no read permission; no write permission, and `SHM_RDONLY` is not set; or no execute permission, and `SHM_EXEC` is set |
/// | `EAGAIN` | `mlockall(MCL_FUTURE)` was called, and the mapping would exceed `RLIMIT_MEMLOCK` |
/// | `EIDRM` | the segment was removed during the call |
/// | `EINVAL` | the segment does not exist (any more); `shmaddr` is not a multiple of the page size, and `SHM_RND` is not set; the addresses are in use; `SHM_REMAP` is set; or `SHM_RND` is set and `shmaddr` is below 256 KiB |
/// | `ENOMEM` | not enough address space, or too many mappings |
/// | `EPERM` | `shmaddr` is below `vm.mmap_min_addr`, and the caller has no `CAP_SYS_RAWIO` in the initial user namespace |
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
    // SHM_RND rounds down to a multiple of SHMLBA. MIPS has the largest SHMLBA, 256 KiB.
    let rounded_to_0 = shmflg & SHM_RND != 0 && shmaddr.is_some_and(|shmaddr| shmaddr.get() < 256 * 1024);
    if shmflg & SHM_REMAP != 0 || rounded_to_0 {
        return Err(Errno::EINVAL);
    }
    let shmaddr = shmaddr.map_or(ptr::null(), |shmaddr| ptr::without_provenance(shmaddr.get()));
    // SAFETY: without SHM_REMAP, and for an address other than 0, the kernel uses only
    // free addresses, so it replaces no memory of a Rust object.
    let address = check(unsafe { libc::shmat(shmid, shmaddr, shmflg) })?;
    // The kernel attaches at address 0 only with SHM_REMAP.
    let address = NonNull::new(address).ok_or(Errno::EINVAL)?;
    // SAFETY: a range of 0 bytes is always valid.
    let mut attached = Attached(unsafe { Bytes::new(address, 0) });
    let length = stat(shmid)?.shm_segsz;
    // SAFETY: while the segment is attached, its identifier is not given to
    // another segment, and its size never changes. `length` bytes are therefore mapped at `address`
    // until the handle is dropped.
    attached.0 = unsafe { Bytes::new(address, length) };
    Ok(attached)
}

/// `int shmdt(const void *shmaddr);`
///
/// Detaches the segment. The segment and its contents stay, unless [`IPC_RMID`] has marked
/// it and this was the last attachment.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | nothing is attached at this address; cannot happen to an [`Attached`] in safe code |
///
/// Manual page: [shmdt(2)](https://man7.org/linux/man-pages/man2/shmop.2.html).
pub fn shmdt(attached: Attached) -> Result<()> {
    let attached = ManuallyDrop::new(attached);
    let address = attached.0.pointer();
    // SAFETY: the attachment belongs to this handle alone and is not used afterwards.
    let result = check(unsafe { libc::shmdt(address.as_ptr()) }).map(drop);
    report("shmdt", &result, || format!("{address:p}"));
    result
}

/// A command of [`shmctl`]: [`IPC_STAT`], [`IPC_SET`], [`IPC_RMID`],
/// [`SHM_LOCK`] or [`SHM_UNLOCK`].
pub trait ShmCtl {
    /// What [`shmctl`] returns for this command.
    type Output;

    /// Runs this command; [`shmctl`] calls it.
    fn shmctl(self, shmid: c_int) -> Result<Self::Output>;
}

/// `int shmctl(int shmid, int cmd, struct shmid_ds *buf);`
///
/// Returns facts about the segment, changes it or removes it:
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
/// | `EACCES` | no read permission for `IPC_STAT` |
/// | `EIDRM` | the segment was removed during the call |
/// | `EINVAL` | the segment does not exist (any more); for `IPC_SET`, `uid` or `gid` is -1 or does not exist in this user namespace |
/// | `ENOMEM` | for `SHM_LOCK`, `RLIMIT_MEMLOCK` would be exceeded |
/// | `EPERM` | for any command except `IPC_STAT`, the caller is neither owner nor creator nor privileged (`CAP_SYS_ADMIN`; for locking and unlocking `CAP_IPC_LOCK`); or for `SHM_LOCK`, `RLIMIT_MEMLOCK` is 0 |
///
/// Manual page: [shmctl(2)](https://man7.org/linux/man-pages/man2/shmctl.2.html).
pub fn shmctl<Cmd: ShmCtl>(shmid: c_int, cmd: Cmd) -> Result<Cmd::Output> {
    cmd.shmctl(shmid)
}

fn stat(shmid: c_int) -> Result<ShmidDs> {
    // SAFETY: shmid_ds is plain integers, so all zeros are valid.
    let mut ds: libc::shmid_ds = unsafe { mem::zeroed() };
    // SAFETY: IPC_STAT fills the shmid_ds behind the pointer.
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
        // SAFETY: shmid_ds is plain integers, so all zeros are valid.
        let mut c_ds: libc::shmid_ds = unsafe { mem::zeroed() };
        ds.shm_perm.set(&mut c_ds.shm_perm);
        // SAFETY: IPC_SET reads the shmid_ds behind the pointer.
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

/// `SHM_LOCK`: prevents the segment from being swapped out. Pages that nobody has accessed yet
/// are not loaded.
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
    // SAFETY: these commands ignore the pointer.
    let result = check(unsafe { libc::shmctl(shmid, cmd, ptr::null_mut()) }).map(drop);
    report("shmctl", &result, || format!("{shmid}, {name}, NULL"));
    result
}
