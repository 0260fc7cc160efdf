//! Access to shared memory, the same for memory from `mmap` and from `shmat`.
#![allow(unsafe_code)]

use crate::call::{Errno, Result};
use std::ffi::c_void;
use std::ptr::NonNull;

/// Shared memory in this process: its address and its length. Both handles,
/// [`Mapping`](crate::mman::Mapping) and [`Attached`](crate::sysv::shm::Attached), dereference to it.
#[derive(Debug)]
pub struct Bytes {
    address: NonNull<c_void>,
    length: usize,
}

impl Bytes {
    /// # Safety
    ///
    /// As long as the value is used, `length` bytes from `address` must be mapped,
    /// and must not belong to any Rust object.
    pub(crate) unsafe fn new(address: NonNull<c_void>, length: usize) -> Self {
        Bytes { address, length }
    }

    pub(crate) fn pointer(&self) -> NonNull<c_void> {
        self.address
    }

    /// Returns the address of the memory in this process.
    #[must_use]
    pub fn address(&self) -> usize {
        self.address.as_ptr() as usize
    }

    /// Returns the length in bytes: the `length` of `mmap`, or `shm_segsz`. (The kernel maps whole pages.)
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns false: the kernel refuses to map 0 bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Copies `bytes` to `offset`. Returns `EFAULT` if they do not fit.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let target = self.within(offset, bytes.len())?;
        for (i, byte) in bytes.iter().enumerate() {
            // SAFETY: `within` has checked that the range is in the memory.
            // The access is volatile, because other processes read and write the same memory.
            unsafe { target.add(i).write_volatile(*byte) };
        }
        Ok(())
    }

    /// Fills `buffer` with bytes from `offset`. Returns `EFAULT` if there are not enough.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<()> {
        let source = self.within(offset, buffer.len())?;
        for (i, byte) in buffer.iter_mut().enumerate() {
            // SAFETY: as in `write`.
            *byte = unsafe { source.add(i).read_volatile() };
        }
        Ok(())
    }

    /// Returns the C string at the beginning: the bytes before the first 0, at most 64.
    pub fn text(&self) -> Result<String> {
        let mut buffer = vec![0; self.length.min(64)];
        self.read(0, &mut buffer)?;
        let text = buffer.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    /// Returns the address of `offset`, if `length` bytes from there are in the memory.
    fn within(&self, offset: usize, length: usize) -> Result<*mut u8> {
        match offset.checked_add(length) {
            // SAFETY: the sum is within the memory.
            Some(end) if end <= self.length => Ok(unsafe { self.address.as_ptr().cast::<u8>().add(offset) }),
            _ => Err(Errno::EFAULT),
        }
    }
}
