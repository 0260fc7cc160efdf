//! Finds the library that contains a C function.

use super::unseen::Unseen;
use std::ffi::CStr;

/// Returns the file name of the library that contains a C function, such as `libc.so.6`. Returns
/// `none` if no library of this program contains it.
pub fn library_of(function: &CStr) -> Result<String, Unseen> {
    // SAFETY: dlsym reads a name that ends in a NUL; nothing is called through what it finds.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, function.as_ptr()) };
    if address.is_null() {
        return Ok("none".into());
    }
    // SAFETY: Dl_info consists of pointers and integers, so all zeros are valid.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    // SAFETY: dladdr compares the address with the loaded libraries, and fills `info`.
    let found = unsafe { libc::dladdr(address, &raw mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return Err(Unseen("dladdr finds no library at the function's address".into()));
    }
    // SAFETY: the name ends in a NUL, and the loader keeps it while the library is loaded.
    let path = unsafe { CStr::from_ptr(info.dli_fname) }.to_string_lossy();
    Ok(path.rsplit('/').next().unwrap_or(&path).to_string())
}
