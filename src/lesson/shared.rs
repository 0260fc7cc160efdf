//! Memory that all processes of a lesson share.

use crate::cli::Failure;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};

/// A `T` in memory that is shared with all processes forked later. It does not exist until it is opened.
pub(super) struct Shared<T: 'static>(AtomicPtr<T>);

impl<T> Shared<T> {
    /// # Safety
    ///
    /// A `T` of all zero bytes must be valid, and several processes must be able to use it at the same
    /// time. This is so if `T` consists of atomic integers.
    pub(super) const unsafe fn new() -> Self {
        Shared(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Maps a `T` whose bytes are all 0. It is never unmapped.
    pub(super) fn open(&self) -> Result<(), Failure> {
        let size = NonZeroUsize::new(size_of::<T>()).unwrap_or(NonZeroUsize::MIN);
        // SAFETY: the kernel chooses a free place.
        let memory = unsafe {
            mmap_anonymous(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED)
        };
        let memory = memory.map_err(|errno| {
            Failure::Machine(format!("cannot map a page of memory: mmap: {errno:?}; close other programs"))
        })?;
        self.0.store(memory.as_ptr().cast(), SeqCst);
        Ok(())
    }

    /// Returns the `T`, or `None` before it is opened.
    pub(super) fn get(&self) -> Option<&'static T> {
        // SAFETY: the pointer is null or leads to the mapping of `open`, which is never unmapped.
        unsafe { self.0.load(SeqCst).as_ref() }
    }
}
