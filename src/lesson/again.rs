//! Lets a lesson execute its own program again, to get a process that starts in its own `main`.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStringExt;

/// Returns the `N` arguments after `part`, if this program was executed as `PROGRAM part …` with so many.
#[must_use]
pub fn executed_as<const N: usize>(part: &CStr) -> Option<[CString; N]> {
    let mut args = std::env::args_os().skip(1).filter_map(|arg| CString::new(arg.into_vec()).ok());
    if args.next()?.as_c_str() != part {
        return None;
    }
    args.collect::<Vec<_>>().try_into().ok()
}
