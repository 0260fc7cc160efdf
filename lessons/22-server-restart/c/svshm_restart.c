/* A removed segment stays while a process is attached; removing a semaphore beside it tells the clients. */
#include "../../c/claim.h"
#include "../../c/sysv.h"
#include "../../c/turns.h"

#define SHM_KEY 0x1234
#define SEM_KEY 0x5678

static int segment(void) {
	return must(shmget(SHM_KEY, 4096, IPC_CREAT | IPC_EXCL | 0600));
}
static int semaphore(void) {
	return must(semget(SEM_KEY, 1, IPC_CREAT | IPC_EXCL | 0600));
}

static void server(int a) {
	char *memory = must(shmat(segment(), NULL, 0));
	semaphore();
	strcpy(memory, "from the first server");
	tell(a, "made");
	hear(a);
}

static void client(int a) {
	char *memory;
	for (int round = 0; round < 2; round++) {
		memory = must(shmat(must(shmget(SHM_KEY, 0, 0)), NULL, 0));
		int semid = must(semget(SEM_KEY, 0, 0));
		tell(a, "found");
		hear(a);
		tell(a, "waiting");
		const char *got = outcome(add(semid, 0, -1, 0));
		strcpy(memory, "for the first server"); /* it still has the memory */
		tell(a, got);
		hear(a);
		must(shmdt(memory));
		tell(a, "detached");
		hear(a);
	}
}

static long attachments(int shmid) {
	struct shmid_ds ds;
	must(shmctl(shmid, IPC_STAT, &ds));
	return ds.shm_nattch;
}

int main(void) {
	pid_t pid, first;
	hear(begin(server, &first));
	int end = begin(client, &pid);
	hear(end);
	int old = must(shmget(SHM_KEY, 0, 0)), old_semid = must(semget(SEM_KEY, 0, 0));
	kill_and_reap(first);
	claim("a-killed-process-is-detached", attachments(old));
	claim("a-killed-servers-semaphore-stays", outcome(semctl(old_semid, 0, GETVAL)));

	/* A takes over while the client waits for the semaphore. A replaces the segment first. */
	tell(end, "wait");
	hear(end);
	until_asleep(pid);
	must(shmctl(old, IPC_RMID, NULL));
	claim("a-removed-segment-stays-with-its-last-attachment", attachments(old));
	claim("the-key-of-a-removed-segment-is-free-at-once", outcome(shmget(SHM_KEY, 0, 0)));
	int new = segment();
	char *memory = must(shmat(new, NULL, 0));

	/* Then A replaces the semaphore. */
	must(semctl(old_semid, 0, IPC_RMID));
	int new_semid = semaphore();
	claim("removing-a-semaphore-ends-a-waiting-semop-with-EIDRM", hear(end));
	claim_bytes("what-the-client-still-writes-is-not-in-the-new-segment", memory, 20);
	tell(end, "detach");
	hear(end);
	struct shmid_ds ds;
	claim("the-last-detach-destroys-a-removed-segment", outcome(shmctl(old, IPC_STAT, &ds)));
	tell(end, "find");
	hear(end);
	claim("the-client-has-the-new-segment", attachments(new));

	/* The next restart, in the other order: the semaphore first. */
	tell(end, "wait");
	hear(end);
	until_asleep(pid);
	must(semctl(new_semid, 0, IPC_RMID));
	hear(end);
	claim("with-the-semaphore-gone-the-key-still-leads-to-the-old-segment",
		  (bool)(shmget(SHM_KEY, 0, 0) == new));
	must(shmctl(new, IPC_RMID, NULL));
	must(shmdt(memory));
	tell(end, "detach");
	hear(end);
	tell(end, "end");
	finish(pid);
	return 0;
}
