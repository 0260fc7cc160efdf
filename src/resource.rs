//! `<sys/resource.h>`: the resource limits of a process.

use crate::call::{Result, report};
use nix::sys::resource::{Resource, getrlimit};

/// `int setrlimit(int resource, const struct rlimit *rlim);`
///
/// Sets the soft limit, up to the hard limit, which does not change.
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
