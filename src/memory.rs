//! What is the same for memory that `mmap` maps and memory that `shmat` attaches.
#![allow(unsafe_code)]

use crate::call::{Errno, Result};
use std::ffi::c_void;
use std::ptr::NonNull;

/// Shared memory in this process: where it is, and how many bytes. Both handles,
/// [`Mapping`](crate::mman::Mapping) and [`Attached`](crate::sysv::shm::Attached), lead to it.
#[derive(Debug)]
pub struct Bytes {
    address: NonNull<c_void>,
    length: usize,
}

impl Bytes {
    /// # Safety
    ///
    /// While the value is used, `length` bytes from `address` must be mapped,
    /// and must not be memory that Rust knows of.
    pub(crate) unsafe fn new(address: NonNull<c_void>, length: usize) -> Self {
        Bytes { address, length }
    }

    pub(crate) fn pointer(&self) -> NonNull<c_void> {
        self.address
    }

    /// Where the memory lies in this process.
    #[must_use]
    pub fn address(&self) -> usize {
        self.address.as_ptr() as usize
    }

    /// How many bytes: what was asked of `mmap`, or `shm_segsz`. (The kernel maps whole pages.)
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Never: the kernel refuses to map nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Copies `bytes` to `offset`; `EFAULT` if they do not fit.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let target = self.within(offset, bytes.len())?;
        for (i, byte) in bytes.iter().enumerate() {
            // SAFETY: `within` has checked that the range lies in the memory.
            // Volatile, because other processes see and change the same memory.
            unsafe { target.add(i).write_volatile(*byte) };
        }
        Ok(())
    }

    /// Copies bytes from `offset` until `buffer` is full; `EFAULT` if there are fewer.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let source = self.within(offset, buffer.len())?;
        for (i, byte) in buffer.iter_mut().enumerate() {
            // SAFETY: as in `write`.
            *byte = unsafe { source.add(i).read_volatile() };
        }
        Ok(())
    }

    /// The text at the beginning, as C has it: up to the first 0, and at most 64 bytes.
    pub fn text(&self) -> Result<String> {
        let mut buffer = vec![0; self.length.min(64)];
        self.read(0, &mut buffer)?;
        let text = buffer.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    /// The address of `offset`, if `length` bytes from there lie in the memory.
    fn within(&self, offset: usize, length: usize) -> Result<*mut u8> {
        match offset.checked_add(length) {
            // SAFETY: the sum lies within the memory.
            Some(end) if end <= self.length => Ok(unsafe { self.address.as_ptr().cast::<u8>().add(offset) }),
            _ => Err(Errno::EFAULT),
        }
    }
}
