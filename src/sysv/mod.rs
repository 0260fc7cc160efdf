//! System V IPC, one module for each C header.
//!
//! | module | header | what |
//! | --- | --- | --- |
//! | [`ipc`] | `<sys/ipc.h>` | keys, owners and permissions, and the commands that all three have |
//! | [`msg`] | `<sys/msg.h>` | message queues |
//! | [`sem`] | `<sys/sem.h>` | semaphore sets |
//! | [`shm`] | `<sys/shm.h>` | shared memory segments |
//!
//! As in C, each of the last three includes the first.

pub mod ipc;
pub mod msg;
pub mod sem;
pub mod shm;
