//! `<sys/sem.h>`: System V semaphore sets.
//!
//! # Differences from the C API
//!
//! - [`semctl`] takes the command together with its argument, as
//!   [`ipc`](super::ipc) explains: `SETVAL(5)` for `SETVAL, 5`. It returns
//!   what C returns or stores through the fourth argument.
//! - [`GETALL`] and [`SETALL`] first ask for the number of semaphores with
//!   `IPC_STAT`, since the kernel does not know the array's length. [`SETALL`]
//!   therefore needs both read and alter permission. An array that
//!   is too short is refused with `EFAULT`; surplus values are ignored.
//! - [`semop`] takes a slice; `nsops` is its length.
//! - [`Sembuf::new`] takes `sem_flg` as an `int`, the type of the flags' constants.
//! - There is no `semtimedop`: the libc crate does not have it. `strace` may show it anyway,
//!   since glibc's `semop` makes that system call.
//!
//! nix has no System V IPC, so every call goes through libc.
#![allow(unsafe_code)]

pub use super::ipc::*;

use super::ipc::{get_flags_text, key_text, surely_created};
use crate::call::{self, Errno, Object, Result, Returned, Wait, check, flags_text, may_wait, report};
pub use libc::SEM_UNDO;
use libc::time_t;
use std::ffi::{c_int, c_short, c_ulong, c_ushort};
use std::mem;

/// `struct semid_ds`: a set as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemidDs {
    /// The set's owner and permissions.
    pub sem_perm: IpcPerm,
    /// The time of the last [`semop`], in seconds since 1970; 0 before.
    pub sem_otime: time_t,
    /// The time of creation, or of the last [`IPC_SET`], [`SETVAL`] or [`SETALL`].
    pub sem_ctime: time_t,
    /// The number of semaphores.
    pub sem_nsems: c_ulong,
}

impl SemidDs {
    /// Returns the structure as strace writes it. The only time in it is that of the last [`semop`].
    fn text(&self) -> String {
        format!(
            "{{sem_perm={}, sem_otime={}, sem_nsems={}, ...}}",
            self.sem_perm.text(),
            self.sem_otime,
            self.sem_nsems
        )
    }
}

impl From<libc::semid_ds> for SemidDs {
    fn from(ds: libc::semid_ds) -> Self {
        SemidDs {
            sem_perm: ds.sem_perm.into(),
            sem_otime: ds.sem_otime,
            sem_ctime: ds.sem_ctime,
            sem_nsems: ds.sem_nsems,
        }
    }
}

impl Returned for SemidDs {
    fn shown(&self) -> String {
        "0".into()
    }
}

/// `struct sembuf`: one operation on one semaphore of a set.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sembuf {
    /// The number of the semaphore, counted from 0.
    pub sem_num: c_ushort,
    /// Above 0: adds this number. Below 0: waits until the value is large enough, and subtracts the number.
    /// 0: waits until the value is 0.
    pub sem_op: c_short,
    /// `IPC_NOWAIT` and [`SEM_UNDO`].
    pub sem_flg: c_short,
}

// The kernel reads a Sembuf as C's struct sembuf, so the layouts must be equal.
const _: () = assert!(
    size_of::<Sembuf>() == size_of::<libc::sembuf>()
        && mem::offset_of!(Sembuf, sem_op) == mem::offset_of!(libc::sembuf, sem_op)
        && mem::offset_of!(Sembuf, sem_flg) == mem::offset_of!(libc::sembuf, sem_flg)
);

impl Sembuf {
    /// Makes an operation from the three fields, like `{sem_num, sem_op, sem_flg}` in C. `sem_flg` is cut to
    /// 16 bits, as in C.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)]
    pub const fn new(sem_num: c_ushort, sem_op: c_short, sem_flg: c_int) -> Self {
        Sembuf { sem_num, sem_op, sem_flg: sem_flg as c_short }
    }

    fn text(self) -> String {
        let names = [(SEM_UNDO, "SEM_UNDO"), (IPC_NOWAIT, "IPC_NOWAIT")];
        let sem_flg = flags_text(c_int::from(self.sem_flg.cast_unsigned()), String::new(), &names);
        format!("{{{}, {}, {sem_flg}}}", self.sem_num, self.sem_op)
    }
}

/// `union semun`. No header defines it; according to semctl(2) the caller must define it.
/// The member `__buf` is missing, since only `IPC_INFO` and `SEM_INFO` use it.
#[repr(C)]
union Semun {
    val: c_int,
    buf: *mut libc::semid_ds,
    array: *mut c_ushort,
}

/// `int semget(key_t key, int nsems, int semflg);`
///
/// Returns the identifier of the set with this key. With `IPC_CREAT`, creates the set if there is none,
/// with `nsems` semaphores of value 0 (on Linux; POSIX does not promise a value). The lowest 9 bits of
/// `semflg` are then its permissions (the umask does not apply). `IPC_PRIVATE` always creates a set,
/// whatever the flags. `nsems` may be 0 for a set that exists.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the set exists, and does not grant the permissions requested in the mode bits; 0 requests none |
/// | `EEXIST` | `IPC_CREAT` and `IPC_EXCL` are set, and the set exists |
/// | `EINVAL` | `nsems` is below 0, or above `SEMMSL` (32000), or 0 for a new set; or the set exists and has fewer semaphores |
/// | `ENOENT` | the set does not exist, and `IPC_CREAT` is not set |
/// | `ENOMEM` | not enough memory |
/// | `ENOSPC` | there are already `SEMMNI` sets, or there would be more than `SEMMNS` semaphores (`kernel.sem` contains SEMMSL, SEMMNS, SEMOPM, SEMMNI) |
///
/// Manual page: [semget(2)](https://man7.org/linux/man-pages/man2/semget.2.html).
pub fn semget(key: key_t, nsems: c_int, semflg: c_int) -> Result<c_int> {
    let creating = call::creating();
    // SAFETY: no pointer is passed.
    let result = check(unsafe { libc::semget(key, nsems, semflg) });
    if let Ok(semid) = result
        && surely_created(key, semflg)
    {
        creating.created(Object::Sem(semid));
    }
    report("semget", &result, || format!("{}, {nsems}, {}", key_text(key), get_flags_text(semflg, &[])));
    result
}

/// `int semop(int semid, struct sembuf *sops, size_t nsops);`
///
/// Performs either all operations in one step, or none. Waits until all are possible,
/// unless the first operation that is not possible has `IPC_NOWAIT`. The kernel undoes an operation with
/// [`SEM_UNDO`] when the process ends.
///
/// | errno | when |
/// | --- | --- |
/// | `E2BIG` | more than `SEMOPM` (500) operations |
/// | `EACCES` | no alter permission; or no read permission, if all operations only wait for 0 |
/// | `EAGAIN` | an operation with `IPC_NOWAIT` would have to wait |
/// | `EFBIG` | the set has no semaphore `sem_num` |
/// | `EIDRM` | the set was removed while the call waited |
/// | `EINTR` | a signal handler ran while the call waited, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | the set does not exist (any more); or `sops` is empty |
/// | `ENOMEM` | not enough memory for the undo structure |
/// | `ERANGE` | a value would exceed 32767 (`SEMVMX`), or the undo value would leave -32768..=32767 |
///
/// Manual page: [semop(2)](https://man7.org/linux/man-pages/man2/semop.2.html).
pub fn semop(semid: c_int, sops: &[Sembuf]) -> Result<()> {
    const WAIT: &Wait =
        &Wait { call: "semop", until: "other processes change the semaphores, or the set is removed" };
    let sops_ptr = sops.as_ptr().cast_mut().cast::<libc::sembuf>();
    // SAFETY: a Sembuf has the same layout as a sembuf, and the kernel only reads them.
    let result = may_wait(WAIT, || check(unsafe { libc::semop(semid, sops_ptr, sops.len()) })).map(drop);
    report("semop", &result, || {
        let texts: Vec<_> = sops.iter().map(|sop| sop.text()).collect();
        format!("{semid}, [{}], {}", texts.join(", "), sops.len())
    });
    result
}

/// A command of [`semctl`]: [`IPC_STAT`], [`IPC_SET`], [`IPC_RMID`],
/// [`GETVAL`], [`SETVAL`], [`GETALL`], [`SETALL`], [`GETPID`], [`GETNCNT`] or
/// [`GETZCNT`].
pub trait SemCtl {
    /// What [`semctl`] returns for this command.
    type Output;

    /// Runs this command; [`semctl`] calls it.
    fn semctl(self, semid: c_int, semnum: c_int) -> Result<Self::Output>;
}

/// `int semctl(int semid, int semnum, int cmd, ...);`
///
/// Returns facts about the set or the semaphore `semnum`, changes it, or removes the set. The
/// commands for the whole set ignore `semnum`:
///
/// ```no_run
/// use ipc_workbook::sysv::sem::*;
/// # let semid = semget(IPC_PRIVATE, 3, 0o600)?;
/// semctl(semid, 0, SETALL(&[1, 2, 3]))?;
/// semctl(semid, 2, SETVAL(5))?;
/// assert_eq!(semctl(semid, 2, GETVAL)?, 5);
/// assert_eq!(semctl(semid, 0, GETALL)?, [1, 2, 5]);
/// semctl(semid, 0, IPC_RMID)?;
/// # nix::Result::Ok(())
/// ```
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no alter permission for `SETVAL` or `SETALL`; no read permission for `SETALL`, `IPC_STAT`, or a command that begins with `GET` |
/// | `EFAULT` | the array for `SETALL` has fewer values than the set |
/// | `EIDRM` | the set was removed during the call |
/// | `EINVAL` | the set does not exist (any more); it has no semaphore `semnum`; for `IPC_SET`, `uid` or `gid` is -1 or does not exist in this user namespace |
/// | `EPERM` | for `IPC_SET` or `IPC_RMID`, the caller is neither owner nor creator and has no `CAP_SYS_ADMIN` |
/// | `ERANGE` | a value for `SETVAL` or `SETALL` is not in 0..=32767 (`SEMVMX`) |
///
/// Manual page: [semctl(2)](https://man7.org/linux/man-pages/man2/semctl.2.html).
pub fn semctl<Cmd: SemCtl>(semid: c_int, semnum: c_int, cmd: Cmd) -> Result<Cmd::Output> {
    cmd.semctl(semid, semnum)
}

fn stat(semid: c_int, semnum: c_int) -> Result<SemidDs> {
    // SAFETY: semid_ds is plain integers, so all zeros are valid.
    let mut ds: libc::semid_ds = unsafe { mem::zeroed() };
    let arg = Semun { buf: &raw mut ds };
    // SAFETY: IPC_STAT fills the semid_ds behind the pointer.
    check(unsafe { libc::semctl(semid, semnum, libc::IPC_STAT, arg) })?;
    Ok(SemidDs::from(ds))
}

impl SemCtl for IPC_STAT {
    type Output = SemidDs;

    fn semctl(self, semid: c_int, semnum: c_int) -> Result<SemidDs> {
        let result = stat(semid, semnum);
        report("semctl", &result, || {
            format!("{semid}, {semnum}, IPC_STAT, {}", result.map_or("buf".into(), |ds| ds.text()))
        });
        result
    }
}

impl SemCtl for IPC_SET<'_, SemidDs> {
    type Output = ();

    fn semctl(self, semid: c_int, semnum: c_int) -> Result<()> {
        let IPC_SET(ds) = self;
        // SAFETY: semid_ds is plain integers, so all zeros are valid.
        let mut c_ds: libc::semid_ds = unsafe { mem::zeroed() };
        ds.sem_perm.set(&mut c_ds.sem_perm);
        let arg = Semun { buf: &raw mut c_ds };
        // SAFETY: IPC_SET reads the semid_ds behind the pointer.
        let result = check(unsafe { libc::semctl(semid, semnum, libc::IPC_SET, arg) }).map(drop);
        report("semctl", &result, || {
            format!("{semid}, {semnum}, IPC_SET, {{sem_perm={}}}", ds.sem_perm.settable_text())
        });
        result
    }
}

impl SemCtl for IPC_RMID {
    type Output = ();

    fn semctl(self, semid: c_int, semnum: c_int) -> Result<()> {
        // SAFETY: IPC_RMID has no fourth argument.
        let result = check(unsafe { libc::semctl(semid, semnum, libc::IPC_RMID) }).map(drop);
        report("semctl", &result, || format!("{semid}, {semnum}, IPC_RMID"));
        if result.is_ok() {
            call::removed(Object::Sem(semid));
        }
        result
    }
}

macro_rules! asks_for_a_number {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl SemCtl for $name {
            type Output = c_int;

            fn semctl(self, semid: c_int, semnum: c_int) -> Result<c_int> {
                // SAFETY: the command has no fourth argument.
                let result = check(unsafe { libc::semctl(semid, semnum, libc::$name) });
                report("semctl", &result, || format!("{semid}, {semnum}, {}", stringify!($name)));
                result
            }
        }
    )*};
}
asks_for_a_number! {
    /// `GETVAL`: returns the value of semaphore `semnum`.
    GETVAL;
    /// `GETPID`: returns the process that last changed semaphore `semnum` by [`semop`], [`SETVAL`],
    /// [`SETALL`], or an undo at its end; 0 if there is none.
    GETPID;
    /// `GETNCNT`: returns how many processes wait until the value of semaphore `semnum` increases.
    GETNCNT;
    /// `GETZCNT`: returns how many processes wait until the value of semaphore `semnum` is 0.
    GETZCNT;
}

/// `SETVAL`: sets the value of semaphore `semnum`, and clears the undo values of all processes
/// for it.
#[derive(Clone, Copy, Debug)]
pub struct SETVAL(pub c_int);

impl SemCtl for SETVAL {
    type Output = ();

    fn semctl(self, semid: c_int, semnum: c_int) -> Result<()> {
        let SETVAL(val) = self;
        // SAFETY: SETVAL takes a number.
        let result = check(unsafe { libc::semctl(semid, semnum, libc::SETVAL, Semun { val }) }).map(drop);
        report("semctl", &result, || format!("{semid}, {semnum}, SETVAL, {val}"));
        result
    }
}

/// `GETALL`: returns the values of all semaphores of the set.
#[derive(Clone, Copy, Debug)]
pub struct GETALL;

impl SemCtl for GETALL {
    type Output = Vec<c_ushort>;

    fn semctl(self, semid: c_int, semnum: c_int) -> Result<Vec<c_ushort>> {
        let result = nsems(semid).and_then(|nsems| {
            let mut values = vec![0; nsems];
            let arg = Semun { array: values.as_mut_ptr() };
            // SAFETY: the array has room for `nsems` values; see the function `nsems`.
            check(unsafe { libc::semctl(semid, semnum, libc::GETALL, arg) })?;
            Ok(values)
        });
        report("semctl", &result, || {
            format!(
                "{semid}, {semnum}, GETALL, {}",
                result.as_ref().map_or("array".into(), |all| array_text(all))
            )
        });
        result
    }
}

impl Returned for Vec<c_ushort> {
    fn shown(&self) -> String {
        "0".into()
    }
}

/// `SETALL`: sets the values of all semaphores of the set, and clears the undo values of all
/// processes for them.
#[derive(Clone, Copy, Debug)]
pub struct SETALL<'a>(pub &'a [c_ushort]);

impl SemCtl for SETALL<'_> {
    type Output = ();

    fn semctl(self, semid: c_int, semnum: c_int) -> Result<()> {
        let SETALL(values) = self;
        let result = nsems(semid).and_then(|nsems| {
            if values.len() < nsems {
                return Err(Errno::EFAULT);
            }
            let arg = Semun { array: values.as_ptr().cast_mut() };
            // SAFETY: the array has at least `nsems` values (see that function), and SETALL only reads.
            check(unsafe { libc::semctl(semid, semnum, libc::SETALL, arg) }).map(drop)
        });
        report("semctl", &result, || format!("{semid}, {semnum}, SETALL, {}", array_text(values)));
        result
    }
}

/// Returns how many values the kernel will read or write for this set.
///
/// The size of a set never changes, and the kernel gives its identifier to no other set before
/// it has gone through 65535 sequence numbers. The number is therefore valid for
/// the next call, unless a privileged process removes the set at that moment and gives
/// its identifier to another set with `kernel.sem_next_id`.
fn nsems(semid: c_int) -> Result<usize> {
    // The number of semaphores always fits in an int.
    stat(semid, 0).map(|ds| usize::try_from(ds.sem_nsems).unwrap_or(usize::MAX))
}

fn array_text(values: &[c_ushort]) -> String {
    format!("{values:?}")
}
