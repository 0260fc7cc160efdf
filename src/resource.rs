//! `<sys/resource.h>`: limits that a process sets for itself.

use crate::call::{Result, report};
use nix::sys::resource::{Resource, getrlimit};

/// `int setrlimit(int resource, const struct rlimit *rlim);`
///
/// Sets the soft limit, which the process may do up to the hard one, and leaves the hard one.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the soft limit would exceed the hard one |
///
/// Manual page: [setrlimit(2)](https://man7.org/linux/man-pages/man2/setrlimit.2.html).
pub fn setrlimit(resource: Resource, rlim_cur: u64) -> Result<()> {
    let result =
        getrlimit(resource).and_then(|(_, hard)| nix::sys::resource::setrlimit(resource, rlim_cur, hard));
    report("setrlimit", &result, || format!("{resource:?}, {{rlim_cur={rlim_cur}}}"));
    result
}
