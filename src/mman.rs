//! `<sys/mman.h>`: POSIX shared memory and mappings; and `ftruncate` from `<unistd.h>`, which
//! gives a new object its size.
//!
//! # Differences from the C API
//!
//! - [`shm_open`] returns an [`OwnedFd`], which closes itself when dropped.
//!   There is no `shm_close`; use [`close`](crate::unistd::close).
//! - [`mmap`] returns a [`Mapping`], which knows its length and unmaps itself when
//!   dropped. Its bytes are copied in and out: other processes may write at
//!   any time, so a plain slice would be unsound.
//! - `MAP_FIXED` is refused with `EINVAL`: it could replace any memory of this process.
//! - A [`Mapping`] does not prevent the kernel's signals, as in C: an access to a
//!   page beyond the end of the object gives `SIGBUS`, and so does a page for which
//!   /dev/shm has no room; a write to a read-only mapping gives `SIGSEGV`.
#![allow(unsafe_code)]

use crate::call::{self, Errno, Object, Result, Returned, flags_text, name_text, oflag_text, report};
use crate::memory::Bytes;
use nix::fcntl::OFlag;
use nix::sys::mman::{self, MapFlags, ProtFlags};
use nix::sys::stat::Mode;
use std::ffi::{CStr, c_int};
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// `int shm_open(const char *name, int oflag, mode_t mode);`
///
/// Opens the object `name`. With `O_CREAT`, creates it with size 0 if it does
/// not exist. The descriptor has `FD_CLOEXEC`.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the mode bits do not permit it; or `O_CREAT` on another user's object where `fs.protected_regular` is on |
/// | `EEXIST` | `O_CREAT` and `O_EXCL` are set, and the object exists; or `name` is `"/."` or `"/.."`, which always exist |
/// | `EINVAL` | `name` is empty, `"/"`, has an inner slash, or more than 259 bytes; or is `"/."` or `"/.."` (but with `O_RDONLY` and without `O_CREAT`, these open the directory) |
/// | `ELOOP` | /dev/shm contains a symbolic link with this name |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENAMETOOLONG` | 256 to 259 bytes after the slash |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOENT` | the object does not exist, and `O_CREAT` is not set |
/// | `ENOSPC` | /dev/shm has no inode left |
///
/// Manual page: [shm_open(3)](https://man7.org/linux/man-pages/man3/shm_open.3.html).
pub fn shm_open(name: &CStr, oflag: c_int, mode: libc::mode_t) -> Result<OwnedFd> {
    let creating = call::creating();
    let result = mman::shm_open(name, OFlag::from_bits_retain(oflag), Mode::from_bits_retain(mode));
    if result.is_ok() && call::surely_created(oflag) {
        creating.created(Object::SharedMemory(name));
    }
    report("shm_open", &result, || format!("{}, {}, {mode:04o}", name_text(name), oflag_text(oflag)));
    result
}

impl Returned for OwnedFd {
    fn shown(&self) -> String {
        self.as_raw_fd().to_string()
    }
}

/// `int shm_unlink(const char *name);`
///
/// Removes the name at once. The memory is freed when the last descriptor is closed and the last mapping is
/// removed.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the caller owns neither the object nor the directory (the kernel returns `EPERM`, and glibc changes it to `EACCES`) |
/// | `EISDIR` | `name` is the name of a directory, such as `"/."` |
/// | `ENAMETOOLONG` | 256 to 259 bytes after the slash |
/// | `ENOENT` | the object does not exist; or `name` is empty, `"/"`, has an inner slash, or more than 259 bytes |
///
/// Manual page: [shm_unlink(3)](https://man7.org/linux/man-pages/man3/shm_open.3.html).
pub fn shm_unlink(name: &CStr) -> Result<()> {
    let result = mman::shm_unlink(name);
    report("shm_unlink", &result, || name_text(name));
    if result.is_ok() {
        call::removed(Object::SharedMemory(name));
    }
    result
}

/// `int ftruncate(int fd, off_t length);`
///
/// Sets the object's size in bytes. New bytes read as zero and use no memory
/// until they are accessed.
///
/// | errno | when |
/// | --- | --- |
/// | `EFBIG` | `length` is above `RLIMIT_FSIZE` (`SIGXFSZ` comes first), or above the largest size of a file on this file system |
/// | `EINVAL` | `length` is negative; or the descriptor is not open for writing |
/// | `EPERM` | the object is sealed |
///
/// Manual page: [ftruncate(2)](https://man7.org/linux/man-pages/man2/ftruncate.2.html).
pub fn ftruncate(fd: impl AsFd, length: libc::off_t) -> Result<()> {
    let fd = fd.as_fd();
    let result = nix::unistd::ftruncate(fd, length);
    report("ftruncate", &result, || format!("{}, {length}", fd.as_raw_fd()));
    result
}

/// `void *`: memory that [`mmap`] has mapped into this process, with its length.
///
/// It cannot be used after [`munmap`] or beyond its bounds:
///
/// ```compile_fail,E0382
/// use ipc_workbook::mman::*;
/// # let fd = std::fs::File::open("/dev/zero").unwrap();
/// let memory = mmap(None, 4096, libc::PROT_READ, libc::MAP_SHARED, &fd, 0)?;
/// munmap(memory)?;
/// memory.read(0, &mut [0])?;
/// # nix::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Mapping(Bytes);

impl Deref for Mapping {
    type Target = Bytes;
    fn deref(&self) -> &Bytes {
        &self.0
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping belongs to this handle alone and is not used afterwards.
        let _ = unsafe { mman::munmap(self.0.pointer(), self.0.len()) };
    }
}

impl Returned for Mapping {
    fn shown(&self) -> String {
        format!("{:p}", self.0.pointer())
    }
}

/// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);`
///
/// Maps `length` bytes of the object from `offset`. The mapping holds the open
/// file description, so the descriptor may be closed. `addr` is only a hint.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the file is not open for reading; or `PROT_WRITE` and `MAP_SHARED` are set, and it is not open for writing |
/// | `EINVAL` | `length` is 0, `offset` is not a multiple of the page size, or neither `MAP_SHARED` nor `MAP_PRIVATE` is set |
/// | `ENODEV` | the file cannot be mapped, like a message queue |
/// | `ENOMEM` | not enough address space, or too many mappings |
/// | `EOVERFLOW` | `offset` and `length` together are too large |
/// | `EPERM` | `PROT_WRITE` and `MAP_SHARED` are set, and the file is sealed against writing |
///
/// Manual page: [mmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html).
pub fn mmap(
    addr: Option<NonZeroUsize>,
    length: usize,
    prot: c_int,
    flags: c_int,
    fd: impl AsFd,
    offset: libc::off_t,
) -> Result<Mapping> {
    let fd = fd.as_fd();
    let result = if flags & libc::MAP_FIXED != 0 {
        Err(Errno::EINVAL)
    } else if let Some(size) = NonZeroUsize::new(length) {
        let (prot, flags) = (ProtFlags::from_bits_retain(prot), MapFlags::from_bits_retain(flags));
        // SAFETY: without MAP_FIXED the kernel chooses free addresses, so it
        // replaces no memory of a Rust object. The memory stays mapped until
        // the handle is dropped.
        unsafe {
            mman::mmap(addr, size, prot, flags, fd, offset)
                .map(|address| Mapping(Bytes::new(address, length)))
        }
    } else {
        Err(Errno::EINVAL) // the kernel's answer too; nix's type cannot express 0
    };
    report("mmap", &result, || {
        let prot = flags_text(
            prot,
            String::new(),
            &[(libc::PROT_READ, "PROT_READ"), (libc::PROT_WRITE, "PROT_WRITE")],
        );
        let flags = flags_text(
            flags,
            String::new(),
            &[(libc::MAP_SHARED, "MAP_SHARED"), (libc::MAP_PRIVATE, "MAP_PRIVATE")],
        );
        let addr = addr.map_or("NULL".into(), |addr| format!("{addr:#x}"));
        format!("{addr}, {length}, {prot}, {flags}, {}, {offset}", fd.as_raw_fd())
    });
    result
}

/// `int munmap(void *addr, size_t length);`
///
/// Removes the whole mapping. To give up shared memory, a process needs both this and `close`.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | not a mapping; cannot happen to a [`Mapping`] |
///
/// Manual page: [munmap(2)](https://man7.org/linux/man-pages/man2/mmap.2.html).
pub fn munmap(mapping: Mapping) -> Result<()> {
    let mapping = ManuallyDrop::new(mapping);
    let (address, length) = (mapping.0.pointer(), mapping.0.len());
    // SAFETY: the mapping belongs to this handle alone and is not used afterwards.
    let result = unsafe { mman::munmap(address, length) };
    report("munmap", &result, || format!("{address:p}, {length}"));
    result
}
