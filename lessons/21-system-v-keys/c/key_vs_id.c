/* Programs choose the key; the kernel chooses the identifier, and does not reuse an old one at once. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define KEY 0x6b657931
#define SLOTS 32768 /* an identifier is sequence number * 32768 + slot */

/* Works in a namespace of its own, where the identifiers begin at 0. */
static void b(int a) {
	(void)a;
	struct msqid_ds ds;
	go_apart();
	claim("IPC_PRIVATE-creates-without-IPC_CREAT", outcome(msgget(IPC_PRIVATE, 0600)));
	claim("IPC_PRIVATE-leads-to-another-queue-each-time", msgget(IPC_PRIVATE, 0600));
	int third = must(msgget(0, 0600));
	claim("the-number-0-is-IPC_PRIVATE", third);
	claim("sets-and-queues-are-numbered-separately", semget(IPC_PRIVATE, 1, 0600));
	must(msgctl(third, IPC_RMID, NULL));
	int next = must(msgget(IPC_PRIVATE, 0600)), last = next;
	claim("a-removed-identifier-is-not-reused-at-once", next);

	/* Creates and removes queues until the slots begin again. */
	while (next < SLOTS) {
		last = next;
		must(msgctl(last, IPC_RMID, NULL));
		next = must(msgget(IPC_PRIVATE, 0600));
	}
	claim("the-last-slot-before-the-slots-begin-again-is-63", last);
	claim("the-slots-begin-again-with-32768-added", next);
	must(msgctl(next, IPC_STAT, &ds));
	claim("ipc_perm-counts-how-often-the-slots-have-begun-again", ds.msg_perm.__seq);
	claim("msgsnd-to-an-old-identifier-of-a-reused-slot-fails-with-EINVAL", outcome(post(next % SLOTS, "old")));
}

int main(void) {
	int msqid = must(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600));
	int semid = semget(KEY, 1, IPC_CREAT | IPC_EXCL | 0600);
	claim("the-key-of-a-queue-is-free-for-a-set", outcome(semid));
	int shmid = shmget(KEY, 4096, IPC_CREAT | IPC_EXCL | 0600);
	claim("the-key-of-a-queue-is-free-for-a-segment", outcome(shmid));
	claim("a-second-queue-cannot-have-the-key", outcome(msgget(KEY, IPC_CREAT | IPC_EXCL | 0600)));
	claim("one-key-leads-to-three-objects",
		  (msgget(KEY, 0) == msqid) + (semget(KEY, 0, 0) == semid) + (shmget(KEY, 0, 0) == shmid));
	must(msgctl(msqid, IPC_RMID, NULL));
	must(semctl(semid, 0, IPC_RMID));
	must(shmctl(shmid, IPC_RMID, NULL));

	pid_t pid;
	begin(b, &pid);
	finish(pid);
	return 0;
}
