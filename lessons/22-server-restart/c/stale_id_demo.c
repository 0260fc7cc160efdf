/* A removed identifier gives EINVAL; EIDRM is for a call that was waiting. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

static int queue(void) {
	return must(msgget(IPC_PRIVATE, 0600));
}
static int set(void) {
	return must(semget(IPC_PRIVATE, 1, 0600));
}
static int segment(void) {
	return must(shmget(IPC_PRIVATE, 4096, 0600));
}
static int remove_queue(int id) {
	return must(msgctl(id, IPC_RMID, NULL));
}
static int remove_set(int id) {
	return must(semctl(id, 0, IPC_RMID));
}
static int remove_segment(int id) {
	return must(shmctl(id, IPC_RMID, NULL));
}

/* Makes and removes objects until one lies in the slot of a removed one, which is
 * its identifier without the sequence number. */
static int in_slot_of(int stale, int (*make)(void), int (*remove)(int)) {
	int id = make();
	while (id % 32768 != stale % 32768) {
		remove(id);
		id = make();
	}
	return id;
}

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

/* What the call said from under which its object was removed. */
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

/* Where nobody else has queues, this process may say which identifier the next one gets. */
static void apart(int a) {
	go_apart();
	int stale = queue();
	remove_queue(stale);
	FILE *next = fopen("/proc/sys/kernel/msg_next_id", "w");
	if (next == NULL || fprintf(next, "%d", stale) < 0 || fclose(next) != 0) {
		tell(a, "not seen"); /* before Linux 5.19 it was root's alone */
		tell(a, "not seen");
		return;
	}
	tell(a, queue() == stale ? "true" : "false");
	tell(a, outcome(post(stale, "for another")));
}

int main(void) {
	/* A queue, a set and a segment, removed again: their slots are empty. */
	int old_queue = queue(), old_set = set(), old_segment = segment();
	remove_queue(old_queue);
	remove_set(old_set);
	remove_segment(old_segment);
	claim("msgsnd-to-an-empty-slot-says-EINVAL", outcome(post(old_queue, "x")));
	claim("msgrcv-from-an-empty-slot-says-EINVAL", take(old_queue, IPC_NOWAIT));
	claim("semop-on-an-empty-slot-says-EINVAL", outcome(add(old_set, 0, -1, 0)));
	claim("shmat-of-an-empty-slot-says-EINVAL", outcome((long)shmat(old_segment, NULL, 0)));

	/* Others are made, until each slot is taken again. */
	msqid = in_slot_of(old_queue, queue, remove_queue);
	semid = in_slot_of(old_set, set, remove_set);
	int shmid = in_slot_of(old_segment, segment, remove_segment);
	claim("a-slot-used-again-has-another-identifier", (bool)(msqid == old_queue));
	claim("msgsnd-to-a-slot-used-again-says-EINVAL", outcome(post(old_queue, "x")));
	claim("msgrcv-from-a-slot-used-again-says-EINVAL", take(old_queue, IPC_NOWAIT));
	claim("semop-on-a-slot-used-again-says-EINVAL", outcome(add(old_set, 0, -1, 0)));
	claim("shmat-of-a-slot-used-again-says-EINVAL", outcome((long)shmat(old_segment, NULL, 0)));

	/* Who waits is told. */
	claim("a-msgrcv-that-waits-says-EIDRM", removed_under(receives, remove_queue, msqid));
	struct msqid_ds ds;
	msqid = queue();
	must(msgctl(msqid, IPC_STAT, &ds));
	ds.msg_qbytes = 1;
	must(msgctl(msqid, IPC_SET, &ds));
	must(post(msqid, "x"));
	claim("a-msgsnd-that-waits-says-EIDRM", removed_under(sends, remove_queue, msqid));
	claim("a-semop-that-waits-says-EIDRM", removed_under(takes, remove_set, semid));

	/* Nothing waits for memory. */
	void *memory = must(shmat(shmid, NULL, 0));
	remove_segment(shmid);
	void *again = shmat(shmid, NULL, 0);
	claim("a-removed-segment-can-be-attached-while-somebody-has-it", outcome((long)again));
	must(shmdt(again));
	must(shmdt(memory));
	claim("after-the-last-detach-shmat-says-EINVAL", outcome((long)shmat(shmid, NULL, 0)));

	pid_t pid;
	int end = begin(apart, &pid);
	claim("the-identifier-of-a-removed-queue-can-come-back", hear(end));
	claim("an-identifier-that-came-back-leads-into-another-queue", hear(end));
	finish(pid);
	return 0;
}
