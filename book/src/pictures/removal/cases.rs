//! The kinds of objects, and the calls of recorded runs that show what their users are told.

/// A kind of object, and the calls that show what its users are told.
pub(super) struct Case {
    pub(super) heading: &'static str,
    pub(super) removal: Found,
    pub(super) lanes: &'static [Lane],
}

/// A call in the recorded run of a lesson: its step, its name, and what its text contains.
pub(super) struct Found {
    pub(super) lesson: &'static str,
    pub(super) step: u32,
    pub(super) call: &'static str,
    pub(super) contains: &'static str,
}

pub(super) struct Lane {
    pub(super) when: When,
    pub(super) call: Found,
    /// The claim that the call rests on, without its chapter; empty if none is needed.
    pub(super) claim: &'static str,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum When {
    Before,
    Waiting,
    After,
}

pub(super) static CASES: [Case; 5] = [
    Case {
        heading: "System V queue",
        removal: in_run("removed_while_waiting", 3, "msgctl", "IPC_RMID"),
        lanes: &[
            Lane {
                when: When::Before,
                call: in_run("removed_while_waiting", 3, "msgsnd", " = 0"),
                claim: "",
            },
            Lane {
                when: When::Waiting,
                call: in_run("removed_while_waiting", 3, "msgsnd", "EIDRM"),
                claim: "a-waiting-msgsnd-fails-with-EIDRM-when-the-queue-is-removed",
            },
            Lane {
                when: When::After,
                call: in_run("stale_id_demo", 1, "msgsnd", "EINVAL"),
                claim: "msgsnd-to-an-empty-slot-fails-with-EINVAL",
            },
        ],
    },
    Case {
        heading: "System V semaphore set",
        removal: in_run("removed_while_waiting", 4, "semctl", "IPC_RMID"),
        lanes: &[
            Lane {
                when: When::Before,
                call: in_run("removed_while_waiting", 1, "semget", " = 0"),
                claim: "",
            },
            Lane {
                when: When::Waiting,
                call: in_run("removed_while_waiting", 4, "semop", "EIDRM"),
                claim: "a-waiting-semop-fails-with-EIDRM-when-the-set-is-removed",
            },
            Lane {
                when: When::After,
                call: in_run("stale_id_demo", 1, "semop", "EINVAL"),
                claim: "semop-on-an-empty-slot-fails-with-EINVAL",
            },
        ],
    },
    Case {
        heading: "System V segment: no call waits for it",
        removal: in_run("removed_while_waiting", 5, "shmctl", "IPC_RMID"),
        lanes: &[
            Lane {
                when: When::Before,
                call: in_run("removed_while_waiting", 5, "shmat", "ADDRESS-1"),
                claim: "",
            },
            Lane {
                when: When::After,
                call: in_run("removed_while_waiting", 5, "shmat", "ADDRESS-2"),
                claim: "a-removed-segment-can-be-attached-while-a-process-is-attached",
            },
            Lane {
                when: When::After,
                call: in_run("removed_while_waiting", 5, "shmat", "EINVAL"),
                claim: "shmat-of-a-removed-segment-fails-with-EINVAL-after-the-last-detach",
            },
        ],
    },
    Case {
        heading: "POSIX queue: nobody is told",
        removal: in_run("waiting_senders", 5, "mq_unlink", " = 0"),
        lanes: &[
            Lane { when: When::Before, call: in_run("waiting_senders", 4, "mq_open", "O_WRONLY"), claim: "" },
            Lane {
                when: When::Waiting,
                call: in_run("waiting_senders", 5, "mq_send", " = 0"),
                claim: "mq_unlink-does-not-end-the-wait-of-a-sender",
            },
            Lane {
                when: When::After,
                call: in_run("refcount_demo", 4, "mq_open", "ENOENT"),
                claim: "mq_unlink-removes-the-name-at-once",
            },
            Lane {
                when: When::After,
                call: in_run("refcount_demo", 5, "mq_send", " = 0"),
                claim: "a-nameless-queue-still-delivers",
            },
        ],
    },
    Case {
        heading: "POSIX semaphore: nobody is told",
        removal: in_run("unlink_demo", 2, "sem_unlink", " = 0"),
        lanes: &[
            Lane { when: When::Before, call: in_run("unlink_demo", 1, "sem_open", "O_CREAT"), claim: "" },
            Lane {
                when: When::After,
                call: in_run("unlink_demo", 4, "sem_post", " = 0"),
                claim: "a-post-reaches-the-unlinked-semaphore",
            },
            Lane {
                when: When::After,
                call: in_run("refcount_two_processes", 10, "sem_open", "ENOENT"),
                claim: "after-A-unlinks-nobody-can-open-the-semaphore",
            },
        ],
    },
];

const fn in_run(lesson: &'static str, step: u32, call: &'static str, contains: &'static str) -> Found {
    Found { lesson, step, call, contains }
}
