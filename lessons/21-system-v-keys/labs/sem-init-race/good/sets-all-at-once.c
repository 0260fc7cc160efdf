/* The creator sets value and flag with one SETALL, which leaves sem_otime alone; the others look at the flag. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sem.h>
#include <time.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

int main(int argc, char **argv) {
	if (argc != 3) {
		fputs("KEY SEATS\n", stderr);
		return 2;
	}
	key_t key = strtol(argv[1], NULL, 0);
	unsigned short values[2] = {strtoul(argv[2], NULL, 0), 1};
	int semid = semget(key, 2, IPC_CREAT | IPC_EXCL | 0600), looks = 0;
	if (semid != -1) {
		if (semctl(semid, 0, SETALL, (union semun){.array = values}) == -1)
			return 3;
	} else {
		semid = semget(key, 2, 0600);
		while (semctl(semid, 1, GETVAL) != 1) {
			fprintf(stderr, "look %d: no value\n", looks);
			if (++looks == 150)
				return 4;
			clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 15000000}, NULL);
		}
	}
	struct sembuf sell = {0, -1, IPC_NOWAIT};
	if (semop(semid, &sell, 1) == -1) {
		fputs("sold out\n", stderr);
		return errno == EAGAIN ? 1 : 3;
	}
	return 0;
}
