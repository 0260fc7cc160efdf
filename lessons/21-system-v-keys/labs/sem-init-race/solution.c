/* Sells one of SEATS seats, which a semaphore counts; its creator sets its value: PROGRAM KEY SEATS */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <unistd.h>

enum { SOLD, SOLD_OUT, USAGE, TROUBLE, NO_VALUE };
enum { LOOKS = 100, BETWEEN = 10000 /* microseconds */ };

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

/* Waits until there was a semop: the kernel keeps its time, which is 0 in a new set. */
static int has_value(int semid) {
	for (int look = 0; look < LOOKS; look++) {
		struct semid_ds ds;
		if (semctl(semid, 0, IPC_STAT, (union semun){.buf = &ds}) == 0 && ds.sem_otime != 0)
			return 1;
		usleep(BETWEEN);
	}
	return 0;
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "use: %s KEY SEATS\n", argv[0]);
		return USAGE;
	}
	key_t key = strtol(argv[1], NULL, 0);
	int semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
	if (semid != -1) {
		/* Not SETVAL: that leaves sem_otime at 0, and would be a moment more for others to find. */
		struct sembuf open = {.sem_op = strtol(argv[2], NULL, 10)};
		if (semop(semid, &open, 1) == -1) {
			perror("semop");
			return TROUBLE;
		}
	} else if (errno != EEXIST || (semid = semget(key, 1, 0)) == -1) {
		perror("semget");
		return TROUBLE;
	} else if (!has_value(semid)) {
		fprintf(stderr, "set %d has no value, and its creator is gone; ipcrm -s %d removes it\n", semid, semid);
		return NO_VALUE;
	}
	/* Without SEM_UNDO: the seat stays sold when the program ends. */
	struct sembuf sell = {.sem_op = -1, .sem_flg = IPC_NOWAIT};
	return semop(semid, &sell, 1) == 0 ? SOLD : SOLD_OUT;
}
