//! A lesson that executes its own program again, to have a process with a `main` of its own.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStringExt;

/// The arguments after `part`, if this program was executed as `PROGRAM part …` with so many of them.
#[must_use]
pub fn executed_as<const N: usize>(part: &CStr) -> Option<[CString; N]> {
    let mut args = std::env::args_os().skip(1).filter_map(|arg| CString::new(arg.into_vec()).ok());
    if args.next()?.as_c_str() != part {
        return None;
    }
    args.collect::<Vec<_>>().try_into().ok()
}
