/* A call that waits while its object is removed fails with EIDRM; no call waits for a segment. */
#include "../../c/claim.h"
#include "../../c/private.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

static int msqid, semid;

static void receives(int a) {
	tell(a, "waiting");
	tell(a, take(msqid, 0));
}
static void sends(int a) {
	struct {
		long mtype;
		char mtext[1];
	} message = {1, "x"};
	tell(a, "waiting");
	tell(a, outcome(msgsnd(msqid, &message, 1, 0)));
}
static void takes(int a) {
	tell(a, "waiting");
	tell(a, outcome(add(semid, 0, -1, 0)));
}

/* The result of a call whose object is removed while it waits. */
static const char *removed_under(void (*play)(int), int (*remove)(int), int id) {
	static char said[64];
	pid_t pid;
	int end = begin(play, &pid);
	hear(end);
	until_asleep(pid);
	remove(id);
	strcpy(said, hear(end));
	finish(pid);
	return said;
}

int main(void) {
	msqid = must(queue());
	claim("a-waiting-msgrcv-fails-with-EIDRM-when-the-queue-is-removed", removed_under(receives, remove_queue, msqid));
	struct msqid_ds ds;
	msqid = must(queue());
	must(msgctl(msqid, IPC_STAT, &ds));
	ds.msg_qbytes = 1;
	must(msgctl(msqid, IPC_SET, &ds));
	must(post(msqid, "x"));
	claim("a-waiting-msgsnd-fails-with-EIDRM-when-the-queue-is-removed", removed_under(sends, remove_queue, msqid));
	semid = must(set(1));
	claim("a-waiting-semop-fails-with-EIDRM-when-the-set-is-removed", removed_under(takes, remove_set, semid));

	/* No call waits for a segment. */
	int shmid = must(segment(4096));
	void *memory = must(shmat(shmid, NULL, 0));
	remove_segment(shmid);
	void *again = shmat(shmid, NULL, 0);
	claim("a-removed-segment-can-be-attached-while-a-process-is-attached", outcome((long)again));
	must(shmdt(again));
	must(shmdt(memory));
	claim("shmat-of-a-removed-segment-fails-with-EINVAL-after-the-last-detach", outcome((long)shmat(shmid, NULL, 0)));
	return 0;
}
