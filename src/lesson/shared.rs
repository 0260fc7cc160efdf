//! Memory that all processes of a lesson share.

use crate::cli::Failure;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};

/// A `T` in memory that the processes forked later share; nothing until it is opened.
pub(super) struct Shared<T: 'static>(AtomicPtr<T>);

impl<T> Shared<T> {
    /// # Safety
    ///
    /// Zeros must be a valid `T`, and several processes must be able to use it at once:
    /// a `T` of atomic integers.
    pub(super) const unsafe fn new() -> Self {
        Shared(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Maps the `T`, whose bytes are all 0. Nobody unmaps it.
    pub(super) fn open(&self) -> Result<(), Failure> {
        let size = NonZeroUsize::new(size_of::<T>()).unwrap_or(NonZeroUsize::MIN);
        // SAFETY: the kernel chooses a free place.
        let memory = unsafe {
            mmap_anonymous(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED)
        };
        let memory = memory.map_err(|errno| {
            Failure::Machine(format!("mmap of a page for the lesson: {errno:?}; is there memory left?"))
        })?;
        self.0.store(memory.as_ptr().cast(), SeqCst);
        Ok(())
    }

    /// The `T`, once it is open.
    pub(super) fn get(&self) -> Option<&'static T> {
        // SAFETY: null, or the mapping that `open` made and nobody unmaps.
        unsafe { self.0.load(SeqCst).as_ref() }
    }
}
