//! Reads what the kernel shows about an object: its inode, its names, its state, and
//! who holds it. This module only looks; it changes nothing.
//!
//! On Linux, POSIX IPC objects are files of two file systems, mqueue and tmpfs, so
//! `fstat(2)` and /proc work for all three kinds. If something cannot be
//! seen, the result is [`Unseen`] with the reason, and never a guess.
//!
//! | file | what |
//! | --- | --- |
//! | `snapshot` | what the kernel shows about one object at one moment |
//! | `holders` | who holds an object: the descriptors and mappings that refer to it |
//! | `object`, `find` | the kinds of POSIX objects, their inodes, and their names |
//! | [`sysvipc`], `limits`, `one_key` | System V tables, limits of a namespace, files with the same key |
//! | `processes`, `blocked`, `maps`, `descriptors` | processes, their waits, mappings and descriptors |
//! | `user_namespace`, `file_systems`, `library` | users, mounts, and the library that contains a function |
//! | `unseen` | what was not seen, and why |
#![allow(unsafe_code)]

mod blocked;
mod descriptors;
mod file_systems;
mod find;
mod holders;
mod library;
mod limits;
mod maps;
mod object;
mod one_key;
mod processes;
mod snapshot;
pub mod sysvipc;
mod unseen;
mod user_namespace;

pub use crate::number::{signed, wide};
pub use blocked::{may_go_on, wait_until_blocked_in, wait_until_stopped};
pub use descriptors::{in_flight, netlink_sockets, st_mode};
pub use file_systems::{has_no_device, may_execute_from, shm_used};
pub use find::{Found, find};
pub use holders::{Descriptor, HeldMapping, Holders, queue_is_held};
pub use library::library_of;
pub use limits::{limit, queues_max};
pub use maps::{mapped_path, maps_entry};
pub use object::{Inode, Kind};
pub use one_key::two_files_of_one_key;
pub use processes::{
    command_of, is_alive, is_exiting, memory_of, overlook, processes, stat_field, text_of, threads,
};
pub use snapshot::{Observe, Snapshot, queue_status};
pub use unseen::{Fact, Unseen};
pub use user_namespace::{has_gid, has_uid, is_in_initial_user_namespace, reaches_ipc_namespace};
