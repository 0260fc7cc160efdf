//! What the poster says.

use super::Cell;
use super::Shows::{self, Call, Command, Nothing, Path};

const fn cell(shows: Shows, words: &'static str, claims: &'static [&'static str]) -> Cell {
    Cell { shows, words, claims }
}

/// The six mechanisms, each with a cell for each column.
pub(super) const ROWS: [(&str, [Cell; 4]); 6] = [
    (
        "POSIX message queue",
        [
            cell(
                Call("demo_mq", "mq_open", "O_CREAT"),
                "a name with a slash in front",
                &["open-close-unlink/a-queue-name-with-one-slash-opens-the-object"],
            ),
            cell(
                Nothing,
                "its name is unlinked and the last descriptor is closed",
                &[
                    "persistence/a-queue-nobody-holds-keeps-its-messages",
                    "refcount/the-last-close-destroys-the-queue-and-ends-its-charge",
                ],
            ),
            cell(
                Command("cat-shows-the-status-of-a-queue", "cat /dev/mqueue/my_queue"),
                "a file in /dev/mqueue",
                &["from-the-shell/cat-shows-the-status-of-a-queue"],
            ),
            cell(
                Call("demo_mq", "mq_unlink", ""),
                "or rm",
                &[
                    "refcount/mq_unlink-removes-the-name-at-once",
                    "from-the-shell/rm-removes-only-the-name-of-a-queue",
                ],
            ),
        ],
    ),
    (
        "POSIX semaphore",
        [
            cell(
                Call("unlink_demo", "sem_open", "O_CREAT"),
                "a name with a slash in front",
                &["open-close-unlink/a-semaphore-name-with-one-slash-opens-the-object"],
            ),
            cell(
                Nothing,
                "its name is unlinked and the last process closes it",
                &[
                    "open-close-unlink/a-closed-semaphore-keeps-its-value",
                    "refcount/the-count-of-the-semaphore-is-0-after-B-closes",
                ],
            ),
            cell(
                Command(
                    "the-value-of-a-semaphore-is-in-its-file",
                    "od -An -tu4 -N4 /dev/shm/sem.app_semaphore",
                ),
                "a file in /dev/shm that begins with sem.",
                &["from-the-shell/the-value-of-a-semaphore-is-in-its-file"],
            ),
            cell(
                Call("unlink_demo", "sem_unlink", ""),
                "or rm",
                &[
                    "refcount/after-A-unlinks-nobody-can-open-the-semaphore",
                    "from-the-shell/strange-names-are-shown-and-removed",
                ],
            ),
        ],
    ),
    (
        "POSIX shared memory",
        [
            cell(
                Call("what_keeps_memory", "shm_open", "O_CREAT"),
                "a name with a slash in front",
                &["open-close-unlink/a-shared-memory-name-with-one-slash-opens-the-object"],
            ),
            cell(
                Nothing,
                "its name is unlinked, the last descriptor is closed, and the last mapping is gone",
                &[
                    "open-close-unlink/shared-memory-keeps-its-bytes-after-close-and-munmap",
                    "refcount/a-descriptor-keeps-the-memory-after-unlink-and-munmap",
                    "refcount/the-last-munmap-frees-the-memory",
                ],
            ),
            cell(
                Command("posix-objects-are-files", "ls -l /dev/shm"),
                "a file in /dev/shm",
                &["from-the-shell/posix-objects-are-files"],
            ),
            cell(
                Call("what_keeps_memory", "shm_unlink", ""),
                "or rm",
                &[
                    "open-close-unlink/after-shm_unlink-there-is-no-such-object",
                    "from-the-shell/the-owner-of-an-object-may-be-using-it",
                ],
            ),
        ],
    ),
    (
        "System V message queue",
        [
            cell(
                Call("svmsg_create", "msgget", "IPC_EXCL"),
                "a key, which leads to an identifier",
                &["system-v-keys/one-key-leads-to-one-identifier"],
            ),
            cell(
                Nothing,
                "a process removes it, whether others use it or not",
                &[
                    "connectionless/a-queue-does-not-notice-a-death",
                    "connectionless/a-queue-can-be-removed-while-another-process-has-its-identifier",
                ],
            ),
            cell(
                Path("svmsg_create", "/proc/sysvipc/msg"),
                "a line with the key and the identifier",
                &["system-v-keys/proc-sysvipc-lists-the-queue-with-its-key"],
            ),
            cell(
                Call("svmsg_create", "msgctl", "IPC_RMID"),
                "",
                &[
                    "system-v-keys/removal-takes-the-queue-out-of-proc-sysvipc",
                    "system-v-keys/removal-frees-the-key-at-once",
                ],
            ),
        ],
    ),
    (
        "System V semaphore set",
        [
            cell(
                Call("svsem_demo", "semget", "IPC_EXCL"),
                "a key of its own kind",
                &["system-v-keys/the-key-of-a-queue-is-free-for-a-set"],
            ),
            cell(
                Nothing,
                "a process removes it, whether others use it or not",
                &[
                    "connectionless/without-SEM_UNDO-a-set-does-not-notice-a-death",
                    "server-restart/a-waiting-semop-fails-with-EIDRM-when-the-set-is-removed",
                ],
            ),
            cell(
                Command("the-kernel-records-the-last-users-of-system-v-objects", "ipcs -s"),
                "values, waiting processes and last users, with -i and the identifier",
                &["from-the-shell/the-kernel-records-the-last-users-of-system-v-objects"],
            ),
            cell(
                Call("svsem_demo", "semctl", "IPC_RMID"),
                "or ipcrm -s",
                &[
                    "server-restart/a-waiting-semop-fails-with-EIDRM-when-the-set-is-removed",
                    "from-the-shell/a-semaphore-set-that-nobody-has-used-is-kept",
                ],
            ),
        ],
    ),
    (
        "System V segment",
        [
            cell(
                Call("svshm_demo", "shmget", "IPC_EXCL"),
                "a key of its own kind",
                &["system-v-keys/the-key-of-a-queue-is-free-for-a-segment"],
            ),
            cell(
                Nothing,
                "a process removes it and the last one detaches it",
                &[
                    "system-v-keys/shmdt-counts-down-to-0-and-destroys-nothing",
                    "system-v-keys/the-last-shmdt-destroys-a-removed-segment",
                ],
            ),
            cell(
                Command("ipcs-lists-no-posix-shared-memory", "ipcs -m"),
                "a line with the key, the identifier and the number of attachments",
                &["from-the-shell/ipcs-lists-no-posix-shared-memory"],
            ),
            cell(
                Call("svshm_demo", "shmctl", "IPC_RMID"),
                "",
                &["system-v-keys/IPC_RMID-destroys-a-segment-without-attachments-at-once"],
            ),
        ],
    ),
];
