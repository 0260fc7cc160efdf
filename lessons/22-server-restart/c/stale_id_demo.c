/* The identifier of a removed object gives EINVAL, until a new object gets the same identifier. */
#define _GNU_SOURCE /* unshare */
#include "../../c/apart.h"
#include "../../c/claim.h"
#include "../../c/private.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

static int new_queue(void) {
	return must(queue());
}
static int new_set(void) {
	return must(set(1));
}
static int new_segment(void) {
	return must(segment(4096));
}

/* Creates and removes objects until one has the slot of a removed object. The slot is
 * the identifier without its sequence number. */
static int in_slot_of(int stale, int (*make)(void), int (*remove)(int)) {
	int id = make();
	while (id % 32768 != stale % 32768) {
		remove(id);
		id = make();
	}
	return id;
}

/* In a namespace of its own, this process may set the identifier of the next queue. */
static void apart(int a) {
	go_apart();
	int stale = new_queue();
	remove_queue(stale);
	FILE *next = fopen("/proc/sys/kernel/msg_next_id", "w");
	if (next == NULL || fprintf(next, "%d", stale) < 0 || fclose(next) != 0) {
		tell(a, "not seen"); /* before Linux 5.19 only root could write there */
		tell(a, "not seen");
		return;
	}
	tell(a, new_queue() == stale ? "true" : "false");
	tell(a, outcome(post(stale, "for another")));
}

int main(void) {
	/* A creates a queue, a set and a segment, and removes them: their slots are empty. */
	int old_queue = new_queue(), old_set = new_set(), old_segment = new_segment();
	remove_queue(old_queue);
	remove_set(old_set);
	remove_segment(old_segment);
	claim("msgsnd-to-an-empty-slot-fails-with-EINVAL", outcome(post(old_queue, "x")));
	claim("msgrcv-from-an-empty-slot-fails-with-EINVAL", take(old_queue, IPC_NOWAIT));
	claim("semop-on-an-empty-slot-fails-with-EINVAL", outcome(add(old_set, 0, -1, 0)));
	claim("shmat-of-an-empty-slot-fails-with-EINVAL", outcome((long)shmat(old_segment, NULL, 0)));

	/* A creates objects until each slot is used again. */
	int msqid = in_slot_of(old_queue, new_queue, remove_queue);
	int semid = in_slot_of(old_set, new_set, remove_set);
	int shmid = in_slot_of(old_segment, new_segment, remove_segment);
	claim("a-slot-used-again-has-another-identifier", (bool)(msqid == old_queue));
	claim("msgsnd-to-a-slot-used-again-fails-with-EINVAL", outcome(post(old_queue, "x")));
	claim("msgrcv-from-a-slot-used-again-fails-with-EINVAL", take(old_queue, IPC_NOWAIT));
	claim("semop-on-a-slot-used-again-fails-with-EINVAL", outcome(add(old_set, 0, -1, 0)));
	claim("shmat-of-a-slot-used-again-fails-with-EINVAL", outcome((long)shmat(old_segment, NULL, 0)));

	remove_queue(msqid);
	remove_set(semid);
	remove_segment(shmid);

	pid_t pid;
	int end = begin(apart, &pid);
	claim("the-identifier-of-a-removed-queue-can-come-back", hear(end));
	claim("an-identifier-that-came-back-leads-into-another-queue", hear(end));
	finish(pid);
	return 0;
}
