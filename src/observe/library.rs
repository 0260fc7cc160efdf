//! The library that a C function lies in.

use super::unseen::Unseen;
use std::ffi::CStr;

/// The file name of the library that holds a C function, `libc.so.6` for
/// instance; `none` if no library of this program does.
pub fn library_of(function: &CStr) -> Result<String, Unseen> {
    // SAFETY: dlsym reads a name that ends in a NUL; nothing is called through what it finds.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, function.as_ptr()) };
    if address.is_null() {
        return Ok("none".into());
    }
    // SAFETY: Dl_info is pointers and numbers, for which zero is a value.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: dladdr compares the address with what is loaded, and fills `info`.
    let found = unsafe { libc::dladdr(address, &raw mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return Err(Unseen("dladdr knows no library at the function's address".into()));
    }
    // SAFETY: the loader keeps the name, which ends in a NUL, while the library is loaded.
    let path = unsafe { CStr::from_ptr(info.dli_fname) }.to_string_lossy();
    Ok(path.rsplit('/').next().unwrap_or(&path).to_string())
}
