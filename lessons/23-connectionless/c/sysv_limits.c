/* The limits of System V objects belong to an IPC namespace, and the errno says what kind of limit is met. */
#define _GNU_SOURCE /* unshare */
#include "../../c/claim.h"
#include "../../c/limits.h"
#include "../../c/private.h"
#include "../../c/turns.h"

static int transmit(int msqid, size_t bytes) {
	struct {
		long mtype;
		char mtext[128];
	} message = {.mtype = 1};
	return msgsnd(msqid, &message, bytes, IPC_NOWAIT);
}

static void b(int a) {
	(void)a;
	rule();
	limit("kernel/msgmax", "64");
	int msqid = must(queue());
	must(transmit(msqid, 64));
	claim("a-text-longer-than-msgmax-is-EINVAL", outcome(transmit(msqid, 65)));
	limit("kernel/msgmnb", "64");
	msqid = must(queue());
	must(transmit(msqid, 64));
	claim("a-queue-with-msgmnb-bytes-is-full", outcome(transmit(msqid, 1)));
	limit("kernel/msgmnb", "1");
	msqid = queue();
	must(transmit(msqid, 0));
	claim("msgmnb-also-limits-the-number-of-empty-messages", outcome(transmit(msqid, 0)));
	limit("kernel/msgmni", "1");
	must(queue());
	claim("more-queues-than-msgmni-fail-with-ENOSPC", outcome(queue()));

	/* kernel.sem has four numbers. */
	limit("kernel/sem", "3 32000 500 32000");
	must(set(3));
	claim("a-set-larger-than-the-first-number-fails-with-EINVAL", outcome(set(4)));
	limit("kernel/sem", "32000 5 500 32000");
	must(set(3));
	claim("more-semaphores-in-all-than-the-second-number-fail-with-ENOSPC", outcome(set(3)));
	limit("kernel/sem", "32000 32000 2 32000");
	struct sembuf operations[3] = {{0, 1, 0}, {0, 1, 0}, {0, 1, 0}};
	int semid = must(set(1));
	must(semop(semid, operations, 2));
	claim("more-operations-in-a-semop-than-the-third-number-fail-with-E2BIG", outcome(semop(semid, operations, 3)));
	limit("kernel/sem", "32000 32000 500 1");
	must(set(1));
	claim("more-sets-than-the-fourth-number-fail-with-ENOSPC", outcome(set(1)));

	limit("kernel/shmmax", "4096");
	must(segment(4096));
	claim("a-segment-longer-than-shmmax-fails-with-EINVAL", outcome(segment(4097)));
	limit("kernel/shmall", "1");
	must(segment(1));
	claim("more-pages-in-all-than-shmall-fail-with-ENOSPC", outcome(segment(1)));
	limit("kernel/shmmni", "1");
	must(segment(1));
	claim("more-segments-than-shmmni-fail-with-ENOSPC", outcome(segment(1)));
	limit("kernel/shm_rmid_forced", "1");
	struct shmid_ds ds;
	int shmid = must(segment(1));
	must(shmdt(must(shmat(shmid, NULL, 0))));
	claim("with-shm_rmid_forced-the-last-shmdt-destroys-the-segment", outcome(shmctl(shmid, IPC_STAT, &ds)));

	limit("kernel/msgmax", "64");
	must(unshare(CLONE_NEWIPC));
	claim("a-new-namespace-does-not-inherit-its-limits", read_limit("kernel/msgmax"));
}

int main(void) {
	pid_t pid;
	int msqid = must(queue());
	begin(b, &pid);
	finish(pid);
	claim("what-B-has-set-does-not-bind-A", outcome(transmit(msqid, 65)));
	must(msgctl(msqid, IPC_RMID, NULL));
	return 0;
}
