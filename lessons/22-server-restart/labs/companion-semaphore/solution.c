/* Two numbers in shared memory, and their companion semaphore: PROGRAM SHMKEY SEMKEY N */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { FREE, READY };

struct numbers {
	unsigned long long count, sum;
};

/* The set is gone, or something worse. */
static void fail(const char *call) {
	int gone = errno == EIDRM || errno == EINVAL;
	perror(call);
	exit(gone ? 3 : 1);
}

/* Whoever comes makes the set ready; of all attempts the first one counts. Killed before, it
 * has done nothing; killed after, all of it. */
static int find_set(key_t key) {
	int semid = semget(key, 2, IPC_CREAT | 0600);
	if (semid == -1)
		fail("semget");
	struct sembuf ready[] = {{READY, 0, IPC_NOWAIT}, {READY, 1, 0}, {FREE, 1, 0}};
	if (semop(semid, ready, 3) == -1 && errno != EAGAIN)
		fail("semop");
	return semid;
}

static void take(int semid) {
	struct sembuf take = {FREE, -1, SEM_UNDO};
	while (semop(semid, &take, 1) == -1)
		if (errno != EINTR)
			fail("semop");
}

static void give(int semid) {
	struct sembuf give = {FREE, 1, SEM_UNDO};
	if (semop(semid, &give, 1) == -1)
		fail("semop");
}

static void update(volatile struct numbers *numbers) {
	/* Whoever was killed in here has made one half. */
	numbers->sum = numbers->count * (numbers->count + 1) / 2;
	numbers->count++;
	sched_yield();
	numbers->sum += numbers->count;
}

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "use: %s SHMKEY SEMKEY N\n", argv[0]);
		return 2;
	}
	int n = atoi(argv[3]);
	int semid = find_set(strtol(argv[2], NULL, 16));
	take(semid);
	/* In here nobody removes the segment. */
	int shmid = shmget(strtol(argv[1], NULL, 16), sizeof(struct numbers), IPC_CREAT | 0600);
	if (shmid == -1)
		fail("shmget");
	if (n == 0) {
		shmctl(shmid, IPC_RMID, NULL);
		semctl(semid, 0, IPC_RMID); /* last: it keeps everybody out */
		return 0;
	}
	volatile struct numbers *numbers = shmat(shmid, NULL, 0);
	if (numbers == (void *)-1)
		fail("shmat");
	for (int i = 0; i < n; i++) {
		if (i > 0)
			take(semid);
		update(numbers);
		give(semid);
	}
	return 0;
}
