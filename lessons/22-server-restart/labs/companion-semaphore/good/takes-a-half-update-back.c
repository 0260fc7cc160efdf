/* A half update of a killed process is taken back, and not finished; semtimedop waits five seconds at a time. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <sys/shm.h>

struct pair {
	uint64_t count, sum;
};

static int semid;

static void leave(const char *why) {
	int gone = errno == EIDRM || errno == EINVAL;
	perror(why);
	exit(gone ? 3 : 1);
}

static void change(int number, int by) {
	struct sembuf operation = {number, by, SEM_UNDO};
	const struct timespec patience = {.tv_sec = 5};
	while (semtimedop(semid, &operation, 1, &patience) == -1)
		if (errno != EINTR && errno != EAGAIN)
			leave("semtimedop");
}

static void update(volatile struct pair *pair) {
	/* The sum is written last, so the count may be one ahead. */
	if (pair->sum != pair->count * (pair->count + 1) / 2) {
		fprintf(stderr, "somebody was killed at work: count %lu is taken back\n", pair->count);
		pair->count--;
	}
	pair->count += 1;
	sched_yield();
	pair->sum += pair->count;
}

int main(int argc, char **argv) {
	if (argc != 4)
		return 2;
	unsigned keys[2];
	for (int i = 0; i < 2; i++)
		if (sscanf(argv[i + 1], "%x", &keys[i]) != 1)
			return 2;
	semid = semget(keys[1], 2, IPC_CREAT | 0600);
	if (semid == -1)
		leave("semget");
	struct sembuf start[] = {{1, 0, IPC_NOWAIT}, {0, 1, 0}, {1, 1, 0}};
	if (semop(semid, start, 3) == -1 && errno != EAGAIN)
		leave("semop");
	long n = strtol(argv[3], NULL, 10);
	if (n == 0) {
		change(0, -1);
		int shmid = shmget(keys[0], 0, 0);
		if (shmid != -1)
			shmctl(shmid, IPC_RMID, NULL);
		return semctl(semid, 0, IPC_RMID) == 0 ? 0 : 1;
	}
	volatile struct pair *pair = NULL;
	while (n-- > 0) {
		change(0, -1);
		/* The semaphore is taken, so nobody removes the segment during this search. */
		if (pair == NULL) {
			int shmid = shmget(keys[0], sizeof *pair, IPC_CREAT | 0600);
			if (shmid == -1 || (pair = shmat(shmid, NULL, 0)) == (void *)-1)
				leave("the segment");
		}
		update(pair);
		change(0, 1);
	}
	return 0;
}
