//! The limits of IPC objects. /proc/sys shows each process the limits of its own IPC namespace.

use super::unseen::Unseen;
use std::fs;

/// Returns the value in /proc/sys with this name, such as `kernel/msgmax` or `fs/mqueue/msg_max`.
/// Several numbers are separated by one space.
pub fn limit(name: &str) -> Result<String, Unseen> {
    let file = format!("/proc/sys/{name}");
    let text = fs::read_to_string(&file).map_err(|error| Unseen::io(&file, &error))?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Returns the limit of queues in this IPC namespace, `fs.mqueue.queues_max`.
pub fn queues_max() -> Result<u32, Unseen> {
    limit("fs/mqueue/queues_max")?.parse().map_err(|_| Unseen("fs/mqueue/queues_max is not a number".into()))
}
