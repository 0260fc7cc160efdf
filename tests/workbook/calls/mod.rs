//! The call modules against the kernel.

mod posix;
mod sysv;
