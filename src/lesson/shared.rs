//! Memory that all processes of a lesson share.

use crate::cli::Failure;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use std::num::NonZeroUsize;

/// Maps a `T` whose bytes are all 0. The processes forked later share it, and
/// nobody unmaps it.
///
/// # Safety
///
/// Zeros must be a valid `T`, and several processes must be able to use it at once:
/// a `T` of atomic integers.
pub(super) unsafe fn zeroed<T>() -> Result<*mut T, Failure> {
    let size = NonZeroUsize::new(size_of::<T>()).unwrap_or(NonZeroUsize::MIN);
    // SAFETY: the kernel chooses a free place.
    let memory = unsafe {
        mmap_anonymous(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED)
    };
    memory.map(|memory| memory.as_ptr().cast()).map_err(|errno| {
        Failure::Machine(format!("mmap of a page for the lesson: {errno:?}; is there memory left?"))
    })
}
