//! The limits of IPC objects, which /proc/sys shows each process for its own IPC namespace.

use super::unseen::Unseen;
use std::fs;

/// What /proc/sys shows under that name: `kernel/msgmax`, `fs/mqueue/msg_max`.
/// Where there are several numbers, one space stands between them.
pub fn limit(name: &str) -> Result<String, Unseen> {
    let file = format!("/proc/sys/{name}");
    let text = fs::read_to_string(&file).map_err(|error| Unseen::io(&file, &error))?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// How many queues this IPC namespace may have, `fs.mqueue.queues_max`.
pub fn queues_max() -> Result<u32, Unseen> {
    limit("fs/mqueue/queues_max")?.parse().map_err(|_| Unseen("fs/mqueue/queues_max holds no number".into()))
}
